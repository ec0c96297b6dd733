package window

import (
	"slices"
	"time"

	"bellwire/ui/words"
)

// arrive takes in new rows, newest first. There were more than these: more
// says how many, by their feed.
func (p *eventsPane) arrive(rows []row, more map[string]int) {
	if p.opening {
		p.early.add(rows, more)
		return
	}
	dropped := 0
	for feed, n := range more {
		if p.view.has(row{feed: feed}) {
			dropped += n
		}
	}
	missed := dropped > 0
	rows = slices.DeleteFunc(rows, func(r row) bool { return !p.view.has(r) || r.seq <= p.hist.newest() })
	if len(rows) == 0 && !missed {
		return
	}
	if p.view.text != "" || p.view.folder != "" {
		// Only the daemon can tell which of them match.
		switch {
		case p.loadingNewer:
			p.newerAgain = true
		case p.hist.top:
			p.loadNewer()
		}
		return
	}
	free := p.free()
	switch {
	case missed && free:
		p.reload()
		return
	case p.held, !free && p.list.atTop() && !p.list.canKeep():
		p.hold(len(rows) + dropped)
		return
	case missed, !free && len(p.hist.rows)+len(rows) > maxRows:
		p.hist.top = false
	case p.hist.top:
		p.hist.newer(rows, true)
		p.redraw(!free)
	}
	if !free {
		p.count(len(rows) + dropped)
	}
}

// arrivals are rows that came while a view was being asked for, the newest
// first: the answer may have been given before they were there.
type arrivals struct {
	rows []row // at most maxPending
	more map[string]int
}

func (a *arrivals) add(rows []row, more map[string]int) {
	a.rows = slices.Concat(rows, a.rows)
	if a.more == nil {
		a.more = map[string]int{}
	}
	for feed, n := range more {
		a.more[feed] += n
	}
	for _, r := range a.rows[min(len(a.rows), maxPending):] {
		a.more[r.feed]++
	}
	a.rows = a.rows[:min(len(a.rows), maxPending)]
}

// catchUp takes in what came early.
func (p *eventsPane) catchUp() {
	if early := p.early; len(early.rows) > 0 {
		p.early = arrivals{}
		p.arrive(early.rows, early.more)
	}
}

// free reports whether rows may move: the list is at its top, and nobody
// points at it or has chosen something in it.
func (p *eventsPane) free() bool {
	l := p.list
	return l.atTop() && !l.pointed && l.selected == 0 && p.many.len() == 0
}

// hold leaves rows out for now: they would move a list too short to scroll.
func (p *eventsPane) hold(n int) {
	p.held, p.hist.top = true, false
	p.count(n)
}

// count tells of n more rows above what is in sight.
func (p *eventsPane) count(n int) {
	if n == 0 {
		return
	}
	p.unseen += n
	p.pill.SetText(words.Count("events.new", int64(p.unseen)))
	p.pill.Show()
}

func (p *eventsPane) clearPill() {
	if p.unseen > 0 || p.pill.Visible() {
		p.unseen = 0
		p.pill.Hide()
	}
}

// keepTime has the list redrawn when a time in sight reads differently, and
// not before.
func (p *eventsPane) keepTime() {
	now := p.u.clock.now()
	next := time.Time{}
	consider := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for i := range p.list.body.rows {
		if ln := p.list.lines[i]; ln.height() == rowHeight {
			consider(words.AgoChanges(ln.row.at, now))
		}
	}
	if len(p.list.lines) > 0 {
		y, m, d := now.Local().Date() // when today becomes yesterday
		consider(time.Date(y, m, d+1, 0, 0, 0, 0, now.Local().Location()))
	}
	if next.Equal(p.nextTime) {
		return
	}
	p.stopTime()
	p.stopTime, p.nextTime = func() {}, next
	if next.IsZero() {
		return
	}
	p.stopTime = p.u.clock.after(next.Sub(now), func() {
		p.nextTime = time.Time{}
		p.stopTime = func() {}
		if words.SameDay(now, p.u.clock.now()) {
			p.list.body.update()
		} else {
			p.redraw(true)
		}
	})
}
