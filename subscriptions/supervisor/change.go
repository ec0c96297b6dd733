package supervisor

import "bellwire/subscriptions"

// Change ends the connection of the feed that has f's id, calls store, and
// goes on with f; with the feed as it was where store fails, whose error it
// returns. A time that the server asked for stays, unless f is of another
// server. A feed that is unknown so far is started.
func (s *Supervisor) Change(f subscriptions.Feed, store func() error) error {
	old := s.end(f.ID)
	err := store()
	switch {
	case err == nil:
		s.begin(f, old)
	case old != nil:
		before := old.feed
		before.Paused = old.isPaused()
		s.begin(before, old)
	}
	return err
}

// inherit takes over what the server asked of the feed that o replaces, which
// has ended.
func (o *owner) inherit(old *owner) {
	if old != nil && origin(old.feed.URL) == origin(o.feed.URL) {
		o.asked, o.earliest = old.asked, old.earliest
	}
}
