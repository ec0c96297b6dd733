package notify

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

// remove deletes events as storage and daemon do.
func (b *bench) remove(seqs ...int64) {
	b.outbox.mu.Lock()
	b.outbox.owed = slices.DeleteFunc(b.outbox.owed, func(e subscriptions.Event) bool { return slices.Contains(seqs, e.Seq) })
	b.outbox.commit()
	b.outbox.mu.Unlock()
	b.Forget(seqs)
}

func TestDeletedEventsAreNotTold(t *testing.T) {
	some := func(n int64, late bool, group string) (events []subscriptions.Event) {
		for seq := range n {
			events = append(events, subscriptions.Event{Seq: seq + 1, Title: fmt.Sprint("event ", seq+1), Late: late, Group: group})
		}
		return events
	}
	for name, test := range map[string]func(t *testing.T, b *bench){
		"of a summary in the making": func(t *testing.T, b *bench) {
			b.outbox.put(some(6, true, "")...)
			b.run(time.Second)
			b.remove(2, 6)
			b.run(time.Minute)
			b.expect(t, "1.5s show summary 1: 4 events from deploys while you were away", "1.5s told 4 in 1")
		},
		"all of a summary": func(t *testing.T, b *bench) {
			b.outbox.put(some(6, true, "")...)
			b.run(time.Second)
			b.remove(1, 2, 3, 4, 5, 6)
			b.run(time.Minute)
			b.expect(t)
		},
		"the newest of a group": func(t *testing.T, b *bench) {
			b.outbox.put(some(3, false, "job")...)
			b.run(time.Second / 2)
			b.remove(3)
			b.run(time.Minute)
			b.expect(t, "0s show 1", "0s shown [1]", "0s replaced [2]")
		},
		"while the one before is shown": func(t *testing.T, b *bench) {
			b.backend.answer(func(context.Context, Notification) error {
				time.Sleep(time.Second)
				return nil
			})
			b.outbox.put(some(3, false, "")...)
			synctest.Wait()
			b.remove(2)
			b.run(time.Minute)
			b.expect(t, "0s show 1", "1s shown [1]", "1s show 3", "2s shown [3]")
		},
		"of a few, while the one before is shown": func(t *testing.T, b *bench) {
			b.backend.answer(func(context.Context, Notification) error {
				time.Sleep(time.Second)
				return nil
			})
			b.outbox.put(some(3, true, "")...)
			b.run(2 * time.Second)
			b.remove(2)
			b.run(time.Minute)
			b.expect(t, "1.5s show 1", "2.5s shown [1]", "2.5s show 3", "3.5s shown [3]")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, newBench(t, nil)) })
		})
	}
}
