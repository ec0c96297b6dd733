package window

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Keys of what has no row yet.
const (
	keyNewSearch = "search\x00"
	keyNewFolder = "folder\x00"
)

// A naming asks for a name among the rows of the sidebar.
type naming struct {
	*fyne.Container
	instead string // of the row with this key
	entry   *nameEntry
	error   *widget.Label
}

// A nameEntry is its field.
type nameEntry struct {
	widget.Entry
	cancel func()
}

// TypedKey implements [fyne.Focusable].
func (e *nameEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.cancel()
		return
	}
	e.Entry.TypedKey(k)
}

// ask asks for a name in place of a row. check says in words what is wrong
// with one, do takes it.
func (s *sidebar) ask(instead, name, hint string, check func(name string) error, do func(name string)) {
	n := &naming{instead: instead, error: newSmallLabel()}
	n.entry = &nameEntry{cancel: s.endNaming}
	n.entry.ActionItem = newTipButton(s.u, theme.CancelIcon(), words.Say("cancel"), s.endNaming)
	n.entry.ExtendBaseWidget(n.entry)
	n.entry.SetText(name)
	n.entry.SetPlaceHolder(hint)
	n.error.Importance = widget.DangerImportance
	n.error.Hide()
	n.Container = inset(column(-6, n.entry, n.error), 4, 4, 10, 10)
	n.entry.OnChanged = func(string) { n.say("") }
	n.entry.OnSubmitted = func(text string) {
		text = oneLine(text, 4*maxName)
		if err := check(text); err != nil {
			n.say(sentence(err.Error()))
			return
		}
		s.endNaming()
		do(text)
	}
	s.naming = n
	s.refresh()
	s.box.Refresh()
	s.u.win.Canvas().Focus(n.entry)
	n.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	s.revealNaming()
}

// say shows what is wrong with the name; empty: nothing is.
func (n *naming) say(text string) {
	if n.error.Text == text {
		return
	}
	n.error.SetText(text)
	n.error.Hidden = text == ""
	n.Refresh()
}

func (s *sidebar) revealNaming() {
	y := s.naming.Position().Y
	if bottom := y + s.naming.MinSize().Height + 16; bottom > s.scroll.Offset.Y+s.scroll.Size().Height {
		s.scroll.ScrollToOffset(fyne.NewPos(0, bottom-s.scroll.Size().Height))
	}
}

func (s *sidebar) endNaming() {
	if s.naming == nil {
		return
	}
	s.naming = nil
	s.u.tips.hide()
	s.u.focusList()
	s.refresh()
}

// maxName is the longest name of a folder and of a search, in characters.
const maxName = min(subscriptions.MaxFolder, control.MaxSearchName)

// checkName says what is wrong with the name of a folder or a search.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New(words.Say("name.empty"))
	case utf8.RuneCountInString(name) > maxName:
		return errors.New(words.Say("name.long", words.With{"N": maxName}))
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New(words.Say("name.empty"))
	}
	return nil
}

// checkFolder is checkName for a folder, which is also searched for.
func checkFolder(name string) error {
	if strings.Contains(name, `"`) {
		return errors.New(words.Say("name.quote"))
	}
	return checkName(name)
}

// newSlot gives o so much room whether it is shown or not.
func newSlot(o fyne.CanvasObject, size fyne.Size) *fyne.Container {
	return container.New(roomFor{size}, o)
}

type roomFor struct{ size fyne.Size }

// Layout implements [fyne.Layout].
func (r roomFor) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize implements [fyne.Layout].
func (r roomFor) MinSize([]fyne.CanvasObject) fyne.Size { return r.size }
