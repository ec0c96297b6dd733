package window

import (
	"image/color"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Sizes at the end of the search field, in pixels.
const (
	searchEndWidth = 28
	keyCapSize     = 20
	clearSize      = 16
)

// A searchEnd is the right end of the search field: the key that leads there,
// and a cross that empties it while something is written. It never has the
// focus; Escape does the same.
type searchEnd struct {
	widget.BaseWidget
	entry   *searchEntry
	hovered bool
}

func newSearchEnd(e *searchEntry) *searchEnd {
	s := &searchEnd{entry: e}
	s.ExtendBaseWidget(s)
	return s
}

func (s *searchEnd) clears() bool { return s.entry.Text != "" }

// Tapped implements [fyne.Tappable].
func (s *searchEnd) Tapped(*fyne.PointEvent) {
	s.entry.u.tips.hide()
	if s.clears() {
		s.entry.u.clearSearch()
	} else {
		s.entry.u.win.Canvas().Focus(s.entry)
	}
}

// Cursor implements [desktop.Cursorable]: this is no place to write.
func (s *searchEnd) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// MouseIn implements [desktop.Hoverable].
func (s *searchEnd) MouseIn(*desktop.MouseEvent) {
	s.hovered = true
	if s.clears() {
		s.entry.u.tips.over(s, words.Say("search.clear"))
	}
	s.Refresh()
}

// MouseMoved implements [desktop.Hoverable].
func (s *searchEnd) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (s *searchEnd) MouseOut() {
	s.hovered = false
	s.entry.u.tips.hide()
	s.Refresh()
}

// CreateRenderer implements [fyne.Widget].
func (s *searchEnd) CreateRenderer() fyne.WidgetRenderer {
	r := &searchEndRenderer{
		s: s, cap: canvas.NewRectangle(color.Transparent), key: newTextLine(sizeSmall, colourSecondary),
		back: canvas.NewRectangle(color.Transparent), cross: widget.NewIcon(theme.NewColoredResource(theme.CancelIcon(), colourSecondary)),
	}
	r.cap.StrokeWidth, r.cap.CornerRadius, r.back.CornerRadius = 1, 4, 4
	r.key.full = searchKey
	r.Refresh()
	return r
}

// searchKey leads to the search field, as [ui.typedRune] has it.
const searchKey = "/"

type searchEndRenderer struct {
	s         *searchEnd
	cap, back *canvas.Rectangle
	key       *textLine
	cross     *widget.Icon
}

func (r *searchEndRenderer) Destroy() {}

func (r *searchEndRenderer) MinSize() fyne.Size { return fyne.NewSize(searchEndWidth, keyCapSize) }

func (r *searchEndRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.cap, r.key.Text, r.back, r.cross}
}

func (r *searchEndRenderer) Layout(size fyne.Size) {
	middle := func(o fyne.CanvasObject, side float32) {
		o.Resize(fyne.NewSquareSize(side))
		o.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
	}
	middle(r.cap, keyCapSize)
	middle(r.back, keyCapSize+4)
	middle(r.cross, clearSize)
	width := r.key.natural()
	r.key.place((size.Width-width)/2, (size.Height-fyne.MeasureText(searchKey, theme.Size(sizeSmall), fyne.TextStyle{}).Height)/2, width+1)
}

func (r *searchEndRenderer) Refresh() {
	clears := r.s.clears()
	r.cross.Hidden = !clears
	r.back.Hidden = !clears || !r.s.hovered
	// A slash is written like any other character once the field has the focus.
	r.cap.Hidden = clears || r.s.entry.helper.focused
	r.key.Hidden = r.cap.Hidden
	r.cap.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	r.back.FillColor = theme.Color(theme.ColorNameHover)
	r.key.paint()
	r.cross.Refresh()
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}
