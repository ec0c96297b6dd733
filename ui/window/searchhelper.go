package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A searchHelper floats below the search field: what is wrong with a search,
// and what could be written. It moves nothing in the window.
type searchHelper struct {
	*fyne.Container // the layer that it floats in
	entry           *searchEntry
	panel           *surface
	trouble, hint   *widget.Label
	rows            []*suggestionRow

	found   []suggestion
	at      int // the one that the keyboard is at; -1 is none
	focused bool
	pointed bool // a click on it takes the focus from the field first
}

// helperGap is the space between the field and what floats below it.
const helperGap = 4

func newSearchHelper(e *searchEntry) *searchHelper {
	h := &searchHelper{entry: e, at: -1, trouble: newSmallLabel(), hint: newSmallLabel()}
	h.trouble.Importance, h.hint.Importance = widget.DangerImportance, widget.LowImportance
	h.trouble.Hide()
	h.hint.Hide()
	list := column(0)
	for i := range maxSuggestions {
		r := newSuggestionRow(h, i)
		h.rows = append(h.rows, r)
		list.Add(r)
	}
	h.panel = newSurface(theme.ColorNameMenuBackground, inset(column(-8, h.trouble, h.hint, inset(list, 8, 8, 0, 0)), 0, 0, 4, 4))
	h.panel.radius, h.panel.border = 6, true
	h.panel.Hide()
	h.Container = container.New(belowLayout{h}, h.panel)
	return h
}

// refresh shows what suits the field as it is now.
func (h *searchHelper) refresh() {
	wants := h.focused || h.pointed
	var found []suggestion
	if wants {
		e := h.entry
		found = suggest(e.Text, e.CursorColumn, e.u.feeds(), e.u.clock.now())
	}
	if len(found) != len(h.found) {
		h.at = -1
	}
	h.found = found
	for i, r := range h.rows {
		r.Hidden = i >= len(found)
		if !r.Hidden {
			r.show(found[i], i == h.at)
		}
	}
	show := len(found) > 0 || h.trouble.Visible()
	if !show && !h.panel.Visible() {
		return
	}
	h.panel.Hidden = !show
	h.Container.Refresh()
}

// sayError tells below the field what is wrong with the search.
func (h *searchHelper) sayError(text, hint string) {
	h.trouble.SetText(clip(text, maxTitle))
	h.hint.SetText(clip(hint, maxTitle))
	h.trouble.Show()
	h.hint.Hidden = hint == ""
	h.refresh()
}

func (h *searchHelper) clearError() {
	if h.trouble.Visible() {
		h.trouble.Hide()
		h.hint.Hide()
		h.refresh()
	}
}

// step moves the keyboard's place among the suggestions; false where there
// are none.
func (h *searchHelper) step(by int) bool {
	if len(h.found) == 0 {
		return false
	}
	h.at = min(h.at+by, len(h.found)-1)
	h.at = max(h.at, -1)
	h.refresh()
	return true
}

// take writes a suggestion into the field.
func (h *searchHelper) take(i int) {
	if i < len(h.found) {
		h.entry.insert(h.found[i])
	}
}

// belowLayout puts the panel below the field.
type belowLayout struct{ h *searchHelper }

// Layout implements [fyne.Layout].
func (l belowLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	e := l.h.entry
	d := fyne.CurrentApp().Driver()
	at := d.AbsolutePositionForObject(e).Subtract(d.AbsolutePositionForObject(l.h.Container))
	width := min(max(e.Size().Width, 320), size.Width-2*at.X)
	l.h.panel.Resize(fyne.NewSize(width, 1)) // labels find their lines by it
	l.h.panel.Move(fyne.NewPos(at.X, at.Y+e.Size().Height+helperGap))
	l.h.panel.Resize(fyne.NewSize(width, l.h.panel.MinSize().Height))
}

// MinSize implements [fyne.Layout].
func (belowLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// A suggestionRow is one suggestion, that can be clicked.
type suggestionRow struct {
	widget.BaseWidget
	h       *searchHelper
	i       int
	s       suggestion
	current bool
}

func newSuggestionRow(h *searchHelper, i int) *suggestionRow {
	r := &suggestionRow{h: h, i: i}
	r.ExtendBaseWidget(r)
	return r
}

func (r *suggestionRow) show(s suggestion, current bool) {
	if r.s != s || r.current != current {
		r.s, r.current = s, current
		r.Refresh()
	}
}

// Tapped implements [fyne.Tappable].
func (r *suggestionRow) Tapped(*fyne.PointEvent) { r.h.take(r.i) }

// MouseIn implements [desktop.Hoverable].
func (r *suggestionRow) MouseIn(*desktop.MouseEvent) {
	r.h.pointed, r.h.at = true, r.i
	r.h.refresh()
}

// MouseMoved implements [desktop.Hoverable].
func (r *suggestionRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (r *suggestionRow) MouseOut() {
	r.h.pointed, r.h.at = false, -1
	r.h.refresh()
}

// CreateRenderer implements [fyne.Widget].
func (r *suggestionRow) CreateRenderer() fyne.WidgetRenderer {
	v := &suggestionRenderer{
		row: r, back: canvas.NewRectangle(color.Transparent),
		text: newTextLine(sizeBody, theme.ColorNameForeground), note: newTextLine(sizeSmall, colourSecondary),
	}
	v.back.CornerRadius = 4
	v.Refresh()
	return v
}

const suggestionHeight = 28

type suggestionRenderer struct {
	row        *suggestionRow
	back       *canvas.Rectangle
	text, note *textLine
}

func (v *suggestionRenderer) Destroy() {}

func (v *suggestionRenderer) MinSize() fyne.Size { return fyne.NewSize(120, suggestionHeight) }

func (v *suggestionRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.text.Text, v.note.Text}
}

func (v *suggestionRenderer) Layout(size fyne.Size) {
	v.back.Resize(size)
	text := min(max(120, v.text.natural()), size.Width-16)
	v.text.place(8, 5, text+1)
	v.note.place(8+text+16, 6, max(0, size.Width-8-text-16-8))
}

func (v *suggestionRenderer) Refresh() {
	v.text.full, v.note.full = v.row.s.insert, v.row.s.note
	v.back.FillColor = color.Transparent
	if v.row.current {
		v.back.FillColor = theme.Color(colourSelected)
	}
	v.Layout(v.row.Size())
	v.text.paint()
	v.note.paint()
	v.back.Refresh()
	canvas.Refresh(v.row)
}
