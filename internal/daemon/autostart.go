package daemon

import (
	"context"
	"errors"
	"net/http"

	"bellwire/internal/autostart"
	"bellwire/internal/control"
)

// Autostart implements [control.Desk].
func (a *App) Autostart(context.Context) (control.Autostart, error) {
	s, err := a.cfg.Autostart.Status()
	return control.Autostart(s), err
}

// SetAutostart implements [control.Desk].
func (a *App) SetAutostart(_ context.Context, on bool) (control.Autostart, error) {
	a.editing.Lock() // two at once would read what the other writes
	defer a.editing.Unlock()
	s, err := a.cfg.Autostart.Set(on)
	if errors.Is(err, autostart.ErrUnavailable) {
		err = control.Refuse(http.StatusConflict, "Change it in your desktop's settings, where they have it.", "%v", err)
	}
	if err == nil {
		a.changes.send()
	}
	return control.Autostart(s), err
}
