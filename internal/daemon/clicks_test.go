package daemon

import (
	"context"
	"testing"
	"time"

	"bellwire/notify"
	"bellwire/subscriptions"
)

// A screen takes every notification.
type screen chan notify.Notification

func (s screen) Name() string { return "screen" }
func (s screen) Close() error { return nil }

func (s screen) Show(ctx context.Context, n notify.Notification) error {
	select {
	case s <- n:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// What comes after a click does not pass for a change of what was clicked: it
// may make a sound.
func TestAClickEndsAGroupsNotification(t *testing.T) {
	a, on := still(t, shortDir(t)), make(screen)
	a.worker = notify.NewWorker(notify.WorkerOptions{Outbox: a.db, Backend: on})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.worker.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	show := func() notify.Notification {
		t.Helper()
		r, err := a.db.Notice(ctx, subscriptions.Event{Kind: subscriptions.KindNotice, Title: "t", Group: "job", Received: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		var n notify.Notification
		select {
		case n = <-on:
		case <-time.After(time.Minute):
			t.Fatal("nothing is shown")
		}
		if d, err := a.awaitDelivery(ctx, r.LastSeq); err != nil || !d.Settled() {
			t.Fatalf("it is not noted: %+v, %v", d, err)
		}
		return n
	}
	first := show()
	if n := show(); !n.Update || n.Key != first.Key {
		t.Errorf("a change is %+v", n)
	} else {
		first = n
	}
	for _, button := range []string{notify.ButtonRead, "do-1"} {
		a.activate(notify.Activation{Seq: first.Seq, Button: button})
		if first = show(); first.Update {
			t.Errorf("after a click on %s: %+v", button, first)
		}
	}
}
