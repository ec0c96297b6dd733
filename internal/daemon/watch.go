package daemon

import (
	"context"
	"slices"
	"time"

	"bellwire/internal/watch"
	"bellwire/notify"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// A pace makes the watchers' waits shorter; zero: as they are.
type pace struct {
	settle, steady, gather, keep time.Duration
	preferences                  func() subscriptions.Preferences
}

// openWatch makes the watchers that tell of silences and troubles.
func (a *App) openWatch(ctx context.Context) error {
	a.silence = watch.NewSilence(watch.SilenceOptions{
		Store:  a.db,
		Status: func(feed string) (subscriptions.Status, bool) { return a.supervisor.Status(feed) },
		Words:  a.cfg.NoticeWords,
		Logger: a.log,
		Settle: a.cfg.pace.settle,
	})
	preferences := a.preferred
	if a.cfg.pace.preferences != nil {
		preferences = a.cfg.pace.preferences
	}
	a.trouble = watch.NewTrouble(watch.TroubleOptions{
		Store:       a.db,
		Preferences: preferences,
		Words:       a.cfg.NoticeWords,
		Logger:      a.log,
		Steady:      a.cfg.pace.steady,
		Gather:      a.cfg.pace.gather,
	})
	return a.trouble.Recall(ctx)
}

// listenAnew begins a new silence where a feed's alarm is another than before,
// or ends the one that was told where there is no alarm any more.
func (a *App) listenAnew(ctx context.Context, old, f subscriptions.Feed) error {
	if old.Silence == f.Silence {
		return nil
	}
	return a.db.SetHeard(ctx, f.ID, time.Now())
}

// hearing is the feeds' store. The policy says of what comes whether nobody is
// ever told of it, and the watcher is told of what ends a silence.
type hearing struct {
	*storage.DB
	worker  *notify.Worker
	silence *watch.Silence
}

// Ingest implements [supervisor.Store].
func (h hearing) Ingest(ctx context.Context, b subscriptions.Batch) (subscriptions.Receipt, error) {
	h.worker.Foretell(ctx, b.Feed, b.Events)
	r, err := h.DB.Ingest(ctx, b)
	if err == nil && r.Inserted > 0 && slices.ContainsFunc(b.Events, func(e subscriptions.Event) bool { return e.Heard }) {
		h.silence.Heard(b.Feed)
	}
	return r, err
}
