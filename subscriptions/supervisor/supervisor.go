// Package supervisor keeps subscriptions alive: one owner goroutine a feed
// connects, watches, commits what arrives, backs off and resumes.
//
// It decides when to connect and from where. It must not know how bytes
// travel (a [subscriptions.Transport] does), what payloads mean, or where
// rows are kept.
package supervisor

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"

	"bellwire/subscriptions"
)

// A Store commits what feeds receive.
type Store interface {
	// Position is where a feed stood when it last committed.
	Position(ctx context.Context, feed string) (subscriptions.Position, error)
	// Ingest stores a batch whole or not at all.
	Ingest(ctx context.Context, b subscriptions.Batch) (subscriptions.Receipt, error)
}

// A Decoder understands the payloads of one feed.
type Decoder interface {
	// Decode is what m turns out to be, where before is the position before
	// it.
	Decode(m subscriptions.Message, before string) subscriptions.Decoded
	// PayloadCursor finds the position inside payloads, for
	// [subscriptions.Target].
	PayloadCursor() func(subscriptions.Message) string
}

// A Script is what a feed says on each of its connections.
type Script interface {
	// Begin is the talk of a new one: see [subscriptions.Target].
	Begin(cursor, secret string) subscriptions.Talk
}

// Options are what a supervisor works with. All but Prepare, Script, Rand and
// OnStatus are required.
type Options struct {
	Store Store
	// Decoder makes a feed's, once each time it is started. The feed is
	// blocked with the error's words.
	Decoder    func(f subscriptions.Feed) (Decoder, error)
	Transports map[subscriptions.TransportName]subscriptions.Transport
	Logger     *slog.Logger
	// Prepare completes a feed's target before every attempt, with what is
	// not in the feed itself. It may take its time; ctx ends with the attempt.
	// Nil leaves targets as they are.
	Prepare func(ctx context.Context, f subscriptions.Feed, t *subscriptions.Target) error
	// Script makes what f says, once; nil where it says nothing. Nil is that
	// for every feed.
	Script func(f subscriptions.Feed) (Script, error)
	// OnStatus is told of every change of a feed's state, by the goroutine
	// that owns the feed. It must return soon. Nil tells nobody.
	OnStatus func(feed string, s subscriptions.Status)
	// Rand is uniform in [0, 1) and safe for concurrent use. Nil is
	// math/rand.
	Rand func() float64
}

// A Supervisor runs feeds. Its methods are safe for concurrent use.
type Supervisor struct {
	opts   Options
	ctx    context.Context
	cancel context.CancelFunc
	gates  gates

	mu     sync.Mutex
	owners map[string]*owner
}

// New makes a supervisor without feeds. Close it.
func New(o Options) *Supervisor {
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.OnStatus == nil {
		o.OnStatus = func(string, subscriptions.Status) {}
	}
	if o.Script == nil {
		o.Script = func(subscriptions.Feed) (Script, error) { return nil, nil }
	}
	if o.Prepare == nil {
		o.Prepare = func(context.Context, subscriptions.Feed, *subscriptions.Target) error { return nil }
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Supervisor{opts: o, ctx: ctx, cancel: cancel, owners: make(map[string]*owner), gates: gates{log: o.Logger, of: make(map[string]*gate)}}
}

// Start runs f until it is stopped. A feed that runs already is replaced.
func (s *Supervisor) Start(f subscriptions.Feed) {
	s.end(f.ID)
	s.begin(f, nil)
}

// begin runs f in the place of old, which has ended; nil: of none.
func (s *Supervisor) begin(f subscriptions.Feed, old *owner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	g := s.gates.join(origin(f.URL))
	o := newOwner(f, &s.opts, g, cancel)
	o.inherit(old)
	s.owners[f.ID] = o
	go func() {
		defer close(o.done)
		defer s.gates.leave(g)
		o.run(ctx)
	}()
}

// Stop ends a feed's connection, commits what it brought, and waits for
// that. An unknown feed is stopped already.
func (s *Supervisor) Stop(id string) { s.end(id) }

// end is Stop, and the owner that has ended; nil where there was none.
func (s *Supervisor) end(id string) *owner {
	s.mu.Lock()
	o := s.owners[id]
	delete(s.owners, id)
	s.mu.Unlock()
	if o != nil {
		o.cancel()
		<-o.done
	}
	return o
}

// Pause ends a feed's connection until Resume.
func (s *Supervisor) Pause(id string) { s.with(id, func(o *owner) { o.setPaused(true) }) }

// Resume starts a paused or ended feed and makes a waiting or blocked one
// try at once (but never before the time a server asked for).
func (s *Supervisor) Resume(id string) { s.with(id, func(o *owner) { o.setPaused(false) }) }

// Status is a feed's connection as it is now.
func (s *Supervisor) Status(id string) (st subscriptions.Status, ok bool) {
	s.with(id, func(o *owner) { st, ok = o.snapshot(), true })
	return st, ok
}

func (s *Supervisor) with(id string, f func(*owner)) {
	s.mu.Lock()
	o := s.owners[id]
	s.mu.Unlock()
	if o != nil {
		f(o)
	}
}

// Close stops every feed and waits for them.
func (s *Supervisor) Close() {
	s.cancel()
	s.mu.Lock()
	owners := s.owners
	s.owners = make(map[string]*owner)
	s.mu.Unlock()
	for _, o := range owners {
		<-o.done
	}
}
