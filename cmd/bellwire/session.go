package main

import (
	"context"
	"errors"
	"time"

	"bellwire/internal/control"
)

const (
	// sessionGrace is how long a session bus may be gone before the session is
	// over; one that crashed may be started again.
	sessionGrace = 10 * time.Second
	// successionTime is how long the next session's Bellwire waits for the
	// last one's end: longer than that takes it to notice.
	successionTime = 2 * sessionGrace
	successionStep = 100 * time.Millisecond
)

// succeeds waits for the end of a daemon whose session is over, and ends it
// where it answers. False where the one that has the folder is to keep it.
func succeeds(e *env) bool {
	ctx, cancel := context.WithTimeout(e.ctx, successionTime)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- e.dirs.Ended(ctx) }()
	look := time.NewTicker(successionStep)
	defer look.Stop()
	client := e.client()
	for {
		s, err := client.Status(ctx)
		switch {
		case errors.Is(err, control.ErrNoDaemon): // it starts or ends, or its socket went with its session
		case err != nil || s.Tray != control.TrayGone:
			return false
		default:
			_ = client.Quit(ctx) // it has ended where this fails
		}
		select {
		case err := <-ended:
			return err == nil
		case <-look.C:
		}
	}
}
