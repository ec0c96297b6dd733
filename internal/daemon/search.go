package daemon

import (
	"context"
	"errors"
	"net/http"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
	"bellwire/subscriptions/search"
)

// History implements [control.History].
func (a *App) History(ctx context.Context, q control.Query) ([]subscriptions.Event, error) {
	events, err := a.db.History(ctx, storage.Query(q))
	return events, unreadable(err)
}

// Search implements [control.Desk].
func (a *App) Search(ctx context.Context, q control.Query) (control.Page, error) {
	p, err := a.db.Search(ctx, storage.Query(q))
	return control.Page{Events: p.Events, Through: p.Through}, unreadable(err)
}

// unreadable refuses a search that cannot be read; any other err is as it is.
func unreadable(err error) error {
	if e, ok := errors.AsType[*search.Error](err); ok {
		return control.Refuse(http.StatusBadRequest, e.Wants, "%s", e.Error())
	}
	return err
}
