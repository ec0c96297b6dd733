package daemon

import (
	"context"
	"net/http"

	"bellwire/internal/control"
)

var errNotYet = control.Refuse(http.StatusNotImplemented, "", "not yet")

// DeleteEvents implements [control.Desk].
func (a *App) DeleteEvents(context.Context, []int64) error { return errNotYet }

// UndoRead implements [control.Desk].
func (a *App) UndoRead(context.Context, string) error { return errNotYet }

// Activity implements [control.Desk].
func (a *App) Activity(context.Context) (control.Activity, error) {
	return control.Activity{}, errNotYet
}

// Arrange implements [control.Desk].
func (a *App) Arrange(context.Context, []control.Place) error { return errNotYet }
