package window

import (
	"image"
	"image/draw"
	"time"

	"bellwire/internal/control"

	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// Size of a sparkline, in pixels: two for each hour.
const (
	sparkWidth  = 2 * control.ActivityHours
	sparkHeight = 14
)

// activityEvery is the shortest time between two requests for the counts.
const activityEvery = time.Minute

// hours are a feed's events in each of the last hours, the oldest first.
type hours [control.ActivityHours]int64

func (h hours) sum() (n int64) {
	for _, c := range h {
		n += c
	}
	return n
}

// hoursOf are the counts of a feed as they are at now: the window may have
// asked some hours ago, and nothing has come since.
func hoursOf(a control.Activity, feed string, now time.Time) (h hours) {
	counts := a.Feeds[feed]
	if len(counts) > len(h) {
		counts = counts[len(counts)-len(h):]
	}
	past := 0
	if d := now.Sub(a.Until); d > 0 {
		past = int(min(d/time.Hour+1, control.ActivityHours))
	}
	for i, c := range counts {
		if at := len(h) - len(counts) + i - past; at >= 0 {
			h[at] = max(0, c)
		}
	}
	return h
}

// fewEvents is what an hour must have to be drawn in full: one event an hour
// must not look like a storm.
const fewEvents = 4

// heights are how high each hour is drawn when the most is high: at least
// two, so that one event among thousands is seen; 0 without any.
func (h hours) heights(high int) (out [control.ActivityHours]int) {
	most := int64(fewEvents)
	for _, c := range h {
		most = max(most, c)
	}
	for i, c := range h {
		if c > 0 {
			out[i] = max(2, int(float64(c)/float64(most)*float64(high)+0.5))
		}
	}
	return out
}

// A spark draws a feed's last hours. It is one image: bars of their own would
// be a thousand objects in a full sidebar.
type spark struct {
	*canvas.Raster
	hours hours
}

func newSpark() *spark {
	s := &spark{}
	s.Raster = canvas.NewRaster(s.draw)
	return s
}

func (s *spark) draw(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	bar, line := image.NewUniform(theme.Color(colourSpark)), image.NewUniform(theme.Color(theme.ColorNameSeparator))
	if s.hours.sum() == 0 {
		return img // a line under nothing looks like a fault
	}
	draw.Draw(img, image.Rect(0, h-1, w, h), line, image.Point{}, draw.Src)
	for i, high := range s.hours.heights(h) {
		left, right := i*w/control.ActivityHours, (i+1)*w/control.ActivityHours
		if right-left > 2 {
			right-- // where pixels are small there is room between the bars
		}
		draw.Draw(img, image.Rect(left, h-high, right, h), bar, image.Point{}, draw.Src)
	}
	return img
}

// freshenActivity asks for the counts of events where they have changed, at
// most once a minute.
func (u *ui) freshenActivity() {
	a := &u.lately
	if a.asking || a.known && a.seq == u.status.LastSeq && a.events == u.status.Events {
		return
	}
	now := u.clock.now()
	if wait := activityEvery - now.Sub(a.asked); a.known && wait > 0 {
		if a.stop == nil {
			a.stop = u.clock.after(wait, func() {
				a.stop = nil
				u.freshenActivity()
			})
		}
		return
	}
	a.asking, a.asked, a.seq, a.events = true, now, u.status.LastSeq, u.status.Events
	ask(u, u.o.Client.Activity, func(v control.Activity, err error) {
		a.asking, a.known = false, true
		if err != nil {
			u.o.Logger.Debug("the counts of events could not be read", "error", err)
			return
		}
		a.Activity = v
		u.sidebar.refresh()
	})
}

// lately is what the window knows of how much came.
type lately struct {
	control.Activity
	known  bool
	asking bool
	asked  time.Time
	seq    int64 // the newest row and the number of rows then
	events int64
	stop   func() // of the timer for the next request; nil is none
}
