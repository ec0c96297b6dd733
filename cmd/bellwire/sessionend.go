//go:build !headless

package main

import (
	"context"
	"log/slog"
	"time"

	"bellwire/internal/daemon"
	"bellwire/ui/tray"
)

// endWithSession ends the daemon when the session it was started in is over,
// as desktops end what shows windows: nobody else does, and it could neither
// show anything nor make room for the one of the next session. Where the bus
// is only restarted, so is Bellwire: its tray cannot come back otherwise.
func endWithSession(ctx context.Context, app *daemon.App, log *slog.Logger) {
	log.Info("the session bus is gone; bellwire ends, unless it returns", "within", sessionGrace)
	select {
	case <-ctx.Done():
		return
	case <-time.After(sessionGrace):
	}
	if tray.HasBus(ctx) {
		err := app.Restart(ctx)
		if err == nil {
			return
		}
		log.Warn("the session bus is back, and the tray is not", "error", err)
		return
	}
	log.Info("the session has ended, and bellwire with it")
	app.Quit()
}
