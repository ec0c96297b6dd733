package window

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
)

const (
	// edge is how near to the top or the end of the sidebar a dragged row
	// scrolls it, in pixels; it goes on by scrollStep each scrollEvery.
	edge        = 28
	scrollStep  = 8
	scrollEvery = 30 * time.Millisecond
)

// A drag is a feed on its way to another place.
type drag struct {
	row       *feedRow
	at        fyne.Position // of the pointer, in the window
	slot      slot
	cancelled bool   // until the button is let go
	stop      func() // of the scrolling; nil while there is none
}

// A slot is a place where a dragged feed can go.
type slot struct {
	y      float32 // of the line between two rows, among the rows
	reach  float32 // what the pointer is compared with
	folder string
	before string   // the feed that comes next in the folder; "" at its end
	into   *feedRow // a closed folder
}

// slots are the places between the rows as they stand.
func (s *sidebar) slots() []slot {
	var out []slot
	end := float32(0)
	at := func(y float32, folder, before string) { out = append(out, slot{y, y, folder, before, nil}) }
	folder := ""
	for _, r := range s.rows {
		top, bottom := r.Position().Y, r.Position().Y+r.Size().Height
		switch e := r.entry; {
		case e.heading:
			if folder == "" || !s.isClosed(folder) {
				at(end, folder, "")
			}
			folder, end = e.choice.folder, bottom
			if e.closed {
				out = append(out, slot{bottom, (top + bottom) / 2, folder, "", r})
			}
		case e.isFeed():
			at(top, folder, e.choice.feed) // the first is below the heading
			end = bottom
		default:
			end = bottom // above all feeds
		}
	}
	if folder == "" || !s.isClosed(folder) {
		at(end, folder, "")
	}
	return out
}

// Cursor implements [desktop.Cursorable].
func (r *feedRow) Cursor() desktop.Cursor {
	if d := r.u.sidebar.drag; d != nil && !d.cancelled {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// Dragged implements [fyne.Draggable].
func (r *feedRow) Dragged(e *fyne.DragEvent) {
	s := r.u.sidebar
	if !r.entry.isFeed() {
		return
	}
	if s.drag == nil {
		s.drag = &drag{row: r}
		r.u.tips.hide()
		// The keyboard is here now, so that Escape is heard.
		r.u.win.Canvas().Focus(r)
	}
	if s.drag.row != r || s.drag.cancelled {
		return
	}
	s.drag.at = e.AbsolutePosition
	s.aim()
	s.scrollAlong()
}

// DragEnd implements [fyne.Draggable].
func (r *feedRow) DragEnd() {
	s := r.u.sidebar
	d := s.drag
	if d == nil || d.row != r {
		return
	}
	s.endAim()
	s.drag = nil
	if d.cancelled {
		s.refresh()
		return
	}
	r.u.arrange(moved(r.u.places(), r.entry.choice.feed, d.slot.folder, d.slot.before))
	s.refresh()
}

// cancelDrag leaves everything as it was.
func (s *sidebar) cancelDrag() {
	s.drag.cancelled = true
	s.endAim()
}

// aim shows where the row would go.
func (s *sidebar) aim() {
	y := s.drag.at.Y - fyne.CurrentApp().Driver().AbsolutePositionForObject(s.box).Y
	best := float32(math.MaxFloat32)
	s.target(nil)
	for _, slot := range s.slots() {
		if d := float32(math.Abs(float64(slot.reach - y))); d < best {
			best, s.drag.slot = d, slot
		}
	}
	s.target(s.drag.slot.into)
	s.line.FillColor = theme.Color(theme.ColorNamePrimary)
	s.line.Move(fyne.NewPos(12, s.drag.slot.y-1))
	s.line.Resize(fyne.NewSize(s.box.Size().Width-24, 2))
	s.line.Show()
	s.line.Refresh()
}

// target draws a closed folder as what is aimed at.
func (s *sidebar) target(into *feedRow) {
	for _, r := range s.rows {
		if yes := r == into; r.target != yes {
			r.target = yes
			r.Refresh()
		}
	}
}

func (s *sidebar) endAim() {
	s.target(nil)
	s.line.Hide()
	if stop := s.drag.stop; stop != nil {
		stop()
		s.drag.stop = nil
	}
}

// scrollAlong scrolls while the pointer is near an edge.
func (s *sidebar) scrollAlong() {
	d := s.drag
	if d.stop != nil {
		return // it goes on
	}
	y := d.at.Y - fyne.CurrentApp().Driver().AbsolutePositionForObject(s.scroll).Y
	by := float32(0)
	switch {
	case y < edge:
		by = -scrollStep
	case y > s.scroll.Size().Height-edge:
		by = scrollStep
	}
	from := s.scroll.Offset.Y
	to := max(0, min(from+by, s.scroll.Content.MinSize().Height-s.scroll.Size().Height))
	if to == from {
		return
	}
	s.scroll.ScrollToOffset(fyne.NewPos(0, to))
	s.aim()
	d.stop = s.u.clock.after(scrollEvery, func() {
		d.stop = nil
		if s.drag == d && !d.cancelled {
			s.scrollAlong()
		}
	})
}
