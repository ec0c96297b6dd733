package notify

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"
)

// A Notification is what one event looks like on a desktop. All text is plain
// and hostile: backends bound, clean and escape it.
type Notification struct {
	// Seq is the event's row in history.
	Seq int64
	// Key says what replaces what: a notification takes the place of the
	// one with the same key, where the desktop can do that.
	Key string
	// Feed is the feed's id, FeedName what people call it.
	Feed, FeedName string
	// Title is one line, Body may have several, Link is a URL or empty.
	Title, Body, Link string
	// Priority is 1 (lowest) to 5 (urgent).
	Priority int
	// Time is when it happened.
	Time time.Time
}

// same reports whether n and m show the same. Their times are left out: equal
// ones differ in their location when they were read twice.
func (n Notification) same(m Notification) bool {
	n.Time, m.Time = time.Time{}, time.Time{}
	return n == m
}

// A Backend puts notifications on one kind of desktop. It is safe for
// concurrent use.
type Backend interface {
	// Name is the name it was opened with, never "auto".
	Name() string
	// Show returns when the desktop has taken n. An error that wraps
	// [ErrRejected] means that n will never be taken; any other error means
	// that the same n may be shown later. It ends soon after ctx.
	Show(ctx context.Context, n Notification) error
	// Close ends everything the backend started.
	Close() error
}

// ErrRejected means that the desktop will never take this notification.
var ErrRejected = errors.New("the desktop refused this notification")

// An Activation is a click on a notification.
type Activation struct {
	Seq        int64
	Feed, Link string
	// Token lets the program that reacts raise its window (xdg-activation);
	// empty when the desktop gave none.
	Token string
}

// Options are the same for every backend; each uses what it can.
type Options struct {
	// AppName is the application as people know it.
	AppName string
	// Icon is the path of a PNG that stays where it is; empty for none.
	Icon string
	// DesktopEntry is the name of the .desktop file, without its extension.
	DesktopEntry string
	// OnActivate is called for every click, one at a time, from a goroutine
	// of the backend that Close waits for. Nil means that notifications
	// cannot be clicked.
	OnActivate func(Activation)
	// Desktop says that somebody looks at a desktop rather than a terminal:
	// "auto" then waits for a notification service that is not there yet.
	Desktop bool
	// BeeepChild is the command line of a process that calls [SendBeeep] with
	// its standard input. The beeep backend needs it on Linux and BSD.
	BeeepChild []string
	// Logger is nil for none.
	Logger *slog.Logger
	// Stdout is where the terminal backend writes; nil is [os.Stdout].
	Stdout io.Writer
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}
