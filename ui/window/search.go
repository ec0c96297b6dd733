package window

import (
	"strings"
	"unicode/utf8"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

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
	u      *ui
	quiet  bool // the change is not a person's
	helper *searchHelper
	end    *searchEnd
}

func newSearchEntry(u *ui) *searchEntry {
	e := &searchEntry{u: u}
	e.helper, e.end = newSearchHelper(e), newSearchEnd(e)
	e.ActionItem = e.end
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder(words.Say("search.hint"))
	e.Icon = theme.SearchIcon()
	e.OnChanged = func(string) {
		u.tips.hide()
		u.refreshStar()
		e.end.Refresh()
		e.helper.clearError()
		if e.quiet {
			return
		}
		e.helper.refresh()
		u.stopTyped()
		u.stopTyped = u.clock.after(searchDelay, func() {
			// Half a condition is no search yet; Enter says otherwise.
			if !isUnfinished(e.query()) {
				u.searchNow()
			}
		})
	}
	e.OnCursorChanged = e.helper.refresh
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

// insert puts a suggestion in place of what is being written.
func (e *searchEntry) insert(s suggestion) {
	start, word := beingWritten(e.Text, e.CursorColumn)
	runes := []rune(e.Text)
	text, cursor := s.insert, utf8.RuneCountInString(s.insert)
	switch {
	case text == `"…"`:
		text, cursor = `""`, 1
	case !strings.HasSuffix(text, ":") && text != "-":
		text += " "
		cursor++
	}
	rest := strings.TrimLeft(string(runes[start+utf8.RuneCountInString(word):]), " ")
	e.SetText(string(runes[:start]) + text + rest)
	e.CursorColumn = start + cursor
	e.Refresh()
	e.helper.at = -1
	e.u.win.Canvas().Focus(e)
	e.helper.refresh()
}

// FocusGained implements [fyne.Focusable].
func (e *searchEntry) FocusGained() {
	e.Entry.FocusGained()
	e.helper.focused = true
	e.end.Refresh()
	e.helper.refresh()
}

// FocusLost implements [fyne.Focusable].
func (e *searchEntry) FocusLost() {
	e.Entry.FocusLost()
	e.helper.focused = false
	e.end.Refresh()
	e.helper.refresh()
}

// AcceptsTab implements [fyne.Tabbable]: Tab completes where there is
// something to complete, and leaves the field otherwise.
func (e *searchEntry) AcceptsTab() bool {
	return e.helper.at >= 0 || e.query() != "" && len(e.helper.found) > 0
}

// TypedKey implements [fyne.Focusable].
func (e *searchEntry) TypedKey(k *fyne.KeyEvent) {
	h := e.helper
	switch k.Name {
	case fyne.KeyEscape:
		if e.Text == "" {
			e.u.focusList()
			return
		}
		e.u.clearSearch()
	case fyne.KeyDown:
		if h.step(1) {
			return
		}
		e.u.searchNow()
		e.u.focusList()
	case fyne.KeyUp:
		h.step(-1)
	case fyne.KeyTab:
		h.take(max(h.at, 0))
	case fyne.KeyReturn, fyne.KeyEnter:
		if h.at >= 0 {
			h.take(h.at)
			return
		}
		e.Entry.TypedKey(k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements [fyne.Shortcutable]: the window's own work in the
// field as well.
func (e *searchEntry) TypedShortcut(s fyne.Shortcut) {
	if !e.u.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}
