package daemon

import (
	"context"
	"errors"
	"strconv"
	"time"

	"bellwire/notify"
	"bellwire/storage"
	"bellwire/subscriptions"
)

const (
	// clickTimeout bounds what follows a click.
	clickTimeout = 20 * time.Second
	// muteFor is how long the button on a notification mutes its feed.
	muteFor = time.Hour
)

// activate is a click on a notification or on one of its buttons.
func (a *App) activate(act notify.Activation) {
	ctx, cancel := context.WithTimeout(context.Background(), clickTimeout)
	defer cancel()
	err := a.clicked(ctx, act)
	if err != nil {
		a.log.Warn("a click on a notification", "seq", act.Seq, "summary", act.Summary, "button", act.Button, "error", err)
	}
	now := time.Now()
	if act.Summary != 0 {
		a.worker.Gone(notify.Ending{Summary: act.Summary, Why: notify.EndDismissed})
		err = a.db.EndSummary(ctx, act.Summary, subscriptions.StepClicked, now)
	} else {
		step := subscriptions.Step{At: now, What: subscriptions.StepClicked, Detail: act.Button}
		if err != nil {
			step.Detail = act.Button + ": " + err.Error()
		}
		err = a.db.Deliver(ctx, subscriptions.Delivery{Seq: act.Seq, Step: step})
	}
	if err != nil {
		a.log.Warn("noting a click", "seq", act.Seq, "summary", act.Summary, "error", err)
	}
}

// clicked does what a click asks for.
func (a *App) clicked(ctx context.Context, act notify.Activation) error {
	switch act.Button {
	case notify.ButtonMute:
		if act.Feed == "" {
			return nil
		}
		_, err := a.MuteFeed(ctx, act.Feed, time.Now().Add(muteFor))
		return err
	case notify.ButtonRead:
		return a.markClicked(ctx, act)
	case "", notify.ButtonOpen:
		return errors.Join(a.open(ctx, act), a.markOpened(ctx, act))
	}
	return nil
}

// open shows what was clicked: its link, or the window.
func (a *App) open(ctx context.Context, act notify.Activation) error {
	switch {
	case act.Summary == 0 && act.Link != "":
		return act.OpenLink(ctx)
	case a.cfg.OpenWindow == nil:
	case act.Summary != 0:
		a.cfg.OpenWindow(act.Token, "--summary", strconv.FormatInt(act.Summary, 10))
	default:
		a.cfg.OpenWindow(act.Token, "--event", strconv.FormatInt(act.Seq, 10))
	}
	return nil
}

// markOpened marks the one event that was opened as read; of a summary people
// have seen the titles at most.
func (a *App) markOpened(ctx context.Context, act notify.Activation) error {
	if act.Summary != 0 {
		return nil
	}
	return a.db.MarkRead(ctx, true, []int64{act.Seq})
}

// markClicked marks what a notification tells as read.
func (a *App) markClicked(ctx context.Context, act notify.Activation) error {
	if act.Summary == 0 {
		return a.db.MarkRead(ctx, true, []int64{act.Seq})
	}
	q := storage.Query{Summary: act.Summary, Unread: true, OldestFirst: true, Limit: storage.MaxLimit}
	for {
		events, err := a.db.History(ctx, q)
		if err != nil || len(events) == 0 {
			return err
		}
		seqs := make([]int64, len(events))
		for i, e := range events {
			seqs[i] = e.Seq
		}
		if err := a.db.MarkRead(ctx, true, seqs); err != nil {
			return err
		}
		q.After = seqs[len(seqs)-1]
	}
}

// ended is a notification that left the screen without a click.
func (a *App) ended(e notify.Ending) {
	ctx, cancel := context.WithTimeout(context.Background(), clickTimeout)
	defer cancel()
	a.worker.Gone(e)
	step := subscriptions.Step{At: time.Now()}
	switch e.Why {
	case notify.EndExpired:
		step.What = subscriptions.StepExpired
	case notify.EndDismissed:
		step.What = subscriptions.StepDismissed
	default:
		step.What = subscriptions.StepClosed
	}
	var err error
	if e.Summary != 0 {
		err = a.db.EndSummary(ctx, e.Summary, step.What, step.At)
	} else {
		err = a.db.Deliver(ctx, subscriptions.Delivery{Seq: e.Seq, Step: step})
	}
	if err != nil {
		a.log.Warn("noting how a notification ended", "seq", e.Seq, "summary", e.Summary, "error", err)
	}
}
