package window

import (
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// The controls of pages. They leave the keys they have no use for to their
// form and, beyond that, to the window: Escape leaves a page wherever the
// focus is, and Ctrl+F searches.

// inputHeight is how high inputs of one line are, so that those beside each
// other agree.
const inputHeight = 32

// shortInput is the width of inputs of a number or a time; checkMargin what
// Fyne leaves free at the left of a box to tick, which would stand further in
// than what is above it.
const (
	shortInput  = 160
	checkMargin = 7
)

// How an entry takes its text.
type entryKind int

const (
	entryPlain  entryKind = iota
	entryCode             // an expression, a path
	entryLines            // several lines of code
	entrySecret           // not shown
)

// A formEntry is an input of text.
type formEntry struct {
	widget.Entry
	form *form
	left func() // told when the focus has gone; nil for nobody
}

func (f *form) newEntry(kind entryKind, example string) *formEntry {
	e := &formEntry{form: f}
	e.Wrapping = fyne.TextWrapOff
	e.TextStyle.Monospace = kind == entryCode || kind == entryLines
	e.Password = kind == entrySecret
	if kind == entryLines {
		e.MultiLine = true
		e.SetMinRowsVisible(3)
	}
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder(example)
	e.OnChanged = func(string) { f.edited() }
	if f.submit != nil {
		e.OnSubmitted = func(string) { f.submit() }
	}
	return e
}

// set shows text that nobody typed.
func (e *formEntry) set(text string) { e.form.quietly(func() { e.SetText(text) }) }

// MinSize implements [fyne.CanvasObject].
func (e *formEntry) MinSize() fyne.Size {
	return e.Entry.MinSize().Max(fyne.NewSize(0, inputHeight))
}

// AcceptsTab implements [fyne.Tabbable]: Tab goes on, also from many lines.
func (e *formEntry) AcceptsTab() bool { return false }

// FocusGained implements [fyne.Focusable].
func (e *formEntry) FocusGained() {
	e.Entry.FocusGained()
	e.form.reveal(e)
}

// FocusLost implements [fyne.Focusable].
func (e *formEntry) FocusLost() {
	e.Entry.FocusLost()
	if e.left != nil {
		e.left()
	}
}

// TypedKey implements [fyne.Focusable].
func (e *formEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyF1:
		e.form.key(k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements [fyne.Shortcutable].
func (e *formEntry) TypedShortcut(s fyne.Shortcut) {
	if !e.form.own(s) {
		e.Entry.TypedShortcut(s)
	}
}

// A formSelect is a choice among a few.
type formSelect struct {
	widget.Select
	form *form
}

func (f *form) newSelect(names []string, changed func()) *formSelect {
	s := &formSelect{form: f}
	s.Options = names
	s.PlaceHolder = words.Say("choose")
	s.OnChanged = func(string) {
		if changed != nil {
			changed()
		}
		f.edited()
	}
	s.ExtendBaseWidget(s)
	return s
}

// set chooses without telling anybody.
func (s *formSelect) set(i int) {
	told := s.OnChanged
	s.OnChanged = nil
	s.SetSelectedIndex(i)
	s.OnChanged = told
}

// MinSize implements [fyne.CanvasObject].
func (s *formSelect) MinSize() fyne.Size {
	return s.Select.MinSize().Max(fyne.NewSize(0, inputHeight))
}

// FocusGained implements [fyne.Focusable].
func (s *formSelect) FocusGained() {
	s.Select.FocusGained()
	s.form.reveal(s)
}

// TypedKey implements [fyne.Focusable].
func (s *formSelect) TypedKey(k *fyne.KeyEvent) {
	switch {
	case isEnter(k.Name) && s.form.submit == nil:
		s.Select.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	case k.Name == fyne.KeySpace || k.Name == fyne.KeyUp || k.Name == fyne.KeyDown:
		s.Select.TypedKey(k)
	default:
		s.form.key(k)
	}
}

// TypedRune implements [fyne.Focusable].
func (s *formSelect) TypedRune(r rune) { s.form.u.typedRune(r) }

// outlined puts the border of an input around what has none.
func outlined(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(o, newOutline())
}

// A formCheck is a yes or no.
type formCheck struct {
	widget.Check
	form *form
}

func (f *form) newCheck(label string) *formCheck {
	c := &formCheck{form: f}
	c.Text = label
	c.OnChanged = func(bool) { f.edited() }
	c.ExtendBaseWidget(c)
	return c
}

// set ticks the box without telling anybody.
func (c *formCheck) set(yes bool) {
	told := c.OnChanged
	c.OnChanged = nil
	c.SetChecked(yes)
	c.OnChanged = told
}

// FocusGained implements [fyne.Focusable].
func (c *formCheck) FocusGained() {
	c.Check.FocusGained()
	c.form.reveal(c)
}

// TypedKey implements [fyne.Focusable].
func (c *formCheck) TypedKey(k *fyne.KeyEvent) {
	if k.Name != fyne.KeySpace {
		c.form.key(k)
	}
}

// TypedRune implements [fyne.Focusable].
func (c *formCheck) TypedRune(r rune) {
	if r == ' ' {
		c.Check.TypedRune(r)
		return
	}
	c.form.u.typedRune(r)
}

// A formButton is a button of a page.
type formButton struct {
	widget.Button
	form *form
}

func (f *form) newButton(text string, icon fyne.Resource, do func()) *formButton {
	b := &formButton{form: f}
	b.Text, b.Icon, b.OnTapped = text, icon, do
	b.ExtendBaseWidget(b)
	return b
}

// FocusGained implements [fyne.Focusable].
func (b *formButton) FocusGained() {
	b.Button.FocusGained()
	b.form.reveal(b)
}

// TypedKey implements [fyne.Focusable].
func (b *formButton) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name != fyne.KeySpace && !isEnter(k.Name):
		b.form.u.typedKey(k)
	case !b.Disabled():
		b.OnTapped()
	}
}

// TypedRune implements [fyne.Focusable].
func (b *formButton) TypedRune(r rune) {
	if r != ' ' {
		b.form.u.typedRune(r)
	}
}
