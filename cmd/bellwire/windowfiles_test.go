//go:build !headless

package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/daemon"
)

// What the window exports it also imports, and tells what it did.
func TestFilesOfTheWindow(t *testing.T) {
	dirs, err := daemon.FindDirs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	app, err := daemon.Open(t.Context(), daemon.Config{Dirs: dirs, Notifier: "none", Stdout: io.Discard, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.Run(t.Context()) }()
	t.Cleanup(func() {
		app.Quit()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	})
	e := &env{ctx: t.Context(), dirs: dirs}
	for _, id := range []string{"one", "two"} {
		if _, err := app.AddFeed(t.Context(), control.NewFeed{ID: id, URL: "https://" + id + ".invalid/events", Transport: "sse", Paused: true}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "feeds.yaml")
	if err := exportFeeds(t.Context(), e, path); err != nil {
		t.Fatal(err)
	}
	if err := exportFeeds(t.Context(), e, path); err == nil || err.Error() != "there is such a file already" {
		t.Errorf("a file that is there: %v", err)
	}
	if err := app.RemoveFeed(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	told, err := importFeeds(t.Context(), e, path)
	if err != nil || told != "1 feed added · 1 was there already" {
		t.Errorf("told %q, %v", told, err)
	}
	for name, text := range map[string]string{
		"not a file of feeds":        "feeds: 3\n",
		"a bad feed":                 "version: 1\nfeeds:\n- id: bad\n  url: https://x.invalid/\n  transport: carrier pigeon\n",
		"a feed that runs a program": "version: 1\nfeeds:\n- id: runs\n  url: https://x.invalid/\n  transport: sse\n  notify:\n    exec: [rm]\n",
	} {
		bad := filepath.Join(t.TempDir(), "bad.yaml")
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		told, err := importFeeds(t.Context(), e, bad)
		t.Logf("%s: %v", name, err)
		if err == nil || told != "" || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: told %q, %v", name, told, err)
		}
	}
	if feeds, err := app.Feeds(t.Context()); err != nil || len(feeds) != 2 {
		t.Errorf("%d feeds, %v", len(feeds), err)
	}
}
