package window

import (
	"image/color"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// paletteCell is the side of a cell.
const paletteCell = 32

// A palette is a grid of small pictures to choose one of. It is one stop for
// the keyboard: the arrow keys move, Space chooses.
type palette struct {
	widget.BaseWidget
	form    *form
	values  []string // the first is none
	columns int
	draw    func(value string) (fyne.CanvasObject, func())
	value   string
	at      int // where the keyboard is
	focused bool
	chosen  func(value string)
}

func newPalette(f *form, columns int, values []string, draw func(string) (fyne.CanvasObject, func()), chosen func(string)) *palette {
	p := &palette{form: f, columns: columns, values: append([]string{""}, values...), draw: draw, chosen: chosen}
	p.ExtendBaseWidget(p)
	return p
}

// set shows what is chosen.
func (p *palette) set(value string) {
	p.value = value
	for at, v := range p.values {
		if v == value {
			p.at = at
		}
	}
	p.Refresh()
}

func (p *palette) choose(at int) {
	if at >= 0 && at < len(p.values) {
		p.at = at
		p.set(p.values[at])
		p.chosen(p.value)
	}
}

// Tapped implements [fyne.Tappable].
func (p *palette) Tapped(e *fyne.PointEvent) {
	x, y := int(e.Position.X/paletteCell), int(e.Position.Y/paletteCell)
	if x < p.columns {
		p.choose(y*p.columns + x)
	}
}

// Cursor implements [desktop.Cursorable].
func (p *palette) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained implements [fyne.Focusable].
func (p *palette) FocusGained() { p.focused = true; p.Refresh(); p.form.reveal(p) }

// FocusLost implements [fyne.Focusable].
func (p *palette) FocusLost() { p.focused = false; p.Refresh() }

// TypedRune implements [fyne.Focusable].
func (p *palette) TypedRune(rune) {}

// TypedKey implements [fyne.Focusable].
func (p *palette) TypedKey(k *fyne.KeyEvent) {
	by := map[fyne.KeyName]int{fyne.KeyLeft: -1, fyne.KeyRight: 1, fyne.KeyUp: -p.columns, fyne.KeyDown: p.columns}[k.Name]
	switch {
	case by != 0:
		p.at = max(0, min(p.at+by, len(p.values)-1))
		p.Refresh()
	case k.Name == fyne.KeySpace:
		p.choose(p.at)
	case k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter:
		p.form.submit()
	case k.Name == fyne.KeyEscape:
		p.form.u.escape()
	}
}

// TypedShortcut implements [fyne.Shortcutable].
func (p *palette) TypedShortcut(s fyne.Shortcut) { p.form.own(s) }

// CreateRenderer implements [fyne.Widget].
func (p *palette) CreateRenderer() fyne.WidgetRenderer {
	r := &paletteRenderer{p: p, chosen: canvas.NewRectangle(color.Transparent), at: canvas.NewRectangle(color.Transparent)}
	for _, v := range p.values {
		o, paint := p.draw(v)
		r.cells, r.paint = append(r.cells, o), append(r.paint, paint)
	}
	r.chosen.CornerRadius, r.at.CornerRadius = 6, 6
	r.Refresh()
	return r
}

type paletteRenderer struct {
	p          *palette
	chosen, at *canvas.Rectangle
	cells      []fyne.CanvasObject
	paint      []func()
}

func (r *paletteRenderer) Destroy() {}

func (r *paletteRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.chosen, r.at}, r.cells...)
}

func (r *paletteRenderer) MinSize() fyne.Size {
	rows := (len(r.p.values) + r.p.columns - 1) / r.p.columns
	return fyne.NewSize(float32(min(len(r.p.values), r.p.columns))*paletteCell, float32(rows)*paletteCell)
}

func (r *paletteRenderer) place(at int) fyne.Position {
	return fyne.NewPos(float32(at%r.p.columns)*paletteCell, float32(at/r.p.columns)*paletteCell)
}

func (r *paletteRenderer) Layout(fyne.Size) {
	for at, c := range r.cells {
		m := c.MinSize()
		c.Resize(m)
		c.Move(r.place(at).AddXY((paletteCell-m.Width)/2, (paletteCell-m.Height)/2))
	}
	r.chosen.Resize(fyne.NewSquareSize(paletteCell - 2))
	r.at.Resize(fyne.NewSquareSize(paletteCell - 2))
}

func (r *paletteRenderer) Refresh() {
	p := r.p
	r.Layout(p.Size())
	r.chosen.Hidden = true
	for at, v := range p.values {
		if v == p.value {
			r.chosen.Hidden = false
			r.chosen.Move(r.place(at).AddXY(1, 1))
		}
	}
	r.chosen.FillColor = theme.Color(colourResting)
	r.at.Hidden = !p.focused
	r.at.Move(r.place(p.at).AddXY(1, 1))
	r.at.StrokeColor, r.at.StrokeWidth = theme.Color(theme.ColorNamePrimary), 2
	for _, paint := range r.paint {
		paint()
	}
	canvas.Refresh(p)
}

// emojis are offered as icons; any other can be typed.
var emojis = []string{
	"🚀", "🔔", "🔥", "✅", "❌", "⚠", "🐛", "🔧",
	"📦", "💬", "📰", "📈", "💰", "🏠", "🚪", "🎉",
	"💡", "🎵", "📷", "🛒", "🚗", "☁", "🖥",
}

// drawEmoji is a cell with an emoji; a ring for none, as among the colours.
func drawEmoji(value string) (fyne.CanvasObject, func()) {
	if value == "" {
		return drawColour("")
	}
	t := canvas.NewText(value, nil)
	t.TextSize = 18
	return t, func() { t.Color = theme.Color(theme.ColorNameForeground); t.Refresh() }
}

// drawColour is a cell with one of [subscriptions.Colours]; a ring for none.
func drawColour(value string) (fyne.CanvasObject, func()) {
	disc := canvas.NewCircle(color.Transparent)
	box := newFixed(disc, 18)
	return box, func() {
		disc.FillColor, disc.StrokeWidth = color.Transparent, 0
		if value == "" {
			disc.StrokeColor, disc.StrokeWidth = theme.Color(colourPaused), 2
		} else {
			name, _ := lookColour(subscriptions.Look{Colour: value})
			disc.FillColor = theme.Color(name)
		}
		disc.Refresh()
	}
}

// newFixed is o with a fixed side.
func newFixed(o fyne.CanvasObject, side float32) fyne.CanvasObject {
	return &fyne.Container{Layout: fixed{side}, Objects: []fyne.CanvasObject{o}}
}

type fixed struct{ side float32 }

// Layout implements [fyne.Layout].
func (f fixed) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSquareSize(f.side))
	}
}

// MinSize implements [fyne.Layout].
func (f fixed) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(f.side) }
