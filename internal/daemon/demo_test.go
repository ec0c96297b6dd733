package daemon

import (
	"slices"
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
