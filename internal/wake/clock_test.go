//go:build linux

package wake

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClock(t *testing.T) {
	const s = time.Second
	for _, tc := range []struct {
		name        string
		wall, awake time.Duration // passed since the last look
		every       time.Duration
		want        bool
	}{
		{"nothing happened", 5 * s, 5 * s, 5 * s, false},
		{"a busy machine", 9 * s, 9 * s, 5 * s, false},
		{"a night without a look", 8 * 3600 * s, 8 * 3600 * s, 0, false},
		{"slept, and one clock stood still", 3600 * s, 5 * s, 5 * s, true},
		{"slept since a look long ago", 8 * 3600 * s, 3600 * s, 0, true},
		{"slept, and both clocks went on", 3600 * s, 3600 * s, 5 * s, true},
		{"the time was set back", -3600 * s, 5 * s, 5 * s, false},
		{"a little correction", 9 * s, 5 * s, 5 * s, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wall, awake := 100*s, 50*s
			c := clock{read: func() (time.Duration, time.Duration) { return wall, awake }}
			c.jumped(0)
			wall, awake = wall+tc.wall, awake+tc.awake
			if got := c.jumped(tc.every); got != tc.want {
				t.Errorf("jumped: %v", got)
			}
			wall, awake = wall+5*s, awake+5*s
			if c.jumped(5 * s) {
				t.Error("jumped once more")
			}
		})
	}
}

// machine is one without a system bus.
type machine struct {
	*Watcher
	asleep  atomic.Int64 // in all, as a time.Duration
	waiting atomic.Bool
	looks   int // at the clocks
	woke    []string
}

// newMachine runs in a synctest bubble.
func newMachine(t *testing.T) *machine {
	t.Helper()
	start := time.Now()
	m := &machine{}
	m.Watcher = New(Options{
		Woke:    func(r Reason) { m.woke = append(m.woke, time.Since(start).String()+" "+string(r)) },
		Waiting: func() bool { return m.waiting.Load() },
		Logger:  slog.New(slog.DiscardHandler),
	})
	m.clock.read = func() (wall, awake time.Duration) {
		m.looks++
		return time.Since(start) + time.Duration(m.asleep.Load()), time.Since(start)
	}
	return m
}

// run runs steps with the watcher, in a bubble. Everything is still between
// steps, so that they may look at the machine.
func (m *machine) run(t *testing.T, steps func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Run(ctx)
	}()
	synctest.Wait()
	steps()
	cancel()
	<-done
}

func (m *machine) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestClocksAreLookedAtWhileSomebodyWaits(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t)
		m.run(t, func() {
			m.after(time.Hour)
			if m.looks != 1 {
				t.Errorf("%d looks while nobody waits", m.looks)
			}
			m.waiting.Store(true)
			m.Poke()
			m.after(12 * time.Second)
			m.asleep.Store(int64(time.Hour))
			m.after(10 * time.Second)
			m.waiting.Store(false)
			m.Poke()
			synctest.Wait()
			before := m.looks
			m.after(time.Hour)
			if m.looks != before {
				t.Errorf("%d looks although nobody waits any more", m.looks-before)
			}
		})
		if diff := cmp.Diff([]string{"1h0m15s resumed"}, m.woke); diff != "" {
			t.Errorf("woke (-want +got):\n%s", diff)
		}
	})
}

// Nobody waited while the machine slept; the first connection to break tells.
func TestSleepIsNoticedWithTheFirstTrouble(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t)
		m.run(t, func() {
			m.after(time.Hour)
			m.asleep.Store(int64(8 * time.Hour))
			m.after(time.Minute)
			m.waiting.Store(true)
			m.Poke()
			m.after(time.Minute)
		})
		if diff := cmp.Diff([]string{"1h1m0s resumed"}, m.woke); diff != "" {
			t.Errorf("woke (-want +got):\n%s", diff)
		}
	})
}
