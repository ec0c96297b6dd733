package daemon

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// DeleteEvents implements [control.Desk].
func (a *App) DeleteEvents(ctx context.Context, seqs []int64) error {
	if len(seqs) > control.MaxDelete {
		return control.Refuse(http.StatusBadRequest, "Ask several times.", "more than %d events cannot be deleted at once", control.MaxDelete)
	}
	if err := a.db.Delete(ctx, seqs); err != nil {
		return err
	}
	a.worker.Forget(seqs)
	return nil
}

// Activity implements [control.Desk].
func (a *App) Activity(ctx context.Context) (control.Activity, error) {
	now := time.Now().UTC()
	feeds, err := a.db.Activity(ctx, now, control.ActivityHours)
	return control.Activity{Until: now.Truncate(time.Hour).Add(time.Hour), Feeds: feeds}, err
}

// Arrange implements [control.Desk].
func (a *App) Arrange(ctx context.Context, places []control.Place) error {
	known := map[string]bool{}
	to := make([]storage.Place, 0, len(places))
	for _, p := range places {
		if known[p.Feed] {
			return control.Refuse(http.StatusBadRequest, "", "the feed %q has two places", p.Feed)
		}
		known[p.Feed] = true
		p.Folder = strings.Join(strings.Fields(p.Folder), " ")
		if err := (subscriptions.Look{Folder: p.Folder}).Validate(); err != nil {
			return control.Refuse(http.StatusBadRequest, "", "%v", err)
		}
		to = append(to, storage.Place(p))
	}
	a.editing.Lock()
	defer a.editing.Unlock()
	feeds, err := a.db.Feeds(ctx)
	if err != nil {
		return err
	}
	for _, f := range feeds {
		delete(known, f.ID)
	}
	for _, p := range places {
		if known[p.Feed] {
			return noSuchFeed(p.Feed, storage.ErrNotFound)
		}
	}
	if err := a.db.Arrange(ctx, to); !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	return control.Refuse(http.StatusConflict, "Look at them and try again.", "the feeds have been changed meanwhile")
}
