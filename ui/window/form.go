package window

import (
	"image/color"
	"strings"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// formWidth is the widest an input gets.
const formWidth = 560

// A form is what its inputs have in common. Its inputs tell it of every
// change, and are scrolled into sight when they get the focus.
type form struct {
	u      *ui
	scroll *container.Scroll
	// submit is what Enter means in it; nil where it means no more than
	// elsewhere, as on a page that saves each change at once.
	submit func()
	// changed is told what a person changes, and not what the form itself
	// sets.
	changed func()
	quiet   int
	laying  bool // relayout is under way
	away    bool // another part of the page is shown; it is laid out once it is
}

func newForm(u *ui) *form {
	f := &form{u: u, changed: func() {}}
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

// fill puts content into the form.
func (f *form) fill(content fyne.CanvasObject) {
	f.scroll.Content = container.NewStack(content, newWheel(f))
}

// A wheel lies over all of a form and takes what turns the mouse's wheel, and
// nothing else: an entry below the pointer would keep it, and the page would
// stand still.
type wheel struct {
	widget.BaseWidget
	form *form
}

func newWheel(f *form) *wheel {
	w := &wheel{form: f}
	w.ExtendBaseWidget(w)
	return w
}

// CreateRenderer implements [fyne.Widget].
func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// Scrolled implements [fyne.Scrollable].
func (w *wheel) Scrolled(e *fyne.ScrollEvent) { w.form.scroll.Scrolled(e) }

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
	if f.laying || f.away {
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
	if f.submit != nil && isEnter(c.KeyName) {
		f.submit()
		return true
	}
	return f.u.shortcut(s)
}

func isEnter(k fyne.KeyName) bool { return k == fyne.KeyReturn || k == fyne.KeyEnter }

// key does what a key means that a control has no use of its own for: Enter
// submits, everything else is the window's, so that Escape leaves a page
// wherever the focus is.
func (f *form) key(k *fyne.KeyEvent) {
	if f.submit != nil && isEnter(k.Name) {
		f.submit()
		return
	}
	f.u.typedKey(k)
}

// lineStep is how far an arrow key scrolls a page, in pixels.
const lineStep = 48

// scrollKey takes the keys that move through a page.
func (f *form) scrollKey(name fyne.KeyName) {
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
	f.error.Hidden, f.hint.Hidden = true, true
	return f
}

func (f *formField) explain(about string) {
	f.about.SetText(about)
	f.about.Hidden = about == ""
}

// say tells what is wrong, and what to do; nothing with an empty text.
func (f *formField) say(text, hint string) {
	text, hint = clip(sentence(text), 2*maxTitle), clip(hint, 2*maxTitle)
	if text == f.error.Text && hint == f.hint.Text { // as at most keys
		return
	}
	f.error.SetText(text)
	f.hint.SetText(hint)
	f.error.Hidden, f.hint.Hidden = text == "", hint == ""
	f.Refresh()
}

func (f *formField) ails() bool { return !f.error.Hidden }

// heading is the title of a part of a page.
func heading(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName, l.TextStyle.Bold = sizeSection, true
	return l
}

// laterHeading is a heading below other inputs.
func laterHeading(text string) fyne.CanvasObject { return inset(heading(text), 12, 0, 0, 0) }

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
