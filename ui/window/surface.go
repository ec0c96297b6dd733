package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A surface is content on a colour of the theme.
type surface struct {
	widget.BaseWidget
	colour  fyne.ThemeColorName
	content fyne.CanvasObject
	radius  float32
	border  bool // a thin line around it
}

func newSurface(colour fyne.ThemeColorName, content fyne.CanvasObject) *surface {
	s := &surface{colour: colour, content: content}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer implements [fyne.Widget].
func (s *surface) CreateRenderer() fyne.WidgetRenderer {
	r := &surfaceRenderer{s, canvas.NewRectangle(theme.Color(s.colour))}
	r.back.CornerRadius = s.radius
	if s.border {
		r.back.StrokeWidth, r.back.StrokeColor = 1, theme.Color(theme.ColorNameInputBorder)
	}
	return r
}

type surfaceRenderer struct {
	s    *surface
	back *canvas.Rectangle
}

func (r *surfaceRenderer) Destroy() {}

func (r *surfaceRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.s.content.Resize(size)
}

func (r *surfaceRenderer) MinSize() fyne.Size { return r.s.content.MinSize() }

func (r *surfaceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.s.content}
}

func (r *surfaceRenderer) Refresh() {
	r.back.FillColor = theme.Color(r.s.colour)
	if r.s.border {
		r.back.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	}
	r.back.Refresh()
	r.s.content.Refresh()
}

// inset puts space around o.
func inset(o fyne.CanvasObject, top, bottom, left, right float32) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(top, bottom, left, right), o)
}

// column stacks objects with the given space between them.
func column(space float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(space), objects...)
}

// across puts objects beside each other with the given space between them.
func across(space float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(space), objects...)
}

// rule is a horizontal line.
func rule() fyne.CanvasObject { return widget.NewSeparator() }

// newSmallLabel is a small label of the second order.
func newSmallLabel() *widget.Label {
	l := widget.NewLabel("")
	l.SizeName = sizeSmall
	l.Wrapping = fyne.TextWrapWord
	return l
}

// bounded keeps its only child at most so wide, at the left.
type bounded struct{ width float32 }

// Layout implements [fyne.Layout].
func (b bounded) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(min(b.width, size.Width), size.Height))
	}
}

// MinSize implements [fyne.Layout].
func (b bounded) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		s = s.Max(o.MinSize())
	}
	return s
}

// framed puts a head above and a foot below what fills the rest, with nothing
// between them. Head and foot may be nil.
func framed(head, foot, rest fyne.CanvasObject) *fyne.Container {
	f := &frame{head, foot, rest}
	c := container.New(f)
	for _, o := range []fyne.CanvasObject{rest, head, foot} {
		if o != nil {
			c.Objects = append(c.Objects, o)
		}
	}
	return c
}

type frame struct{ head, foot, rest fyne.CanvasObject }

// Layout implements [fyne.Layout].
func (f *frame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	top, bottom := float32(0), size.Height
	if f.head != nil && f.head.Visible() {
		top = f.head.MinSize().Height
		f.head.Move(fyne.NewPos(0, 0))
		f.head.Resize(fyne.NewSize(size.Width, top))
	}
	if f.foot != nil && f.foot.Visible() {
		bottom -= f.foot.MinSize().Height
		f.foot.Move(fyne.NewPos(0, bottom))
		f.foot.Resize(fyne.NewSize(size.Width, size.Height-bottom))
	}
	f.rest.Move(fyne.NewPos(0, top))
	f.rest.Resize(fyne.NewSize(size.Width, bottom-top))
}

// MinSize implements [fyne.Layout].
func (f *frame) MinSize([]fyne.CanvasObject) fyne.Size {
	s := f.rest.MinSize()
	for _, o := range []fyne.CanvasObject{f.head, f.foot} {
		if o != nil && o.Visible() {
			m := o.MinSize()
			s = fyne.NewSize(max(s.Width, m.Width), s.Height+m.Height)
		}
	}
	return s
}
