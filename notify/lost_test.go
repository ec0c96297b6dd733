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
)

// Whatever fails, and whenever somebody changes their mind: every event is
// told, and told once.
func TestWorkerLosesAndRepeatsNothing(t *testing.T) {
	full := errors.New("disk full")
	late := func(seq int64) subscriptions.Event {
		return subscriptions.Event{Seq: seq, Title: fmt.Sprint("event ", seq), Late: true}
	}
	grouped := func(seq int64) subscriptions.Event {
		return subscriptions.Event{Seq: seq, Title: fmt.Sprint("event ", seq), Group: "job"}
	}
	tests := map[string]func(t *testing.T, b *bench){
		"marks fail for one of a few": func(t *testing.T, b *bench) {
			b.outbox.put(late(1), late(2))
			b.run(time.Second)
			b.outbox.fail(nil, full)
			b.run(2 * time.Second)
			b.outbox.fail(nil, nil)
			b.run(time.Minute)
			b.expect(t, "1.5s show 1", "1.5s log notifications are held up", "4.5s shown [1]", "4.5s show 2", "4.5s shown [2]", "4.5s log notifications go on")
		},
		"a few become many after one of them was told": func(t *testing.T, b *bench) {
			b.outbox.put(late(1), late(2), late(3))
			b.run(time.Second)
			b.outbox.fail(nil, full)
			b.run(time.Second)
			b.outbox.fail(nil, nil)
			b.outbox.put(late(4), late(5), late(6))
			b.run(time.Minute)
			b.expect(t, "1.5s show 1", "1.5s log notifications are held up", "2.5s shown [1]", "2.5s log notifications go on",
				"4s show summary 1: 5 events from deploys while you were away", "4s told 5 in 1")
		},
		"marks fail for the newest of a group": func(t *testing.T, b *bench) {
			b.outbox.put(grouped(1), grouped(2))
			synctest.Wait()
			b.outbox.fail(nil, full)
			b.run(1500 * time.Millisecond)
			b.outbox.fail(nil, nil)
			b.run(time.Minute)
			b.expect(t, "0s show 1", "0s shown [1]", "1s show 2", "1s log notifications are held up", "2s shown [2]", "2s log notifications go on")
		},
		"a summary is closed while more for it waits": func(t *testing.T, b *bench) {
			b.outbox.put(late(1), late(2), late(3), late(4))
			b.run(2 * time.Second)
			b.outbox.put(late(5))
			synctest.Wait()
			b.Gone(Ending{Summary: 1, Why: EndDismissed})
			b.outbox.put(late(6))
			b.run(2 * time.Minute)
			b.expectSummaries(t, "4 events from deploys while you were away", "2 events from deploys while you were away")
			if n := len(b.outbox.owed); n != 0 {
				t.Errorf("%d are still owed", n)
			}
		},
		"a release fails in the middle, and there is another hold": func(t *testing.T, b *bench) {
			b.Pause(time.Now().Add(time.Hour))
			b.outbox.add(1, 2)
			synctest.Wait()
			b.outbox.mu.Lock()
			b.outbox.releaseErr = full
			b.outbox.mu.Unlock()
			b.Pause(time.Time{})
			synctest.Wait()
			b.outbox.mu.Lock()
			b.outbox.releaseErr = nil
			b.outbox.mu.Unlock()
			b.Pause(time.Now().Add(time.Hour))
			b.run(time.Minute)
			b.expect(t, "0s held paused [1 2]", "0s log notifications are held up", "0s held paused [1]", "0s log notifications go on")
		},
		"a page of large payloads is not the last": func(t *testing.T, b *bench) {
			b.outbox.mu.Lock()
			b.outbox.most = 2
			b.outbox.mu.Unlock()
			b.outbox.put(late(1), late(2), late(3), late(4), subscriptions.Event{Seq: 5, Priority: 5})
			b.expect(t, "0s show 5", "0s shown [5]")
		},
		"a pause holds what was gathered before it": func(t *testing.T, b *bench) {
			b.outbox.put(late(1), late(2), late(3), late(4))
			b.run(time.Second)
			b.Pause(time.Now().Add(time.Hour))
			b.run(2 * time.Hour)
			b.expect(t, "1.5s held paused 1 to 4",
				"1h0m1.3s show summary 1: 4 events from deploys while paused", "1h0m1.3s told 4 in 1")
		},
		"do-not-disturb holds what was gathered before it, but for what is urgent": func(t *testing.T, b *bench) {
			for seq := range int64(7) {
				b.outbox.put(subscriptions.Event{Seq: seq + 1, Priority: 5})
			}
			b.outbox.put(late(8))
			synctest.Wait()
			b.dnd.set(true)
			b.run(time.Minute)
			b.expectSummaries(t, "2 more from deploys")
			if len(b.outbox.owed) != 1 || !b.outbox.held[8] {
				t.Errorf("owed %v, held %v", b.outbox.owed, b.outbox.held)
			}
		},
		"a pause holds the newest of a group": func(t *testing.T, b *bench) {
			b.outbox.put(grouped(1), grouped(2), grouped(3))
			synctest.Wait()
			b.Pause(time.Now().Add(time.Hour))
			b.run(2 * time.Hour)
			b.expect(t, "0s show 1", "0s shown [1]", "0s replaced [2]", "1s held paused [3]", "1h0m0.3s show 3", "1h0m0.3s shown [3]")
		},
		"a mute after a storm holds what the storm left": func(t *testing.T, b *bench) {
			for seq := range int64(10) {
				b.outbox.add(seq + 1)
			}
			b.run(2 * time.Second)
			b.outbox.add(11, 12)
			synctest.Wait()
			b.Gone(Ending{Summary: 1, Why: EndDismissed})
			b.stop()
			b.feeds["deploys"] = policy.Feed{MutedUntil: time.Now().Add(time.Hour)}
			b.start(t)
			b.run(10 * time.Minute)
			b.expectSummaries(t, "5 more from deploys")
		},
		"little is remembered of a backlog that cannot be told": func(t *testing.T, b *bench) {
			b.backend.answer(func(context.Context, Notification) error { return full })
			var events []subscriptions.Event
			for seq := range int64(3 * maxUntold) {
				events = append(events, late(seq+1))
			}
			b.outbox.put(events...)
			b.run(time.Hour)
			b.stop()
			if n := len(b.kept); n > 2*maxUntold {
				t.Errorf("%d are remembered", n)
			}
			b.backend.answer(nil)
			b.start(t)
			b.run(time.Hour)
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
