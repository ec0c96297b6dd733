package supervisor

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

func TestChangeGoesOnWithTheNewFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, stay(msg("1", "one")), stay(msg("2", "two")))
		after(time.Second)
		f := feed
		f.Headers = []subscriptions.Header{{Name: "X", Value: "y"}}
		stopped := false
		if err := b.Change(f, func() error {
			_, running := b.Status("f")
			stopped = !running
			return nil
		}); err != nil || !stopped {
			t.Errorf("stored with the connection up (%v), or %v", !stopped, err)
		}
		after(time.Second)
		b.checkRows(t, "one", "two")
		second := b.script.targets[1]
		if second.Cursor != "1" || second.Header.Get("X") != "y" {
			t.Errorf("it went on from %q with %v", second.Cursor, second.Header)
		}
	})
}

// What cannot be stored did not happen.
func TestFailedChangeGoesOnAsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, stay())
		after(time.Second)
		full := errors.New("disk full")
		f := feed
		f.Paused = true
		if err := b.Change(f, func() error { return full }); !errors.Is(err, full) {
			t.Error(err)
		}
		after(time.Second)
		if st, _ := b.Status("f"); st.State != subscriptions.StateOpen {
			t.Errorf("the feed is %s", st.State)
		}
		b.Pause("f")
		after(time.Second)
		if err := b.Change(feed, func() error { return full }); !errors.Is(err, full) {
			t.Error(err)
		}
		after(time.Second)
		if st, _ := b.Status("f"); st.State != subscriptions.StatePaused {
			t.Errorf("the paused feed is %s", st.State)
		}
	})
}

// Whoever edits a feed again and again cannot go past what its server asked.
func TestChangeDoesNotGoPastRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, refuse(subscriptions.RetryAfter, subscriptions.CodeBusy, time.Minute), stay())
		after(10 * time.Second)
		f := feed
		f.Name = "g"
		if err := b.Change(f, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		after(40 * time.Second)
		if st, _ := b.Status("f"); st.State != subscriptions.StateWaiting || len(b.script.at) != 1 {
			t.Errorf("%s after %d attempts", st.State, len(b.script.at))
		}
		f.URL = "http://other.example/" // which asked for nothing
		if err := b.Change(f, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		after(0)
		if st, _ := b.Status("f"); st.State != subscriptions.StateOpen {
			t.Errorf("at the other server it is %s", st.State)
		}
	})
}

// An edited feed that was blocked looks at once whether it is better.
func TestChangeUnblocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &memory{}, feed, refuse(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0), stay())
		after(time.Second)
		if err := b.Change(feed, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		after(0)
		b.check(t, "0s connecting\n0s blocked unauthorized\n1s connecting\n1s open")
	})
}
