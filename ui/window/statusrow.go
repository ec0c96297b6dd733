package window

import (
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Sizes of a row, in pixels.
const (
	statusRowHeight = 60
	pictureHeight   = 20
)

// A statusRow tells how one feed does, and leads to all about it.
type statusRow struct {
	widget.BaseWidget
	u                *ui
	feed             string
	state            subscriptions.State
	name, does       string
	colour           fyne.ThemeColorName
	facts            string
	hover            string // what the pointer is on in the picture
	line             *timePicture
	hovered, focused bool
}

func newStatusRow(u *ui, feed string) *statusRow {
	r := &statusRow{u: u, feed: feed}
	r.line = newTimePicture(pictureHeight, func(s string) {
		r.hover = s
		r.Refresh()
	})
	r.line.tapped = r.open
	r.ExtendBaseWidget(r)
	return r
}

func (r *statusRow) set(f control.Feed, now time.Time, down bool) {
	if down {
		f.Status = subscriptions.Status{} // nobody knows
	}
	does, colour := words.StateSince(f.Status, now), colourSecondary
	switch f.State {
	case subscriptions.StateWaiting:
		colour = colourWaitText
	case subscriptions.StateBlocked:
		colour = colourNeedsText
	}
	var facts []string
	if f.Reconnects > 0 {
		facts = append(facts, words.Count("status.reconnects", f.Reconnects))
	}
	if f.Gaps > 0 {
		facts = append(facts, words.Count("status.gaps", f.Gaps))
	}
	if !f.LastEvent.IsZero() {
		facts = append(facts, words.Say("status.last", words.With{"Time": words.Past(f.LastEvent, now)}))
	}
	name, told := oneLine(f.Name, maxTitle), strings.Join(facts, words.Separator)
	if r.state != f.State || r.name != name || r.does != does || r.colour != colour || r.facts != told {
		r.state, r.name, r.does, r.colour, r.facts = f.State, name, does, colour, told
		r.Refresh()
	}
}

func (r *statusRow) open() { r.u.openStatus(r.feed) }

// Tapped implements [fyne.Tappable].
func (r *statusRow) Tapped(*fyne.PointEvent) { r.open() }

// MouseIn implements [desktop.Hoverable].
func (r *statusRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved implements [desktop.Hoverable].
func (r *statusRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (r *statusRow) MouseOut() { r.hovered = false; r.Refresh() }

// FocusGained implements [fyne.Focusable].
func (r *statusRow) FocusGained() { r.focused = true; r.Refresh() }

// FocusLost implements [fyne.Focusable].
func (r *statusRow) FocusLost() { r.focused = false; r.Refresh() }

// TypedRune implements [fyne.Focusable].
func (r *statusRow) TypedRune(c rune) {
	if c == ' ' {
		r.open()
		return
	}
	r.u.typedRune(c)
}

// TypedKey implements [fyne.Focusable].
func (r *statusRow) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		r.open()
	case fyne.KeyDown:
		r.u.win.Canvas().FocusNext()
	case fyne.KeyUp:
		r.u.win.Canvas().FocusPrevious()
	default:
		r.u.typedKey(e)
	}
}

// CreateRenderer implements [fyne.Widget].
func (r *statusRow) CreateRenderer() fyne.WidgetRenderer {
	v := &statusRowRenderer{
		row: r, back: canvas.NewRectangle(nil), mark: newStateMark(),
		name:  newTextLine(sizeBody, theme.ColorNameForeground),
		does:  newTextLine(sizeSmall, colourSecondary),
		facts: newTextLine(sizeSmall, colourSecondary),
	}
	v.back.CornerRadius = 6
	v.name.TextStyle.Bold = true
	v.Refresh()
	return v
}

type statusRowRenderer struct {
	row               *statusRow
	back              *canvas.Rectangle
	mark              *stateMark
	name, does, facts *textLine
}

func (v *statusRowRenderer) Destroy() {}

func (v *statusRowRenderer) MinSize() fyne.Size { return fyne.NewSize(480, statusRowHeight) }

func (v *statusRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.mark, v.name.Text, v.does.Text, v.facts.Text, v.row.line}
}

func (v *statusRowRenderer) Layout(size fyne.Size) {
	const left, text = 12, 32
	x, w := pictureAt(size.Width)
	v.back.Move(fyne.NewPos(0, 2))
	v.back.Resize(fyne.NewSize(size.Width, size.Height-4))
	v.mark.Move(fyne.NewPos(left, 15))
	v.mark.Resize(fyne.NewSquareSize(markSize))
	v.name.place(text, 11, x-text-16)
	v.does.place(text, 32, x-text-16)
	v.row.line.Move(fyne.NewPos(x, 12))
	v.row.line.Resize(fyne.NewSize(w, pictureHeight))
	v.facts.place(x, 34, w)
}

func (v *statusRowRenderer) Refresh() {
	r := v.row
	v.name.full, v.does.full, v.facts.full = r.name, r.does, r.facts
	if r.hover != "" {
		v.facts.full = r.hover
	}
	v.does.colour = r.colour
	if r.colour == "" {
		v.does.colour = colourSecondary
	}
	v.mark.set(r.state)
	v.back.FillColor, v.back.StrokeWidth = nil, 0
	if r.hovered {
		v.back.FillColor = theme.Color(theme.ColorNameHover)
	}
	if r.focused {
		v.back.StrokeColor, v.back.StrokeWidth = theme.Color(theme.ColorNamePrimary), 2
	}
	for _, t := range []*textLine{v.name, v.does, v.facts} {
		t.paint()
	}
	v.Layout(r.Size())
	canvas.Refresh(r)
}
