package notify

import (
	"cmp"
	"context"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

// foretold is how many events have to come at once for their outcomes to be
// foretold. Of fewer, asking how their feed notifies takes longer than it
// saves, and somebody may wait for the notification.
const foretold = 64

// Foretell gives events of a feed that are about to be stored their Outcome,
// where the policy says already that nobody is ever told of them. Storage then
// notes that with the events; they are not written into the outbox, read from
// it and taken out again. Of what is left open [Worker.Run] decides as ever.
func (w *Worker) Foretell(ctx context.Context, feed string, events []subscriptions.Event) {
	if len(events) < foretold {
		return
	}
	f, err := w.ask(ctx, feed)
	if err != nil {
		return // Run asks again, and tells of the trouble
	}
	rules, m := w.moment()
	m.Silent = w.tellsNobody(f)
	var outcome *subscriptions.Step
	for i := range events {
		e := events[i]
		e.Priority = cmp.Or(e.Priority, subscriptions.PriorityDefault) // as it is stored
		v := rules.Decide(m, f, e)
		if e.Silent || v.Do != policy.Filter {
			events[i].Outcome = nil
			continue
		}
		step := filtered(m.Now, v)
		if outcome == nil || *outcome != step {
			outcome = &step
		}
		events[i].Outcome = outcome
	}
}
