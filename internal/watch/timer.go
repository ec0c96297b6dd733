package watch

import "time"

const (
	// jump is how far clocks may be apart before it means that the machine
	// has slept.
	jump = 5 * time.Second
	// retry is when storage that failed is asked again.
	retry = time.Minute
	// never is no time to wait for.
	never = time.Duration(1<<63 - 1)
)

// wallClock is the time of day, which goes on while the machine sleeps.
func wallClock() time.Time { return time.Now().Round(0) }

// A timer is a watcher's only one. It notices when the machine has slept, or
// the process was stopped, since it was set.
type timer struct {
	*time.Timer
	wall func() time.Time

	set  time.Time // by the clock that stands still meanwhile
	at   time.Time // the same by the wall's
	wait time.Duration
}

func newTimer(wall func() time.Time) *timer {
	t := &timer{Timer: time.NewTimer(never), wall: wall}
	t.arm(never)
	return t
}

// arm makes it fire after d; not at all after [never].
func (t *timer) arm(d time.Duration) {
	t.set, t.at, t.wait = time.Now(), t.wall(), d
	if d == never {
		t.Stop()
		return
	}
	t.Reset(max(d, 0))
}

// slept reports whether the machine has slept since the timer was armed: the
// clocks say so, or it is later than it should be by more than late.
func (t *timer) slept(late time.Duration) bool {
	wall, awake := t.wall().Sub(t.at), time.Since(t.set)
	return wall-awake > jump || t.wait != never && awake-max(t.wait, 0) > late
}

// poke leaves a token in a channel of capacity one.
func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
