package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A DND knows whether the desktop is asked not to disturb, where the desktop
// tells: Plasma, dunst and Xfce by events, Windows when asked. GNOME tells
// nobody on the bus, and keeps what comes meanwhile in its list by itself;
// macOS likewise. Safe for concurrent use.
type DND struct {
	log    *slog.Logger
	cancel context.CancelFunc
	done   sync.WaitGroup
	// ask is called by On before it answers; nil where news come by themselves.
	ask    func()
	asking sync.Mutex // held while ask may start something

	mu      sync.Mutex
	on      bool
	by      string
	changed chan struct{} // closed and replaced at every change
}

// WatchDND starts watching, until ctx ends or Close. It returns with the
// first answer, or after 3 s: until one comes, and wherever nobody tells, it is
// off. log is nil for none.
func WatchDND(ctx context.Context, log *slog.Logger) *DND {
	d := newDND(log)
	ctx, d.cancel = context.WithCancel(ctx)
	d.start(ctx)
	return d
}

func newDND(log *slog.Logger) *DND {
	return &DND{log: Options{Logger: log}.logger(), changed: make(chan struct{}), cancel: func() {}}
}

// On reports whether nobody is to be disturbed, and who says so: "plasma",
// "dunst", "xfce" or "windows".
func (d *DND) On() (on bool, by string) {
	if d.ask != nil {
		d.ask()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on, d.by
}

// Changed is closed when On has another answer. Who waits for it takes it
// first and asks On then.
func (d *DND) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

// Close ends watching.
func (d *DND) Close() {
	d.asking.Lock()
	d.cancel() // who asks after this starts nothing
	d.asking.Unlock()
	d.done.Wait()
}

// set is On's next answer; an empty by is off.
func (d *DND) set(by string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.by == by {
		return
	}
	d.on, d.by = by != "", by
	close(d.changed)
	d.changed = make(chan struct{})
	d.log.Debug("do not disturb", "on", d.on, "by", by)
}

// pause reports whether the time passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
