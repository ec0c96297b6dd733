package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bellwire/internal/application"

	sd "github.com/coreos/go-systemd/v22/daemon"
)

const (
	// actionPause is how long the desktop entry's action pauses.
	actionPause = time.Hour
	// standInFor is how long a stand-in waits for what to do, and for more.
	standInFor = 10 * time.Second
	// actionTimeout bounds what an action asks of the daemon.
	actionTimeout = 10 * time.Second
)

// doAction does an action of the desktop entry, as the tray would.
func doAction(e *env, log *slog.Logger) func(ctx context.Context, action, token string) {
	return func(ctx context.Context, action, token string) {
		switch action {
		case application.Open:
			openWindow(e, log, token)
		case application.AddFeed:
			openWindow(e, log, token, "--add")
		case application.Pause:
			ctx, cancel := context.WithTimeout(ctx, actionTimeout)
			defer cancel()
			if err := e.client().PauseNotifications(ctx, time.Now().Add(actionPause)); err != nil {
				log.Warn("notifications could not be paused", "error", err)
			}
		}
	}
}

// startApplication answers the desktop's menu until end is called. Where that
// cannot be, everything else works.
func startApplication(ctx context.Context, e *env, log *slog.Logger) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		err := application.Serve(ctx, application.Options{Do: doAction(e, log), Wait: true, Logger: log})
		if ctx.Err() == nil {
			log.Debug("the desktop's menu starts Bellwire by its command", "reason", err)
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// standIn does what the bus has started this process for, since the daemon
// that runs does not answer there: it was started with --headless, or without
// a session.
func standIn(e *env) error {
	log, closeLog := newLogger(e.err, "", false)
	defer closeLog()
	err := application.Serve(e.ctx, application.Options{Do: doAction(e, log), Idle: standInFor, Logger: log})
	if errors.Is(err, application.ErrTaken) {
		return nil // it is there by now
	}
	return err
}

// tellSystemd says how the daemon does where systemd has started it
// (Type=notify); elsewhere it says nothing.
func tellSystemd(log *slog.Logger) (ready, stopping func()) {
	tell := func(state string) func() {
		return func() {
			if _, err := sd.SdNotify(false, state); err != nil {
				log.Warn("systemd was not told", "state", state, "error", err)
			}
		}
	}
	return tell(sd.SdNotifyReady), tell(sd.SdNotifyStopping)
}
