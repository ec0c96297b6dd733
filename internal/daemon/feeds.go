package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// maxID keeps ids short enough to type.
const maxID = 32

// Feeds implements [control.Daemon].
func (a *App) Feeds(ctx context.Context) ([]control.Feed, error) {
	feeds, err := a.db.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := a.db.Counts(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]control.Feed, 0, len(feeds))
	for _, f := range feeds {
		out = append(out, a.describe(f, counts[f.ID]))
	}
	return out, nil
}

// describe is f as people see it.
func (a *App) describe(f subscriptions.Feed, c storage.Counts) control.Feed {
	status, _ := a.supervisor.Status(f.ID)
	if f.Paused {
		status.State = subscriptions.StatePaused // or will be in a moment
	}
	return control.Feed{
		ID:         f.ID,
		Name:       f.Name,
		URL:        subscriptions.RedactURL(f.URL),
		Transport:  f.Transport,
		Settings:   f.Settings,
		Status:     status,
		Events:     c.Events,
		Unread:     c.Unread,
		LastEvent:  c.LastEvent,
		MutedUntil: mutedUntil(c),
		Created:    f.Created,
		Look:       f.Look,
		Auth:       describeAuth(f.Auth),
		TLS:        f.TLS,
		Proxy:      subscriptions.RedactURL(f.Proxy),
		Waiting:    a.describeWaits(f.ID),
	}
}

// AddFeed implements [control.Daemon].
func (a *App) AddFeed(ctx context.Context, n control.NewFeed) (control.Feed, error) {
	n, err := a.choose(ctx, n)
	if err != nil {
		return control.Feed{}, err
	}
	d, err := a.draft(ctx, n, nil)
	if err != nil {
		return control.Feed{}, err
	}
	kept, err := a.keep(ctx, d.feed, d.given)
	if err != nil {
		return control.Feed{}, err
	}
	f := d.with(kept)
	a.editing.Lock()
	defer a.editing.Unlock()
	base := cmp.Or(n.ID, slug(f.Name))
	f.ID = base
	for n2 := 2; ; n2++ {
		err := a.db.AddFeed(ctx, f)
		if err == nil {
			break
		}
		if n.ID != "" && errors.Is(err, storage.ErrExists) {
			err = idTaken(n.ID)
		}
		if n.ID != "" || !errors.Is(err, storage.ErrExists) {
			a.forget(context.WithoutCancel(ctx), kept)
			return control.Feed{}, err
		}
		f.ID = fmt.Sprintf("%s-%d", base, n2)
	}
	a.forwarder.Start(context.WithoutCancel(ctx), f) // first: it has to miss nothing
	a.supervisor.Start(f)
	a.silence.Watch(f)
	a.changes.send()
	return a.describe(f, storage.Counts{}), nil
}

// check refuses settings that do not compile.
func check(f subscriptions.Feed) error {
	if err := compiles(f); err != nil {
		return control.Refuse(http.StatusBadRequest, "Names in scope: data, raw, type, id, cursor, feed, received and memory, in what a feed sends also n and secret, in forwards event; conditions are written plain, texts with {{ … }}", "%v", err)
	}
	return nil
}

// RemoveFeed implements [control.Daemon].
func (a *App) RemoveFeed(ctx context.Context, id string) error {
	a.editing.Lock()
	defer a.editing.Unlock()
	f, err := a.db.Feed(ctx, id)
	if err != nil {
		return noSuchFeed(id, err)
	}
	a.supervisor.Stop(id)
	a.forwarder.Stop(id)
	if err := a.db.RemoveFeed(ctx, id); err != nil {
		a.forwarder.Start(context.WithoutCancel(ctx), f)
		a.supervisor.Start(f) // still a feed: it must not fall silent
		return noSuchFeed(id, err)
	}
	a.silence.Forget(id)
	a.trouble.Forget(id)
	a.forget(context.WithoutCancel(ctx), f.Auth)
	a.unreadDemo(context.WithoutCancel(ctx))
	return nil
}

// PauseFeed implements [control.Daemon].
func (a *App) PauseFeed(ctx context.Context, id string) (control.Feed, error) {
	return a.setPaused(ctx, id, true)
}

// ResumeFeed implements [control.Daemon].
func (a *App) ResumeFeed(ctx context.Context, id string) (control.Feed, error) {
	return a.setPaused(ctx, id, false)
}

func (a *App) setPaused(ctx context.Context, id string, paused bool) (control.Feed, error) {
	a.editing.Lock()
	defer a.editing.Unlock()
	if paused {
		// First, since storage may be slow, or full: then the feed is paused for
		// as long as Bellwire runs, and the error says what is wrong.
		a.supervisor.Pause(id)
		ctx = context.WithoutCancel(ctx)
	}
	if err := a.db.SetPaused(ctx, id, paused); err != nil {
		return control.Feed{}, noSuchFeed(id, err)
	}
	if !paused {
		a.supervisor.Resume(id)
	}
	f, err := a.db.Feed(ctx, id)
	if err != nil {
		return control.Feed{}, noSuchFeed(id, err)
	}
	counts, err := a.db.Counts(ctx)
	return a.describe(f, counts[id]), err
}

// FeedLog implements [control.Daemon].
func (a *App) FeedLog(_ context.Context, id string) ([]subscriptions.LogEntry, error) {
	entries, ok := a.supervisor.Log(id)
	if !ok {
		return nil, noSuchFeed(id, storage.ErrNotFound)
	}
	return entries, nil
}

func noSuchFeed(id string, err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return control.Refuse(http.StatusNotFound, "See them with: bellwire feeds", "there is no feed %q", id)
	}
	return err
}

// transportFor is the kind of stream an address most likely is.
func transportFor(u *url.URL) subscriptions.TransportName {
	if u.Scheme == "ws" || u.Scheme == "wss" {
		return subscriptions.TransportWebSocket
	}
	return subscriptions.TransportSSE
}

// nameFor makes a name from an address: its host and the last part of its
// path that says something.
func nameFor(u *url.URL) string {
	name := u.Host
	parts := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	for i := len(parts) - 1; i >= 0; i-- {
		switch parts[i] {
		case "sse", "ws", "json", "stream", "events", "live", ".well-known":
			continue
		}
		name += "/" + parts[i]
		break
	}
	return strings.ToValidUTF8(name[:min(len(name), subscriptions.MaxName)], "")
}

// slug makes an id from a name: lower-case ASCII letters and digits, with
// hyphens for everything between them.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == maxID {
			break
		}
	}
	return cmp.Or(strings.Trim(b.String(), "-"), "feed")
}
