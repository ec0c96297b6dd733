// Package application is Bellwire as a D-Bus application: it answers
// org.freedesktop.Application, by which a desktop's menu opens it and does the
// actions of its desktop entry.
//
// It must not know what the actions do. Where there is no session bus, and on
// systems without one, it does nothing.
package application

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// ID is the application's name on the bus, and that of its desktop entry.
const ID = "io.bellwire.Bellwire"

// Actions of the desktop entry. [Open] is also what activation does.
const (
	Open    = "open"
	AddFeed = "add-feed"
	Pause   = "pause"
)

// ErrTaken means that another program has the name.
var ErrTaken = errors.New("another program answers as " + ID + " on the session bus")

// Options are what an application is made of.
type Options struct {
	// Do does one of the actions. It is called by one goroutine. token, where
	// there is one, lets a window come to the front (xdg-activation).
	Do func(ctx context.Context, action, token string)
	// Idle ends Serve when nothing was asked for so long; zero: never.
	Idle time.Duration
	// Wait takes the name as soon as whoever has it leaves, such as the process
	// before a restart; else that is [ErrTaken].
	Wait   bool
	Logger *slog.Logger
}
