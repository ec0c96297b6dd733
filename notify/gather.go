package notify

import (
	"context"
	"slices"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

const (
	// How long others are waited for before a summary is shown first: after
	// the newest, and after the oldest of them.
	catchUpWait, catchUpMost = 1500 * time.Millisecond, 15 * time.Second
	releaseWait, releaseMost = 300 * time.Millisecond, 5 * time.Second
	budgetWait               = time.Second
	// summaryPace is the least time between two updates of one summary, and
	// summaryRest between one that left the screen and what comes after it.
	summaryPace, summaryRest = 2 * time.Second, time.Minute
	// summaryLife is how long one that nothing was added to can be added to.
	summaryLife = 2 * time.Minute
	// maxUntold is how many events a summary waits for; maxKept bounds those
	// of all that wait to be told, the rest stays in the outbox.
	maxUntold, maxKept = 10_000, 20_000
	// fewLate is how many that came late are still told one by one.
	fewLate = 3
	// maxLines is how many of its events or feeds a summary names.
	maxLines = 4
)

// A gathering is a summary in the making, or one that may still grow.
type gathering struct {
	subscriptions.Summary
	feeds    []feedCount
	newest   []subscriptions.Event // of all, oldest first, at most maxLines
	few      []subscriptions.Event // all there are, while there are few
	untold   []untold
	priority int
	first    time.Time // when the oldest that is untold was added
	last     time.Time // when the newest was
	due      time.Time
	rest     time.Time // not before this
}

type feedCount struct {
	id    string
	feed  policy.Feed
	count int64
}

type untold struct {
	seq      int64
	feed     int // in feeds
	kind     subscriptions.EventKind
	priority int
}

// gather keeps e for a summary.
func (w *Worker) gather(why subscriptions.Reason, e subscriptions.Event, f policy.Feed) {
	now := time.Now()
	g := w.waiting[why]
	if g == nil || len(g.untold) == 0 && now.Sub(g.last) > summaryLife {
		g = &gathering{Summary: subscriptions.Summary{Why: why}}
		w.waiting[why] = g
	}
	w.kept[e.Seq] = true
	g.add(now, e, f)
}

func (g *gathering) add(now time.Time, e subscriptions.Event, f policy.Feed) {
	if len(g.untold) == 0 {
		g.first = now
	}
	g.last = now
	if g.Begun.IsZero() {
		g.Begun = now
	}
	i := 0
	for i < len(g.feeds) && g.feeds[i].id != e.Feed {
		i++
	}
	if i == len(g.feeds) {
		g.feeds = append(g.feeds, feedCount{id: e.Feed, feed: f})
	}
	g.feeds[i].count++
	g.Count++
	g.untold = append(g.untold, untold{e.Seq, i, e.Kind, e.Priority})
	g.priority = max(g.priority, e.Priority)
	if g.newest = append(g.newest, brief(e)); len(g.newest) > maxLines {
		g.newest = g.newest[1:]
	}
	if g.Count <= fewLate {
		g.few = append(g.few, e)
	} else {
		g.few = nil
	}
	g.schedule(now)
}

// brief is what a summary needs of an event.
func brief(e subscriptions.Event) subscriptions.Event {
	return subscriptions.Event{Seq: e.Seq, Feed: e.Feed, Title: e.Title}
}

// schedule says when to tell what is untold.
func (g *gathering) schedule(now time.Time) {
	wait, most := releaseWait, releaseMost
	switch {
	case g.ID != 0:
		wait, most = max(g.Shown.Add(summaryPace).Sub(now), 0), summaryPace
	case g.Why == subscriptions.ReasonBudget:
		wait, most = budgetWait, budgetWait
	case g.Why == subscriptions.ReasonCatchUp:
		wait, most = catchUpWait, catchUpMost
	}
	g.due = now.Add(wait)
	if last := g.first.Add(most); g.due.After(last) {
		g.due = last
	}
	if g.due.Before(g.rest) {
		g.due = g.rest
	}
	if len(g.untold) >= maxUntold {
		g.due = now
	}
}

// alone reports whether so little was gathered that it is told one by one.
func (g *gathering) alone() bool {
	switch {
	case g.ID != 0 || len(g.few) != len(g.untold):
		return false
	case g.Why == subscriptions.ReasonCatchUp:
		return true
	case g.Why == subscriptions.ReasonBudget:
		return false
	}
	return len(g.few) == 1
}

// leave says that the summary has left the screen. One that has merely expired
// goes on later, or a long storm would be told again and again; otherwise what
// is untold begins another.
func (g *gathering) leave(why EndReason) {
	g.rest = time.Now().Add(summaryRest)
	if g.due.Before(g.rest) {
		g.due = g.rest
	}
	if why == EndExpired {
		return
	}
	g.ID, g.Shown, g.Begun, g.Count, g.few = 0, time.Time{}, g.first, int64(len(g.untold)), nil
	for i := range g.feeds {
		g.feeds[i].count = 0
	}
	for _, u := range g.untold {
		g.feeds[u.feed].count++
	}
	g.newest = g.newest[len(g.newest)-min(len(g.newest), len(g.untold)):]
	if len(g.untold) == 0 {
		g.Begun, g.priority = time.Time{}, 0
	}
}

// drop takes events that are untold out of g.
func (g *gathering) drop(seqs map[int64]bool) {
	g.untold = slices.DeleteFunc(g.untold, func(u untold) bool {
		if seqs[u.seq] {
			g.Count--
			g.feeds[u.feed].count--
		}
		return seqs[u.seq]
	})
	dropped := func(e subscriptions.Event) bool { return seqs[e.Seq] }
	g.newest, g.few = slices.DeleteFunc(g.newest, dropped), slices.DeleteFunc(g.few, dropped)
	if g.ID == 0 {
		g.priority = 0
		for _, u := range g.untold {
			g.priority = max(g.priority, u.priority)
		}
	}
	if g.Count == 0 {
		g.Begun = time.Time{}
	}
}

// sift takes out of g what was told before a failure, and what is not to be
// told now or at all, as the policy says by now: page looks at that again.
func (w *Worker) sift(ctx context.Context, g *gathering) error {
	gone := map[int64]bool{}
	for _, u := range g.untold {
		if !w.kept[u.seq] || w.isDeleted(u.seq) {
			gone[u.seq] = true
			continue
		}
		v, err := w.verdict(ctx, subscriptions.Event{Feed: g.feeds[u.feed].id, Kind: u.kind, Priority: u.priority})
		if err != nil {
			return err
		}
		if v.Do == policy.Hold || v.Do == policy.Filter {
			gone[u.seq] = true
			w.lookAgain(u.seq)
		}
	}
	if len(gone) > 0 {
		g.drop(gone)
	}
	return nil
}

// summarise shows the summaries that are due.
func (w *Worker) summarise(ctx context.Context) error {
	for why, g := range w.waiting {
		if len(g.untold) == 0 || time.Until(g.due) > 0 {
			continue
		}
		if err := w.sift(ctx, g); err != nil {
			return err
		}
		if len(g.untold) == 0 {
			continue
		}
		if g.alone() {
			if err := w.oneByOne(ctx, why, g); err != nil {
				return err
			}
			continue
		}
		if err := w.tell(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// oneByOne shows the few that were gathered.
func (w *Worker) oneByOne(ctx context.Context, why subscriptions.Reason, g *gathering) error {
	for len(g.few) > 0 {
		e := g.few[0]
		f, err := w.feed(ctx, e.Feed)
		if err != nil {
			return err
		}
		if err := w.showAlone(ctx, e, f); err != nil {
			return err
		}
		g.drop(map[int64]bool{e.Seq: true})
	}
	delete(w.waiting, why)
	return nil
}

// tell shows g, or shows it anew.
func (w *Worker) tell(ctx context.Context, g *gathering) error {
	g.Title = w.summaryTitle(g)
	if g.ID == 0 {
		id, err := w.o.Outbox.BeginSummary(ctx, g.Summary)
		if err != nil {
			return err
		}
		g.ID = id
	}
	n, told, running := w.summaryNotification(g), g.untold, ctx
	return w.deliver(ctx, w.veilSummary(n, g), func(ctx context.Context, rejected error) error {
		g.Shown = time.Now()
		seqs := make([]int64, len(told))
		for i, u := range told {
			seqs[i] = u.seq
		}
		if err := w.told(ctx, g, seqs, rejected); err != nil {
			return err
		}
		for _, seq := range seqs {
			delete(w.kept, seq)
		}
		g.untold = g.untold[len(told):]
		w.runAll(running, n, g.feeds)
		return nil
	})
}

// told notes that g was shown, or never will be.
func (w *Worker) told(ctx context.Context, g *gathering, seqs []int64, rejected error) error {
	if rejected == nil {
		return w.o.Outbox.Summarise(ctx, g.Summary, seqs)
	}
	steps := make([]subscriptions.Delivery, len(seqs))
	for i, seq := range seqs {
		steps[i] = subscriptions.Delivery{Seq: seq, Step: subscriptions.Step{At: g.Shown, What: subscriptions.StepFailed, Detail: oneLine(rejected.Error(), maxTitle)}}
	}
	return w.o.Outbox.Deliver(ctx, steps...)
}
