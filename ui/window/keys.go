package window

import (
	"strings"
	"unicode/utf8"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// bindKeys makes the window work from the keyboard.
func (u *ui) bindKeys() {
	c := u.win.Canvas()
	c.SetOnTypedKey(u.typedKey)
	c.SetOnTypedRune(u.typedRune)
	for _, s := range u.shortcuts() {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: s.key, Modifier: fyne.KeyModifierShortcutDefault},
			func(fyne.Shortcut) { s.do() })
	}
	for key, up := range map[fyne.KeyName]bool{fyne.KeyUp: true, fyne.KeyDown: false} {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierAlt},
			func(fyne.Shortcut) { u.stepFocused(up) })
	}
}

type shortcut struct {
	key fyne.KeyName
	do  func()
}

func (u *ui) shortcuts() []shortcut {
	return []shortcut{
		{fyne.KeyF, u.focusSearch},
		{fyne.KeyN, u.openAdd},
		{fyne.KeyW, u.win.Close},
	}
}

// typedKey takes keys no input has taken.
func (u *ui) typedKey(e *fyne.KeyEvent) {
	u.tips.hide()
	l := u.events.list
	switch e.Name {
	case fyne.KeyDown:
		u.step(1)
	case fyne.KeyUp:
		u.step(-1)
	case fyne.KeyPageDown:
		u.step(l.perPage())
	case fyne.KeyPageUp:
		u.step(-l.perPage())
	case fyne.KeyHome:
		u.events.toTop()
	case fyne.KeyReturn, fyne.KeyEnter:
		u.detail.openLink()
	case fyne.KeyEscape:
		u.escape()
	}
}

// typedRune takes characters no input has taken.
func (u *ui) typedRune(r rune) {
	u.tips.hide()
	switch r {
	case 'j':
		u.step(1)
	case 'k':
		u.step(-1)
	case 'm':
		u.toggleMute()
	case 'r':
		u.detail.toggleRead()
	case '/':
		u.focusSearch()
	}
}

// escape goes one step back: from a page, from the detail, from a search,
// from a summary.
func (u *ui) escape() {
	switch {
	case u.page != nil:
		u.closePage()
	case u.panes.wasNarrow && u.panes.reading:
		u.backToList()
	case u.search.Text != "":
		u.clearSearch()
	case u.choice.summary != 0:
		u.choose(choice{})
	}
	u.focusList()
}

func (u *ui) focusSearch() {
	u.panes.read(false)
	u.win.Canvas().Focus(u.search)
}

func (u *ui) clearSearch() {
	u.search.SetText("")
	u.searchNow()
	u.focusList()
}

// searchNow shows what the search field asks for.
func (u *ui) searchNow() {
	u.stopTyped()
	u.stopTyped = func() {}
	if v := u.viewNow(); v.text != u.events.view.text {
		if u.page != nil {
			u.closePage()
		}
		v.unread = u.events.view.unread
		u.events.open(v, 0)
		u.sidebar.refresh() // a saved search may be in view, or no longer
	}
}

// A searchEntry is the search field.
type searchEntry struct {
	widget.Entry
	u     *ui
	quiet bool // the change is not a person's
}

func newSearchEntry(u *ui) *searchEntry {
	e := &searchEntry{u: u}
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder(words.Say("search.hint"))
	e.Icon = theme.SearchIcon()
	e.OnChanged = func(string) {
		u.tips.hide()
		u.refreshStar()
		if !e.quiet {
			u.stopTyped()
			u.stopTyped = u.clock.after(searchDelay, u.searchNow)
		}
	}
	e.OnSubmitted = func(string) {
		u.searchNow()
		u.focusList()
	}
	return e
}

func (e *searchEntry) query() string { return strings.TrimSpace(e.Text) }

// reset empties the field without starting a search.
func (e *searchEntry) reset() { e.put("") }

// put fills the field without starting a search.
func (e *searchEntry) put(text string) {
	e.u.stopTyped()
	e.quiet = true
	e.SetText(text)
	e.CursorColumn = utf8.RuneCountInString(text) // to type on
	e.quiet = false
}

// TypedKey implements [fyne.Focusable].
func (e *searchEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		e.u.clearSearch()
	case fyne.KeyDown:
		e.u.searchNow()
		e.u.focusList()
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements [fyne.Shortcutable]: the window's own work in the
// field as well.
func (e *searchEntry) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && c.Modifier == fyne.KeyModifierShortcutDefault {
		for _, own := range e.u.shortcuts() {
			if own.key == c.KeyName {
				own.do()
				return
			}
		}
	}
	e.Entry.TypedShortcut(s)
}
