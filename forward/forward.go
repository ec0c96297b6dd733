package forward

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"bellwire/subscriptions"
)

// grace is how long what is under way may take when its rule ends: an answer
// that nobody hears is an event that is sent again.
const grace = 3 * time.Second

// A Store is history, and how far each forward has come.
type Store interface {
	// ForwardPosition is behind which row a forward goes on: of a new one, the
	// newest of all.
	ForwardPosition(ctx context.Context, feed, name string) (through int64, err error)
	// Forwarded moves a forward and notes steps, all or nothing.
	Forwarded(ctx context.Context, feed, name string, through int64, steps ...subscriptions.Delivery) error
	// ForgetForward makes a forward a new one.
	ForgetForward(ctx context.Context, feed, name string) error
	// Behind are at most limit rows of a feed behind one, oldest first.
	Behind(ctx context.Context, feed string, seq int64, limit int) ([]subscriptions.Event, error)
	// Changed returns a channel that is closed when there may be more rows.
	Changed() <-chan struct{}
}

// An Identity is what rules show to their targets.
type Identity interface {
	// ForwardSecret is the secret of a feed's forward; empty where it has
	// none.
	ForwardSecret(ctx context.Context, f subscriptions.Feed, name string) (string, error)
	// ForwardTarget is what a client of the feed's forwards is made for.
	ForwardTarget(f subscriptions.Feed) (subscriptions.Target, error)
}

// Options are what a [Forwarder] works with. All are required but OnWait.
type Options struct {
	Store    Store
	Identity Identity
	// Instance is this Bellwire's own: at least [MarkLength] digits of hex.
	Instance string
	Logger   *slog.Logger
	// OnWait is told that [Forwarder.Waits] has changed. It must return at
	// once. Nil: nobody is.
	OnWait func()
}

// A Forwarder runs the rules of all feeds. Its methods are safe for
// concurrent use; those that change the rules of one feed must not run at
// once.
type Forwarder struct {
	opts Options
	// newClient is for the tests to change.
	newClient func(subscriptions.Target) *http.Client

	mu     sync.Mutex
	rules  map[string][]*rule // by feed, of those that have any
	closed bool
}

// A Wait is a rule that cannot go on before its target is back.
type Wait struct {
	Forward string
	// Error is what the last attempt came to, in words without secrets.
	Error string
	// Next is when the next one is due.
	Next time.Time
}

// New makes a forwarder without rules.
func New(o Options) *Forwarder {
	return &Forwarder{opts: o, newClient: newClient, rules: make(map[string][]*rule)}
}

// Start runs the rules of a feed: one that is new, or all of them when
// Bellwire starts. When it returns every rule has its position, and no later
// event is missed.
func (f *Forwarder) Start(ctx context.Context, feed subscriptions.Feed) {
	f.stop(feed.ID, grace)
	var rules []*rule
	for _, def := range feed.Forwards {
		r, err := newRule(f, feed, def)
		if err != nil { // it was checked before it was stored
			f.opts.Logger.Error("a forward cannot be understood", "feed", feed.ID, "forward", def.Name, "error", err)
			continue
		}
		r.begin(ctx)
		rules = append(rules, r)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || len(rules) == 0 {
		return
	}
	f.rules[feed.ID] = rules
	for _, r := range rules {
		go r.run()
	}
}

// Change makes the rules of a feed what it says now. Rules keep their
// positions by their names; one whose name is new begins with the next event.
func (f *Forwarder) Change(ctx context.Context, feed subscriptions.Feed) {
	known := map[string]bool{}
	for _, r := range f.stop(feed.ID, grace) {
		known[r.def.Name] = true
	}
	for _, def := range feed.Forwards {
		if !known[def.Name] { // one of this name may have been left by a crash
			f.forget(ctx, feed.ID, def.Name)
		}
		delete(known, def.Name)
	}
	for name := range known {
		f.forget(ctx, feed.ID, name)
	}
	f.Start(ctx, feed)
}

func (f *Forwarder) forget(ctx context.Context, feed, name string) {
	if err := f.opts.Store.ForgetForward(ctx, feed, name); err != nil {
		f.opts.Logger.Warn("the position of an old forward is still there", "feed", feed, "forward", name, "error", err)
	}
}

// Stop ends the rules of a feed that is removed, at once.
func (f *Forwarder) Stop(feed string) { f.stop(feed, 0) }

// stop ends the rules of a feed and tells which they were.
func (f *Forwarder) stop(feed string, grace time.Duration) []*rule {
	f.mu.Lock()
	rules := f.rules[feed]
	delete(f.rules, feed)
	f.mu.Unlock()
	end(rules, grace)
	return rules
}

// end ends rules together.
func end(rules []*rule, grace time.Duration) {
	for _, r := range rules {
		r.finish()
	}
	timer := time.AfterFunc(grace, func() {
		for _, r := range rules {
			r.cut()
		}
	})
	defer timer.Stop()
	for _, r := range rules {
		<-r.done
	}
}

// Kick makes rules that wait for their targets try now, but never before the
// time that a target has asked for.
func (f *Forwarder) Kick() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rules := range f.rules {
		for _, r := range rules {
			select {
			case r.kick <- struct{}{}:
			default:
			}
		}
	}
}

// Waiting reports whether a rule waits for its target to come back.
func (f *Forwarder) Waiting() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rules := range f.rules {
		if slices.ContainsFunc(rules, func(r *rule) bool { return r.wait.Error != "" }) {
			return true
		}
	}
	return false
}

// Waits are the rules of a feed that wait for their targets to come back.
func (f *Forwarder) Waits(feed string) (waits []Wait) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules[feed] {
		if r.wait.Error != "" {
			waits = append(waits, r.wait)
		}
	}
	return waits
}

// setWait notes that a rule waits, or with the zero value that it does not.
func (f *Forwarder) setWait(r *rule, w Wait) {
	f.mu.Lock()
	changed := r.wait != w
	r.wait = w
	f.mu.Unlock()
	if changed && f.opts.OnWait != nil {
		f.opts.OnWait()
	}
}

// Close ends all rules, each behind the event that is under way.
func (f *Forwarder) Close() {
	f.mu.Lock()
	f.closed = true
	var all []*rule
	for _, rules := range f.rules {
		all = append(all, rules...)
	}
	f.rules = make(map[string][]*rule)
	f.mu.Unlock()
	end(all, grace)
}
