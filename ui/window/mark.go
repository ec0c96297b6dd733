package window

import (
	"image/color"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// markSize is the side of a state mark.
const markSize = 10

// A stateMark shows a feed's state by shape and by colour: ● live, ◌ waiting,
// ■ needs the user, ⏸ paused, ▭ ended; a grey ring while nobody knows.
type stateMark struct {
	widget.BaseWidget
	state subscriptions.State
}

func newStateMark() *stateMark {
	m := &stateMark{}
	m.ExtendBaseWidget(m)
	return m
}

func (m *stateMark) set(s subscriptions.State) {
	if m.state != s {
		m.state = s
		m.Refresh()
	}
}

// CreateRenderer implements [fyne.Widget].
func (m *stateMark) CreateRenderer() fyne.WidgetRenderer {
	r := &markRenderer{
		mark: m, disc: canvas.NewCircle(nil), square: canvas.NewRectangle(nil),
		left: canvas.NewRectangle(nil), right: canvas.NewRectangle(nil),
	}
	r.square.CornerRadius = 1
	r.Refresh()
	return r
}

type markRenderer struct {
	mark        *stateMark
	disc        *canvas.Circle
	square      *canvas.Rectangle
	left, right *canvas.Rectangle
}

func (r *markRenderer) Destroy() {}

func (r *markRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(markSize) }

func (r *markRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.disc, r.square, r.left, r.right}
}

func (r *markRenderer) Layout(fyne.Size) {
	r.disc.Resize(fyne.NewSquareSize(markSize))
	r.square.Resize(fyne.NewSquareSize(markSize - 1))
	r.square.Move(fyne.NewPos(0.5, 0.5))
	for bar, x := range map[*canvas.Rectangle]float32{r.left: 1.5, r.right: 6} {
		bar.Resize(fyne.NewSize(2.5, markSize))
		bar.Move(fyne.NewPos(x, 0))
	}
}

func (r *markRenderer) Refresh() {
	for _, o := range r.Objects() {
		o.Hide()
	}
	ring := func(name fyne.ThemeColorName) {
		r.disc.FillColor, r.disc.StrokeColor, r.disc.StrokeWidth = color.Transparent, theme.Color(name), 2
		r.disc.Show()
	}
	switch r.mark.state {
	case subscriptions.StateOpen:
		r.disc.FillColor, r.disc.StrokeWidth = theme.Color(colourLive), 0
		r.disc.Show()
	case subscriptions.StateConnecting, subscriptions.StateWaiting:
		ring(colourWaiting)
	case "":
		ring(colourPaused)
	case subscriptions.StateBlocked:
		r.square.FillColor, r.square.StrokeWidth = theme.Color(colourNeeds), 0
		r.square.Show()
	case subscriptions.StateEnded:
		r.square.FillColor, r.square.StrokeColor, r.square.StrokeWidth = color.Transparent, theme.Color(colourPaused), 2
		r.square.Show()
	case subscriptions.StatePaused:
		r.left.FillColor, r.right.FillColor = theme.Color(colourPaused), theme.Color(colourPaused)
		r.left.Show()
		r.right.Show()
	}
	canvas.Refresh(r.mark)
}
