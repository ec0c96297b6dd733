package notify

import (
	"context"
	"sync"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

// programs are those that feeds run for their notifications.
type programs struct {
	slots   chan struct{} // shared: how many run at once
	running sync.WaitGroup
}

// run runs a feed's program for n, if it has one, beside everything else. It
// is bounded by the budget, by its own time and by ctx.
func (w *Worker) run(ctx context.Context, n Notification, f policy.Feed) {
	if len(f.Notify.Exec) == 0 {
		return
	}
	w.programs.running.Go(func() {
		b := NewExec(ExecOptions{
			Argv: f.Notify.Exec, Timeout: time.Duration(f.Notify.ExecTimeout), Slots: w.programs.slots, Logger: w.log,
		})
		defer b.Close()
		err := b.Show(ctx, n)
		step := subscriptions.Step{At: time.Now(), What: subscriptions.StepRan, Detail: oneLine(f.Notify.Exec[0], maxTitle)}
		if err != nil {
			step.What, step.Detail = subscriptions.StepRanFailed, oneLine(err.Error(), maxTitle)
			w.log.Warn("the program of a feed", "feed", n.Feed, "seq", n.Seq, "error", err)
		}
		if n.Seq == 0 {
			return // a summary has no timeline
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
		defer cancel()
		if err := w.o.Outbox.Deliver(ctx, subscriptions.Delivery{Seq: n.Seq, Step: step}); err != nil {
			w.log.Warn("noting that a program has run", "feed", n.Feed, "seq", n.Seq, "error", err)
		}
	})
}
