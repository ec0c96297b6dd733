package supervisor

import (
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	// attemptStep is the least time between two attempts at one origin. A
	// hundred handshakes a second, TLS included, leave even a small server
	// time to serve those it has accepted; a thousand feeds need 10 s.
	attemptStep = 10 * time.Millisecond

	// attemptLag is how much of its schedule a busy machine may catch up on at
	// once: ten attempts. What it is late beyond that is lost, or a process
	// that was stopped for a while would let its whole queue go together.
	attemptLag = 100 * time.Millisecond

	// crowdWait is the wait from which a queue is told: in the log, once, and
	// as the state of the feed. A shorter one is over before anybody looks.
	crowdWait = time.Second
)

// gates are the gates of all origins that have a feed.
type gates struct {
	log *slog.Logger

	mu sync.Mutex
	of map[string]*gate
}

// A gate spreads the attempts of all feeds of one origin: they begin one
// after the other, in the order in which they asked. It also passes on the
// news that the server is back.
type gate struct {
	origin string
	log    *slog.Logger
	users  int // the mutex of gates guards it

	mu    sync.Mutex
	next  time.Time       // when the next turn may begin
	queue []*turn         // in order
	timer *time.Timer     // of the first in the queue; nil while there is none
	crowd crowd           // the queue as it is told
	back  time.Time       // when a feed last found the server back
	await map[*owner]bool // who wants to be told
}

// A turn is a place in the queue; ready is closed when it has come.
type turn struct{ ready chan struct{} }

// A crowd is a queue from its first feed to its last.
type crowd struct {
	began    time.Time
	attempts int
	told     bool
}

// origin is an address's server: scheme, host and port, which hold no
// credentials. ws is http here, and wss https.
func origin(raw string) string {
	u, err := subscriptions.ParseURL(raw)
	if err != nil {
		return "" // such a feed makes no attempt
	}
	scheme, port := "http", "80"
	if u.Scheme == "https" || u.Scheme == "wss" {
		scheme, port = "https", "443"
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// join is the gate of an origin; every join needs its leave.
func (s *gates) join(origin string) *gate {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.of[origin]
	if g == nil {
		g = &gate{origin: origin, log: s.log, await: make(map[*owner]bool)}
		s.of[origin] = g
	}
	g.users++
	return g
}

func (s *gates) leave(g *gate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.users--; g.users == 0 {
		delete(s.of, g.origin)
	}
}

// enter asks for a turn, which a feed alone has at once: then t is nil. A
// turn that is waited for is due at about due, and is to be given up with
// quit if it is no longer wanted.
func (g *gate) enter() (t *turn, due time.Time) {
	g.mu.Lock()
	now := time.Now()
	if len(g.queue) == 0 && !now.Before(g.next) {
		g.next = now.Add(attemptStep)
		g.mu.Unlock()
		return nil, now
	}
	t = &turn{make(chan struct{})}
	due = g.next.Add(time.Duration(len(g.queue)) * attemptStep)
	if len(g.queue) == 0 {
		g.crowd = crowd{began: now}
		g.timer = time.AfterFunc(g.next.Sub(now), g.serve)
	}
	g.queue = append(g.queue, t)
	news := !g.crowd.told && due.Sub(now) > crowdWait
	g.crowd.told = g.crowd.told || news
	waiting := len(g.queue)
	g.mu.Unlock()
	if news {
		g.log.Info("many feeds of one server want to connect: their attempts are spread",
			"origin", g.origin, "waiting", waiting, "per_second", int(time.Second/attemptStep))
	}
	return t, due
}

// serve lets those go whose turn has come.
func (g *gate) serve() {
	g.mu.Lock()
	now := time.Now()
	if late := now.Add(-attemptLag); g.next.Before(late) {
		g.next = late
	}
	for len(g.queue) > 0 && !now.Before(g.next) {
		close(g.queue[0].ready)
		g.queue = slices.Delete(g.queue, 0, 1)
		g.crowd.attempts++
		g.next = g.next.Add(attemptStep)
	}
	if len(g.queue) > 0 {
		g.timer.Reset(g.next.Sub(now))
	}
	tell := g.drainedLocked()
	g.mu.Unlock()
	tell()
}

// quit gives up a turn that has not come.
func (g *gate) quit(t *turn) {
	g.mu.Lock()
	tell := func() {}
	if i := slices.Index(g.queue, t); i >= 0 {
		g.queue = slices.Delete(g.queue, i, i+1)
		tell = g.drainedLocked()
	}
	g.mu.Unlock()
	tell()
}

// drainedLocked tidies up behind the last of a queue; what it returns tells
// of it, if the queue was told of.
func (g *gate) drainedLocked() func() {
	if len(g.queue) > 0 {
		return func() {}
	}
	if g.timer != nil {
		g.timer.Stop()
	}
	done := g.crowd
	g.queue, g.timer, g.crowd = nil, nil, crowd{}
	if !done.told {
		return func() {}
	}
	return func() {
		g.log.Info("no feed of this server waits for its turn any more",
			"origin", g.origin, "attempts", done.attempts, "in", time.Since(done.began).Round(time.Millisecond))
	}
}

// expect makes o be kicked when the server is found to be back; it reports
// whether that has happened after since already. Every expect needs its
// forget.
func (g *gate) expect(o *owner, since time.Time) (back bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.back.After(since) {
		return true
	}
	g.await[o] = true
	return false
}

func (g *gate) forget(o *owner) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.await, o)
}

// found is told by a feed that has opened after attempts in vain: the others
// that wait for the server need not wait longer. Each is told once.
func (g *gate) found() {
	g.mu.Lock()
	g.back = time.Now()
	told := g.await
	g.await = make(map[*owner]bool)
	g.mu.Unlock()
	for o := range told {
		o.kick(kickBack)
	}
}
