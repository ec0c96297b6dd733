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
)

// settingDemo holds the ids of the demo feeds as JSON.
const settingDemo = "demo.feeds"

// A demonstration is the demo feeds, while they are there. They end with the
// daemon at the latest: who serves them is gone then.
type demonstration struct {
	switching sync.Mutex // one change after the other
	mu        sync.Mutex
	server    *demo.Server // nil: there are none
	feeds     []string     // ids, those removed since left out
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
	server, err := demo.Start("127.0.0.1:0", 0, a.log)
	if err != nil {
		return control.Refuse(http.StatusInternalServerError, "Something may keep programs from listening on 127.0.0.1", "the demo feeds cannot be served: %v", err)
	}
	a.demo.mu.Lock()
	a.demo.server = server
	a.demo.mu.Unlock()
	for _, f := range server.Feeds() {
		added, err := a.AddFeed(ctx, control.NewFeed{URL: f.URL, Name: f.Name, Transport: f.Transport, Settings: f.Settings})
		if err == nil {
			err = a.rememberDemo(ctx, added.ID)
		}
		if err != nil {
			return errors.Join(err, a.removeDemo(context.WithoutCancel(ctx)))
		}
	}
	a.changes.send()
	return nil
}

// rememberDemo takes a feed for one of the demo's, also across restarts.
func (a *App) rememberDemo(ctx context.Context, id string) error {
	a.demo.mu.Lock()
	a.demo.feeds = append(a.demo.feeds, id)
	ids, err := json.Marshal(a.demo.feeds)
	a.demo.mu.Unlock()
	if err != nil {
		return err
	}
	return a.db.SetSetting(ctx, settingDemo, string(ids))
}

// removeDemo removes the demo feeds and ends their server. What cannot be
// removed is kept in mind.
func (a *App) removeDemo(ctx context.Context) error {
	a.demo.mu.Lock()
	feeds := slices.Clone(a.demo.feeds)
	a.demo.mu.Unlock()
	for _, id := range feeds {
		if err := a.RemoveFeed(ctx, id); err != nil && !isNotFound(err) {
			return err
		}
	}
	err := errors.Join(a.db.SetSetting(ctx, settingDemo, "[]"), a.demo.end())
	a.changes.send()
	return err
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
	var ids []string
	if err := json.Unmarshal([]byte(value), &ids); err != nil {
		return fmt.Errorf("the ids of the demo feeds: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	a.demo.mu.Lock()
	a.demo.feeds = ids
	a.demo.mu.Unlock()
	return a.removeDemo(ctx)
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*control.Error](err)
	return ok && e.Status == http.StatusNotFound
}

// is reports whether there are demo feeds.
func (d *demonstration) is() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.server != nil
}

// forget is told of every feed that is removed. The last of the demo's ends
// it: nothing is served that nobody reads.
func (d *demonstration) forget(id string) error {
	d.mu.Lock()
	was := len(d.feeds)
	d.feeds = slices.DeleteFunc(d.feeds, func(f string) bool { return f == id })
	last := was > 0 && len(d.feeds) == 0
	d.mu.Unlock()
	if !last {
		return nil
	}
	return d.end()
}

func (d *demonstration) end() error {
	d.mu.Lock()
	server := d.server
	d.server, d.feeds = nil, nil
	d.mu.Unlock()
	if server == nil {
		return nil
	}
	return server.Close()
}
