package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"bellwire/internal/control"
	"bellwire/internal/demo"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// settingDemo holds the addresses of the demo feeds as JSON.
const settingDemo = "demo.addresses"

// A demonstration is the demo feeds, while they are there. They end with the
// daemon at the latest: who serves them is gone then. What makes a feed one of
// them is its address, and nothing else: an id may be somebody's own feed's by
// now, and a feed may have been led elsewhere.
type demonstration struct {
	switching sync.Mutex // one change after the other
	mu        sync.Mutex
	server    *demo.Server // nil: there are none
}

// SetDemo implements [control.Desk].
func (a *App) SetDemo(ctx context.Context, on bool) error {
	a.demo.switching.Lock()
	defer a.demo.switching.Unlock()
	if on == a.demo.is() {
		return nil
	}
	if !on {
		return a.removeDemo(ctx)
	}
	server, err := a.serveDemo(ctx)
	if err != nil {
		return err
	}
	for _, f := range server.Feeds() {
		if _, err := a.AddFeed(ctx, control.NewFeed{URL: f.URL, Name: f.Name, Transport: f.Transport, Settings: f.Settings}); err != nil {
			return errors.Join(err, a.removeDemo(context.WithoutCancel(ctx)))
		}
	}
	a.changes.send()
	return nil
}

// serveDemo serves the demo feeds, and notes their addresses before there can
// be a feed of them: a daemon that is killed leaves nothing behind for ever.
func (a *App) serveDemo(ctx context.Context) (*demo.Server, error) {
	server, err := demo.Start("127.0.0.1:0", 0, a.log)
	if err != nil {
		return nil, control.Refuse(http.StatusInternalServerError, "Something may keep programs from listening on 127.0.0.1", "the demo feeds cannot be served: %v", err)
	}
	noted, err := json.Marshal(addresses(server))
	if err == nil {
		err = a.db.SetSetting(ctx, settingDemo, string(noted))
	}
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	a.demo.mu.Lock()
	a.demo.server = server
	a.demo.mu.Unlock()
	return server, nil
}

// addresses are those of a server's feeds.
func addresses(s *demo.Server) (all []string) {
	for _, f := range s.Feeds() {
		all = append(all, f.URL)
	}
	return all
}

// removeDemo removes the demo feeds and ends their server. What cannot be
// removed is kept in mind.
func (a *App) removeDemo(ctx context.Context) error {
	if s := a.demo.serving(); s != nil {
		if err := a.removeAt(ctx, addresses(s)); err != nil {
			return err
		}
	}
	err := errors.Join(a.db.SetSetting(ctx, settingDemo, "[]"), a.demo.end())
	a.changes.send()
	return err
}

// removeAt removes the feeds that have one of the addresses.
func (a *App) removeAt(ctx context.Context, addresses []string) error {
	feeds, err := a.db.Feeds(ctx)
	if err != nil {
		return err
	}
	for _, f := range feeds {
		if !slices.Contains(addresses, f.URL) {
			continue
		}
		if err := a.RemoveFeed(ctx, f.ID); err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}

// leftDemo removes the feeds of a demo that ended with an earlier daemon.
func (a *App) leftDemo(ctx context.Context) error {
	value, err := a.db.Setting(ctx, settingDemo)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var left []string
	if err := json.Unmarshal([]byte(value), &left); err != nil {
		return fmt.Errorf("the addresses of the demo feeds: %w", err)
	}
	if len(left) == 0 {
		return nil
	}
	if err := a.removeAt(ctx, left); err != nil {
		return err
	}
	return a.db.SetSetting(ctx, settingDemo, "[]")
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*control.Error](err)
	return ok && e.Status == http.StatusNotFound
}

// unreadDemo ends the demo where the last of its feeds has gone, or leads
// elsewhere now: nothing is served that nobody reads.
func (a *App) unreadDemo(ctx context.Context) {
	if !a.demo.switching.TryLock() { // whoever changes it sees to that
		return
	}
	defer a.demo.switching.Unlock()
	s := a.demo.serving()
	if s == nil {
		return
	}
	feeds, err := a.db.Feeds(ctx)
	if err == nil && !slices.ContainsFunc(feeds, func(f subscriptions.Feed) bool { return slices.Contains(addresses(s), f.URL) }) {
		err = errors.Join(a.db.SetSetting(ctx, settingDemo, "[]"), a.demo.end())
	}
	if err != nil {
		a.log.Warn("ending the demo", "error", err)
	}
}

// is reports whether there are demo feeds.
func (d *demonstration) is() bool { return d.serving() != nil }

func (d *demonstration) serving() *demo.Server {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.server
}

func (d *demonstration) end() error {
	d.mu.Lock()
	server := d.server
	d.server = nil
	d.mu.Unlock()
	if server == nil {
		return nil
	}
	return server.Close()
}
