package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// Definitions implements [control.Daemon].
func (a *App) Definitions(ctx context.Context) ([]control.NewFeed, error) {
	feeds, err := a.db.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]control.NewFeed, 0, len(feeds))
	for _, f := range feeds {
		out = append(out, define(f))
	}
	return out, nil
}

// define is f as a request that asks for it, without its secrets.
func define(f subscriptions.Feed) control.NewFeed {
	n := control.NewFeed{
		ID:        f.ID,
		URL:       f.URL,
		Name:      f.Name,
		Transport: f.Transport,
		Headers:   f.Headers,
		Settings:  f.Settings,
		TLS:       f.TLS,
		Proxy:     f.Proxy,
		Paused:    f.Paused,
		Look:      f.Look,
	}
	for _, c := range f.Auth {
		if isKept(c) {
			c.Secret = control.KeptSecret
		}
		n.Auth = append(n.Auth, control.NewCredential{Credential: c})
	}
	return n
}

// TryFeed implements [control.Daemon].
func (a *App) TryFeed(ctx context.Context, id string, n control.NewFeed) (control.Change, error) {
	if id != "" {
		old, err := a.db.Feed(ctx, id)
		if err != nil {
			return control.Change{}, noSuchFeed(id, err)
		}
		d, err := a.draft(ctx, n, &old)
		if err != nil {
			return control.Change{}, err
		}
		return describeChange(&old, d.whole(), len(d.given)), nil
	}
	d, err := a.draft(ctx, n, nil)
	if err != nil {
		return control.Change{}, err
	}
	if _, err := a.db.Feed(ctx, n.ID); n.ID != "" && err == nil {
		return control.Change{}, idTaken(n.ID)
	}
	d.feed.ID = n.ID
	return control.Change{After: define(d.whole()), NewSecrets: len(d.given)}, nil
}

func describeChange(old *subscriptions.Feed, f subscriptions.Feed, secrets int) control.Change {
	before := define(*old)
	return control.Change{Before: &before, After: define(f), ForgetsCursor: !old.SameStream(&f), NewSecrets: secrets}
}

// ChangeFeed implements [control.Daemon].
func (a *App) ChangeFeed(ctx context.Context, id string, n control.NewFeed) (control.Change, error) {
	old, err := a.db.Feed(ctx, id)
	if err != nil {
		return control.Change{}, noSuchFeed(id, err)
	}
	d, err := a.draft(ctx, n, &old)
	if err != nil {
		return control.Change{}, err
	}
	kept, err := a.keep(ctx, d.feed, d.given)
	if err != nil {
		return control.Change{}, err
	}
	f := d.with(kept)
	if err := a.replace(ctx, old, f); err != nil {
		a.forget(context.WithoutCancel(ctx), kept)
		return control.Change{}, err
	}
	a.forget(context.WithoutCancel(ctx), dropped(old.Auth, f.Auth))
	a.unreadDemo(context.WithoutCancel(ctx))
	a.changes.send()
	c := describeChange(&old, f, len(d.given))
	counts, err := a.db.Counts(ctx)
	now := a.describe(f, counts[id])
	c.Feed = &now
	return c, err
}

// replace makes old f, in storage and in the supervisor.
func (a *App) replace(ctx context.Context, old, f subscriptions.Feed) error {
	a.editing.Lock()
	defer a.editing.Unlock()
	stored, err := a.db.Feed(ctx, f.ID)
	if err != nil {
		return noSuchFeed(f.ID, err)
	}
	if !sameFeed(stored, old) { // keeping secrets may have taken a while
		return control.Refuse(http.StatusConflict, "Look at it and try again.", "the feed %q has been changed meanwhile", f.ID)
	}
	if sameFeed(old, f) {
		return nil
	}
	store := a.db.SetFeed
	if !old.SameStream(&f) {
		store = a.db.SetStream
	}
	ctx = context.WithoutCancel(ctx) // whoever asked may go; the feed must run
	set := func() error {
		// First: an alarm that is stored must not look back.
		err := a.listenAnew(ctx, old, f)
		if err == nil {
			err = store(ctx, f)
		}
		if err == nil && !sameForwards(old, f) {
			a.forwarder.Change(ctx, f)
		}
		return err
	}
	if old.SameConnection(&f) { // which goes on
		if err = set(); err == nil && old.Name != f.Name {
			err = a.supervisor.Update(f)
		}
	} else {
		err = a.supervisor.Change(f, set)
	}
	if err == nil {
		a.silence.Watch(f)
		a.worker.Reconsider()
	}
	if errors.Is(err, storage.ErrNotFound) {
		return noSuchFeed(f.ID, err)
	}
	return err
}

// sameFeed compares definitions as they are stored.
func sameFeed(a, b subscriptions.Feed) bool {
	first, err1 := json.Marshal(define(a))
	second, err2 := json.Marshal(define(b))
	return err1 == nil && err2 == nil && bytes.Equal(first, second) && slices.Equal(a.Auth, b.Auth)
}

// dropped are the credentials whose secrets f no longer has.
func dropped(before, after []subscriptions.Credential) (gone []subscriptions.Credential) {
	for _, c := range before {
		if !slices.ContainsFunc(after, func(o subscriptions.Credential) bool { return o.Secret == c.Secret }) {
			gone = append(gone, c)
		}
	}
	return gone
}
