package notify

import (
	"context"
	"strconv"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

const (
	// groupLife is how long an event's notification is replaced by later ones
	// of its group without counting as another one.
	groupLife = 10 * time.Minute
	// groupPace is the least time between two of them.
	groupPace = time.Second
	maxGroups = 256
)

// A group is the notification that several events of one group share: each
// takes the place of the one before.
type group struct {
	seq      int64 // of the event it shows
	priority int   // of that
	shown    time.Time
	next     *subscriptions.Event // the newest, when it is too soon to show it
}

func (g *group) due() time.Time { return g.shown.Add(groupPace) }

func groupKey(e subscriptions.Event) string { return e.Feed + "\x00" + e.Group }

// joinsGroup keeps e for the notification that its group has on the screen,
// and reports whether there is one.
func (w *Worker) joinsGroup(e subscriptions.Event) bool {
	w.leave() // what was clicked before e came is gone
	g := w.groups[groupKey(e)]
	if g == nil || g.next == nil && time.Since(g.shown) > groupLife {
		return false
	}
	if g.next != nil {
		w.replaced(g.next.Seq, e.Seq)
	}
	g.next = &e
	w.kept[e.Seq] = true
	return true
}

// replaced keeps in mind that an event will not be shown.
func (w *Worker) replaced(seq, by int64) {
	w.stale = append(w.stale, subscriptions.Delivery{Seq: seq, Step: subscriptions.Step{At: time.Now(), What: subscriptions.StepReplaced, Detail: strconv.FormatInt(by, 10)}})
}

// tellGroups shows the newest events of groups where it is time.
func (w *Worker) tellGroups(ctx context.Context) error {
	if len(w.stale) > 0 {
		if err := w.o.Outbox.Deliver(ctx, w.stale...); err != nil {
			return err
		}
		for _, d := range w.stale {
			delete(w.kept, d.Seq)
		}
		w.stale = nil
	}
	for _, g := range w.groups {
		if g.next == nil || time.Until(g.due()) > 0 {
			continue
		}
		e := *g.next
		if w.isDeleted(e.Seq) {
			continue
		}
		v, err := w.verdict(ctx, e)
		if err != nil {
			return err
		}
		if v.Do == policy.Hold || v.Do == policy.Filter { // by now
			g.next = nil
			w.lookAgain(e.Seq)
			continue
		}
		// What weighs more is news again, as far as there is a budget for it.
		f, urgent := w.feeds[e.Feed], policy.Urgent(e)
		news := e.Priority > g.priority && w.budget.Has(time.Now(), e.Feed, f.Notify, urgent)
		if err := w.show(ctx, e, f, !news); err != nil {
			return err
		}
		if news {
			w.budget.Spend(e.Feed, urgent)
		}
	}
	return nil
}

// joined notes that the notification of e's group shows e.
func (w *Worker) joined(e subscriptions.Event) {
	if e.Group == "" {
		return
	}
	key := groupKey(e)
	g := w.groups[key]
	if g == nil {
		w.forgetGroups()
		g = &group{}
		w.groups[key] = g
	}
	if g.next != nil && g.next.Seq == e.Seq {
		g.next = nil
	}
	g.seq, g.priority, g.shown = e.Seq, e.Priority, time.Now()
}

// forgetGroups makes room for another.
func (w *Worker) forgetGroups() {
	if len(w.groups) < maxGroups {
		return
	}
	var oldest string
	for key, g := range w.groups {
		if g.next == nil && (oldest == "" || g.shown.Before(w.groups[oldest].shown)) {
			oldest = key
		}
	}
	delete(w.groups, oldest)
}
