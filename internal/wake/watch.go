package wake

import (
	"context"
	"log/slog"
	"runtime"
	"time"
)

// A Reason is what has happened.
type Reason string

const (
	Resumed Reason = "resumed" // from sleep
	Network Reason = "network" // there is one again, or another one
)

const (
	// lookEvery is the time between two looks at the clocks while somebody
	// waits.
	lookEvery = 5 * time.Second
	// busAgain is the least time between two attempts to reach the system
	// bus; it is only tried when there is something else to do as well.
	busAgain = time.Minute
	// busTimeout bounds everything that is asked of the bus.
	busTimeout = 5 * time.Second
)

// Options are what a [Watcher] works with. All are required.
type Options struct {
	// Woke is told what has happened, by Run's goroutine. It must return
	// soon.
	Woke func(Reason)
	// Waiting reports whether somebody waits for the network: only then the
	// clocks are looked at regularly, and only where there is no logind.
	Waiting func() bool
	Logger  *slog.Logger
}

// A Watcher watches. Its methods are safe for concurrent use.
type Watcher struct {
	opts  Options
	poked chan struct{}
	clock clock

	// For the tests.
	every, busAgain time.Duration
}

// New makes a watcher that does nothing before Run.
func New(o Options) *Watcher {
	return &Watcher{
		opts:     o,
		poked:    make(chan struct{}, 1),
		clock:    clock{read: systemClocks(time.Now())},
		every:    lookEvery,
		busAgain: busAgain,
	}
}

// Poke says that Waiting may have changed. It never waits, and costs nothing
// when called often.
func (w *Watcher) Poke() {
	select {
	case w.poked <- struct{}{}:
	default:
	}
}

// Run watches until ctx ends. Trouble with the bus only makes it look at the
// clocks instead. Call it once.
func (w *Watcher) Run(ctx context.Context) {
	w.clock.jumped(0) // from here on
	b, tried := w.dial(ctx), time.Now()
	defer func() { b.close() }()
	tick := time.NewTicker(w.every)
	tick.Stop()
	defer tick.Stop()
	ticking := false
	for {
		need := w.opts.Waiting() && !b.logind()
		if need != ticking {
			ticking = need
			if need {
				w.clock.jumped(0)
				tick.Reset(w.every)
			} else {
				tick.Stop()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-b.news():
			for _, r := range b.take() {
				w.woke(r)
			}
			continue
		case <-b.gone():
			w.opts.Logger.Debug("the system bus is gone")
			b.close()
			b = nil
		case <-w.poked:
			w.look(b, 0)
		case <-tick.C:
			w.look(b, w.every)
		}
		if b == nil && time.Since(tried) >= w.busAgain {
			b, tried = w.dial(ctx), time.Now()
		}
	}
}

// look compares the clocks; every is the time since the last look where one
// is known. While logind tells of sleep it only keeps up with them.
func (w *Watcher) look(b *bus, every time.Duration) {
	if w.clock.jumped(every) && !b.logind() {
		w.woke(Resumed)
	}
}

func (w *Watcher) woke(r Reason) {
	w.opts.Logger.Info("the machine woke or changed its network", "reason", r)
	w.opts.Woke(r)
}

// dial connects to the system bus; nil where there is none.
func (w *Watcher) dial(ctx context.Context) *bus {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return nil // a bus there would know nothing of sleep
	}
	b, err := dialBus(ctx)
	if err != nil {
		w.opts.Logger.Debug("no system bus, looking at the clocks instead", "error", err)
		return nil
	}
	return b
}
