package window

import (
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pages are those that are made when they are first opened.
type pages struct {
	settings *settingsPage
	status   *statusPage
	keys     *keysPage
}

// lineStep is how far an arrow key scrolls a page, in pixels.
const lineStep = 48

// A pageFrame is what pages have in common: a heading with the way back, and
// what scrolls below it.
type pageFrame struct {
	*fyne.Container
	u      *ui
	title  *textTitle
	back   *pageButton
	scroll *container.Scroll
	body   *fyne.Container // the scroll, and what may stand in its place
}

// newPageFrame makes a frame around body, which gets at most so wide. What
// has no place elsewhere stands at the right of the heading.
func newPageFrame(u *ui, title string, width float32, body fyne.CanvasObject, right ...fyne.CanvasObject) *pageFrame {
	f := &pageFrame{u: u, title: newTextTitle()}
	f.title.set(title)
	f.back = newPageButton(u, "", theme.NavigateBackIcon(), u.closePage)
	f.back.Importance = widget.LowImportance
	f.scroll = container.NewVScroll(inset(container.New(bounded{width}, body), 16, 24, 24, 24))
	head := container.NewBorder(nil, nil, inset(f.back, 0, 0, 0, 4), across(4, right...), f.title)
	f.body = container.NewStack(f.scroll)
	f.Container = framed(column(0, inset(head, 6, 6, 12, 12), rule()), nil, f.body)
	return f
}

func (f *pageFrame) content() fyne.CanvasObject { return f.Container }

// scrollKey takes the keys that move through a page.
func (f *pageFrame) scrollKey(name fyne.KeyName) {
	y, whole := f.scroll.Offset.Y, f.scroll.Content.MinSize().Height
	switch view := f.scroll.Size().Height; name {
	case fyne.KeyDown:
		y += lineStep
	case fyne.KeyUp:
		y -= lineStep
	case fyne.KeyPageDown, fyne.KeySpace:
		y += view - lineStep
	case fyne.KeyPageUp:
		y -= view - lineStep
	case fyne.KeyHome:
		y = 0
	case fyne.KeyEnd:
		y = whole
	}
	y = max(0, min(y, whole-f.scroll.Size().Height))
	if y != f.scroll.Offset.Y {
		f.scroll.ScrollToOffset(fyne.NewPos(0, y))
	}
}

// relay lays the page out anew, since something in it needs another height.
func (f *pageFrame) relay() {
	if f != nil { // while the page is being made there is nothing to lay out
		f.Container.Refresh()
	}
}

// top shows the beginning of the page and gives its keys to the window.
func (f *pageFrame) top() {
	f.scroll.ScrollToTop()
	f.u.win.Canvas().Unfocus()
}

// heading is the title of a part of a page.
func heading(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName, l.TextStyle.Bold = sizeSection, true
	return l
}

// Controls of pages leave the window its keys: Escape leaves a page wherever
// the focus is, and Ctrl+F searches.

// A pageButton is a button of a page.
type pageButton struct {
	widget.Button
	u *ui
}

func newPageButton(u *ui, text string, icon fyne.Resource, do func()) *pageButton {
	b := &pageButton{u: u}
	b.Text, b.Icon, b.OnTapped = text, icon, do
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey implements [fyne.Focusable].
func (b *pageButton) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		if !b.Disabled() {
			b.OnTapped()
		}
	default:
		b.u.typedKey(e)
	}
}

// TypedRune implements [fyne.Focusable].
func (b *pageButton) TypedRune(r rune) {
	if r != ' ' {
		b.u.typedRune(r)
	}
}

// A pageCheck is a box of a page to tick.
type pageCheck struct {
	widget.Check
	u *ui
}

func newPageCheck(u *ui, changed func(bool)) *pageCheck {
	c := &pageCheck{u: u}
	c.OnChanged = changed
	c.ExtendBaseWidget(c)
	return c
}

// set ticks the box without telling anybody.
func (c *pageCheck) set(yes bool) {
	told := c.OnChanged
	c.OnChanged = nil
	c.SetChecked(yes)
	c.OnChanged = told
}

// TypedKey implements [fyne.Focusable].
func (c *pageCheck) TypedKey(e *fyne.KeyEvent) {
	if e.Name != fyne.KeySpace {
		c.u.typedKey(e)
	}
}

// TypedRune implements [fyne.Focusable].
func (c *pageCheck) TypedRune(r rune) {
	if r == ' ' {
		c.Check.TypedRune(r)
		return
	}
	c.u.typedRune(r)
}

// A pageEntry is an input of a page.
type pageEntry struct {
	widget.Entry
	u    *ui
	left func() // told when the focus has gone; nil for nobody
}

func newPageEntry(u *ui, example string) *pageEntry {
	e := &pageEntry{u: u}
	e.SetPlaceHolder(example)
	e.ExtendBaseWidget(e)
	return e
}

// FocusLost implements [fyne.Focusable].
func (e *pageEntry) FocusLost() {
	e.Entry.FocusLost()
	if e.left != nil {
		e.left()
	}
}

// TypedKey implements [fyne.Focusable].
func (e *pageEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyF1:
		e.u.typedKey(k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements [fyne.Shortcutable].
func (e *pageEntry) TypedShortcut(s fyne.Shortcut) {
	if !e.u.shortcut(s) {
		e.Entry.TypedShortcut(s)
	}
}

// A pageSelect is a choice of a page.
type pageSelect struct {
	widget.Select
	u *ui
}

func newPageSelect(u *ui, options []string, chosen func(i int)) *pageSelect {
	s := &pageSelect{u: u}
	s.Options = options
	s.PlaceHolder = words.Say("choose")
	s.OnChanged = func(string) { chosen(s.SelectedIndex()) }
	s.ExtendBaseWidget(s)
	return s
}

// set chooses without telling anybody.
func (s *pageSelect) set(i int) {
	told := s.OnChanged
	s.OnChanged = nil
	s.SetSelectedIndex(i)
	s.OnChanged = told
}

// TypedKey implements [fyne.Focusable].
func (s *pageSelect) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyUp, fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
			e = &fyne.KeyEvent{Name: fyne.KeySpace}
		}
		s.Select.TypedKey(e)
	default:
		s.u.typedKey(e)
	}
}

// TypedRune implements [fyne.Focusable].
func (s *pageSelect) TypedRune(r rune) { s.u.typedRune(r) }
