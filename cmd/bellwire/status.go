package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellwire/internal/control"
)

// waitStep is how often status --wait looks for a daemon that is starting.
const waitStep = 50 * time.Millisecond

type statusCmd struct {
	JSON bool          `help:"Print one JSON object."`
	Wait time.Duration `placeholder:"DURATION" help:"Wait this long, like 10s, for a Bellwire that is still starting. Default: not at all."`
}

func (c *statusCmd) Run(e *env) error {
	s, err := waitStatus(e.ctx, e.client(), c.Wait)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e, s)
	}
	fmt.Fprintf(e.out, "Bellwire %s, running since %s, process %d\n", s.Version, s.Started.Local().Format(time.DateTime), s.PID)
	if words := upgradeWords(s); words != "" {
		fmt.Fprintf(e.out, "Upgrade: %s\n", words)
	}
	fmt.Fprintf(e.out, "Folder: %s\n", s.Dir)
	fmt.Fprintf(e.out, "Notifications: %s", s.Notifier)
	switch {
	case s.PausedUntil.Equal(control.Forever):
		fmt.Fprintf(e.out, ", paused")
	case !s.PausedUntil.IsZero():
		fmt.Fprintf(e.out, ", paused until %s", s.PausedUntil.Local().Format(time.DateTime))
	}
	if s.Held > 0 && len(s.Holds) == 0 {
		fmt.Fprintf(e.out, ", %s", heldWords(s.Held, nil))
	}
	fmt.Fprintln(e.out)
	if len(s.Holds) > 0 {
		fmt.Fprintf(e.out, "  held: %s\n", heldWords(s.Held, s.Holds))
	}
	if s.NotifierError != "" {
		fmt.Fprintf(e.out, "  trouble: %s\n", s.NotifierError)
	}
	if tray := trayWords(s.Tray); tray != "" {
		fmt.Fprintf(e.out, "Tray: %s\n", tray)
	}
	fmt.Fprintf(e.out, "History: %s, %d unread\n", counted(s.Events, "event"), s.Unread)
	if len(s.Feeds) > 0 {
		fmt.Fprintln(e.out)
		writeFeeds(e, s.Feeds)
	}
	return nil
}

// trayWords tell how the tray icon does; empty where none is wanted.
func trayWords(is control.Tray) string {
	switch is {
	case control.TrayShown:
		return "shown"
	case control.TrayNoPanel:
		return "none (no panel shows tray icons)"
	case control.TrayNone:
		return "none (no session bus)"
	case control.TrayGone:
		return "none (the session has ended)"
	}
	return string(is) // of another version, or empty
}

// waitStatus asks for the status, for up to wait while nobody answers.
func waitStatus(ctx context.Context, client *control.Client, wait time.Duration) (control.Status, error) {
	deadline := time.Now().Add(wait)
	tick := time.NewTicker(waitStep)
	defer tick.Stop()
	for {
		s, err := client.Status(ctx)
		if !errors.Is(err, control.ErrNoDaemon) || time.Now().After(deadline) {
			return s, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return s, ctx.Err()
		}
	}
}

// quitWait bounds the wait for a daemon that ends: it commits what has
// arrived and lets a notification on its way be taken.
const quitWait = 30 * time.Second

type quitCmd struct{}

// Run returns when the daemon has ended and another one could start.
func (c *quitCmd) Run(e *env) error {
	if err := e.client().Quit(e.ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(e.ctx, quitWait)
	defer cancel()
	err := e.dirs.Ended(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return withHint(errors.New("bellwire was told to stop and still has not"), "Its log says what it waits for: %s", e.dirs.Log())
	}
	return err
}
