package supervisor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	gocmp "github.com/google/go-cmp/cmp"
)

// Which events of a connection came late, by when they came after it opened.
func TestBurst(t *testing.T) {
	const ms = time.Millisecond
	every := func(d time.Duration, n int) (at []time.Duration) {
		for i := range n {
			at = append(at, time.Duration(i)*d)
		}
		return at
	}
	poll := func(interval time.Duration) (f subscriptions.Feed) {
		f.Transport, f.Poll.Interval = subscriptions.TransportPoll, subscriptions.Duration(interval)
		return f
	}
	for name, tc := range map[string]struct {
		feed subscriptions.Feed
		at   []time.Duration
		late int // of them, the first so many
	}{
		"one at once":             {feed, []time.Duration{0}, 1},
		"one soon":                {feed, []time.Duration{2 * time.Second}, 1},
		"one later":               {feed, []time.Duration{2001 * ms}, 0},
		"a later one opens none":  {feed, []time.Duration{2001 * ms, 2002 * ms}, 0},
		"many soon":               {feed, []time.Duration{0, ms, 3 * ms, 1003 * ms, 2003 * ms}, 5},
		"a pause ends them":       {feed, []time.Duration{0, 1001 * ms, 1002 * ms}, 1},
		"a fast stream goes live": {feed, every(500*ms, 40), 21}, // the last at 10 s
		"a poll's first answer":   {poll(0), []time.Duration{-ms, -ms, -ms, time.Minute}, 3},
		"a poll's second answer":  {poll(time.Second), []time.Duration{-ms, 899 * ms, 1900 * ms}, 1},
		"a poll without news":     {poll(time.Second), []time.Duration{900 * ms, 901 * ms}, 0},
		"a poll item by item":     {poll(0), []time.Duration{-ms, 100 * ms, 200 * ms, time.Minute}, 3},
		"a long poll":             {subscriptions.Feed{Transport: subscriptions.TransportLongPoll}, []time.Duration{-ms, 500 * ms, 2 * time.Second}, 2},
		"a quiet long poll":       {subscriptions.Feed{Transport: subscriptions.TransportLongPoll}, []time.Duration{500 * ms}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			opened := time.Now()
			b := newBurst(&tc.feed, opened)
			for i, at := range tc.at {
				if got := b.late(subscriptions.Message{Received: opened.Add(at)}); got != (i < tc.late) {
					t.Errorf("the event at %s is late: %v", at, got)
				}
			}
			if !b.late(subscriptions.Message{Received: opened.Add(time.Hour), Backfilled: true}) {
				t.Error("what was fetched after the fact is not late")
			}
		})
	}
}

func TestLateEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		send := func(ctx context.Context, s subscriptions.Sink, wait time.Duration, data string, backfilled bool) {
			time.Sleep(wait)
			m := msg(data, data)
			m.Received, m.Backfilled = time.Now(), backfilled
			_ = s.Message(ctx, m)
		}
		store := &memory{pos: subscriptions.Position{Cursor: "0", Seen: time.Now()}}
		once := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(false) // which leaves a gap
			send(ctx, s, time.Second, "1,2", false)
			send(ctx, s, 500*time.Millisecond, "keepalive", false)
			send(ctx, s, 600*time.Millisecond, "3", false)
			send(ctx, s, time.Minute, "4", true)
			send(ctx, s, time.Millisecond, "5", false)
			return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "closed")
		}
		again := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			s.Opened(true)
			send(ctx, s, 0, "6", false)
			<-ctx.Done()
			return ctx.Err()
		}
		newBench(t, store, feed, once, again)
		after(time.Hour)
		got := map[string]bool{}
		for i, row := range store.rows() {
			got[row] = store.event(i).Late
		}
		want := map[string]bool{"gap(evicted 0s)": false, "1": true, "2": true, "3": false, "4": true, "5": false, "6": true}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// A gap that is long for the feed's alarm may hide an event that counts.
func TestHeardGaps(t *testing.T) {
	for silence, want := range map[time.Duration]bool{0: false, time.Minute: true, 10 * time.Minute: true, 11 * time.Minute: false} {
		synctest.Test(t, func(t *testing.T) {
			f := feed
			f.Silence.After = subscriptions.Duration(silence)
			store := &memory{pos: subscriptions.Position{Seen: time.Now().Add(-time.Minute)}}
			newBench(t, store, f, stay())
			after(time.Second)
			if got := store.event(0); got.Kind != subscriptions.KindGap || got.Heard != want {
				t.Errorf("with an alarm after %s: %+v", silence, got)
			}
		})
	}
}
