package supervisor

import (
	"cmp"
	"time"

	"bellwire/subscriptions"
)

const (
	// burstFirst is how soon after it opened a connection's first event is
	// one of what the server had kept, burstPause the longest pause between
	// two of those, and burstLast when they are over at the latest.
	burstFirst = 2 * time.Second
	burstPause = time.Second
	burstLast  = 10 * time.Second
)

// A burst tells a connection's first events, which may be of a time when
// nobody was there, from those that happen now.
type burst struct {
	opened time.Time
	pause  time.Duration
	// next is until when the next event is one of them; zero: they are over.
	next time.Time
}

// newBurst begins when a connection of f is open.
func newBurst(f *subscriptions.Feed, opened time.Time) burst {
	b := burst{opened: opened, pause: burstPause, next: opened.Add(burstFirst)}
	if f.Transport.Polls() {
		b.next = opened // a poll is open when its first answer has been read
	}
	if f.Transport == subscriptions.TransportPoll { // the next question is no part of it, unless it was asked at once
		b.pause = min(b.pause, cmp.Or(time.Duration(f.Poll.Interval), subscriptions.DefaultPollInterval)/2)
	}
	return b
}

// late reports whether what m holds came late. It is asked in the order of
// the messages, about those that hold events.
func (b *burst) late(m subscriptions.Message) bool {
	switch {
	case m.Backfilled:
		return true // and says nothing of the others
	case b.next.IsZero() || m.Received.After(b.next) || m.Received.Sub(b.opened) > burstLast:
		b.next = time.Time{}
		return false
	}
	b.next = m.Received.Add(b.pause)
	return true
}
