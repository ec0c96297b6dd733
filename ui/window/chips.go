package window

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Bounds of the tags that are shown; history keeps all.
const (
	maxChips = 12
	maxChip  = 32 // characters
)

// chips show tags, each in a small frame, on as many lines as they take.
type chips struct {
	*fyne.Container
	tags []string
}

func newChips() *chips {
	c := &chips{}
	c.Container = container.New(&flow{gap: 4})
	c.Hide()
	return c
}

func (c *chips) set(tags []string) {
	if slices.Equal(c.tags, tags) {
		return
	}
	c.tags = slices.Clone(tags)
	c.RemoveAll()
	for i, t := range tags {
		if i == maxChips {
			t = "…"
		}
		l := widget.NewLabel(clip(t, maxChip))
		l.SizeName, l.Importance = sizeSmall, widget.LowImportance
		s := newSurface(colourResting, inset(l, -5, -5, 0, 0))
		s.radius = 4
		c.Add(s)
		if i == maxChips {
			break
		}
	}
	c.Hidden = len(tags) == 0
}

// flow lays objects beside each other, and goes on below where a line is
// full.
type flow struct {
	gap   float32
	width float32 // as last laid out: the height depends on it
}

func (f *flow) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) (height float32) {
	x, y, line := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		m.Width = min(m.Width, max(width, 1))
		if x > 0 && x+m.Width > width {
			x, y, line = 0, y+line+f.gap, 0
		}
		put(o, fyne.NewPos(x, y), m)
		x, line = x+m.Width+f.gap, max(line, m.Height)
	}
	return y + line
}

// Layout implements [fyne.Layout].
func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, s fyne.Size) {
		o.Move(at)
		o.Resize(s)
	})
}

// MinSize implements [fyne.Layout].
func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := f.width
	if width == 0 {
		width = minDetail
	}
	return fyne.NewSize(1, f.place(objects, width, func(fyne.CanvasObject, fyne.Position, fyne.Size) {}))
}
