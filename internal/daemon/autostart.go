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
	return AutostartStatus(s), err
}

// AutostartStatus is s for those who ask.
func AutostartStatus(s autostart.Status) control.Autostart {
	return control.Autostart{On: s.On, Unavailable: s.Unavailable, Reason: string(s.Reason), Detail: s.Detail, Why: s.Why()}
}

// SetAutostart implements [control.Desk].
func (a *App) SetAutostart(_ context.Context, on bool) (control.Autostart, error) {
	a.starting.Lock() // two at once would read what the other writes
	defer a.starting.Unlock()
	s, err := a.cfg.Autostart.Set(on)
	if errors.Is(err, autostart.ErrUnavailable) {
		err = control.Refuse(http.StatusConflict, "Change it in your desktop's settings, where they have it.", "%v", err)
	}
	if err == nil {
		a.changes.send()
	}
	return AutostartStatus(s), err
}
