package watch

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	// urgent is how long a feed that waits for a person may do so before that
	// is announced; trying again will not help it.
	urgent = 30 * time.Second
	// gather is how long others are waited for, and ahead how much of their
	// time they are spared, so that many are told as one.
	gather = 5 * time.Second
	ahead  = 30 * time.Second
	// steady is how long a feed has to be open again to be well.
	steady = 10 * time.Second
)

// A TroubleStore keeps what has been told; see [storage.DB].
type TroubleStore interface {
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
	NoticeWith(ctx context.Context, e subscriptions.Event, key, value string) (subscriptions.Receipt, error)
	Feeds(ctx context.Context) ([]subscriptions.Feed, error)
}

// TroubleOptions are what a [Trouble] works with. Store and Logger are
// required.
type TroubleOptions struct {
	Store TroubleStore
	// Preferences say how long a feed may be in trouble; nil: the default.
	// After a change call [Trouble.Look].
	Preferences func() subscriptions.Preferences
	Words       Words
	Logger      *slog.Logger
	// Steady is how long a feed has to be open again to be well, and Gather
	// how long others are waited for; 0: 10 s and 5 s.
	Steady, Gather time.Duration
	// Wall is the wall's clock; nil: the machine's.
	Wall func() time.Time
}

// A Trouble watches for connections in trouble. Its methods are safe for
// concurrent use, and return at once but for Run.
type Trouble struct {
	o      TroubleOptions
	poked  chan struct{}
	failed bool // Run's own: storage, the last time

	mu    sync.Mutex
	ill   map[string]*illness // the feeds in trouble, and those told to be
	dirty bool                // what was told is not what is stored
}

// An illness is what is known of a feed in trouble.
type illness struct {
	began  time.Time // by the wall's clock
	since  time.Time // when its time began to count
	urgent time.Time // when a person was first needed; zero: not yet
	open   time.Time // since when it is open again; zero: it is not
	told   bool
	status subscriptions.Status // the last with a trouble
}

// NewTrouble makes a watcher that tells nothing before Run. [Trouble.Recall]
// comes between.
func NewTrouble(o TroubleOptions) *Trouble {
	o.Steady, o.Gather = cmp.Or(o.Steady, steady), cmp.Or(o.Gather, gather)
	if o.Wall == nil {
		o.Wall = wallClock
	}
	if o.Preferences == nil {
		o.Preferences = func() subscriptions.Preferences { return subscriptions.Preferences{} }
	}
	return &Trouble{o: o, poked: make(chan struct{}, 1), ill: map[string]*illness{}}
}

// StatusChanged says how a feed's connection is now.
func (t *Trouble) StatusChanged(feed string, s subscriptions.Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, now := t.ill[feed], time.Now()
	switch s.State {
	case subscriptions.StatePaused:
		t.forget(feed)
	case subscriptions.StateOpen:
		switch {
		case i == nil:
		case !i.told:
			t.forget(feed)
		case i.open.IsZero():
			i.open = now
			poke(t.poked)
		}
	default:
		if i == nil {
			i = &illness{began: t.o.Wall(), since: now}
			t.ill[feed] = i
			poke(t.poked)
		}
		i.open = time.Time{}
		if needsPerson(s.State) && i.urgent.IsZero() {
			i.urgent = now
			poke(t.poked)
		}
		// An attempt says nothing new about the trouble.
		if s.State != subscriptions.StateConnecting || i.status.State == "" {
			i.status = s
		}
	}
}

// Forget is for a feed that is removed.
func (t *Trouble) Forget(feed string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(feed)
}

// forget is for a feed that is nobody's trouble.
func (t *Trouble) forget(feed string) {
	i := t.ill[feed]
	if i == nil {
		return
	}
	delete(t.ill, feed)
	t.dirty = t.dirty || i.told
	if t.dirty || len(t.ill) == 0 { // or the timer finds out
		poke(t.poked)
	}
}

// Woke says that the machine has slept: what is in trouble now gets its time
// anew.
func (t *Trouble) Woke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for _, i := range t.ill {
		i.since = now
		if !i.urgent.IsZero() {
			i.urgent = now
		}
		if !i.open.IsZero() {
			i.open = now
		}
		poke(t.poked)
	}
}

// Look makes it look again.
func (t *Trouble) Look() { poke(t.poked) }

// Run watches until ctx ends. Trouble with storage is logged, and it tries
// again.
func (t *Trouble) Run(ctx context.Context) {
	timer := newTimer(t.o.Wall)
	defer timer.Stop()
	for ctx.Err() == nil {
		wait, err := t.look(ctx)
		if err != nil && ctx.Err() == nil {
			level := slog.LevelWarn
			if t.failed {
				level = slog.LevelDebug
			}
			t.o.Logger.Log(ctx, level, "watching for trouble", "error", err)
			wait = retry
		}
		t.failed = err != nil
		timer.arm(wait)
		select {
		case <-ctx.Done():
		case <-t.poked:
		case <-timer.C:
		}
		if timer.slept(jump) {
			t.Woke()
		}
	}
}

// look tells what there is to tell, and returns the time until the next look.
func (t *Trouble) look(ctx context.Context) (time.Duration, error) {
	if err := t.store(ctx); err != nil {
		return never, err
	}
	worse, wait := t.due(t.worsens, ahead)
	if err := t.announce(ctx, worse); err != nil {
		return wait, err
	}
	better, next := t.due(t.recovers, 0)
	if err := t.relieve(ctx, better); err != nil {
		return wait, err
	}
	if len(worse)+len(better) > 0 {
		poke(t.poked) // there may be others
	}
	return min(wait, next), nil
}

// due are the feeds that have something to tell, once the first of them has
// waited for the others, and what comes that soon after; none, and the time
// until then, before.
func (t *Trouble) due(when func(*illness) (time.Time, bool), soon time.Duration) (feeds []string, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, first := time.Now(), time.Time{}
	for id, i := range t.ill {
		at, ok := when(i)
		if !ok {
			continue
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if !at.After(now.Add(soon)) {
			feeds = append(feeds, id)
		}
	}
	if first.IsZero() {
		return nil, never
	}
	if left := first.Add(t.o.Gather).Sub(now); left > 0 {
		return nil, left
	}
	return feeds, never
}

// worsens is when a trouble is to be told of.
func (t *Trouble) worsens(i *illness) (at time.Time, ok bool) {
	grace := cmp.Or(time.Duration(t.o.Preferences().TroubleAfter), subscriptions.DefaultTroubleAfter)
	if i.told || !i.open.IsZero() || grace < 0 {
		return at, false
	}
	at = i.since.Add(grace)
	if soon := i.urgent.Add(min(urgent, grace)); !i.urgent.IsZero() && soon.Before(at) {
		at = soon
	}
	return at, true
}

// recovers is when its end is.
func (t *Trouble) recovers(i *illness) (at time.Time, ok bool) {
	return i.open.Add(t.o.Steady), i.told && !i.open.IsZero()
}
