package window

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// ID is the application's id; Fyne keeps the window's preferences under it.
const ID = "io.bellwire.Bellwire"

// Client is what the window needs of [control.Client].
type Client interface {
	Status(ctx context.Context) (control.Status, error)
	AddFeed(ctx context.Context, f control.NewFeed) (control.Feed, error)
	RemoveFeed(ctx context.Context, id string) error
	PauseFeed(ctx context.Context, id string) (control.Feed, error)
	ResumeFeed(ctx context.Context, id string) (control.Feed, error)
	Event(ctx context.Context, seq int64) (subscriptions.Event, error)
	Delivery(ctx context.Context, seq int64) (control.Delivery, error)
	Summary(ctx context.Context, id int64) (subscriptions.Summary, error)
	MuteFeed(ctx context.Context, id string, until time.Time) (control.Feed, error)
	MarkRead(ctx context.Context, m control.MarkRead) (control.Marked, error)
	UndoRead(ctx context.Context, undo string) error
	DeleteEvents(ctx context.Context, seqs []int64) error
	Search(ctx context.Context, q control.Query) (control.Page, error)
	Searches(ctx context.Context) ([]control.SavedSearch, error)
	SetSearches(ctx context.Context, s []control.SavedSearch) error
	Picture(ctx context.Context, seq int64) (control.Picture, error)
	Activity(ctx context.Context) (control.Activity, error)
	Arrange(ctx context.Context, places []control.Place) error

	Preview(ctx context.Context, n control.NewFeed) iter.Seq2[control.Glimpse, error]
	TryPayloads(ctx context.Context, n control.NewFeed, payloads []control.Payload) ([]control.Outcome, error)
	TestFeed(ctx context.Context, id string, t control.Test) ([]control.Trial, error)
	Definitions(ctx context.Context) ([]control.NewFeed, error)
	TryFeed(ctx context.Context, id string, n control.NewFeed) (control.Change, error)
	ChangeFeed(ctx context.Context, id string, n control.NewFeed) (control.Change, error)
	ReconnectFeed(ctx context.Context, id string) (control.Feed, error)
	FeedLog(ctx context.Context, id string) ([]subscriptions.LogEntry, error)

	Preferences(ctx context.Context) (subscriptions.Preferences, error)
	SetPreferences(ctx context.Context, p subscriptions.Preferences) error
	TestNotification(ctx context.Context, n control.TestNotification) (control.Delivery, error)
	Autostart(ctx context.Context) (control.Autostart, error)
	SetAutostart(ctx context.Context, on bool) (control.Autostart, error)
	SetDemo(ctx context.Context, on bool) error
	Restart(ctx context.Context) error
	Act(ctx context.Context, seq int64, n int) error
	PauseNotifications(ctx context.Context, until time.Time) error
	Events(ctx context.Context, o control.EventsOptions) iter.Seq2[control.Update, error]
}

// Options are what the window works with. Client and Logger are required.
type Options struct {
	Client Client
	// Show is what to show first.
	Show control.Show
	// StartDaemon starts the daemon when a person asks for it; nil when that
	// cannot be done from here. It must not wait for the daemon's end.
	StartDaemon func() error
	// OpenLink opens an http, https or mailto address. Nil uses the desktop's
	// own way.
	OpenLink func(link string) error
	// Export writes events to a new file at path, in one of [ExportFormats],
	// and tells how many it wrote. An error of the events ends it, and leaves
	// no file. Nil: nothing can be exported.
	Export func(format, path string, events iter.Seq2[subscriptions.Event, error]) (n int, err error)
	// OpenFolder shows a folder in the desktop's file manager. Nil uses the
	// desktop's own way.
	OpenFolder func(path string) error
	// ExportFeeds writes all feeds to a file, which must not be there yet;
	// ImportFeeds adds those of a file and tells in a sentence what it did.
	// Both errors are for people. Nil where that cannot be done.
	ExportFeeds func(ctx context.Context, path string) error
	ImportFeeds func(ctx context.Context, path string) (summary string, err error)
	// Backup copies everything but the secrets to a new file at path, which
	// must not be there yet, while the daemon runs or does not. A cancelled one
	// leaves no file. The error is for people. Nil where that cannot be done.
	Backup func(ctx context.Context, path string) (Backup, error)
	// NewestBackup is the newest of those that Bellwire has made by itself and
	// of own, the path of one that may be gone; empty for none. Nil: nobody
	// knows.
	NewestBackup func(ctx context.Context, own string) (Backup, error)
	// Report looks for what keeps Bellwire from working and tells of it in
	// lines of text, for somebody who is asked for help. Nil where that cannot
	// be done.
	Report func(ctx context.Context) (string, error)
	// Language is what the window speaks: see [words.Use].
	Language string
	// Version is the window's own, to be compared with the daemon's.
	Version string
	// Reopen is told, before the window closes itself, that the installed
	// program is to open a window in its place once [Run] has returned, and
	// what that shows. Nil: it stays open beside a daemon of another version.
	Reopen func(show control.Show)
	// Theme is "light" or "dark"; anything else is what the person chose, or
	// follows the system.
	Theme  string
	Logger *slog.Logger
}

// ExportFormats are those of [Options.Export].
var ExportFormats = []string{"json", "csv"}

// Timing. Nothing here ticks while nothing changes.
const (
	// callTimeout bounds one request to the daemon.
	callTimeout = 15 * time.Second
	// actTimeout bounds one that has the daemon ask somebody else, who has as
	// long.
	actTimeout = 2 * callTimeout
	// flushEvery is the shortest time between two redraws for what arrives.
	flushEvery = 100 * time.Millisecond
	// searchDelay is how long typing must rest before a search starts.
	searchDelay = 250 * time.Millisecond
	// undoFor is how long a removed feed can be had back.
	undoFor = 8 * time.Second
	// backFor is how long the window says that the daemon answers again.
	backFor = 4 * time.Second
	// A daemon that does not answer is asked again after retryMin, twice as
	// long each time, up to retryMax.
	retryMin = 500 * time.Millisecond
	retryMax = 5 * time.Second
)
