package daemon

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/demo"
	"bellwire/subscriptions"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if !answered() {
		goleak.VerifyTestMain(m)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Deploys":                              "deploys",
		"  My  Deploys! ":                      "my-deploys",
		"ntfy.sh/alerts":                       "ntfy-sh-alerts",
		"部署":                                   "feed",
		"部署 CI":                                "ci",
		"--":                                   "feed",
		"a very long name that goes on and on": "a-very-long-name-that-goes-on-an",
		"ends in a hyphen at the limit----ab":  "ends-in-a-hyphen-at-the-limit-ab",
	} {
		if got := slug(name); got != want || len(got) > maxID {
			t.Errorf("slug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNameFor(t *testing.T) {
	for raw, want := range map[string]string{
		"https://ntfy.sh/alerts/sse":                  "ntfy.sh/alerts",
		"wss://example.org:8443/":                     "example.org:8443",
		"https://example.org/.well-known/mercure?a=b": "example.org/mercure",
		"https://example.org/events":                  "example.org",
		"https://u:p@example.org/v2/stream/recent":    "example.org/recent",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := nameFor(u); got != want {
			t.Errorf("%s is called %q, want %q", raw, got, want)
		}
	}
}

func TestFindDirs(t *testing.T) {
	dir := t.TempDir()
	d, err := FindDirs(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{d.Database(), d.Socket(), d.Log()} {
		if filepath.Dir(path) != dir {
			t.Errorf("%s is not in %s", path, dir)
		}
	}
	usual, err := FindDirs("")
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(usual.Data) != "bellwire" || !filepath.IsAbs(usual.Socket()) {
		t.Errorf("usual places %+v", usual)
	}
}

// open runs an app in a folder until the test ends or stop is called.
func open(t *testing.T, dir string) (a *App, stop func()) {
	t.Helper()
	return running(t, config(t, dir))
}

// config is what the tests' apps are made of.
func config(t *testing.T, dir string) Config {
	t.Helper()
	dirs, err := FindDirs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Dirs: dirs, Notifier: "none", Stdout: io.Discard, Logger: slog.New(slog.DiscardHandler), Version: "test"}
}

// running is open with a configuration of the test's own.
func running(t *testing.T, cfg Config) (a *App, stop func()) {
	t.Helper()
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(context.Background()) }()
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		a.Quit()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return a, stop
}

func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// await waits for a condition by the app's own word of changes.
func await(t *testing.T, a *App, what string, done func() bool) {
	t.Helper()
	timeout := time.After(3 * time.Minute)
	for {
		changed := a.Changed()
		if done() {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestFeedsLiveOverARestart(t *testing.T) {
	server, err := demo.Start("127.0.0.1:0", time.Hour, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	dir, ctx := shortDir(t), t.Context()
	a, stop := open(t, dir)
	for _, f := range server.Feeds() {
		if _, err := a.AddFeed(ctx, control.NewFeed{URL: f.URL, Name: "same name", Settings: f.Settings}); err != nil {
			t.Fatal(err)
		}
	}
	feeds := func(a *App) []control.Feed {
		feeds, err := a.Feeds(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return feeds
	}
	await(t, a, "an event of each", func() bool {
		f := feeds(a)
		return f[0].Events == 1 && f[1].Events == 1
	})
	got := feeds(a)
	if got[0].ID != "same-name" || got[1].ID != "same-name-2" {
		t.Errorf("ids %q and %q", got[0].ID, got[1].ID)
	}
	if got[0].Transport != subscriptions.TransportSSE || got[1].Transport != subscriptions.TransportWebSocket {
		t.Errorf("transports %s and %s", got[0].Transport, got[1].Transport)
	}
	if _, err := a.PauseFeed(ctx, "same-name"); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	if err := a.PauseNotifications(ctx, until); err != nil {
		t.Fatal(err)
	}
	stop()

	a, _ = open(t, dir)
	await(t, a, "the other feed", func() bool { return feeds(a)[1].State == subscriptions.StateOpen })
	if f := feeds(a)[0]; f.State != subscriptions.StatePaused || f.Events != 1 {
		t.Errorf("the paused feed is %+v", f)
	}
	s, err := a.Status(ctx)
	if err != nil || !s.PausedUntil.Equal(until) || s.Events != 2 || s.Version != "test" {
		t.Errorf("status %+v, %v", s, err)
	}
	if err := a.RemoveFeed(ctx, "same-name"); err != nil {
		t.Fatal(err)
	}
	if f := feeds(a); len(f) != 1 || f[0].ID != "same-name-2" {
		t.Errorf("feeds after removal: %+v", f)
	}
	// The id is free again, and names a new feed without a past.
	f, err := a.AddFeed(ctx, control.NewFeed{URL: "http://127.0.0.1:9/", Name: "Same name"})
	if err != nil || f.ID != "same-name" || f.Events != 0 || f.Cursor != "" {
		t.Errorf("added again: %+v, %v", f, err)
	}
}

// A feed whose removal fails is a feed still, and must not fall silent.
func TestFailedRemovalLeavesTheFeedRunning(t *testing.T) {
	server, err := demo.Start("127.0.0.1:0", time.Hour, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	a, _ := open(t, shortDir(t))
	f, err := a.AddFeed(t.Context(), control.NewFeed{URL: server.Feeds()[0].URL})
	if err != nil {
		t.Fatal(err)
	}
	isOpen := func() bool {
		st, _ := a.supervisor.Status(f.ID)
		return st.State == subscriptions.StateOpen
	}
	await(t, a, "the connection", isOpen)
	// The client hangs up between the two steps; a full disk does the same.
	ctx := &endsLate{Context: t.Context(), ended: func() bool { return !isOpen() }}
	if err := a.RemoveFeed(ctx, f.ID); !errors.Is(err, context.Canceled) {
		t.Fatalf("the removal says %v", err)
	}
	await(t, a, "the connection to be made again", isOpen)
}

// While something else holds the database a paused feed lets go of its server
// all the same.
func TestPauseDoesNotWaitForStorage(t *testing.T) {
	hungUp := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(hungUp)
	}))
	defer server.Close()
	a, _ := open(t, shortDir(t))
	f, err := a.AddFeed(t.Context(), control.NewFeed{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	await(t, a, "the connection", func() bool {
		st, _ := a.supervisor.Status(f.ID)
		return st.State == subscriptions.StateOpen
	})
	other, err := sql.Open("sqlite", "file:"+a.cfg.Dirs.Database()+"?_pragma=busy_timeout(30000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	paused := make(chan error, 1)
	go func() {
		_, err := a.PauseFeed(context.Background(), f.ID)
		paused <- err
	}()
	select {
	case <-hungUp:
	case err := <-paused:
		t.Errorf("the storage was waited for: %v", err)
		paused <- nil
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	<-paused
}

// endsLate is cancelled once ended says so.
type endsLate struct {
	context.Context
	ended func() bool
}

func (c *endsLate) Err() error {
	if c.ended() {
		return context.Canceled
	}
	return nil
}

// What storage keeps and what a feed does stay the same, whoever asks at the
// same time.
func TestPauseAndResumeAtTheSameTime(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	f, err := a.AddFeed(ctx, control.NewFeed{URL: "http://127.0.0.1:9/"})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		var wg sync.WaitGroup
		for _, set := range []func(context.Context, string) (control.Feed, error){a.PauseFeed, a.ResumeFeed} {
			wg.Go(func() {
				if _, err := set(ctx, f.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		stored, err := a.db.Feed(ctx, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		await(t, a, "the feed to do what is stored", func() bool {
			st, _ := a.supervisor.Status(f.ID)
			return (st.State == subscriptions.StatePaused) == stored.Paused
		})
	}
}

func TestOneDaemonAFolder(t *testing.T) {
	dir := shortDir(t)
	a, stop := open(t, dir)
	if _, err := Open(t.Context(), a.cfg); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one: %v", err)
	}
	// The first one has not lost its socket over it.
	c := control.NewClient(a.cfg.Dirs.Socket())
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.cfg.Dirs.Ended(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("it has ended, says %v", err)
	}
	stop()
	if err := a.cfg.Dirs.Ended(t.Context()); err != nil {
		t.Error(err)
	}
	open(t, dir)
}

func TestRefusals(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	for name, tc := range map[string]struct {
		err    error
		status int
	}{
		"address": {func() error { _, err := a.AddFeed(ctx, control.NewFeed{URL: "nonsense"}); return err }(), 400},
		"header": {func() error {
			_, err := a.AddFeed(ctx, control.NewFeed{URL: "http://x/", Headers: []subscriptions.Header{{Name: "a b"}}})
			return err
		}(), 400},
		"pause":  {func() error { _, err := a.PauseFeed(ctx, "x"); return err }(), 404},
		"remove": {a.RemoveFeed(ctx, "x"), 404},
		"event":  {func() error { _, err := a.Event(ctx, 1); return err }(), 404},
	} {
		e, ok := errors.AsType[*control.Error](tc.err)
		if !ok || e.Status != tc.status || e.Message == "" {
			t.Errorf("%s: %v", name, tc.err)
		}
	}
	long, err := FindDirs("/tmp/" + strings.Repeat("x", 120))
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(long.Data)
	if _, err := Open(ctx, Config{Dirs: long, Notifier: "none", Logger: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("a long folder: %v", err)
	}
}
