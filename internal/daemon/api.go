package daemon

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// App answers the control API.
var _ control.Daemon = (*App)(nil)

// Changed implements [control.History].
func (a *App) Changed() <-chan struct{} { return a.changes.wait() }

// LastSeq implements [control.History].
func (a *App) LastSeq(ctx context.Context) (int64, error) { return a.db.LastSeq(ctx) }

// Event implements [control.History].
func (a *App) Event(ctx context.Context, seq int64) (subscriptions.Event, error) {
	e, err := a.db.Event(ctx, seq)
	if errors.Is(err, storage.ErrNotFound) {
		err = control.Refuse(http.StatusNotFound, "See them with: bellwire history", "there is no event %d", seq)
	}
	return e, err
}

// Quit implements [control.Daemon].
func (a *App) Quit() { a.quitOne.Do(func() { close(a.quit) }) }

// PauseNotifications implements [control.Daemon].
func (a *App) PauseNotifications(ctx context.Context, until time.Time) error {
	if err := a.db.SetSetting(ctx, settingPausedUntil, until.Format(time.RFC3339)); err != nil {
		return err
	}
	a.worker.Pause(until)
	a.changes.send()
	return nil
}

// SetTray notes how the tray icon does, for the status.
func (a *App) SetTray(is control.Tray) { a.tray.Store(&is) }

// Status implements [control.Daemon].
func (a *App) Status(ctx context.Context) (control.Status, error) {
	s := control.Status{
		Version:  a.cfg.Version,
		PID:      os.Getpid(),
		Started:  a.started,
		Dir:      a.cfg.Dirs.Data,
		Notifier: a.backend.Name(),
		Demo:     a.demo.is(),
	}
	s.Upgrade = a.upgrade.Load()
	if tray := a.tray.Load(); tray != nil {
		s.Tray = *tray
	}
	if err := a.worker.Err(); err != nil {
		s.NotifierError = err.Error()
	}
	if a.dnd != nil {
		_, s.DND = a.dnd.On()
	}
	if until := a.worker.PausedUntil(); until.After(time.Now()) {
		s.PausedUntil = until
	}
	var err error
	if s.Held, err = a.db.Owed(ctx); err != nil {
		return s, err
	}
	if s.Held > 0 {
		if s.Holds, err = a.db.Holds(ctx); err != nil {
			return s, err
		}
	}
	if s.LastSeq, err = a.db.LastSeq(ctx); err != nil {
		return s, err
	}
	if s.Feeds, err = a.Feeds(ctx); err != nil {
		return s, err
	}
	counts, err := a.db.Counts(ctx)
	if err != nil {
		return s, err
	}
	// Notices of no feed are Bellwire's own, and counted as well.
	s.Events, s.Unread = counts[""].Events, counts[""].Unread
	for _, f := range s.Feeds {
		s.Events += f.Events
		s.Unread += f.Unread
	}
	return s, nil
}
