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
	swatchSize = 8
	timeSpot   = 56 // about that of the longest time
)

// An eventRow is one line of the list: an event in two lines of text, a day's
// heading, or a gap.
type eventRow struct {
	widget.BaseWidget
	list    *rowList
	line    line
	looks   rowLooks
	focused bool
	hovered bool
	tipped  bool // the full time is shown
	held    fyne.KeyModifier
}

// rowLooks is how a row is shown, apart from what it says.
type rowLooks struct {
	feed     feedLook
	when     string
	selected bool
}

// A feedLook is how a feed is told in a row.
type feedLook struct {
	name, icon string
	colour     fyne.ThemeColorName // "" is none
}

func (f feedLook) text() string {
	if f.icon == "" {
		return f.name
	}
	return f.icon + " " + f.name
}

func newEventRow(l *rowList) *eventRow {
	r := &eventRow{list: l}
	r.ExtendBaseWidget(r)
	return r
}

func (r *eventRow) show(l line, looks rowLooks, focused bool) {
	if r.line == l && r.looks == looks && r.focused == focused {
		return
	}
	if r.line.row.seq != l.row.seq {
		r.hovered, r.held = false, 0
		r.untip()
	}
	r.line, r.looks, r.focused = l, looks, focused
	r.Refresh()
}

func (r *eventRow) isEvent() bool { return r.line.height() == rowHeight }

// MouseDown implements [desktop.Mouseable]: a tap does not tell of keys.
func (r *eventRow) MouseDown(e *desktop.MouseEvent) { r.held = e.Modifier }

// MouseUp implements [desktop.Mouseable].
func (r *eventRow) MouseUp(*desktop.MouseEvent) {}

// Tapped implements [fyne.Tappable].
func (r *eventRow) Tapped(*fyne.PointEvent) {
	if r.line.heading == "" {
		r.list.tapped(r.line.row.seq, r.held)
	}
	r.held = 0
}

// TappedSecondary implements [fyne.SecondaryTappable].
func (r *eventRow) TappedSecondary(e *fyne.PointEvent) {
	if r.line.heading == "" {
		r.list.menu(r.line.row.seq, e.AbsolutePosition)
	}
}

// MouseIn implements [desktop.Hoverable].
func (r *eventRow) MouseIn(*desktop.MouseEvent) {
	r.hovered, r.list.pointed = true, true
	r.Refresh()
}

// MouseMoved implements [desktop.Hoverable].
func (r *eventRow) MouseMoved(e *desktop.MouseEvent) {
	overTime := r.isEvent() && r.line.heading == "" && e.Position.Y < rowHeight/2 && e.Position.X > r.Size().Width-rowRight-timeSpot
	switch {
	case !overTime:
		r.untip()
	case !r.tipped:
		r.tipped = true
		r.list.tip(r, words.Moment(r.line.row.at, r.list.now()))
	}
}

// MouseOut implements [desktop.Hoverable].
func (r *eventRow) MouseOut() {
	r.hovered, r.list.pointed = false, false
	r.untip()
	r.Refresh()
}

func (r *eventRow) untip() {
	if r.tipped {
		r.tipped = false
		r.list.tip(nil, "")
	}
}

// CreateRenderer implements [fyne.Widget].
func (r *eventRow) CreateRenderer() fyne.WidgetRenderer {
	v := &eventRowRenderer{
		row: r, back: canvas.NewRectangle(color.Transparent), bar: canvas.NewRectangle(color.Transparent),
		dot: canvas.NewCircle(nil), swatch: canvas.NewRectangle(nil), left: canvas.NewRectangle(nil), right: canvas.NewRectangle(nil),
		title: newTextLine(sizeBody, theme.ColorNameForeground),
		time:  newTextLine(sizeSmall, colourSecondary),
		below: newTextLine(sizeSmall, colourSecondary),
	}
	v.back.CornerRadius = 6
	v.bar.CornerRadius, v.swatch.CornerRadius = 1.5, 2
	v.Refresh()
	return v
}

type eventRowRenderer struct {
	row                *eventRow
	back, bar          *canvas.Rectangle
	left, right        *canvas.Rectangle // the rules beside a gap
	dot                *canvas.Circle
	swatch             *canvas.Rectangle // the feed's colour
	title, time, below *textLine
}

func (v *eventRowRenderer) Destroy() {}

func (v *eventRowRenderer) MinSize() fyne.Size { return fyne.NewSize(100, v.row.line.height()) }

func (v *eventRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.bar, v.dot, v.swatch, v.left, v.right, v.title.Text, v.time.Text, v.below.Text}
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
		left := float32(rowLeft)
		if v.row.looks.feed.colour != "" {
			v.swatch.Move(fyne.NewPos(left, 34))
			v.swatch.Resize(fyne.NewSquareSize(swatchSize))
			left += swatchSize + 6
		}
		v.below.place(left, 30, w-left-rowRight)
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
		v.below.full = r.looks.feed.text() + words.Separator + gapText(r.line.row)
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
	v.title.full, v.time.full = e.title, v.row.looks.when
	v.below.full = v.row.looks.feed.text()
	if e.preview != "" {
		v.below.full += words.Separator + e.preview
	}
	v.title.TextStyle.Bold = !e.read
	if e.priority != 0 && e.priority < subscriptions.PriorityDefault {
		v.title.colour = colourSecondary
	}
	v.title.Show()
	v.time.Show()
	v.below.Show()
	if c := v.row.looks.feed.colour; c != "" {
		v.swatch.FillColor = theme.Color(c)
		v.swatch.Show()
	}
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
	case r.looks.selected && r.focused:
		v.back.FillColor = theme.Color(colourSelected)
	case r.looks.selected:
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
