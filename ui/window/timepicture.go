package window

import (
	"slices"
	"time"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// timelineSpan is how far timelines reach back.
const timelineSpan = 24 * time.Hour

// A spanKind is how a feed did for a time.
type spanKind string

const (
	spanUnknown spanKind = "unknown" // Bellwire did not run, or no longer knows
	spanLive    spanKind = "live"
	spanWaiting spanKind = "waiting" // connecting, or waiting to
	spanNeeds   spanKind = "needs"   // a person
	spanHeld    spanKind = "held"    // paused, or ended
	spanGap     spanKind = "gap"     // events may be missing
)

// spanKinds is the order of the legend.
var spanKinds = [...]spanKind{spanLive, spanWaiting, spanNeeds, spanHeld, spanUnknown, spanGap}

// A span is a stretch of a timeline.
type span struct {
	kind     spanKind
	from, to time.Time
}

func spanOf(s subscriptions.State) spanKind {
	switch s {
	case subscriptions.StateOpen:
		return spanLive
	case subscriptions.StateConnecting, subscriptions.StateWaiting:
		return spanWaiting
	case subscriptions.StateBlocked:
		return spanNeeds
	case subscriptions.StatePaused, subscriptions.StateEnded:
		return spanHeld
	}
	return spanUnknown
}

// spansOf is what a log tells of the time up to now, with no hole and no
// overlap; equal neighbours are one.
func spansOf(log []subscriptions.LogEntry, now time.Time) []span {
	log = slices.Clone(log)
	slices.SortStableFunc(log, func(a, b subscriptions.LogEntry) int { return a.At.Compare(b.At) })
	start := now.Add(-timelineSpan)
	spans := []span{{spanUnknown, start, now}}
	for _, l := range log {
		at := l.At
		if at.After(now) { // the clock was set back
			continue
		}
		if at.Before(start) {
			at = start
		}
		last := &spans[len(spans)-1]
		kind := spanOf(l.State)
		if kind == last.kind {
			continue
		}
		last.to = at
		if !last.to.After(last.from) {
			spans = spans[:len(spans)-1]
		}
		if n := len(spans); n > 0 && spans[n-1].kind == kind {
			spans[n-1].to = now
			continue
		}
		spans = append(spans, span{kind, at, now})
	}
	return spans
}

// gapsOf are the gaps in the time up to now, oldest first.
func gapsOf(gaps []subscriptions.Gap, now time.Time) (spans []span) {
	start := now.Add(-timelineSpan)
	for _, g := range gaps {
		from, to := g.From, g.To
		if from.Before(start) {
			from = start
		}
		if to.After(now) {
			to = now
		}
		if to.After(start) && !to.Before(from) {
			spans = append(spans, span{spanGap, from, to})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	return spans
}

// maxSpans is how many spans of each kind are drawn, the newest.
const maxSpans = 500

// A timePicture is a picture of a feed's last day: how it did, and below that
// where events may be missing. States differ by height as well as by colour.
type timePicture struct {
	widget.BaseWidget
	spans, gaps []span
	now         time.Time
	height      float32
	// told gets what is under the pointer, in words; empty: nothing is.
	told func(string)
	// tapped is told of a click; nil for nobody.
	tapped func()
}

// gapLane is the height of the lane of gaps, in pixels.
const gapLane = 5

func newTimePicture(height float32, told func(string)) *timePicture {
	t := &timePicture{height: height, told: told}
	t.ExtendBaseWidget(t)
	return t
}

func (t *timePicture) set(log []subscriptions.LogEntry, gaps []subscriptions.Gap, now time.Time) {
	spans, missing := spansOf(log, now), gapsOf(gaps, now)
	t.spans = spans[max(0, len(spans)-maxSpans):]
	t.gaps = missing[max(0, len(missing)-maxSpans):]
	t.now = now
	t.Refresh()
}

// at is where a time is, in pixels.
func (t *timePicture) at(moment time.Time) float32 {
	part := float64(timelineSpan-t.now.Sub(moment)) / float64(timelineSpan)
	return float32(max(0, min(part, 1))) * t.Size().Width
}

// spanAt is what is drawn at a place.
func (t *timePicture) spanAt(p fyne.Position) (span, bool) {
	hit := func(spans []span, slack float32) (span, bool) {
		for _, s := range slices.Backward(spans) {
			if p.X >= t.at(s.from)-slack && p.X <= t.at(s.to)+slack {
				return s, true
			}
		}
		return span{}, false
	}
	if p.Y > t.height-gapLane {
		if s, ok := hit(t.gaps, 3); ok {
			return s, true
		}
	}
	return hit(t.spans, 0)
}

func spanWords(s span, now time.Time) string {
	from := words.Clock(s.from)
	if !words.SameDay(s.from, now) {
		from = words.Say("timeline.day", words.With{"Day": words.Day(s.from, now), "Time": from})
	}
	return words.Say("timeline.span", words.With{
		"Kind": words.Say("timeline." + string(s.kind)), "From": from, "To": words.Clock(s.to), "Span": words.Span(s.to.Sub(s.from)),
	})
}

// MouseIn implements [desktop.Hoverable].
func (t *timePicture) MouseIn(e *desktop.MouseEvent) { t.MouseMoved(e) }

// MouseMoved implements [desktop.Hoverable].
func (t *timePicture) MouseMoved(e *desktop.MouseEvent) {
	if s, ok := t.spanAt(e.Position); ok {
		t.told(spanWords(s, t.now))
	} else {
		t.told("")
	}
}

// MouseOut implements [desktop.Hoverable].
func (t *timePicture) MouseOut() { t.told("") }

// Tapped implements [fyne.Tappable].
func (t *timePicture) Tapped(*fyne.PointEvent) {
	if t.tapped != nil {
		t.tapped()
	}
}

// CreateRenderer implements [fyne.Widget].
func (t *timePicture) CreateRenderer() fyne.WidgetRenderer {
	r := &timePictureRenderer{t: t, back: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type timePictureRenderer struct {
	t       *timePicture
	back    *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *timePictureRenderer) Destroy() {}

func (r *timePictureRenderer) MinSize() fyne.Size { return fyne.NewSize(96, r.t.height) }

func (r *timePictureRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *timePictureRenderer) Layout(size fyne.Size) { r.draw(size) }

func (r *timePictureRenderer) Refresh() {
	r.draw(r.t.Size())
	canvas.Refresh(r.t)
}

// draw makes a rectangle of every span.
func (r *timePictureRenderer) draw(size fyne.Size) {
	lane := r.t.height - gapLane - 1
	r.back.FillColor = theme.Color(colourResting)
	r.back.CornerRadius = 2
	r.back.Resize(fyne.NewSize(size.Width, lane))
	r.objects = append(r.objects[:0], r.back)
	for _, s := range r.t.spans {
		name, part := spanLook(s.kind)
		if part == 0 {
			continue
		}
		h := max(2, lane*part)
		r.box(name, r.t.at(s.from), r.t.at(s.to), lane-h, h)
	}
	for _, s := range r.t.gaps {
		name, _ := spanLook(spanGap)
		r.box(name, r.t.at(s.from), r.t.at(s.to), r.t.height-gapLane+1, gapLane-1)
	}
}

func (r *timePictureRenderer) box(name fyne.ThemeColorName, from, to, y, h float32) {
	b := canvas.NewRectangle(theme.Color(name))
	b.Move(fyne.NewPos(from, y))
	b.Resize(fyne.NewSize(max(2, to-from), h)) // what was short is seen
	r.objects = append(r.objects, b)
}

// spanLook is a kind's colour, and how much of the lane's height it takes.
func spanLook(k spanKind) (fyne.ThemeColorName, float32) {
	switch k {
	case spanLive:
		return colourLive, 1
	case spanWaiting:
		return colourWaiting, 0.6
	case spanNeeds:
		return colourNeeds, 0.35
	case spanHeld:
		return colourPaused, 0.15
	case spanGap:
		return colourNeeds, 1
	}
	return colourResting, 0
}

// The legend has so many columns, each so wide, in pixels.
const (
	legendColumns = 3
	legendWidth   = 160
)

// newLegend tells what the colours and heights of timelines mean.
func newLegend() fyne.CanvasObject {
	all := column(2)
	var row *fyne.Container
	for i, k := range spanKinds {
		if i%legendColumns == 0 {
			row = across(0)
			all.Add(row)
		}
		t := newTextLine(sizeSmall, colourSecondary)
		t.full = words.Say("timeline." + string(k))
		t.paint()
		row.Add(container.New(fixedWidth{legendWidth}, across(6, newSample(k), newInk(t))))
	}
	return all
}

// newSample is a small piece of a timeline of one kind.
func newSample(k spanKind) fyne.CanvasObject {
	t := newTimePicture(14, func(string) {})
	t.now = time.Unix(0, 0).Add(timelineSpan)
	if whole := (span{k, time.Unix(0, 0), t.now}); k == spanGap {
		t.gaps = []span{whole}
	} else {
		t.spans = []span{whole}
	}
	return newBoxed(t, 16, 14)
}

// A timeAxis names the times below timelines.
type timeAxis struct {
	widget.BaseWidget
	marks []*textLine
}

func newTimeAxis() *timeAxis {
	a := &timeAxis{}
	for _, hours := range []int{24, 18, 12, 6} {
		t := newTextLine(sizeSmall, colourSecondary)
		t.full = words.Say("timeline.ago", words.With{"Span": words.Span(time.Duration(hours) * time.Hour)})
		a.marks = append(a.marks, t)
	}
	now := newTextLine(sizeSmall, colourSecondary)
	now.full = words.Say("timeline.now")
	a.marks = append(a.marks, now)
	a.ExtendBaseWidget(a)
	return a
}

// CreateRenderer implements [fyne.Widget].
func (a *timeAxis) CreateRenderer() fyne.WidgetRenderer {
	r := &axisRenderer{a}
	r.Refresh()
	return r
}

type axisRenderer struct{ a *timeAxis }

func (r *axisRenderer) Destroy() {}

func (r *axisRenderer) MinSize() fyne.Size { return fyne.NewSize(96, 18) }

func (r *axisRenderer) Layout(size fyne.Size) {
	last := len(r.a.marks) - 1
	for i, t := range r.a.marks {
		w := t.natural() + 1
		x := size.Width * float32(i) / float32(last)
		switch i {
		case 0:
		case last:
			x -= w
		default:
			x -= w / 2
		}
		t.place(x, 0, w)
		// On a short axis there is room for the ends only.
		t.Hidden = i != 0 && i != last && size.Width < 360
	}
}

func (r *axisRenderer) Objects() (objects []fyne.CanvasObject) {
	for _, t := range r.a.marks {
		objects = append(objects, t.Text)
	}
	return objects
}

func (r *axisRenderer) Refresh() {
	r.Layout(r.a.Size())
	for _, t := range r.a.marks {
		t.paint()
	}
}

// newBoxed gives o exactly this size.
func newBoxed(o fyne.CanvasObject, width, height float32) *fyne.Container {
	return container.New(exactly{fyne.NewSize(width, height)}, o)
}

// exactly gives its only child one size.
type exactly struct{ size fyne.Size }

// Layout implements [fyne.Layout].
func (e exactly) Layout(o []fyne.CanvasObject, _ fyne.Size) { o[0].Resize(e.size) }

// MinSize implements [fyne.Layout].
func (e exactly) MinSize([]fyne.CanvasObject) fyne.Size { return e.size }
