package window

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2/theme"
)

// nearEdge is how many lines before the end of what is loaded more is asked
// for.
const nearEdge = 20

// open shows a view from its newest event; with around, from that event. What
// is listed stays until the answer is there.
func (p *eventsPane) open(v view, around int64) {
	was := p.view
	p.view = v
	p.generation++
	p.loadingOlder, p.loadingNewer, p.held = false, false, false
	p.opening = true
	p.further.end()
	p.clearPill()
	if v != was {
		p.many.end()
	}
	p.refreshHead()
	generation := p.generation
	q := v.query()
	if around > 0 {
		q.Before = around + 1
	}
	ask(p.u, func(ctx context.Context) (control.Page, error) {
		return p.u.o.Client.Search(ctx, q)
	}, func(page control.Page, err error) {
		if generation != p.generation {
			return
		}
		p.opening = false
		defer p.catchUp()
		if err != nil {
			p.refused(err, was)
			return
		}
		p.u.search.helper.clearError()
		p.hist.start(rowsOf(page.Events), page.Through, around == 0)
		p.redraw(false)
		if around > 0 {
			p.loadNewer()
		}
		p.goOn()
	})
}

func (p *eventsPane) reload() { p.open(p.view, 0) }

// refused tells why a view cannot be shown. A search that cannot be read is
// told beside its field, and the list stays as it was.
func (p *eventsPane) refused(err error, was view) {
	e, ok := errors.AsType[*control.Error](err)
	if !ok || e.Status != http.StatusBadRequest || p.view.text == "" && p.view.folder == "" {
		p.fail(err)
		return
	}
	p.u.search.helper.sayError(errorWords(err))
	same := p.view
	same.text = was.text
	if same == was && p.generation > 1 {
		p.view = was
		return
	}
	p.hist = history{end: true, top: true}
	p.list.set(nil, false)
	p.sayEmpty()
	p.empty.Show()
}

// inSight is told by the list what can be seen, and loads on towards it.
func (p *eventsPane) inSight(first, last int) {
	if last >= len(p.list.lines)-nearEdge && !p.hist.end && !p.further.stopped {
		p.loadOlder()
	}
	if first < nearEdge && !p.hist.top && !p.held {
		p.loadNewer()
	}
	if p.hist.top && p.list.atTop() {
		p.clearPill()
	}
	p.keepTime()
}

// goOn loads further where the daemon has looked at a part only, and what it
// found does not fill the list.
func (p *eventsPane) goOn() {
	l := p.list
	short := len(l.lines) == 0 || l.at(l.offset()+l.scroll.Size().Height) >= len(l.lines)-nearEdge
	if short && !p.hist.end && !p.further.stopped {
		p.loadOlder()
	}
	if !p.loadingOlder {
		p.further.end()
	}
}

func (p *eventsPane) loadOlder() {
	if p.loadingOlder {
		return
	}
	p.loadingOlder = true
	p.further.begin()
	q := p.view.query()
	q.Before = p.hist.below()
	p.page(q, func(rows []row, through int64) {
		p.loadingOlder = false
		// An index that is being made anew may come no further yet.
		through = min(through, q.Before)
		p.hist.older(rows, through)
		p.further.reached(through)
		p.redraw(true)
		p.goOn()
	})
}

func (p *eventsPane) loadNewer() {
	if p.loadingNewer {
		return
	}
	p.loadingNewer, p.newerAgain = true, false
	wasTop := p.hist.top // then what comes is new, and not only above
	q := p.view.query()
	q.After, q.OldestFirst = p.hist.above(), true
	p.page(q, func(rows []row, through int64) {
		p.loadingNewer = false
		if through <= q.After { // it comes no further
			through = 0
		}
		slices.Reverse(rows)
		keep := !p.free()
		if keep && wasTop {
			p.count(len(rows))
			if len(rows) > 0 && p.list.atTop() && !p.list.canKeep() {
				p.held, p.hist.top = true, false
				return
			}
		}
		p.hist.newer(rows, through == 0 && !p.newerAgain)
		p.hist.high = through
		if len(rows) > 0 {
			p.redraw(keep)
		}
		if !p.hist.top {
			p.list.body.update() // asks on while the top is near
		}
	})
}

// page fetches rows for the view as it is now. A failure is left alone: the
// next scroll asks again.
func (p *eventsPane) page(q control.Query, then func(rows []row, through int64)) {
	generation := p.generation
	ask(p.u, func(ctx context.Context) (control.Page, error) {
		return p.u.o.Client.Search(ctx, q)
	}, func(page control.Page, err error) {
		if generation != p.generation {
			return
		}
		if err != nil {
			p.loadingOlder, p.loadingNewer = false, false
			p.further.end()
			p.u.o.Logger.Warn("a page of history could not be read", "error", err)
			return
		}
		then(rowsOf(page.Events), page.Through)
	})
}

// A further tells how a long search goes on, and lets it be stopped.
type further struct {
	p         *eventsPane
	strip     *strip
	running   bool
	visible   bool
	stopped   bool // somebody did not want to wait
	asking    bool
	stopTimer func()
}

func newFurther(p *eventsPane) *further {
	return &further{p: p, strip: newStrip(), stopTimer: func() {}}
}

// begin is told of each page asked for.
func (f *further) begin() {
	if f.running {
		return
	}
	f.running = true
	f.stopTimer = f.p.u.clock.after(progressAfter, func() {
		f.visible = true
		f.say(words.Say("search.further"), words.Say("cancel"), f.stop)
		f.p.sayEmptyAgain()
		f.reached(f.p.hist.low)
	})
}

// reached asks for the day that a search has come to, while that is shown.
func (f *further) reached(seq int64) {
	if !f.visible || f.asking || seq == 0 {
		return
	}
	f.asking = true
	generation := f.p.generation
	ask(f.p.u, func(ctx context.Context) (control.Page, error) {
		return f.p.u.o.Client.Search(ctx, control.Query{Before: seq + 1, Limit: 1})
	}, func(page control.Page, err error) {
		f.asking = false
		if err != nil || len(page.Events) == 0 || generation != f.p.generation {
			return
		}
		day := words.Day(page.Events[0].Received, f.p.u.clock.now())
		switch {
		case f.stopped:
			f.sayStopped(day)
		case f.visible:
			f.say(words.Say("search.further.to", words.With{"Day": day}), words.Say("cancel"), f.stop)
		}
	})
}

// stop leaves the search where it is.
func (f *further) stop() {
	p := f.p
	p.generation++ // what is on its way is not waited for
	p.loadingOlder, p.loadingNewer = false, false
	f.stopTimer()
	f.running, f.stopped = false, true
	f.sayStopped("")
	f.asking = false
	f.reached(p.hist.low)
	p.sayEmptyAgain()
}

func (f *further) sayStopped(day string) {
	text := words.Say("search.stopped")
	if day != "" {
		text = words.Say("search.stopped.at", words.With{"Day": day})
	}
	f.say(text, words.Say("search.goon"), func() {
		f.stopped, f.visible = false, false
		f.hide()
		f.p.loadOlder()
		f.p.sayEmptyAgain()
	})
}

// end is told that there is nothing to wait for.
func (f *further) end() {
	f.stopTimer()
	f.running, f.visible, f.stopped = false, false, false
	f.stopTimer = func() {}
	f.hide()
}

func (f *further) say(text, button string, action func()) {
	was := f.strip.Visible()
	f.strip.say(text, button, action)
	if !was {
		f.p.Refresh() // the list makes room
	}
}

func (f *further) hide() {
	if f.strip.Visible() {
		f.strip.Hide()
		f.p.Refresh()
	}
}

// fail says in place of the list that it could not be read.
func (p *eventsPane) fail(err error) {
	p.hist = history{}
	p.list.set(nil, false)
	text, hint := errorWords(err)
	p.empty.say(theme.WarningIcon(), text, hint, words.Say("try.again"), p.reload)
	p.empty.Show()
}
