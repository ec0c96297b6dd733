//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	stdlog "log"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/daemon"
	"bellwire/internal/eventfile"
	"bellwire/internal/watch"
	"bellwire/notify"
	"bellwire/storage"
	"bellwire/subscriptions"
	"bellwire/ui/icon"
	"bellwire/ui/tray"
	"bellwire/ui/window"
	"bellwire/ui/words"
)

const noDesktop = "no display (neither DISPLAY nor WAYLAND_DISPLAY is set): no tray, no window; notifications go to standard output"

// hasWindow is whether this build has tray and window.
const hasWindow = true

// hasDesktop reports whether a window could be shown.
func hasDesktop() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func notificationIcon() []byte { return icon.App256 }

// notificationWords are what notifications say, in the person's language.
func notificationWords() notify.Words {
	return notify.Words{
		Open: words.Say("notify.open"), Read: words.Say("notify.read"), Mute: words.Say("notify.mute"),
		Summary: words.NotificationSummary, Part: words.NotificationPart, Rest: words.NotificationRest,
		New: words.NotificationNew,
	}
}

// speak changes the language of everything that this process says to people.
func speak(language string) notify.Words {
	words.Use(language)
	return notificationWords()
}

// noticeWords are what notices say, in the person's language.
func noticeWords() watch.Words {
	return func(f watch.Facts) (title, body string) {
		e := subscriptions.Event{Kind: subscriptions.KindNotice, Type: string(f.Type), Raw: f.Raw()}
		if title, body, ok := words.Notice(e); ok {
			return title, body
		}
		return watch.Words(nil).Say(f)
	}
}

// runTray shows the tray until ctx ends. Without one, everything else works.
func runTray(ctx context.Context, e *env, app *daemon.App, log *slog.Logger) {
	quieten(log)
	err := tray.Run(ctx, tray.Options{
		Client: e.client(),
		Open:   func(args ...string) { openWindow(e, log, "", args...) },
		Quit:   app.Quit,
		Shown: func(shown bool) {
			if shown {
				app.SetTray(control.TrayShown)
			} else {
				app.SetTray(control.TrayNoPanel)
			}
		},
		Logger: log,
	})
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, tray.ErrBusGone):
		app.SetTray(control.TrayGone)
		endWithSession(ctx, app, log)
	case errors.Is(err, tray.ErrNoTray):
		app.SetTray(control.TrayNone)
		log.Info("no tray here: start bellwire once more to open its window", "reason", err)
	default:
		app.SetTray(control.TrayNone)
		log.Warn("the tray ended", "error", err)
	}
	<-ctx.Done()
}

// quieten makes what libraries print, as systray does where there is no panel,
// part of the log: what matters of it is told in our own words.
func quieten(to *slog.Logger) {
	stdlog.SetFlags(0)
	stdlog.SetOutput(slog.NewLogLogger(to.Handler(), slog.LevelDebug).Writer())
}

type windowCmd struct {
	windowFlags
}

// Run brings the open window to the front, or is the window.
func (c *windowCmd) Run(e *env) error {
	if err := checkDisplay(e.ctx); err != nil {
		return err
	}
	client := e.client()
	if e.after == nil { // else it is the window of the process before this one
		if shown, err := client.Show(e.ctx, c.what()); err == nil && shown {
			return nil
		}
	}
	log, closeLog := newLogger(e.err, "", false)
	defer closeLog()
	var again []string
	reopen := func(show control.Show) { _, again, _ = e.self(windowArgs(show)...) }
	if e.program == nil {
		reopen = nil
	}
	err := window.Run(e.ctx, window.Options{
		Client:      client,
		Show:        c.what(),
		StartDaemon: func() error { return startDaemon(e) },
		OpenLink:    func(link string) error { return notify.OpenLink(e.ctx, link) },
		Export:      exportEvents,
		Language:    language(e.ctx, client),
		Version:     programVersion(),
		Reopen:      reopen,
		ExportFeeds: func(ctx context.Context, path string) error { return exportFeeds(ctx, e, path) },
		ImportFeeds: func(ctx context.Context, path string) (string, error) { return importFeeds(ctx, e, path) },
		Backup:      func(ctx context.Context, path string) (window.Backup, error) { return backUp(ctx, e, path) },
		NewestBackup: func(_ context.Context, own string) (window.Backup, error) {
			return newestBackup(e.dirs.Database(), own)
		},
		Report: func(ctx context.Context) (string, error) { return doctorReport(ctx, e) },
		Logger: log,
	})
	if again == nil || err != nil || e.ctx.Err() != nil { // or told to end meanwhile
		return err
	}
	return e.becomeInstalled(again, handover{}, nil)
}

// exportEvents writes what is seen in a window to a file.
func exportEvents(format, path string, events iter.Seq2[subscriptions.Event, error]) (int, error) {
	f := eventfile.Format(format)
	if f == eventfile.CSV {
		f = eventfile.CSVWithMark // a person opens it in a spreadsheet
	}
	return eventfile.WriteFile(path, f, false, events)
}

// askLanguage bounds how long a window waits to learn its language.
const askLanguage = 2 * time.Second

// language is the one that a person chose; empty: the system's, or there is
// nobody to ask.
func language(ctx context.Context, c *control.Client) string {
	ctx, cancel := context.WithTimeout(ctx, askLanguage)
	defer cancel()
	p, err := c.Preferences(ctx)
	if err != nil {
		return ""
	}
	return p.Language
}

// startDaemon starts a daemon that outlives this process, and opens no window:
// there is one. That it could not open its database is told at once: nobody
// sees what it says.
func startDaemon(e *env) error {
	if err := storage.Inspect(e.ctx, e.dirs.Database()); err != nil {
		title, text := failureWords(err)
		return fmt.Errorf("%s. %s (%w. %s)", title, text, err, failureHint(err))
	}
	name, argv, err := e.self("run")
	if err != nil {
		return err
	}
	cmd := exec.Command(name, argv...)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
