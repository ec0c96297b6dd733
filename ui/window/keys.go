package window

import (
	"slices"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
)

// A keyGroup is a part of the sheet of keys.
type keyGroup string

const (
	keysList   keyGroup = "list"   // what the list of events does; not while a page covers it
	keysEvent  keyGroup = "event"  // what can be done with the event in view; as above
	keysWindow keyGroup = "window" // everywhere
)

// A binding is one thing the keyboard does. The table of all is what drives
// the window, and what its sheet of keys shows.
type binding struct {
	group keyGroup
	name  string         // its words are keys.NAME
	keys  []fyne.KeyName // pressed alone
	// runes are typed. Where the keyboard types letters of another script, the
	// key that bears a letter does as well.
	runes []rune
	ctrl  []fyne.KeyName // pressed with Ctrl, on macOS with Command
	do    func(u *ui)
}

// bindings is everything the keyboard does outside of inputs.
func bindings() []binding {
	return []binding{
		{keysList, "next", []fyne.KeyName{fyne.KeyDown}, []rune{'j'}, nil, func(u *ui) { u.walk(1) }},
		{keysList, "previous", []fyne.KeyName{fyne.KeyUp}, []rune{'k'}, nil, func(u *ui) { u.walk(-1) }},
		{keysList, "page-down", []fyne.KeyName{fyne.KeyPageDown}, nil, nil, func(u *ui) { u.walk(u.events.list.perPage()) }},
		{keysList, "page-up", []fyne.KeyName{fyne.KeyPageUp}, nil, nil, func(u *ui) { u.walk(-u.events.list.perPage()) }},
		{keysList, "newest", []fyne.KeyName{fyne.KeyHome}, nil, nil, func(u *ui) { u.events.toTop() }},
		{keysList, "oldest", []fyne.KeyName{fyne.KeyEnd}, nil, nil, func(u *ui) { u.toEnd() }},
		{keysList, "more-down", nil, []rune{'J'}, nil, func(u *ui) { u.events.many.step(1) }},
		{keysList, "more-up", nil, []rune{'K'}, nil, func(u *ui) { u.events.many.step(-1) }},
		{keysList, "all", nil, nil, []fyne.KeyName{fyne.KeyA}, func(u *ui) { u.events.many.all() }},
		{keysList, "all-read", nil, []rune{'R'}, nil, func(u *ui) { u.markViewRead() }},
		{keysEvent, "open", []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter}, nil, nil, func(u *ui) { u.detail.openLink() }},
		{keysEvent, "read", nil, []rune{'r'}, nil, func(u *ui) { u.toggleRead() }},
		{keysEvent, "copy", nil, nil, []fyne.KeyName{fyne.KeyC}, func(u *ui) { u.detail.copyText() }},
		{keysEvent, "delete", []fyne.KeyName{fyne.KeyDelete}, nil, nil, func(u *ui) { u.deleteEvents(u.events.many.target()) }},
		{keysEvent, "mute", nil, []rune{'m'}, nil, func(u *ui) { u.toggleMute() }},
		{keysWindow, "search", nil, []rune{'/'}, []fyne.KeyName{fyne.KeyF}, func(u *ui) { u.focusSearch() }},
		{keysWindow, "add", nil, nil, []fyne.KeyName{fyne.KeyN}, func(u *ui) { u.openAdd() }},
		{keysWindow, "settings", nil, nil, []fyne.KeyName{fyne.KeyComma}, func(u *ui) { u.openSettings() }},
		{keysWindow, "feeds", nil, nil, []fyne.KeyName{fyne.Key1}, func(u *ui) { u.focusSidebar() }},
		{keysWindow, "events", nil, nil, []fyne.KeyName{fyne.Key2}, func(u *ui) { u.toList() }},
		{keysWindow, "detail", nil, nil, []fyne.KeyName{fyne.Key3}, func(u *ui) { u.toDetail() }},
		{keysWindow, "back", []fyne.KeyName{fyne.KeyEscape}, nil, nil, func(u *ui) { u.escape() }},
		{keysWindow, "close", nil, nil, []fyne.KeyName{fyne.KeyW}, func(u *ui) { u.closeWindow() }},
		{keysWindow, "keys", []fyne.KeyName{fyne.KeyF1}, []rune{'?'}, nil, func(u *ui) { u.openKeys() }},
	}
}

// works reports whether b does something now.
func (b binding) works(u *ui) bool { return b.group == keysWindow || u.panes.page == nil }

// bindKeys makes the window work from the keyboard.
func (u *ui) bindKeys() {
	c := u.win.Canvas()
	c.SetOnTypedKey(u.typedKey)
	c.SetOnTypedRune(u.typedRune)
	for _, b := range bindings() {
		for _, key := range b.ctrl {
			c.AddShortcut(shortcutFor(key), func(fyne.Shortcut) {
				if b.works(u) {
					b.do(u)
				}
			})
		}
	}
	for key, up := range map[fyne.KeyName]bool{fyne.KeyUp: true, fyne.KeyDown: false} {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierAlt},
			func(fyne.Shortcut) { u.stepFocused(up) })
	}
}

// typedKey takes keys no input has taken.
func (u *ui) typedKey(e *fyne.KeyEvent) {
	u.tips.hide()
	u.lastKey = e.Name
	for _, b := range bindings() {
		if b.works(u) && slices.Contains(b.keys, e.Name) {
			b.do(u)
			return
		}
	}
	if p, ok := u.page.(interface{ scrollKey(fyne.KeyName) }); ok {
		p.scrollKey(e.Name)
	}
}

// typedRune takes characters no input has taken.
func (u *ui) typedRune(r rune) {
	u.tips.hide()
	if letter, ok := letterOn(u.lastKey); ok && r > unicode.MaxASCII && unicode.IsLetter(r) {
		if unicode.IsUpper(r) {
			letter = unicode.ToUpper(letter)
		}
		r = letter
	}
	u.lastKey = ""
	for _, b := range bindings() {
		if b.works(u) && slices.Contains(b.runes, r) {
			b.do(u)
			return
		}
	}
}

// letterOn is the letter that a key bears.
func letterOn(key fyne.KeyName) (rune, bool) {
	if len(key) != 1 || key[0] < 'A' || key[0] > 'Z' {
		return 0, false
	}
	return unicode.ToLower(rune(key[0])), true
}

// shortcut does what the window does at s, which an input was given; done
// says that it did something.
func (u *ui) shortcut(s fyne.Shortcut) (done bool) {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok || c.Modifier != fyne.KeyModifierShortcutDefault {
		return false
	}
	for _, b := range bindings() {
		if slices.Contains(b.ctrl, c.KeyName) {
			b.do(u)
			return true
		}
	}
	return false
}

// toEnd selects the oldest event that is loaded.
func (u *ui) toEnd() { u.selectEvent(u.events.list.neighbour(len(u.events.list.lines))) }

// walk selects the row so many rows further down; with Shift it selects those
// between as well.
func (u *ui) walk(rows int) {
	if u.events.list.shift {
		u.events.many.step(rows)
		return
	}
	u.step(rows)
}

// toggleRead marks the selected rows read, or the event in view the other way
// round.
func (u *ui) toggleRead() {
	if m := u.events.many; m.len() > 0 {
		m.mark(true)
		return
	}
	u.detail.toggleRead()
}

// shortcutFor is a key with Ctrl as Fyne tells it: some have names.
func shortcutFor(key fyne.KeyName) fyne.Shortcut {
	switch key {
	case fyne.KeyA:
		return &fyne.ShortcutSelectAll{}
	case fyne.KeyC:
		return &fyne.ShortcutCopy{}
	}
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
}

// focusSidebar goes to the entry of the sidebar that is chosen.
func (u *ui) focusSidebar() {
	for _, r := range u.sidebar.rows {
		if r.entry.selected {
			u.win.Canvas().Focus(r)
			return
		}
	}
}

// toList goes to the list of events.
func (u *ui) toList() {
	if u.page != nil {
		u.closePage()
	}
	u.backToList()
}

// toDetail goes to the event in view, where there is one.
func (u *ui) toDetail() {
	if u.page != nil {
		u.closePage()
	}
	if u.detail.event.Seq == 0 {
		return
	}
	u.panes.read(true)
	u.refreshBack()
	if o := firstFocusable(u.detail.Container); o != nil {
		u.win.Canvas().Focus(o)
	}
}

// firstFocusable is the first thing in o that can be seen and take the focus.
func firstFocusable(o fyne.CanvasObject) fyne.Focusable {
	if o == nil || !o.Visible() {
		return nil
	}
	if f, ok := o.(fyne.Focusable); ok {
		if d, ok := o.(fyne.Disableable); !ok || !d.Disabled() {
			return f
		}
	}
	switch c := o.(type) {
	case *fyne.Container:
		for _, child := range c.Objects {
			if f := firstFocusable(child); f != nil {
				return f
			}
		}
	case *container.Scroll:
		return firstFocusable(c.Content)
	case *surface:
		return firstFocusable(c.content)
	}
	return nil
}

// escape goes one step back: from a page, from the detail, from a search,
// from a summary.
func (u *ui) escape() {
	switch {
	case u.page != nil:
		u.closePage()
	case u.events.many.len() > 0:
		u.events.many.end()
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
