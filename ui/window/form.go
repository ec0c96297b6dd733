package window

import (
	"strings"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// formWidth is the widest an input gets.
const formWidth = 560

// A form is what its inputs have in common. Its inputs tell it of every
// change, and are scrolled into sight when they get the focus.
type form struct {
	u      *ui
	scroll *container.Scroll
	submit func()
	cancel func()
	// changed is told what a person changes, and not what the form itself
	// sets.
	changed func()
	quiet   int
	laying  bool // relayout is under way
}

func newForm(u *ui) *form {
	f := &form{u: u, submit: func() {}, cancel: u.closePage, changed: func() {}}
	f.scroll = container.NewVScroll(widget.NewLabel(""))
	return f
}

// quietly runs do and takes what it changes for no person's doing.
func (f *form) quietly(do func()) {
	f.quiet++
	defer func() { f.quiet-- }()
	do()
}

func (f *form) edited() {
	if f.quiet == 0 {
		f.changed()
	}
}

// revealMargin is what is kept in sight around an input that has the focus.
const revealMargin = 24

// reveal scrolls o into sight.
func (f *form) reveal(o fyne.CanvasObject) {
	s := f.scroll
	driver := fyne.CurrentApp().Driver()
	if s.Content == nil || driver.CanvasForObject(s) == nil || driver.CanvasForObject(o) == nil {
		return
	}
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s.Content).Y
	if top < 0 || top > s.Content.Size().Height { // in another form
		return
	}
	y, view := s.Offset.Y, s.Size().Height
	switch bottom := top + o.Size().Height; {
	case top-revealMargin < y:
		y = top - revealMargin
	case bottom+revealMargin > y+view:
		y = min(bottom+revealMargin-view, top-revealMargin)
	}
	if y = max(0, min(y, s.Content.Size().Height-view)); y != s.Offset.Y {
		s.ScrollToOffset(fyne.NewPos(0, y))
	}
}

// relayout gives everything its place anew, after something has become higher
// or lower: once for all that changes together.
func (f *form) relayout() {
	if f.laying {
		return
	}
	f.laying = true
	f.u.main(func() {
		f.laying = false
		f.scroll.Content.Refresh()
		f.scroll.Refresh()
	})
}

// own does what a shortcut means to the form, and to the window.
func (f *form) own(s fyne.Shortcut) bool {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok || c.Modifier != fyne.KeyModifierShortcutDefault {
		return false
	}
	if c.KeyName == fyne.KeyReturn || c.KeyName == fyne.KeyEnter {
		f.submit()
		return true
	}
	return f.u.shortcut(s)
}

// How an entry takes its text.
type entryKind int

const (
	entryPlain  entryKind = iota
	entryCode             // an expression, a path
	entryLines            // several lines of code
	entrySecret           // not shown
)

// A formEntry is an input of text that gives up at Escape.
type formEntry struct {
	widget.Entry
	form *form
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
	e.OnSubmitted = func(string) { f.submit() }
	return e
}

// set shows text that nobody typed.
func (e *formEntry) set(text string) { e.form.quietly(func() { e.SetText(text) }) }

// AcceptsTab implements [fyne.Tabbable]: Tab goes on, also from many lines.
func (e *formEntry) AcceptsTab() bool { return false }

// FocusGained implements [fyne.Focusable].
func (e *formEntry) FocusGained() {
	e.Entry.FocusGained()
	e.form.reveal(e)
}

// TypedKey implements [fyne.Focusable].
func (e *formEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.form.cancel()
		return
	}
	e.Entry.TypedKey(k)
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
	s.OnChanged = func(string) {
		if changed != nil {
			changed()
		}
		f.edited()
	}
	s.ExtendBaseWidget(s)
	return s
}

// FocusGained implements [fyne.Focusable].
func (s *formSelect) FocusGained() {
	s.Select.FocusGained()
	s.form.reveal(s)
}

// TypedKey implements [fyne.Focusable].
func (s *formSelect) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		s.form.cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		s.form.submit()
	default:
		s.Select.TypedKey(k)
	}
}

// edged draws the edge of an input that has none of its own.
func edged(o fyne.CanvasObject) fyne.CanvasObject {
	s := newSurface(theme.ColorNameInputBorder, inset(o, 1, 1, 1, 1))
	s.radius = 7
	return s
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

// FocusGained implements [fyne.Focusable].
func (c *formCheck) FocusGained() {
	c.Check.FocusGained()
	c.form.reveal(c)
}

// TypedKey implements [fyne.Focusable].
func (c *formCheck) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		c.form.cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		c.form.submit()
	default:
		c.Check.TypedKey(k)
	}
}

// A formButton is a button among inputs.
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
	switch k.Name {
	case fyne.KeyEscape:
		b.form.cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		b.OnTapped()
	default:
		b.Button.TypedKey(k)
	}
}

// A formField is a labelled input with room for what is wrong with it.
type formField struct {
	*fyne.Container
	title *widget.Label
	about *widget.Label
	error *widget.Label
	hint  *widget.Label
	focus fyne.Focusable
}

// newField puts a label above an input, and what is wrong below it. About,
// where there is any, says what the input is for.
func newField(label, about string, focus fyne.Focusable, input fyne.CanvasObject) *formField {
	f := &formField{title: widget.NewLabel(label), about: newSmallLabel(), error: newSmallLabel(), hint: newSmallLabel(), focus: focus}
	f.title.TextStyle.Bold = true
	f.title.Truncation = fyne.TextTruncateEllipsis
	f.error.Importance, f.hint.Importance, f.about.Importance = widget.DangerImportance, widget.LowImportance, widget.LowImportance
	f.error.TextStyle.Bold = true
	f.explain(about)
	f.title.Hidden = label == ""
	f.Container = column(-4, column(-14, f.title, f.about), inset(input, 0, 0, 8, 8), column(-14, f.error, f.hint))
	f.say("", "")
	return f
}

func (f *formField) explain(about string) {
	f.about.SetText(about)
	f.about.Hidden = about == ""
}

// say tells what is wrong, and what to do; nothing with an empty text.
func (f *formField) say(text, hint string) {
	f.error.SetText(clip(sentence(text), 2*maxTitle))
	f.hint.SetText(clip(hint, 2*maxTitle))
	f.error.Hidden, f.hint.Hidden = text == "", hint == ""
	f.Refresh()
}

func (f *formField) ails() bool { return !f.error.Hidden }

// A heading is the title of a part of a form.
func formHeading(text string) fyne.CanvasObject {
	l := widget.NewLabel(text)
	l.SizeName, l.TextStyle.Bold = sizeSection, true
	return inset(l, 12, 0, 0, 0)
}

// remark is a small text of the second order.
func remark(text string) *widget.Label {
	l := newSmallLabel()
	l.Importance = widget.LowImportance
	l.SetText(text)
	l.Hidden = text == ""
	return l
}

// wholeAddress is an address as a person may write it, with a scheme.
func wholeAddress(text string) string {
	text = strings.TrimSpace(text)
	if text != "" && !strings.Contains(text, "://") {
		text = "https://" + text
	}
	return text
}

// discarded says that a page was left with changes, and takes them back on
// demand.
func (u *ui) discarded(text string, p page) {
	bar := u.notices.bars[noticeUndo]
	u.notices.say(noticeUndo, text, words.Say("undo"), func() {
		u.notices.clear(noticeUndo)
		u.openPage(p)
	})
	u.clock.after(undoFor, func() {
		if bar.text.Text == text {
			u.notices.clear(noticeUndo)
		}
	})
}
