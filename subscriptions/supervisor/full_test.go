package supervisor

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

// flood opens, sends n messages with ids or without, and tells when it was
// hung up.
func flood(n int, ids bool, hungUp chan<- time.Time) func(context.Context, subscriptions.Target, subscriptions.Sink) error {
	return func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
		defer func() { hungUp <- time.Now() }()
		s.Opened(true)
		for i := range n {
			id := ""
			if ids {
				id = fmt.Sprint(i)
			}
			if err := s.Message(ctx, msg(id, fmt.Sprint(i))); err != nil {
				return err
			}
			if i == 0 {
				time.Sleep(time.Minute) // the first is stored
			}
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// A feed that is paused or stopped while storage is full or slow lets go of
// its server at once. What was not stored was not acknowledged: it comes
// again, or there is a gap row.
func TestPauseAndStopWhileStorageFails(t *testing.T) {
	full := func(m *memory) { m.setFail(errors.New("disk full")) }
	slow := func(m *memory) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.slow = 24 * time.Hour
	}
	for _, tc := range []struct {
		name   string
		broken func(*memory)
		act    func(*bench)
		n      int
		within time.Duration // for all of it
	}{
		{"paused, full", full, func(b *bench) { b.Pause("f") }, 10, 0},
		{"paused, full, more than fits", full, func(b *bench) { b.Pause("f") }, 2000, 0},
		{"stopped, full", full, func(b *bench) { b.Stop("f") }, 10, 0},
		{"paused, slow", slow, func(b *bench) { b.Pause("f") }, 10, leaveTime},
		{"stopped, slow", slow, func(b *bench) { b.Stop("f") }, 2000, leaveTime},
	} {
		for _, ids := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, ids %v", tc.name, ids), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					store := &memory{}
					hungUp := make(chan time.Time, 10)
					b := newBench(t, store, feed, flood(tc.n, ids, hungUp), stay(msg("again", "again")))
					after(30 * time.Second)
					tc.broken(store)
					after(10 * time.Minute)
					acted := time.Now()
					tc.act(b)
					synctest.Wait()
					select {
					case at := <-hungUp:
						if took := at.Sub(acted); took > 0 {
							t.Errorf("the connection was hung up after %s", took)
						}
					default:
						t.Fatal("the connection is still up")
					}
					after(tc.within)
					if st, ok := b.Status("f"); ok && st.State != subscriptions.StatePaused {
						t.Errorf("state %s after %s", st.State, time.Since(acted))
					}
					store.mu.Lock()
					store.fail, store.slow = nil, 0
					stored := len(store.events)
					store.mu.Unlock()
					if stored != 1 || store.position().Cursor != map[bool]string{true: "0"}[ids] {
						t.Fatalf("%d events stored, cursor %q", stored, store.position().Cursor)
					}
					if _, ok := b.Status("f"); ok {
						b.Resume("f")
					} else {
						b.Start(feed)
					}
					after(time.Second)
					if ids {
						if got := b.script.asked()[1].Header.Get("Last-Event-ID"); got != "0" {
							t.Errorf("resumed from %q", got)
						}
						b.checkRows(t, "0", "again")
						return
					}
					rows := store.rows()
					if g, ok := subscriptions.ParseGap(store.event(1)); !ok || g.From.After(b.start) {
						t.Errorf("rows %q: the gap begins at %s, want what was stored last", rows, g.From.Sub(b.start))
					}
				})
			})
		}
	}
}

// Nothing at all could be stored, and the server does not replay.
func TestGapWhenTheFirstEventsWereDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		first := func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
			store.setFail(errors.New("disk full"))
			s.Opened(true)
			_ = s.Message(ctx, msg("", "lost"))
			<-ctx.Done()
			return ctx.Err()
		}
		b := newBench(t, store, feed, first, stay())
		after(time.Minute)
		b.Pause("f")
		synctest.Wait()
		store.setFail(nil)
		b.Resume("f")
		after(time.Second)
		b.checkRows(t, "gap(no-resume 1m0s)")
	})
}

// Storage may be back in the very moment.
func TestPauseTriesStorageOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		hungUp := make(chan time.Time, 10)
		b := newBench(t, store, feed, flood(3, false, hungUp))
		after(30 * time.Second)
		store.setFail(errors.New("disk full"))
		time.Sleep(10 * time.Minute)
		store.setFail(nil)
		b.Pause("f")
		synctest.Wait()
		b.checkRows(t, "0", "1", "2")
	})
}

// A paused feed says so even where its position cannot be read.
func TestPauseWhileThePositionCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{fail: errors.New("disk full")}
		b := newBench(t, store, feed, stay())
		after(time.Minute)
		b.Pause("f")
		synctest.Wait()
		if st, _ := b.Status("f"); st.State != subscriptions.StatePaused || st.Error != "" {
			t.Errorf("status %+v", st)
		}
		store.setFail(nil)
		b.Resume("f")
		synctest.Wait()
		if st, _ := b.Status("f"); st.State != subscriptions.StateOpen {
			t.Errorf("status %+v", st)
		}
	})
}
