//go:build headless

package main

import (
	"context"
	"errors"
	"log/slog"

	"bellwire/internal/daemon"
	"bellwire/internal/watch"
	"bellwire/notify"
)

const noDesktop = "this build has neither tray nor window; notifications go to standard output"

// hasWindow is whether this build has tray and window.
const hasWindow = false

func hasDesktop() bool { return false }

func notificationIcon() []byte { return nil }

func notificationWords() notify.Words { return notify.English() }

func speak(string) notify.Words { return notify.English() }

func noticeWords() watch.Words { return nil }

func tellFailure(*env, error) {}

type tellCmd struct{}

func (c *tellCmd) Run(*env) error { return (&windowCmd{}).Run(nil) }

func runTray(ctx context.Context, _ *env, _ *daemon.App, _ *slog.Logger) { <-ctx.Done() }

type windowCmd struct{ windowFlags }

func (c *windowCmd) Run(*env) error {
	return withHint(errors.New("this build of Bellwire has no window"), "Use the command line: bellwire feeds, bellwire history, bellwire tail")
}
