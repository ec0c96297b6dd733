package window

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Heights of a choiceRow, with two lines and with one.
const (
	choiceHeight = 48
	choiceLine   = 32
)

// A choiceRow is one of a few things to choose from, with a line or two of
// text. The arrow keys go to the others.
type choiceRow struct {
	widget.BaseWidget
	form             *form
	height           float32
	number           int
	picked           bool
	ails             bool // it has something to mend
	hovered, focused bool
	title, end, body *textLine
	pick             func()
	hover            func(bool)
	siblings         func() []*choiceRow
}

func newChoiceRow(f *form, height float32) *choiceRow {
	r := &choiceRow{
		form: f, height: height, title: newTextLine(sizeBody, theme.ColorNameForeground),
		end: newTextLine(sizeSmall, colourSecondary), body: newTextLine(sizeSmall, colourSecondary),
		pick: func() {}, hover: func(bool) {},
	}
	r.siblings = func() []*choiceRow { return []*choiceRow{r} }
	r.ExtendBaseWidget(r)
	return r
}

// Cursor implements [desktop.Cursorable].
func (r *choiceRow) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tapped implements [fyne.Tappable].
func (r *choiceRow) Tapped(*fyne.PointEvent) { r.pick() }

// MouseIn implements [desktop.Hoverable].
func (r *choiceRow) MouseIn(*desktop.MouseEvent) {
	r.hovered = true
	r.hover(true)
	r.Refresh()
}

// MouseMoved implements [desktop.Hoverable].
func (r *choiceRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (r *choiceRow) MouseOut() {
	r.hovered = false
	r.hover(false)
	r.Refresh()
}

// FocusGained implements [fyne.Focusable].
func (r *choiceRow) FocusGained() { r.focused = true; r.Refresh(); r.form.reveal(r) }

// FocusLost implements [fyne.Focusable].
func (r *choiceRow) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune implements [fyne.Focusable].
func (r *choiceRow) TypedRune(rune) {}

// TypedKey implements [fyne.Focusable].
func (r *choiceRow) TypedKey(k *fyne.KeyEvent) {
	step := func(by int) {
		all := r.siblings()
		if at := slices.Index(all, r) + by; at >= 0 && at < len(all) {
			r.form.u.win.Canvas().Focus(all[at])
		}
	}
	switch k.Name {
	case fyne.KeyEscape:
		r.form.u.escape()
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		r.pick()
	case fyne.KeyUp:
		step(-1)
	case fyne.KeyDown:
		step(1)
	}
}

// TypedShortcut implements [fyne.Shortcutable].
func (r *choiceRow) TypedShortcut(s fyne.Shortcut) { r.form.own(s) }

// CreateRenderer implements [fyne.Widget].
func (r *choiceRow) CreateRenderer() fyne.WidgetRenderer {
	w := &choiceRowRenderer{row: r, back: canvas.NewRectangle(nil), mark: canvas.NewCircle(nil)}
	w.back.CornerRadius = 6
	w.Refresh()
	return w
}

type choiceRowRenderer struct {
	row  *choiceRow
	back *canvas.Rectangle
	mark *canvas.Circle
}

func (w *choiceRowRenderer) Destroy() {}

func (w *choiceRowRenderer) MinSize() fyne.Size { return fyne.NewSize(96, w.row.height) }

func (w *choiceRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{w.back, w.row.title.Text, w.row.end.Text, w.row.body.Text, w.mark}
}

func (w *choiceRowRenderer) Layout(size fyne.Size) {
	r := w.row
	w.back.Resize(size)
	const side, gap, dot = 8, 8, 8
	end := r.end.natural()
	r.end.place(size.Width-side-end, 6, end)
	top := float32(5)
	if r.height == choiceLine {
		top = 7
	}
	r.title.place(side, top, size.Width-2*side-gap-end)
	r.body.place(side, 25, size.Width-2*side)
	w.mark.Resize(fyne.NewSquareSize(dot))
	w.mark.Move(fyne.NewPos(size.Width-side-dot, (size.Height-dot)/2))
}

func (w *choiceRowRenderer) Refresh() {
	r := w.row
	w.back.FillColor = theme.Color(theme.ColorNameBackground)
	switch {
	case r.focused:
		w.back.FillColor = theme.Color(colourSelected)
	case r.picked:
		w.back.FillColor = theme.Color(colourResting)
	case r.hovered:
		w.back.FillColor = theme.Color(colourSidebar)
	}
	w.mark.Hidden = !r.ails
	w.mark.FillColor = theme.Color(colourNeeds)
	w.Layout(r.Size())
	for _, t := range []*textLine{r.title, r.end, r.body} {
		t.paint()
	}
	w.back.Refresh()
	w.mark.Refresh()
}
