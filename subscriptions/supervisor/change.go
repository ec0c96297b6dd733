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
		before := old.current()
		before.Paused = old.isPaused()
		s.begin(before, old)
	}
	return err
}

// Update goes on with f where that is the same connection
// ([subscriptions.Feed.SameConnection]): what comes next is decoded for f.
// The error is that of [Options.Decoder], and nothing changes then. A feed that
// is unknown so far stays so.
func (s *Supervisor) Update(f subscriptions.Feed) (err error) {
	s.with(f.ID, func(o *owner) {
		var d Decoder
		if d, err = s.opts.Decoder(f); err != nil {
			return
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.renamed = &renamed{f.Name, d}
	})
	return err
}

// renamed is what a feed is called now, and the decoder that knows it; nil
// once the owner has taken it.
type renamed struct {
	name    string
	decoder Decoder
}

// newDecoder takes over the decoder of an update.
func (o *owner) newDecoder() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.renamed; r != nil && r.decoder != nil {
		o.decoder, r.decoder = r.decoder, nil
	}
}

// current is the feed with its newest name. A connection reads o.feed itself,
// also beside the owner.
func (o *owner) current() subscriptions.Feed {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := o.feed
	if o.renamed != nil {
		f.Name = o.renamed.name
	}
	return f
}

// inherit takes over what the server asked of the feed that o replaces, which
// has ended.
func (o *owner) inherit(old *owner) {
	if old != nil && origin(old.feed.URL) == origin(o.feed.URL) {
		o.asked, o.earliest = old.asked, old.earliest
	}
}
