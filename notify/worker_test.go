package notify

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/notify/policy"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestWorker(t *testing.T) {
	down := errors.New("no service")
	full := errors.New("disk full")
	tests := map[string]func(t *testing.T, b *bench){
		"oldest first, each marked before the next is shown": func(t *testing.T, b *bench) {
			b.outbox.add(1, 2, 3)
			b.expect(t, "0s show 1", "0s shown [1]", "0s show 2", "0s shown [2]", "0s show 3", "0s shown [3]")
		},
		"idle costs nothing": func(t *testing.T, b *bench) {
			b.outbox.add(1)
			synctest.Wait()
			before := b.outbox.asked()
			b.run(1000 * time.Hour)
			if n := b.outbox.asked() - before; n != 0 {
				t.Errorf("the outbox was asked %d times", n)
			}
		},
		"down, then up: one warning, growing waits, nothing lost": func(t *testing.T, b *bench) {
			b.backend.answer(func(context.Context, Notification) error { return down })
			b.outbox.add(1, 2)
			b.run(10 * time.Second)
			if !errors.Is(b.Err(), down) {
				t.Errorf("Err is %v", b.Err())
			}
			b.backend.answer(nil)
			b.run(10 * time.Second)
			if b.Err() != nil {
				t.Errorf("Err is %v", b.Err())
			}
			b.expect(t,
				"0s show 1", "0s log notifications are held up",
				"1s show 1", "3s show 1", "7s show 1",
				"15s show 1", "15s shown [1]", "15s show 2", "15s shown [2]", "15s log notifications go on")
		},
		"the wait is a minute at most": func(t *testing.T, b *bench) {
			b.backend.answer(func(context.Context, Notification) error { return down })
			b.outbox.add(1)
			b.run(24 * time.Hour)
			n := b.length()
			b.run(10 * time.Minute)
			if got := b.length() - n; got != 10 {
				t.Errorf("%d attempts in 10 minutes", got)
			}
		},
		"rejected: marked failed, the next goes on": func(t *testing.T, b *bench) {
			b.backend.answer(func(_ context.Context, n Notification) error {
				if n.Seq == 1 {
					return fmt.Errorf("too odd: %w", ErrRejected)
				}
				return nil
			})
			b.outbox.add(1, 2)
			b.expect(t, "0s show 1", "0s log a notification will never be shown\" seq=1 summary=0 feed=deploys", "0s failed [1]", "0s show 2", "0s shown [2]")
			if b.Err() != nil {
				t.Errorf("Err is %v", b.Err())
			}
		},
		"marks fail: shown once in this process": func(t *testing.T, b *bench) {
			b.outbox.fail(nil, full)
			b.outbox.add(1, 2)
			b.run(5 * time.Second)
			if !errors.Is(b.Err(), full) {
				t.Errorf("Err is %v", b.Err())
			}
			b.outbox.fail(nil, nil)
			b.run(5 * time.Second)
			b.expect(t, "0s show 1", "0s log notifications are held up", "7s shown [1]", "7s show 2", "7s shown [2]", "7s log notifications go on")
		},
		"marks fail over a restart of Run: still shown once": func(t *testing.T, b *bench) {
			b.outbox.fail(nil, full)
			b.outbox.add(1)
			synctest.Wait()
			b.stop()
			b.outbox.fail(nil, nil)
			b.start(t)
			b.expect(t, "0s show 1", "0s log notifications are held up", "0s log a notification may be shown again",
				"0s shown [1]", "0s log notifications go on")
		},
		"the outbox cannot be read for a while": func(t *testing.T, b *bench) {
			b.outbox.fail(full, nil)
			b.outbox.add(1)
			b.run(500 * time.Millisecond)
			b.outbox.fail(nil, nil)
			b.run(time.Second)
			b.expect(t, "0s log notifications are held up", "1s show 1", "1s shown [1]", "1s log notifications go on")
		},
		"a pause holds and then lets go": func(t *testing.T, b *bench) {
			b.Pause(time.Now().Add(time.Hour))
			b.outbox.add(1)
			b.run(30 * time.Minute)
			if got := time.Until(b.PausedUntil()); got != 30*time.Minute {
				t.Errorf("paused for %v more", got)
			}
			b.outbox.add(2)
			b.run(time.Hour)
			if !b.PausedUntil().IsZero() {
				t.Errorf("paused until %v", b.PausedUntil())
			}
			b.expect(t, "0s held paused [1]", "30m0s held paused [2]",
				"1h0m0.3s show summary 1: 2 events from deploys while paused", "1h0m0.3s told 2 in 1")
		},
		"a pause without an end, ended": func(t *testing.T, b *bench) {
			b.Pause(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
			b.outbox.add(1)
			b.run(24 * 365 * time.Hour)
			b.Pause(time.Time{})
			b.run(time.Second)
			b.expect(t, "0s held paused [1]", "8760h0m0.3s show 1", "8760h0m0.3s shown [1]")
		},
		"a pause that is made shorter": func(t *testing.T, b *bench) {
			b.Pause(time.Now().Add(time.Hour))
			b.outbox.add(1)
			synctest.Wait()
			b.Pause(time.Now().Add(time.Minute))
			b.run(2 * time.Hour)
			b.expect(t, "0s held paused [1]", "1m0.3s show 1", "1m0.3s shown [1]")
		},
		"a pause in the middle of a page": func(t *testing.T, b *bench) {
			b.backend.answer(func(_ context.Context, n Notification) error {
				if n.Seq == 1 {
					b.Pause(time.Now().Add(time.Minute))
				}
				return nil
			})
			b.outbox.add(1, 2)
			b.run(time.Hour)
			b.expect(t, "0s show 1", "0s shown [1]", "0s held paused [2]", "1m0.3s show 2", "1m0.3s shown [2]")
		},
		"going on ends the wait after a failure": func(t *testing.T, b *bench) {
			b.backend.answer(func(context.Context, Notification) error { return down })
			b.outbox.add(1)
			b.run(16 * time.Second)
			b.backend.answer(nil)
			b.Pause(time.Time{})
			b.expect(t, "0s show 1", "0s log notifications are held up", "1s show 1", "3s show 1", "7s show 1", "15s show 1",
				"16s show 1", "16s shown [1]", "16s log notifications go on")
		},
		"a desktop that hangs is left after ten seconds": func(t *testing.T, b *bench) {
			b.backend.answer(func(ctx context.Context, _ Notification) error { <-ctx.Done(); return ctx.Err() })
			b.outbox.add(1)
			b.run(12 * time.Second)
			b.expect(t, "0s show 1", "10s log notifications are held up", "11s show 1")
		},
		"the end waits for what is on its way, and marks it": func(t *testing.T, b *bench) {
			b.backend.answer(func(ctx context.Context, _ Notification) error {
				select {
				case <-time.After(time.Second):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			b.outbox.add(1, 2)
			synctest.Wait()
			if err := b.stop(); !errors.Is(err, context.Canceled) {
				t.Errorf("Run returned %v", err)
			}
			b.expect(t, "0s show 1", "1s shown [1]")
		},
		"the end marks what could not be marked before": func(t *testing.T, b *bench) {
			b.outbox.fail(nil, full)
			b.outbox.add(1)
			synctest.Wait()
			b.outbox.fail(nil, nil)
			b.stop()
			b.expect(t, "0s show 1", "0s log notifications are held up", "0s shown [1]")
		},
		"the end does not wait for a desktop that hangs": func(t *testing.T, b *bench) {
			b.backend.answer(func(ctx context.Context, _ Notification) error { <-ctx.Done(); return ctx.Err() })
			b.outbox.add(1)
			synctest.Wait()
			b.stop()
			b.diary.note("end")
			b.expect(t, "0s show 1", "2s end")
		},
		"more than a page": func(t *testing.T, b *bench) {
			var seqs []int64
			for i := range int64(3*page + 1) {
				seqs = append(seqs, i+1)
			}
			b.outbox.add(seqs...)
			b.run(time.Second)
			b.outbox.mu.Lock()
			defer b.outbox.mu.Unlock()
			if n := len(b.outbox.owed); n != 0 {
				t.Errorf("%d are still owed", n)
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, newBench(t, nil)) })
		})
	}
}

func TestWorkerWithoutDesktopMarksInBulk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		none, err := Open(t.Context(), "none", Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := newBench(t, none)
		var seqs []int64
		for i := range int64(page + 5) {
			seqs = append(seqs, i+1)
		}
		b.outbox.add(seqs...)
		b.expect(t, "0s filtered none 1 to 1000", "0s filtered none 1001 to 1005")
	})
}

func TestWorkerMakesNotifications(t *testing.T) {
	received := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	w := NewWorker(WorkerOptions{Buttons: func(context.Context, subscriptions.Event) []Button { return []Button{{"do-1", "Roll back"}} }})
	own := []Button{{"open", "Open"}, {"do-1", "Roll back"}, {"read", "Mark read"}, {"mute", "Mute 1 h"}}
	for name, c := range map[string]struct {
		event subscriptions.Event
		feed  policy.Feed
		want  Notification
	}{
		"all there is": {
			subscriptions.Event{Seq: 7, Feed: "deploys", Title: "t", Body: "b", Link: "https://x/", Priority: 4, Tags: []string{"a"}, Received: received},
			policy.Feed{Name: "Deploys of today", Notify: subscriptions.Notify{Sound: "bell"}},
			Notification{
				Seq: 7, Key: "bellwire/deploys/7", Feed: "deploys", FeedName: "Deploys of today", Title: "t", Body: "b",
				Link: "https://x/", Priority: 4, Tags: []string{"a"}, Sound: "bell", Buttons: own, Time: received,
			},
		},
		"one of a group, of little weight, at its own time": {
			subscriptions.Event{Seq: 7, Feed: "deploys", Title: "t", Group: "job 4", Priority: 2, Received: received, Time: received.Add(-time.Hour)},
			policy.Feed{},
			Notification{
				Seq: 7, Key: "bellwire/deploys/group/job 4", Feed: "deploys", FeedName: "deploys", Title: "t",
				Priority: 2, Sound: SoundNone, Buttons: own, Time: received.Add(-time.Hour),
			},
		},
		"a notice of no feed cannot be muted": {
			subscriptions.Event{Seq: 7, Kind: subscriptions.KindNotice, Title: "t", Priority: 3, Received: received},
			policy.Feed{Name: "Bellwire"},
			Notification{Seq: 7, Key: "bellwire//7", FeedName: "Bellwire", Title: "t", Priority: 3, Buttons: own[:3], Time: received},
		},
	} {
		if d := cmp.Diff(c.want, w.notification(t.Context(), c.event, c.feed)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
