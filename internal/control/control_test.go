package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The server lingers half a second over a request it refused to read.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// fake is a daemon with a history and nothing else.
type fake struct {
	Daemon // what a test does not expect panics

	mu   sync.Mutex
	rows []subscriptions.Event

	changed chan struct{}
}

func (f *fake) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

func (f *fake) LastSeq(context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(len(f.rows)), nil
}

func (f *fake) History(_ context.Context, q Query) (out []subscriptions.Event, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.rows {
		if e.Seq > q.After && (q.Feed == "" || q.Feed == e.Feed) && len(out) < q.Limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func (f *fake) Event(_ context.Context, seq int64) (subscriptions.Event, error) {
	return subscriptions.Event{}, Refuse(http.StatusNotFound, "look elsewhere", "there is no event %d", seq)
}

func (f *fake) Act(_ context.Context, seq int64, n int) error {
	return Refuse(http.StatusForbidden, "allow it", "action %d of event %d", n, seq)
}

func (f *fake) Feeds(context.Context) ([]Feed, error) { return nil, errors.New("on fire") }

func (f *fake) RemoveFeed(context.Context, string) error {
	return fmt.Errorf("removing: %w", subscriptions.Failf(subscriptions.Transient, subscriptions.CodeStorage, "disk full"))
}

func (f *fake) Presets(context.Context) (Presets, error) { return Presets{}, nil }

func (f *fake) Probe(_ context.Context, p Probe) (subscriptions.Detection, error) {
	return subscriptions.Detection{Asked: p.URL}, nil
}

func (f *fake) AddFeed(_ context.Context, n NewFeed) (Feed, error) {
	return Feed{ID: "x", Name: n.Name, Status: subscriptions.Status{State: subscriptions.StateConnecting}}, nil
}

func (f *fake) add(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range n {
		seq := int64(len(f.rows) + 1)
		f.rows = append(f.rows, subscriptions.Event{Seq: seq, Feed: []string{"even", "odd"}[seq%2], Title: fmt.Sprintf("event %d\nü", seq)})
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

func serve(t *testing.T) (*fake, *Client, string) {
	t.Helper()
	f := &fake{changed: make(chan struct{})}
	path, _ := start(t, f)
	c := NewClient(path)
	t.Cleanup(c.http.CloseIdleConnections)
	return f, c, path
}

// start serves d until the test ends.
func start(t *testing.T, d Daemon) (path string, s *Server) {
	t.Helper()
	dir, err := os.MkdirTemp("", "bw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	log := slog.New(slog.DiscardHandler)
	l, err := Listen(path, log)
	if err != nil {
		t.Fatal(err)
	}
	s = NewServer(d, log)
	served := make(chan error)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return path, s
}

// read takes n events from the live stream.
func read(t *testing.T, c *Client, o EventsOptions, n int, begun func()) (seqs []int64) {
	t.Helper()
	for u, err := range c.Events(t.Context(), o) {
		if err != nil {
			t.Fatal(err)
		}
		if begun != nil {
			begun()
			begun = nil
		}
		if u.Kind == UpdateEvent {
			if want := fmt.Sprintf("event %d\nü", u.Event.Seq); u.Event.Title != want {
				t.Errorf("title %q, want %q", u.Event.Title, want)
			}
			seqs = append(seqs, u.Event.Seq)
		}
		if len(seqs) == n {
			break
		}
	}
	return seqs
}

func TestLiveStreamResumesAnywhere(t *testing.T) {
	f, c, _ := serve(t)
	f.add(3 * livePage) // more than a page
	all := read(t, c, EventsOptions{}, 3*livePage, nil)
	for i, seq := range all {
		if seq != int64(i+1) {
			t.Fatalf("position %d holds %d", i, seq)
		}
	}
	if got := read(t, c, EventsOptions{After: 598}, 2, nil); !cmp.Equal(got, []int64{599, 600}) {
		t.Errorf("behind 598 came %v", got)
	}
	if got := read(t, c, EventsOptions{After: 1, Feed: "even"}, 2, nil); !cmp.Equal(got, []int64{2, 4}) {
		t.Errorf("of one feed came %v", got)
	}
}

func TestLiveStreamTellsWhatComesNext(t *testing.T) {
	f, c, _ := serve(t)
	f.add(5)
	if got := read(t, c, EventsOptions{After: Live}, 2, func() { f.add(2) }); !cmp.Equal(got, []int64{6, 7}) {
		t.Errorf("live came %v", got)
	}
}

func TestShowReachesWindowsOnly(t *testing.T) {
	f, c, _ := serve(t)
	if shown, err := c.Show(t.Context(), Show{Seq: 7}); err != nil || shown {
		t.Errorf("without a window: %v, %v", shown, err)
	}
	f.add(1)
	for u, err := range c.Events(t.Context(), EventsOptions{Window: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if u.Kind == UpdateEvent { // the stream is up
			if shown, err := c.Show(t.Context(), Show{Seq: 7}); err != nil || !shown {
				t.Fatalf("with a window: %v, %v", shown, err)
			}
		}
		if u.Kind == UpdateShow {
			if u.Show.Seq != 7 {
				t.Errorf("shows %+v", u.Show)
			}
			break
		}
	}
}

func TestRefusals(t *testing.T) {
	_, c, path := serve(t)
	ctx := t.Context()
	_, err := c.Event(ctx, 9)
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 404 || e.Hint != "look elsewhere" || e.Message != "there is no event 9" {
		t.Errorf("event: %v", err)
	}
	_, err = c.Feeds(ctx)
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 500 || e.Message != "on fire" {
		t.Errorf("feeds: %v", err)
	}
	err = c.RemoveFeed(ctx, "x")
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 500 || e.Message != "removing: disk full" || !strings.Contains(e.Hint, "disk space") {
		t.Errorf("remove: %v", err)
	}
	for _, bad := range []string{"limit=x", "before=-1", "oldest_first=maybe"} {
		resp, err := c.http.Get("http://bellwire/v1/history?" + bad)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 400 {
			t.Errorf("%s: %s", bad, resp.Status)
		}
	}
	resp, err := c.http.Post("http://bellwire/v1/feeds", "application/json", strings.NewReader(`{"url":"`+strings.Repeat("x", 2*maxRequest)+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 400 {
		t.Errorf("a huge request: %s", resp.Status)
	}
	if _, err := NewClient(path + "-nobody").Status(ctx); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("no daemon: %v", err)
	}
}

func TestSocketIsThisUsersOwn(t *testing.T) {
	_, _, path := serve(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o", mode)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := checkPeer(conn); err != nil {
		t.Errorf("this very user: %v", err)
	}
}

// A daemon with another data folder may share the runtime folder.
func TestListenLeavesALivingSocketAlone(t *testing.T) {
	path, _ := start(t, &fake{changed: make(chan struct{})})
	if l, err := Listen(path, slog.New(slog.DiscardHandler)); err == nil {
		l.Close()
		t.Error("a socket that somebody answers on was replaced")
	}
	c := NewClient(path)
	defer c.http.CloseIdleConnections()
	if _, err := c.AddFeed(t.Context(), NewFeed{}); err != nil {
		t.Error(err)
	}
}

// A socket of another user's is no sign that nobody is there.
func TestAnothersSocket(t *testing.T) {
	c := &Client{http: &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.EACCES)}
	}}}}
	_, err := c.Status(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != http.StatusForbidden || e.Hint == "" {
		t.Errorf("%v", err)
	}
}

// quitting is a daemon that ends while it is asked to.
type quitting struct {
	Daemon
	quit func()
}

func (q *quitting) Quit() { q.quit() }

// Whoever asks the daemon to end gets an answer before it does.
func TestCloseLetsAnswersOut(t *testing.T) {
	d := &quitting{}
	path, s := start(t, d)
	d.quit = func() {
		ending, ended := make(chan struct{}), make(chan struct{})
		s.http.RegisterOnShutdown(sync.OnceFunc(func() { close(ending) }))
		go func() {
			defer close(ended)
			s.Close()
		}()
		select {
		case <-ending: // and waits for this answer
		case <-ended:
		}
	}
	c := NewClient(path)
	defer c.http.CloseIdleConnections()
	if err := c.Quit(t.Context()); err != nil {
		t.Error(err)
	}
}

// A reader that has stopped reading cannot hold the daemon.
func TestCloseDoesNotWaitForASlowReader(t *testing.T) {
	f := &fake{changed: make(chan struct{})}
	path, s := start(t, f)
	for range 100 {
		f.add(livePage) // more than a socket holds
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: bellwire\r\nLast-Event-ID: 0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestActNamesTheEventAndTheAction(t *testing.T) {
	_, c, _ := serve(t)
	err := c.Act(t.Context(), 7, 2)
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status != http.StatusForbidden || e.Message != "action 2 of event 7" || e.Hint != "allow it" {
		t.Errorf("%v", err)
	}
}
