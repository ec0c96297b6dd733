package notify

import (
	"context"
	"fmt"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

// round looks at what is owed, a page of it, and at what is due. more says
// that there may be another page.
func (w *Worker) round(ctx context.Context) (more bool, err error) {
	if err := w.settle(ctx); err != nil {
		return false, err
	}
	w.feeds = map[string]policy.Feed{}
	w.mu.Lock()
	w.budget.Size(w.sizes)
	w.words, w.reveal = w.speech, w.sizes.Reveal
	w.mu.Unlock()
	w.leave()
	w.forget()
	if err := w.release(ctx); err != nil {
		return false, err
	}
	more, err = w.page(ctx)
	if err == nil {
		err = w.tellGroups(ctx)
	}
	if err == nil {
		err = w.summarise(ctx)
	}
	return more, err
}

// release makes what is held for a reason that holds no more owed again.
func (w *Worker) release(ctx context.Context) error {
	if w.holds == nil {
		holds, err := w.o.Outbox.Holds(ctx)
		if err != nil {
			return fmt.Errorf("reading the outbox: %w", err)
		}
		w.holds = map[subscriptions.Hold]bool{}
		for _, h := range holds {
			w.holds[subscriptions.Hold{Feed: h.Feed, Why: h.Why}] = true
		}
	}
	rules, m := w.moment()
	for h := range w.holds {
		f, err := w.feed(ctx, h.Feed)
		if err != nil {
			return err
		}
		if on, _ := rules.Holds(m, f, h.Why); on {
			continue
		}
		w.through = 0 // they are older than what has been looked at
		if err := w.o.Outbox.Release(ctx, h.Feed, subscriptions.Step{At: m.Now, Why: h.Why}); err != nil {
			return err
		}
		delete(w.holds, h)
	}
	return nil
}

// page decides about some of what is owed.
func (w *Worker) page(ctx context.Context) (more bool, err error) {
	if len(w.kept) >= maxKept {
		return false, nil // until some of that is told
	}
	events, err := w.o.Outbox.Pending(ctx, w.through, page)
	if err != nil {
		return false, fmt.Errorf("reading the outbox: %w", err)
	}
	var steps []subscriptions.Delivery
	now := time.Now() // of all: storage notes many equal steps at once
	for _, e := range events {
		if ctx.Err() != nil {
			break
		}
		if !w.kept[e.Seq] && !w.isDeleted(e.Seq) {
			var step subscriptions.Step
			if step, err = w.decide(ctx, now, e); err != nil {
				break
			}
			if step.What != "" {
				steps = append(steps, subscriptions.Delivery{Seq: e.Seq, Step: step})
			}
		}
		w.through = e.Seq
	}
	if noted := w.o.Outbox.Deliver(ctx, steps...); noted != nil {
		w.through = 0 // look at them again
		return false, fmt.Errorf("noting what became of notifications: %w", noted)
	}
	return len(events) > 0 && err == nil, err
}

// lookAgain makes page look again at an event that was kept.
func (w *Worker) lookAgain(seq int64) {
	delete(w.kept, seq)
	w.through = 0
	w.Reconsider()
}

// verdict is what the policy says of an event now.
func (w *Worker) verdict(ctx context.Context, e subscriptions.Event) (v policy.Verdict, err error) {
	f, err := w.feed(ctx, e.Feed)
	if err != nil {
		return v, err
	}
	rules, m := w.moment()
	m.Silent = w.tellsNobody(f)
	return rules.Decide(m, f, e), nil
}

// tellsNobody reports whether there is nothing to tell people of a feed with.
func (w *Worker) tellsNobody(f policy.Feed) bool {
	_, none := w.o.Backend.(discard)
	return none && len(f.Notify.Exec) == 0
}

// decide does what the policy says with one event. A step is what remains to
// be noted.
func (w *Worker) decide(ctx context.Context, now time.Time, e subscriptions.Event) (step subscriptions.Step, err error) {
	v, err := w.verdict(ctx, e)
	if err != nil {
		return step, err
	}
	f := w.feeds[e.Feed]
	switch v.Do {
	case policy.Filter:
		return filtered(now, v), nil
	case policy.Hold:
		w.holds[subscriptions.Hold{Feed: e.Feed, Why: v.Why}] = true
		step = subscriptions.Step{At: now, What: subscriptions.StepHeld, Why: v.Why}
		if step.Detail = v.Detail; !v.Until.IsZero() {
			step.Detail = v.Until.Format(time.RFC3339)
		}
		return step, nil
	case policy.Gather:
		w.gather(v.Why, e, f)
		return step, nil
	default:
		if e.Group != "" && w.joinsGroup(e) {
			return step, nil
		}
		return step, w.showAlone(ctx, e, f)
	}
}

// filtered is the step of an event of which nobody is told, as v says.
func filtered(now time.Time, v policy.Verdict) subscriptions.Step {
	return subscriptions.Step{At: now, What: subscriptions.StepFiltered, Why: v.Why, Detail: v.Detail}
}

// showAlone shows one event as a notification of its own, if the budget
// allows.
func (w *Worker) showAlone(ctx context.Context, e subscriptions.Event, f policy.Feed) error {
	if w.isDeleted(e.Seq) {
		return nil
	}
	now, urgent := time.Now(), policy.Urgent(e)
	if !w.budget.Has(now, e.Feed, f.Notify, urgent) {
		w.gather(subscriptions.ReasonBudget, e, f)
		return nil
	}
	if err := w.show(ctx, e, f, false); err != nil {
		return err
	}
	w.budget.Spend(e.Feed, urgent)
	return nil
}

// show shows one event, in the place of an earlier one of its group where
// there is one.
func (w *Worker) show(ctx context.Context, e subscriptions.Event, f policy.Feed, update bool) error {
	n := w.notification(ctx, e, f)
	n.Update = update
	running := ctx
	return w.deliver(ctx, w.veil(n, e.Kind), func(ctx context.Context, rejected error) error {
		step := subscriptions.Step{At: time.Now(), What: subscriptions.StepShown, Detail: w.o.Backend.Name()}
		switch _, none := w.o.Backend.(discard); {
		case rejected != nil:
			step.What, step.Detail = subscriptions.StepFailed, oneLine(rejected.Error(), maxTitle)
		case none:
			step = subscriptions.Step{At: step.At, What: subscriptions.StepFiltered, Why: subscriptions.ReasonNone}
		}
		if err := w.o.Outbox.Deliver(ctx, subscriptions.Delivery{Seq: e.Seq, Step: step}); err != nil {
			return err
		}
		delete(w.kept, e.Seq)
		w.joined(e)
		w.run(running, n, f)
		return nil
	})
}

// next is when something is due; zero: nothing is.
func (w *Worker) next() (soonest time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (soonest.IsZero() || t.Before(soonest)) {
			soonest = t
		}
	}
	for _, g := range w.waiting {
		if len(g.untold) > 0 {
			sooner(g.due)
		}
	}
	for _, g := range w.groups {
		if g.next != nil {
			sooner(g.due())
		}
	}
	rules, m := w.moment()
	for h := range w.holds {
		if on, until := rules.Holds(m, w.feeds[h.Feed], h.Why); on {
			sooner(until)
		} else {
			sooner(m.Now)
		}
	}
	return soonest
}

// leave forgets what people have closed or clicked.
func (w *Worker) leave() {
	w.mu.Lock()
	gone := w.gone
	w.gone = nil
	w.mu.Unlock()
	for _, e := range gone {
		for _, g := range w.waiting {
			if e.Summary != 0 && g.ID == e.Summary {
				g.leave(e.Why)
			}
		}
		for key, g := range w.groups {
			if e.Summary == 0 && g.seq == e.Seq && g.next == nil {
				delete(w.groups, key)
			}
		}
	}
}
