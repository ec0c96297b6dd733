package notify

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"time"
)

// A Notification is what one event, or several told as one, look like on a
// desktop. All text is plain and hostile: backends bound, clean and escape it.
type Notification struct {
	// Seq is the event's row in history; 0 for a summary.
	Seq int64
	// Summary is the summary's number; 0 for a single event.
	Summary int64
	// Key says what replaces what: a notification takes the place of the
	// one with the same key, where the desktop can do that.
	Key string
	// Update says that people have been told already: what takes another's
	// place does so without a sound, where the desktop can do that.
	Update bool
	// Feed is the feed's id, FeedName what people call it.
	Feed, FeedName string
	// Title is one line, Body may have several, Link is a URL or empty.
	Title, Body, Link string
	// Priority is 1 (lowest) to 5 (urgent).
	Priority int
	// Tags, as the event has them.
	Tags []string
	// Image is the path of a local picture to show with it; empty for none.
	Image string
	// Sound is a name of the sound naming specification, [SoundNone], or
	// empty: the desktop decides.
	Sound string
	// Buttons are offered beside a click on the notification itself, the most
	// important first; backends show as many as they can.
	Buttons []Button
	// Time is when it happened.
	Time time.Time
}

// SoundNone as a sound is silence.
const SoundNone = "none"

// A Button is something a person can do with a notification. Its label may
// come from the wire; ID never does.
type Button struct {
	ID, Label string
}

// The buttons that Bellwire itself offers. What a payload declares is "do-1"
// and "do-2".
const (
	ButtonOpen = "open" // the same as a click on the notification
	ButtonRead = "read" // mark it read
	ButtonMute = "mute" // no notifications of this feed for an hour
)

// same reports whether n and m show the same. Their times are left out: equal
// ones differ in their location when they were read twice.
func (n Notification) same(m Notification) bool {
	n.Time, m.Time = time.Time{}, time.Time{}
	return reflect.DeepEqual(n, m)
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

// An Activation is a click on a notification or on one of its buttons.
type Activation struct {
	Seq, Summary int64
	Feed, Link   string
	// Button is the button's id; empty for the notification itself.
	Button string
	// Token lets the program that reacts raise its window (xdg-activation);
	// empty when the desktop gave none.
	Token string
}

// An Ending is a notification that has left the screen without a click.
type Ending struct {
	Seq, Summary int64
	Why          EndReason
}

// EndReason says why a notification has left the screen.
type EndReason string

const (
	EndExpired   EndReason = "expired"   // its time was over
	EndDismissed EndReason = "dismissed" // a person closed it
	EndClosed    EndReason = "closed"    // a program closed it, maybe us
)

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
	// OnEnd is told of notifications that left the screen, under the same
	// conditions as OnActivate. Nil tells nobody.
	OnEnd func(Ending)
	// OpenLabel is what the button [ButtonOpen] is called; empty: Open.
	OpenLabel string
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
