package window

import (
	"image/color"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Where things are in a row, in pixels.
const (
	rowLeft    = 24
	rowRight   = 16
	rowInset   = 4
	dotSize    = 7
	headingTop = 9
)

// An eventRow is one line of the list: an event in two lines of text, a day's
// heading, or a gap.
type eventRow struct {
	widget.BaseWidget
	line              line
	feed              string
	selected, focused bool
	hovered           bool
	tapped            func(seq int64)
}

func newEventRow(tapped func(int64)) *eventRow {
	r := &eventRow{tapped: tapped}
	r.ExtendBaseWidget(r)
	return r
}

func (r *eventRow) show(l line, feed string, selected, focused bool) {
	if r.line == l && r.feed == feed && r.selected == selected && r.focused == focused {
		return
	}
	if r.line.row.seq != l.row.seq {
		r.hovered = false
	}
	r.line, r.feed, r.selected, r.focused = l, feed, selected, focused
	r.Refresh()
}

func (r *eventRow) isEvent() bool { return r.line.height() == rowHeight }

// Tapped implements [fyne.Tappable].
func (r *eventRow) Tapped(*fyne.PointEvent) {
	if r.line.heading == "" {
		r.tapped(r.line.row.seq)
	}
}

// MouseIn implements [desktop.Hoverable].
func (r *eventRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved implements [desktop.Hoverable].
func (r *eventRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (r *eventRow) MouseOut() { r.hovered = false; r.Refresh() }

// CreateRenderer implements [fyne.Widget].
func (r *eventRow) CreateRenderer() fyne.WidgetRenderer {
	v := &eventRowRenderer{
		row: r, back: canvas.NewRectangle(color.Transparent), bar: canvas.NewRectangle(color.Transparent),
		dot: canvas.NewCircle(nil), left: canvas.NewRectangle(nil), right: canvas.NewRectangle(nil),
		title: newTextLine(sizeBody, theme.ColorNameForeground),
		time:  newTextLine(sizeSmall, colourSecondary),
		below: newTextLine(sizeSmall, colourSecondary),
	}
	v.back.CornerRadius = 6
	v.bar.CornerRadius = 1.5
	v.Refresh()
	return v
}

type eventRowRenderer struct {
	row                *eventRow
	back, bar          *canvas.Rectangle
	left, right        *canvas.Rectangle // the rules beside a gap
	dot                *canvas.Circle
	title, time, below *textLine
}

func (v *eventRowRenderer) Destroy() {}

func (v *eventRowRenderer) MinSize() fyne.Size { return fyne.NewSize(100, v.row.line.height()) }

func (v *eventRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.bar, v.dot, v.left, v.right, v.title.Text, v.time.Text, v.below.Text}
}

func (v *eventRowRenderer) Layout(size fyne.Size) {
	w := size.Width
	v.back.Move(fyne.NewPos(rowInset, 1))
	v.back.Resize(fyne.NewSize(w-3*rowInset, size.Height-2))
	switch {
	case v.row.line.heading != "":
		v.title.place(rowLeft, headingTop, w-rowLeft-rowRight)
	case !v.row.isEvent():
		v.layoutGap(w)
	default:
		v.bar.Move(fyne.NewPos(rowInset, 8))
		v.bar.Resize(fyne.NewSize(3, size.Height-16))
		v.dot.Move(fyne.NewPos(12, 15))
		v.dot.Resize(fyne.NewSquareSize(dotSize))
		timeWidth := v.time.natural()
		v.time.place(w-rowRight-timeWidth, 10, timeWidth)
		v.title.place(rowLeft, 9, w-rowLeft-rowRight-timeWidth-8)
		v.below.place(rowLeft, 30, w-rowLeft-rowRight)
	}
}

func (v *eventRowRenderer) layoutGap(w float32) {
	const rule, space = 16, 8
	width := min(v.below.natural(), w-rowLeft-rowRight-2*(rule+space))
	x := rowLeft + (w-rowLeft-rowRight-width)/2
	v.below.place(x, headingTop, width+1)
	y := float32(gapHeight) / 2
	v.left.Move(fyne.NewPos(rowLeft, y))
	v.left.Resize(fyne.NewSize(x-space-rowLeft, 1))
	v.right.Move(fyne.NewPos(x+width+space, y))
	v.right.Resize(fyne.NewSize(w-rowRight-x-width-space, 1))
}

func (v *eventRowRenderer) Refresh() {
	r := v.row
	for _, o := range v.Objects() {
		o.Hide()
	}
	v.title.TextStyle.Bold = false
	v.title.size, v.title.colour = sizeBody, theme.ColorNameForeground
	v.below.colour = colourSecondary
	switch {
	case r.line.heading != "":
		v.title.full, v.title.size, v.title.colour = r.line.heading, sizeSmall, colourSecondary
		v.title.TextStyle.Bold = true
		v.title.Show()
	case !r.isEvent():
		v.below.full = r.feed + words.Separator + gapText(r.line.row)
		v.below.Show()
		v.left.FillColor, v.right.FillColor = theme.Color(theme.ColorNameSeparator), theme.Color(theme.ColorNameSeparator)
		v.left.Show()
		v.right.Show()
		v.paintBack()
	default:
		v.refreshEvent()
	}
	v.title.paint()
	v.time.paint()
	v.below.paint()
	v.Layout(r.Size())
	canvas.Refresh(r)
}

func (v *eventRowRenderer) refreshEvent() {
	e := v.row.line.row
	v.title.full, v.time.full = e.title, words.Clock(e.at)
	v.below.full = v.row.feed
	if e.preview != "" {
		v.below.full += words.Separator + e.preview
	}
	v.title.TextStyle.Bold = !e.read
	if e.priority < subscriptions.PriorityDefault && e.read {
		v.title.colour = colourSecondary
	}
	v.title.Show()
	v.time.Show()
	v.below.Show()
	if !e.read {
		v.dot.FillColor = theme.Color(theme.ColorNamePrimary)
		v.dot.Show()
	}
	if e.priority >= 4 {
		v.bar.FillColor = theme.Color(colourHigh)
		if e.priority >= subscriptions.PriorityMax {
			v.bar.FillColor = theme.Color(colourUrgent)
		}
		v.bar.Show()
	}
	v.paintBack()
}

func (v *eventRowRenderer) paintBack() {
	switch r := v.row; {
	case r.selected && r.focused:
		v.back.FillColor = theme.Color(colourSelected)
	case r.selected:
		v.back.FillColor = theme.Color(colourResting)
	case r.hovered:
		v.back.FillColor = theme.Color(theme.ColorNameHover)
	default:
		return
	}
	v.back.Show()
}

// gapText tells of a time that cannot be had, in a few words.
func gapText(r row) string {
	from, to := r.gap.From, r.gap.To
	if from.IsZero() || to.IsZero() {
		return r.title
	}
	start := words.Clock(from)
	if !words.SameDay(from, to) {
		start = words.Day(from, to) + " " + start
	}
	if end := words.Clock(to); end != start {
		start += "–" + end
	}
	return words.Say("gap.row", words.With{"When": start})
}
