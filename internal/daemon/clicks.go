package daemon

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"bellwire/notify"
	"bellwire/storage"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
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
	// A person has seen it: what comes later is not a change of it.
	a.worker.Gone(notify.Ending{Seq: act.Seq, Summary: act.Summary, Why: notify.EndDismissed})
	var err error
	if n, ok := ownAction(act.Button); ok {
		err = a.Act(ctx, act.Seq, n) // notes what came of it itself
	} else {
		err = a.clicked(ctx, act)
		err = errors.Join(err, a.noteClick(ctx, act, err))
	}
	if err != nil {
		a.log.Warn("a click on a notification", "seq", act.Seq, "summary", act.Summary, "button", act.Button, "error", err)
	}
}

// ownAction is which of the payload's own actions a button is, counted from 1.
func ownAction(button string) (n int, ok bool) {
	number, ok := strings.CutPrefix(button, "do-")
	n, err := strconv.Atoi(number)
	return n, ok && err == nil
}

// noteClick makes a click a step of what was clicked.
func (a *App) noteClick(ctx context.Context, act notify.Activation, failed error) error {
	now := time.Now()
	if act.Summary != 0 {
		return a.db.EndSummary(ctx, act.Summary, subscriptions.StepClicked, now)
	}
	step := subscriptions.Step{At: now, What: subscriptions.StepClicked, Detail: a.words.Load().Label(act.Button)}
	if failed != nil {
		step.Detail = decode.Line(failed.Error(), maxOutcome)
	}
	return a.db.Deliver(ctx, subscriptions.Delivery{Seq: act.Seq, Step: step})
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
	default:
		return errors.Join(a.open(ctx, act), a.markOpened(ctx, act))
	}
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
