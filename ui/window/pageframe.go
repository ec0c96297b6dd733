package window

import (
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

// A pageHead is the heading of a page, with the way back at its left.
type pageHead struct {
	*surface
	title *textTitle
	back  *formButton
	right *fyne.Container // what has no place elsewhere
}

func newPageHead(u *ui, title string) *pageHead {
	h := &pageHead{title: newTextTitle(), right: across(4)}
	h.title.set(title)
	h.back = newForm(u).newButton("", theme.NavigateBackIcon(), u.closePage)
	h.back.Importance = widget.LowImportance
	h.surface = newSurface(theme.ColorNameBackground, column(0,
		inset(container.NewBorder(nil, nil, inset(h.back, 0, 0, 0, 4), h.right, h.title), 6, 6, 12, 12), rule()))
	return h
}

// A pageFrame is what pages have in common that save each change at once, or
// change nothing: a heading, and what scrolls below it.
type pageFrame struct {
	*fyne.Container
	*form
	head *pageHead
	body *fyne.Container // the scroll, and what may stand in its place
}

func newPageFrame(u *ui, title string) *pageFrame {
	f := &pageFrame{form: newForm(u), head: newPageHead(u, title)}
	f.body = container.NewStack(f.scroll)
	f.Container = framed(f.head.surface, nil, f.body)
	return f
}

// fill puts content on the page, which gets at most so wide.
func (f *pageFrame) fill(width float32, content fyne.CanvasObject) {
	f.form.fill(inset(container.New(bounded{width}, content), 16, 24, 24, 24))
}

func (f *pageFrame) content() fyne.CanvasObject { return f.Container }

// top shows the beginning of the page and gives its keys to the window.
func (f *pageFrame) top() {
	f.scroll.ScrollToTop()
	f.u.win.Canvas().Unfocus()
}
