package supervisor

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	minIdle = 5 * time.Second
	maxIdle = 5 * time.Minute

	// The cadence is learned from the intervals between keep-alives: the
	// longest of the last few, once there were enough not to be chance.
	cadenceEnough = 2
	cadenceMemory = 8
	// minCadence is the shortest interval that counts: some servers greet
	// with several comments at once. A shorter one would make no lower limit.
	minCadence = minIdle * 2 / 5
)

// liveness is what a connection's bytes tell. The transport reports to it,
// the owner asks it; both at any time.
type liveness struct {
	mu        sync.Mutex
	last      time.Time // of any byte
	keepAlive time.Time // of the last keep-alive on this connection
	intervals []time.Duration
	known     time.Duration // the cadence learned before this program started
	said      time.Duration // what the feed says it is, until more is known
	rtt       time.Duration
	doubted   time.Time // when the connection may have been lost
}

// connected starts a new connection at now. What was learned stays.
func (l *liveness) connected(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.keepAlive = now, time.Time{}
}

// observe notes a sign of life and reports whether it made an idle limit
// known where there was none.
func (l *liveness) observe(now time.Time, sign subscriptions.Life) (learned bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.After(l.last) { // a message's time may be told late
		l.last = now
	}
	switch sign.Kind {
	case subscriptions.LifePong:
		l.rtt = sign.RTT
	case subscriptions.LifeKeepAlive:
		if !l.keepAlive.IsZero() {
			if now.Sub(l.keepAlive) < minCadence {
				return false // the same beat
			}
			if len(l.intervals) == cadenceMemory {
				l.intervals = slices.Delete(l.intervals, 0, 1)
			}
			l.intervals = append(l.intervals, now.Sub(l.keepAlive))
			learned = len(l.intervals) == cadenceEnough
		}
		l.keepAlive = now
	}
	return learned
}

// limit is the silence that means a dead connection: 2.5 times the cadence
// of the keep-alives, 0 where none are known. Events never count: they come
// when they come, and a quiet feed must not be churned.
func (l *liveness) limit() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limitLocked()
}

func (l *liveness) limitLocked() time.Duration {
	cadence := cmp.Or(l.cadenceLocked(), l.said)
	if cadence == 0 {
		return 0
	}
	return min(max(cadence*5/2, minIdle), maxIdle)
}

// remember takes up what an earlier run of the program had learned, and what
// the feed says before anything is.
func (l *liveness) remember(cadence, said time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known, l.said = cadence, said
}

// cadence is the learned time between keep-alives, 0 where nothing was.
func (l *liveness) cadence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cadenceLocked()
}

func (l *liveness) cadenceLocked() time.Duration {
	if len(l.intervals) < cadenceEnough {
		return l.known
	}
	return slices.Max(l.intervals)
}

// disappointed is told that the limit passed in silence. Where not one
// keep-alive came on this connection the server may have given them up: then
// what is known is forgotten, or a healthy stream would be replaced again
// and again.
func (l *liveness) disappointed(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keepAlive.IsZero() && now.Sub(l.last) >= l.limitLocked() {
		l.intervals, l.known, l.said = nil, 0, 0
	}
}

// deadline is when the silence has lasted too long; ok is false where no
// limit is known.
func (l *liveness) deadline() (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.limitLocked()
	if l.last.Before(l.doubted) {
		// The phase of the keep-alives is lost; one is due within a cadence.
		return l.doubted.Add(max(limit/2, minIdle)), limit > 0
	}
	return l.last.Add(limit), limit > 0
}

// doubt says that the connection may have been lost shortly before now: the
// next byte has half the usual time.
func (l *liveness) doubt(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubted = now
}

// lastByte is when the server was last heard; zero before the first byte.
func (l *liveness) lastByte() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

func (l *liveness) roundTrip() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rtt
}
