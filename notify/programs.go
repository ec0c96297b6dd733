package notify

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

// maxPrograms bounds the programs that run or wait for that.
const maxPrograms = 64

// programs are those that feeds run for their notifications.
type programs struct {
	places  chan struct{} // of [maxPrograms]
	slots   chan struct{} // shared: how many run at once
	running sync.WaitGroup
}

func newPrograms() programs {
	return programs{places: make(chan struct{}, maxPrograms), slots: make(chan struct{}, DefaultExecSlots)}
}

// run runs a feed's program for n, if it has one, beside everything else. It
// is bounded by its own time and by ctx; where too many wait already, it has
// failed.
func (w *Worker) run(ctx context.Context, n Notification, f policy.Feed) {
	if len(f.Notify.Exec) == 0 {
		return
	}
	select {
	case w.programs.places <- struct{}{}:
	default:
		w.log.Warn("the program of a feed does not run", "feed", n.Feed, "seq", n.Seq, "summary", n.Summary, "error", errTooManyPrograms)
		if n.Seq != 0 {
			w.stale = append(w.stale, subscriptions.Delivery{Seq: n.Seq, Step: subscriptions.Step{
				At: time.Now(), What: subscriptions.StepRanFailed, Detail: errTooManyPrograms.Error(),
			}})
		}
		return
	}
	w.programs.running.Go(func() {
		defer func() { <-w.programs.places }()
		b := NewExec(ExecOptions{
			Argv: f.Notify.Exec, Timeout: time.Duration(f.Notify.ExecTimeout), Slots: w.programs.slots, Logger: w.log,
		})
		defer b.Close()
		err := b.Show(ctx, n)
		step := subscriptions.Step{At: time.Now(), What: subscriptions.StepRan, Detail: oneLine(f.Notify.Exec[0], maxTitle)}
		if err != nil {
			step.What, step.Detail = subscriptions.StepRanFailed, oneLine(err.Error(), maxTitle)
			w.log.Warn("the program of a feed", "feed", n.Feed, "seq", n.Seq, "summary", n.Summary, "error", err)
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

var errTooManyPrograms = errors.New("too many programs wait already")

// runAll runs the programs of the feeds that a summary tells of, each once.
func (w *Worker) runAll(ctx context.Context, n Notification, feeds []feedCount) {
	var ran [][]string
	for _, f := range feeds {
		argv := f.feed.Notify.Exec
		if f.count == 0 || slices.ContainsFunc(ran, func(r []string) bool { return slices.Equal(r, argv) }) {
			continue
		}
		ran = append(ran, argv)
		w.run(ctx, n, f.feed)
	}
}
