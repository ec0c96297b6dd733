package supervisor

import (
	"cmp"
	"slices"
	"time"

	"bellwire/subscriptions"
)

// A kick is a reason not to go on as before. A stronger one hides a weaker.
type kick int

const (
	noKick        kick = iota
	kickBack           // another feed has found the server back
	kickWake           // the machine has slept, or its network has changed
	kickResume         // a person wants the feed to run
	kickReconnect      // a person wants a new connection
)

const (
	// maxSpread is how long the kicks of very many feeds are spread over, and
	// spreadStep how much of it each feed needs.
	maxSpread  = 5 * time.Second
	spreadStep = 250 * time.Millisecond

	// justBegun is the age up to which a connection, or the attempt to make
	// one, is taken for a consequence of the change and left alone: a change
	// of network is told in several signals.
	justBegun = 2 * time.Second
)

// spread is when the feed at index, of count, is kicked. One alone goes at
// once; many come one after the other, since they may share a server. r is
// uniform in [0, 1).
func spread(index, count int, r float64) time.Duration {
	if count < 2 {
		return 0
	}
	whole := min(maxSpread, time.Duration(count-1)*spreadStep)
	return time.Duration((float64(index) + r) / float64(count) * float64(whole))
}

// Kick is for when the machine has woken from sleep or its network has
// changed. Waiting feeds try at once, but never before the time a server
// asked for; open ones prove that they still are connected, or connect anew
// where nothing is lost by it. Many feeds are spread over up to 5 s. Feeds
// that are blocked, ended or paused stay so.
func (s *Supervisor) Kick() {
	owners := s.running()
	for i, o := range owners {
		// On a feed that was stopped meanwhile it has no effect.
		time.AfterFunc(spread(i, len(owners), s.opts.Rand()), func() { o.kick(kickWake) })
	}
}

// Reconnect ends a feed's connection, if it has one, and makes another at
// once (but never before the time a server asked for). A paused feed stays
// paused.
func (s *Supervisor) Reconnect(id string) { s.with(id, func(o *owner) { o.kick(kickReconnect) }) }

// ReconnectAll is [Supervisor.Reconnect] for every feed, spread like
// [Supervisor.Kick].
func (s *Supervisor) ReconnectAll() {
	owners := s.running()
	for i, o := range owners {
		time.AfterFunc(spread(i, len(owners), s.opts.Rand()), func() { o.kick(kickReconnect) })
	}
}

// Waiting reports whether any feed has no connection and tries to get one by
// itself soon.
func (s *Supervisor) Waiting() bool {
	return slices.ContainsFunc(s.running(), func(o *owner) bool {
		state := o.snapshot().State
		return state == subscriptions.StateWaiting || state == subscriptions.StateConnecting
	})
}

// running are the feeds that are not paused, in the order of their ids.
func (s *Supervisor) running() []*owner {
	s.mu.Lock()
	defer s.mu.Unlock()
	var owners []*owner
	for _, o := range s.owners {
		if !o.isPaused() {
			owners = append(owners, o)
		}
	}
	slices.SortFunc(owners, func(a, b *owner) int { return cmp.Compare(a.feed.ID, b.feed.ID) })
	return owners
}

func (o *owner) kick(k kick) {
	o.mu.Lock()
	if !o.paused {
		o.kicked = max(o.kicked, k)
	}
	o.mu.Unlock()
	token(o.woken)
}

// takeKick is for the owner's goroutine.
func (o *owner) takeKick() kick {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := o.kicked
	o.kicked = noKick
	switch {
	case k == kickWake:
		// What failed before says nothing now, and a network needs a moment
		// to come up: trying in a minute or two would be late.
		o.forgiven = o.attempts
	case k >= kickResume: // a person begins anew
		o.attempts, o.forgiven, o.failed = 0, 0, 0
	}
	return k
}

// left is the time until at by whichever clock says less: the monotonic one
// may have stood still while the machine slept, and the wall's may have been
// set back.
func left(at time.Time) time.Duration {
	return min(time.Until(at), at.Round(0).Sub(time.Now().Round(0)))
}

// age is how long ago t was, sleep of the machine included.
func age(t time.Time) time.Duration {
	return max(time.Since(t), time.Now().Round(0).Sub(t.Round(0)))
}

// prove makes an open connection show that it still is one after k, and
// reports whether a new one should be made instead.
func (c *connection) prove(k kick) (again bool) {
	switch {
	case k == kickReconnect:
		return true
	case k != kickWake || age(c.began) < justBegun:
		return false
	case c.opened.IsZero():
		return true // begun on a network that may be gone
	}
	select {
	case c.verify <- struct{}{}:
		return false // the transport asks the server
	default:
	}
	if c.pos.Cursor != "" && c.feed.Resume.Strategy() != subscriptions.ResumeByNone {
		return true // which loses nothing, and is the surest proof
	}
	c.life.doubt(time.Now())
	return false
}
