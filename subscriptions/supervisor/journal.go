package supervisor

import (
	"slices"
	"time"

	"bellwire/subscriptions"
)

// journalSize is how many entries a feed keeps of its connection's past.
const journalSize = 200

// A journal is a feed's recent past, oldest first. The owner's mutex guards
// it.
type journal []subscriptions.LogEntry

// add notes a state.
func (j *journal) add(s subscriptions.Status, now time.Time) {
	e := subscriptions.LogEntry{At: now, State: s.State, Code: s.Code, Error: s.Error, Next: s.Next, Queued: s.Queued}
	if s.State == subscriptions.StateConnecting {
		e.Code, e.Error = "", "" // those of the attempt before
	}
	if len(*j) >= journalSize {
		*j = slices.Delete(*j, 0, journalSize/4)
	}
	*j = append(*j, e)
}

// Log is a feed's recent past, oldest first; ok is false for a feed that is
// not there.
func (s *Supervisor) Log(id string) (entries []subscriptions.LogEntry, ok bool) {
	s.with(id, func(o *owner) {
		o.mu.Lock()
		defer o.mu.Unlock()
		entries, ok = slices.Clone(o.journal), true
	})
	return entries, ok
}
