package main

import (
	"bytes"
	"cmp"
	"image/color"
	"math"
	"slices"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// look is the colours of a plot: GitHub's page in its two themes, and those of
// Okabe and Ito, which people tell apart who do not see all colours, darker or
// lighter until text in them can be read.
type look struct {
	suffix                  string
	paper, title, ink, grid color.RGBA
	lines                   []color.RGBA
}

var looks = []look{
	{
		"",
		rgb(0xffffff), rgb(0x1f2328), rgb(0x59636e), rgb(0xe4e8ec),
		[]color.RGBA{rgb(0x0072b2), rgb(0xb84f00), rgb(0x007a59), rgb(0xa3437c), rgb(0x6b5b00), rgb(0x4d4d4d)},
	},
	{
		"-dark",
		rgb(0x0d1117), rgb(0xf0f6fc), rgb(0x9198a1), rgb(0x262c36),
		[]color.RGBA{rgb(0x56b4e9), rgb(0xe69f00), rgb(0x3cc296), rgb(0xe08dbb), rgb(0xf0e442), rgb(0xc0c0c0)},
	},
}

func rgb(v uint32) color.RGBA {
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}
}

// Lines differ in shape as well, so that no colour has to be seen.
var (
	dashes = [][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}, {1, 3}, {10, 4}}
	glyphs = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}}
)

const (
	width, height = vg.Length(600), vg.Length(320) // points
	margin        = vg.Length(16)
	head          = vg.Length(52) // what title and unit take
)

func styled(size vg.Length, weight xfont.Weight, ink color.Color) text.Style {
	return text.Style{
		Color:   ink,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight, Size: size},
		XAlign:  text.XLeft,
		YAlign:  text.YCenter,
		Handler: text.Plain{Fonts: font.DefaultCache},
	}
}

// draw makes the picture. Equal figures make equal bytes.
func (p *plotOf) draw(curves []curve, l look) ([]byte, error) {
	canvas := vgsvg.New(width, height)
	c := draw.New(canvas)
	c.FillPolygon(l.paper, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}})
	c.FillText(styled(14, xfont.WeightBold, l.title), vg.Point{X: margin, Y: height - margin - 4}, p.title)
	c.FillText(styled(11, xfont.WeightNormal, l.ink), vg.Point{X: margin, Y: height - margin - 22}, p.y)

	chart := l.chart()
	chart.X.Label.Text = p.x
	ticks := p.labelled()
	chart.X.Tick.Marker = plot.ConstantTicks(ticks)
	chart.X.Min, chart.X.Max = ticks[0].Value, ticks[len(ticks)-1].Value
	var marks []plot.Tick
	chart.Y.Min, chart.Y.Max, marks = p.bounds(curves)
	chart.Y.Tick.Marker = plot.ConstantTicks(marks)
	if p.logX {
		chart.X.Scale = plot.LogScale{}
	}
	if p.logY {
		chart.Y.Scale = plot.LogScale{}
	}

	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color, grid.Horizontal.Width = nil, l.grid, 0.75
	chart.Add(grid)
	lowest, highest := chart.Y.Min, chart.Y.Max
	for i := range slices.Backward(curves) { // the first on top
		chart.Add(drawn{curves[i], i, l})
	}
	chart.Add(ends{curves, l})
	// What is drawn must not move the ends of the axes.
	chart.X.Min, chart.X.Max = ticks[0].Value, ticks[len(ticks)-1].Value
	chart.Y.Min, chart.Y.Max = lowest, highest
	chart.Draw(draw.Crop(c, margin, -2*margin, margin, -head))

	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return nil, err
	}
	return fonts(svg.Bytes()), nil
}

// chart has axes in the colours of the look, and nothing in it.
func (l look) chart() *plot.Plot {
	chart := plot.New()
	chart.BackgroundColor = l.paper
	for _, a := range []*plot.Axis{&chart.X, &chart.Y} {
		a.Color, a.Width, a.Padding = l.ink, 0.75, 8
		a.Tick.Color, a.Tick.Width, a.Tick.Length = l.ink, 0.75, 4
		a.Tick.Label = styled(11, xfont.WeightNormal, l.ink)
		a.Label.TextStyle = styled(11, xfont.WeightNormal, l.ink)
		a.Label.TextStyle.XAlign = text.XCenter
	}
	chart.X.Tick.Label.XAlign, chart.X.Tick.Label.YAlign = text.XCenter, text.YTop
	chart.Y.Tick.Label.XAlign = text.XRight
	chart.X.Label.TextStyle.YAlign = text.YBottom
	chart.Y.LineStyle.Width, chart.Y.Tick.Length = 0, 0 // the grid does
	return chart
}

// drawn is a curve in a plot: its line, its points, and from each the lowest
// to the highest round.
type drawn struct {
	curve
	nth  int
	look look
}

func (d drawn) Plot(c draw.Canvas, chart *plot.Plot) {
	x, y := transforms(c, chart)
	ink := d.look.lines[d.nth%len(d.look.lines)]
	thick := vg.Length(1.5)
	if d.nth == 0 {
		thick = 2.25
	}
	points := make([]vg.Point, len(d.x))
	for i := range d.x {
		points[i] = vg.Point{X: x(d.x[i]), Y: y(d.mid[i])}
		c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1}, points[i].X, y(d.low[i]), points[i].X, y(d.up[i]))
	}
	c.StrokeLines(draw.LineStyle{Color: ink, Width: thick, Dashes: dashes[d.nth%len(dashes)]}, points)
	for _, p := range points {
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: ink, Radius: 3.5, Shape: glyphs[d.nth%len(glyphs)]}, p)
	}
}

// transforms are those of the chart, which what lies below a logarithmic axis
// does not leave.
func transforms(c draw.Canvas, chart *plot.Plot) (x, y func(float64) vg.Length) {
	x, to := chart.Transforms(&c)
	return x, func(v float64) vg.Length { return to(math.Max(v, chart.Y.Min)) }
}

// ends are the names of the curves behind their last points: no legend has to
// be matched with colours.
type ends struct {
	curves []curve
	look   look
}

const (
	apart  = vg.Length(14) // from one label to the next
	beside = vg.Length(10) // from a point to its label
)

func (e ends) Plot(c draw.Canvas, chart *plot.Plot) {
	x, y := transforms(c, chart)
	type label struct {
		nth int
		y   vg.Length
	}
	labels := make([]label, len(e.curves))
	for i, v := range e.curves {
		labels[i] = label{i, y(v.mid[len(v.mid)-1])}
	}
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(a.y, b.y) })
	// Up until none touches the one below it, then down from the top.
	for i := 1; i < len(labels); i++ {
		labels[i].y = max(labels[i].y, labels[i-1].y+apart)
	}
	top := c.Max.Y
	for i := len(labels) - 1; i >= 0; i-- {
		labels[i].y = min(labels[i].y, top)
		top = labels[i].y - apart
	}
	for _, l := range labels {
		v := e.curves[l.nth]
		last := len(v.x) - 1
		at := vg.Point{X: x(v.x[last]) + beside, Y: l.y}
		c.FillText(styled(11, weight(l.nth), e.look.lines[l.nth%len(e.look.lines)]), at, v.label)
	}
}

func weight(nth int) xfont.Weight {
	if nth == 0 {
		return xfont.WeightBold
	}
	return xfont.WeightNormal
}

// GlyphBoxes keeps room for the labels.
func (e ends) GlyphBoxes(chart *plot.Plot) []plot.GlyphBox {
	var boxes []plot.GlyphBox
	for i, v := range e.curves {
		last := len(v.x) - 1
		boxes = append(boxes, plot.GlyphBox{
			X:         chart.X.Norm(v.x[last]),
			Y:         chart.Y.Norm(math.Max(v.mid[last], chart.Y.Min)),
			Rectangle: vg.Rectangle{Min: vg.Point{X: -4, Y: -4}, Max: vg.Point{X: beside + styled(11, weight(i), color.Black).Width(v.label), Y: 4}},
		})
	}
	return boxes
}
