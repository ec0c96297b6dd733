package daemon

import (
	"slices"
	"strings"
	"testing"

	"bellwire/internal/control"
)

func demoFeeds(t *testing.T, a *App) (names []string, on bool) {
	t.Helper()
	s, err := a.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Feeds {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names, s.Demo
}

func wantDemo(t *testing.T, a *App, on bool, want ...string) {
	t.Helper()
	if names, is := demoFeeds(t, a); is != on || !slices.Equal(names, want) {
		t.Errorf("on %v with %q, want %v with %q", is, names, on, want)
	}
}

// The demo comes and goes as one, and leaves the feeds of a person alone,
// also one that has the name of a demo feed.
func TestDemoOnAndOff(t *testing.T) {
	a, stop := open(t, shortDir(t))
	defer stop()
	own := control.NewFeed{Name: "Demo deploys", URL: "https://example.invalid/events", Transport: "sse", Paused: true}
	if _, err := a.AddFeed(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	client := control.NewClient(a.cfg.Dirs.Socket())
	for _, on := range []bool{true, true, false, false, true} {
		if err := client.SetDemo(t.Context(), on); err != nil {
			t.Fatal(err)
		}
		if on {
			wantDemo(t, a, true, "Demo alerts", "Demo deploys", "Demo deploys")
		} else {
			wantDemo(t, a, false, "Demo deploys")
		}
	}
	await(t, a, "events of the demo", func() bool {
		seq, err := a.LastSeq(t.Context())
		return err == nil && seq > 0
	})
}

// Removing the demo feeds one by one ends the demo as well: nobody reads what
// it serves.
func TestDemoEndsWithItsLastFeed(t *testing.T) {
	a, stop := open(t, shortDir(t))
	defer stop()
	if err := a.SetDemo(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	feeds, err := a.Feeds(t.Context())
	if err != nil || len(feeds) != 2 {
		t.Fatalf("%d feeds, %v", len(feeds), err)
	}
	for i, f := range feeds {
		if err := a.RemoveFeed(t.Context(), f.ID); err != nil {
			t.Fatal(err)
		}
		if _, on := demoFeeds(t, a); on != (i == 0) {
			t.Errorf("on %v after %d were removed", on, i+1)
		}
	}
	if err := a.SetDemo(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	wantDemo(t, a, true, "Demo alerts", "Demo deploys")
}

// Nobody serves the demo feeds once the daemon has ended: the next one does
// not try to reach them for ever.
func TestDemoDoesNotOutliveTheDaemon(t *testing.T) {
	dir := shortDir(t)
	a, stop := open(t, dir)
	if err := a.SetDemo(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AddFeed(t.Context(), control.NewFeed{Name: "own", URL: "https://example.invalid/events", Transport: "sse", Paused: true}); err != nil {
		t.Fatal(err)
	}
	stop()
	a, stop = open(t, dir)
	defer stop()
	wantDemo(t, a, false, "own")
}

// What a person made of the id, or of the feed, that a demo had is theirs: the
// next daemon must not take it for a demo that was left.
func TestTheNextDaemonRemovesNobodysFeed(t *testing.T) {
	dir := shortDir(t)
	a, stop := open(t, dir)
	if err := a.SetDemo(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := a.RemoveFeed(t.Context(), "demo-deploys"); err != nil {
		t.Fatal(err)
	}
	own := control.NewFeed{Name: "Demo deploys", URL: "https://example.invalid/events", Transport: "sse", Paused: true}
	added, err := a.AddFeed(t.Context(), own)
	if err != nil || added.ID != "demo-deploys" {
		t.Fatal(added.ID, err)
	}
	own.Name, own.URL = "Mine now", "https://example.invalid/alerts"
	if _, err := a.ChangeFeed(t.Context(), "demo-alerts", own); err != nil {
		t.Fatal(err)
	}
	stop()
	a, stop = open(t, dir)
	wantDemo(t, a, false, "Demo deploys", "Mine now")
	// Nor does the end of a demo.
	if err := a.SetDemo(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	feeds, err := a.Feeds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range feeds {
		if strings.HasPrefix(f.URL, "http://127.") {
			own.Name, own.URL = "Mine too", "https://example.invalid/more"
			if _, err := a.ChangeFeed(t.Context(), f.ID, own); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := a.SetDemo(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	wantDemo(t, a, false, "Demo deploys", "Mine now", "Mine too")
	stop()
}

// A daemon that is killed while it adds the demo leaves nothing behind: what
// it serves is noted before there is a feed of it.
func TestADemoThatWasInterrupted(t *testing.T) {
	dir := shortDir(t)
	a, stop := open(t, dir)
	server, err := a.serveDemo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := server.Feeds()[0]
	if _, err := a.AddFeed(t.Context(), control.NewFeed{URL: f.URL, Name: f.Name, Transport: f.Transport}); err != nil {
		t.Fatal(err)
	}
	stop()
	a, stop = open(t, dir)
	defer stop()
	wantDemo(t, a, false)
}
