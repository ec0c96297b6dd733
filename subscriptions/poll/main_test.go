package poll

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sink keeps what a Run yields.
type sink struct {
	messages chan subscriptions.Message
	opened   chan bool

	mu      sync.Mutex
	signs   []subscriptions.LifeKind
	data    []string
	cursors []string // of every message, those with nothing to show included
	gate    func(n int) error
}

func newSink() *sink {
	return &sink{messages: make(chan subscriptions.Message, 4096), opened: make(chan bool, 4)}
}

func (s *sink) Opened(resumed bool) { s.opened <- resumed }
func (s *sink) Retry(time.Duration) {}
func (s *sink) Alive(l subscriptions.Life) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signs = append(s.signs, l.Kind)
}

func (s *sink) Message(ctx context.Context, m subscriptions.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate != nil {
		if err := s.gate(len(s.cursors)); err != nil {
			return err
		}
	}
	s.cursors = append(s.cursors, m.Cursor)
	if m.CursorOnly {
		return nil
	}
	s.data = append(s.data, m.Data)
	select {
	case s.messages <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cursor is what would be committed now.
func (s *sink) cursor() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cursors) == 0 {
		return ""
	}
	return s.cursors[len(s.cursors)-1]
}

func (s *sink) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.data...)
}

// running is a Run that goes on beside the test.
type running struct {
	*sink
	cancel context.CancelFunc
	ended  chan error
}

func start(t *testing.T, tr *Transport, target subscriptions.Target) *running {
	t.Helper()
	return startWith(t, tr, target, newSink())
}

func startWith(t *testing.T, tr *Transport, target subscriptions.Target, s *sink) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{s, cancel, make(chan error, 1)}
	go func() { r.ended <- tr.Run(ctx, target, s) }()
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *running) stop() error {
	r.cancel()
	return r.end()
}

// end waits for the Run to end by itself.
func (r *running) end() error {
	err := <-r.ended
	r.ended <- err
	return err
}

// next is the next message; the test fails where the Run ends instead.
func (r *running) next(t *testing.T) subscriptions.Message {
	t.Helper()
	select {
	case m := <-r.messages:
		return m
	case err := <-r.ended:
		r.ended <- err
		t.Fatalf("Run ended: %v", err)
		panic("unreachable")
	}
}

func targetOf(t *testing.T, f subscriptions.Feed, cursor string) subscriptions.Target {
	t.Helper()
	tg, err := subscriptions.NewTarget(f, cursor)
	if err != nil {
		t.Fatal(err)
	}
	if f.Resume.Field != "" {
		tg.PayloadCursor = func(m subscriptions.Message) string {
			v, ok := subscriptions.Member([]byte(m.Data), f.Resume.Field)
			if !ok {
				return ""
			}
			return strings.Trim(string(v), `"`)
		}
	}
	return tg
}

// server is an HTTP server inside a synctest bubble: its connections are
// pipes.
type server struct {
	t       *testing.T
	start   time.Time
	mu      sync.Mutex
	asked   []question
	dials   int
	answers []http.HandlerFunc // one for each question; the last one repeats
	conns   chan net.Conn
	done    chan struct{}
}

// question is what a test looks at in a request.
type question struct {
	At              time.Duration
	Query           string
	Match, Modified string // If-None-Match, If-Modified-Since
}

func serve(t *testing.T, answers ...http.HandlerFunc) *server {
	s := &server{t: t, start: time.Now(), answers: answers, conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: s}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = srv.Serve(s)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-ended
	})
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, question{
		time.Since(s.start).Round(time.Millisecond), req.URL.RawQuery,
		req.Header.Get("If-None-Match"), req.Header.Get("If-Modified-Since"),
	})
	answer := s.answers[min(n, len(s.answers)-1)]
	s.mu.Unlock()
	answer(w, req)
}

func (s *server) questions() []question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]question(nil), s.asked...)
}

func (s *server) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}

func (s *server) Close() error {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	return nil
}

func (s *server) Addr() net.Addr { return &net.TCPAddr{} }

func (s *server) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			s.mu.Lock()
			s.dials++
			s.mu.Unlock()
			ours, theirs := net.Pipe()
			select {
			case s.conns <- theirs:
				return ours, nil
			case <-s.done:
				return nil, net.ErrClosed
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
	}}
}

var (
	pollFeed = subscriptions.Feed{URL: "http://poll.example/x", Transport: subscriptions.TransportPoll}
	longFeed = subscriptions.Feed{URL: "http://poll.example/x", Transport: subscriptions.TransportLongPoll}
)

// run polls s as f says, from cursor.
func (s *server) run(f subscriptions.Feed, cursor string) *running {
	return start(s.t, &Transport{Long: f.Transport == subscriptions.TransportLongPoll, Client: s.client()}, targetOf(s.t, f, cursor))
}

// reply is a handler: a status, header fields ("Name: value") and a body.
func reply(status int, body string, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, f := range fields {
			name, value, _ := strings.Cut(f, ": ")
			w.Header().Add(name, value)
		}
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// ok is a good answer.
func ok(body string, fields ...string) http.HandlerFunc { return reply(200, body, fields...) }

// after is h after d, unless the client is gone.
func after(d time.Duration, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		select {
		case <-time.After(d):
			h(w, req)
		case <-req.Context().Done():
		}
	}
}

// never keeps a question until the client is gone.
func never(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }

// pass runs the bubble's clock on.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func wantError(t *testing.T, err error, class subscriptions.Class, code subscriptions.Code) *subscriptions.Error {
	t.Helper()
	e := subscriptions.AsError(err)
	if err == nil || e.Class != class || e.Code != code {
		t.Errorf("got %s, %s: %v; want %s, %s", e.Class, e.Code, err, class, code)
	}
	return e
}
