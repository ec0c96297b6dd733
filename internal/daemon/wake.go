package daemon

import (
	"context"
	"net/http"

	"bellwire/internal/control"
	"bellwire/internal/wake"
	"bellwire/subscriptions"
)

// openWake makes the watcher that kicks the feeds when the machine wakes or
// changes its network.
func (a *App) openWake() {
	a.wake = wake.New(wake.Options{
		Woke: func(r wake.Reason) {
			if r == wake.Resumed {
				a.silence.Woke()
				a.trouble.Woke()
			}
			a.supervisor.Kick()
			a.forwarder.Kick()
			a.worker.Reconsider() // its timers have slept too
		},
		Waiting: func() bool { return a.supervisor.Waiting() || a.forwarder.Waiting() },
		Logger:  a.log,
	})
}

// statusChanged is told by the supervisor.
func (a *App) statusChanged(feed string, s subscriptions.Status) {
	a.calm.stir()
	a.changes.send()
	a.wake.Poke()
	a.silence.StatusChanged(feed)
	a.trouble.StatusChanged(feed, s)
}

// ReconnectFeed implements [control.Daemon].
func (a *App) ReconnectFeed(ctx context.Context, id string) (control.Feed, error) {
	a.editing.Lock()
	defer a.editing.Unlock()
	f, err := a.db.Feed(ctx, id)
	if err != nil {
		return control.Feed{}, noSuchFeed(id, err)
	}
	if f.Paused {
		return control.Feed{}, control.Refuse(http.StatusConflict, "Start it with: bellwire resume "+id, "the feed %q is paused", id)
	}
	a.supervisor.Reconnect(id)
	counts, err := a.db.Counts(ctx)
	return a.describe(f, counts[id]), err
}

// Reconnect implements [control.Daemon].
func (a *App) Reconnect() { a.supervisor.ReconnectAll() }
