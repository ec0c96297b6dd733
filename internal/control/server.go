package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"bellwire/subscriptions"

	"github.com/tmaxmax/go-sse"
)

// A Daemon does what the API asks. Its methods are safe for concurrent use.
// An [*Error] is told to the client as it is, any other error as a failure.
type Daemon interface {
	Status(ctx context.Context) (Status, error)
	Feeds(ctx context.Context) ([]Feed, error)
	AddFeed(ctx context.Context, f NewFeed) (Feed, error)
	// Definitions are the feeds as they were asked for, without secrets.
	Definitions(ctx context.Context) ([]NewFeed, error)
	// ChangeFeed makes a feed what n says; its id, history and, where that is
	// right, its position stay.
	ChangeFeed(ctx context.Context, id string, n NewFeed) (Change, error)
	// TryFeed tells what adding n, or changing the feed id to it, would do. It
	// stores nothing.
	TryFeed(ctx context.Context, id string, n NewFeed) (Change, error)
	// TestFeed tells what an edited feed makes of payloads in history.
	TestFeed(ctx context.Context, id string, t Test) ([]Trial, error)
	Presets(ctx context.Context) (Presets, error)
	// Probe finds out what an address is. It takes up to half a minute.
	Probe(ctx context.Context, p Probe) (subscriptions.Detection, error)
	RemoveFeed(ctx context.Context, id string) error
	PauseFeed(ctx context.Context, id string) (Feed, error)
	ResumeFeed(ctx context.Context, id string) (Feed, error)
	ReconnectFeed(ctx context.Context, id string) (Feed, error)
	// Reconnect does so for every feed that is not paused.
	Reconnect()
	FeedLog(ctx context.Context, id string) ([]subscriptions.LogEntry, error)
	PauseNotifications(ctx context.Context, until time.Time) error
	Quit()
	// Restart checks that the installed program can be started, and then ends
	// like Quit, to become it. A program that cannot is refused, and the
	// daemon goes on.
	Restart(ctx context.Context) error
	History
	Delivering
	Desk
}

// History is the part of a daemon that reads and marks rows.
type History interface {
	History(ctx context.Context, q Query) ([]subscriptions.Event, error)
	Event(ctx context.Context, seq int64) (subscriptions.Event, error)
	MarkRead(ctx context.Context, m MarkRead) (Marked, error)
	// Act does the nth thing, counted from 1, that an event's payload says a
	// person can do.
	Act(ctx context.Context, seq int64, n int) error
	LastSeq(ctx context.Context) (int64, error)
	// Changed is closed at the next change of history, a feed or its state.
	// Take it before looking.
	Changed() <-chan struct{}
}

const (
	maxRequest    = 1 << 20
	headerTimeout = 10 * time.Second
	// lastWords is how long requests under way may take to be answered when
	// the server has to end.
	lastWords = time.Second
)

// A Server answers the control API.
type Server struct {
	daemon Daemon
	http   *http.Server
	live   *live
	end    context.CancelFunc // of what would go on for ever, but for live
	routes []string           // their patterns
}

// routes is a mux that knows what it serves: docs/api.md tells of each.
type routes struct {
	mux      *http.ServeMux
	patterns []string
}

func newRoutes() *routes { return &routes{mux: http.NewServeMux()} }

// Handle adds a route; its pattern is a method, a space and a path.
func (r *routes) Handle(pattern string, h http.Handler) {
	r.mux.Handle(pattern, h)
	r.patterns = append(r.patterns, pattern)
}

// HandleFunc is Handle for a function.
func (r *routes) HandleFunc(pattern string, f http.HandlerFunc) { r.Handle(pattern, f) }

// NewServer makes a server for d. Close it.
func NewServer(d Daemon, log *slog.Logger) *Server {
	ending, end := context.WithCancel(context.Background())
	s := &Server{daemon: d, live: newLive(d), end: end}
	events := &sse.Server{Provider: s.live, OnSession: s.live.session}
	mux := newRoutes()
	mux.HandleFunc("GET /v1/status", answer(func(r *http.Request) (any, error) { return d.Status(r.Context()) }))
	mux.HandleFunc("GET /v1/feeds", answer(func(r *http.Request) (any, error) { return d.Feeds(r.Context()) }))
	mux.HandleFunc("POST /v1/feeds", answer(s.addFeed))
	mux.HandleFunc("GET /v1/definitions", answer(func(r *http.Request) (any, error) { return d.Definitions(r.Context()) }))
	mux.HandleFunc("POST /v1/try", answer(s.tryFeed))
	mux.HandleFunc("POST /v1/try/{id}", answer(s.tryFeed))
	mux.HandleFunc("POST /v1/feeds/{id}/test", answer(func(r *http.Request) (any, error) {
		t, err := request[Test](r)
		if err != nil {
			return nil, err
		}
		return d.TestFeed(r.Context(), r.PathValue("id"), t)
	}))
	mux.HandleFunc("PUT /v1/feeds/{id}", answer(s.changeFeed))
	mux.HandleFunc("GET /v1/presets", answer(func(r *http.Request) (any, error) { return d.Presets(r.Context()) }))
	mux.HandleFunc("POST /v1/probe", answer(s.probe))
	mux.HandleFunc("DELETE /v1/feeds/{id}", answer(func(r *http.Request) (any, error) {
		return struct{}{}, d.RemoveFeed(r.Context(), r.PathValue("id"))
	}))
	mux.HandleFunc("POST /v1/feeds/{id}/pause", answer(func(r *http.Request) (any, error) {
		return d.PauseFeed(r.Context(), r.PathValue("id"))
	}))
	mux.HandleFunc("POST /v1/feeds/{id}/resume", answer(func(r *http.Request) (any, error) {
		return d.ResumeFeed(r.Context(), r.PathValue("id"))
	}))
	mux.HandleFunc("POST /v1/feeds/{id}/reconnect", answer(func(r *http.Request) (any, error) {
		return d.ReconnectFeed(r.Context(), r.PathValue("id"))
	}))
	mux.HandleFunc("POST /v1/reconnect", answer(func(*http.Request) (any, error) {
		d.Reconnect()
		return struct{}{}, nil
	}))
	mux.HandleFunc("GET /v1/feeds/{id}/log", answer(func(r *http.Request) (any, error) {
		return d.FeedLog(r.Context(), r.PathValue("id"))
	}))
	mux.HandleFunc("GET /v1/history", answer(s.history))
	mux.HandleFunc("GET /v1/history/{seq}", answer(s.event))
	handleDelivery(mux, d)
	handleDesk(ending, mux, d)
	mux.HandleFunc("POST /v1/history/{seq}/act", answer(s.act))
	mux.HandleFunc("POST /v1/read", answer(s.markRead))
	mux.HandleFunc("POST /v1/notifications/pause", answer(s.pauseNotifications))
	mux.HandleFunc("POST /v1/window/show", answer(s.show))
	mux.HandleFunc("POST /v1/quit", answer(func(*http.Request) (any, error) {
		d.Quit()
		return struct{}{}, nil
	}))
	mux.HandleFunc("POST /v1/restart", answer(func(r *http.Request) (any, error) {
		return struct{}{}, d.Restart(r.Context())
	}))
	mux.Handle("GET /v1/events", events)
	s.routes = mux.patterns
	s.http = &http.Server{
		Handler:           http.MaxBytesHandler(mux.mux, maxRequest),
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers on l until Close.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends live streams and previews, lets requests under way be answered for a second,
// the one that asked for the end among them, and ends every connection.
func (s *Server) Close() error {
	s.live.close()
	s.end()
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	if err := s.http.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.http.Close()
}

func (s *Server) addFeed(r *http.Request) (any, error) {
	f, err := request[NewFeed](r)
	if err != nil {
		return nil, err
	}
	return s.daemon.AddFeed(r.Context(), f)
}

func (s *Server) changeFeed(r *http.Request) (any, error) {
	f, err := request[NewFeed](r)
	if err != nil {
		return nil, err
	}
	return s.daemon.ChangeFeed(r.Context(), r.PathValue("id"), f)
}

func (s *Server) tryFeed(r *http.Request) (any, error) {
	f, err := request[NewFeed](r)
	if err != nil {
		return nil, err
	}
	return s.daemon.TryFeed(r.Context(), r.PathValue("id"), f)
}

func (s *Server) probe(r *http.Request) (any, error) {
	p, err := request[Probe](r)
	if err != nil {
		return nil, err
	}
	return s.daemon.Probe(r.Context(), p)
}

func (s *Server) history(r *http.Request) (any, error) {
	q, err := parseQuery(r)
	if err != nil {
		return nil, err
	}
	events, err := s.daemon.History(r.Context(), q)
	if events == nil {
		events = []subscriptions.Event{}
	}
	return events, err
}

func (s *Server) event(r *http.Request) (any, error) {
	seq, err := pathNumber(r, "seq")
	if err != nil {
		return nil, err
	}
	return s.daemon.Event(r.Context(), seq)
}

func (s *Server) act(r *http.Request) (any, error) {
	seq, err := pathNumber(r, "seq")
	if err != nil {
		return nil, err
	}
	a, err := request[actRequest](r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.daemon.Act(r.Context(), seq, a.N)
}

func (s *Server) markRead(r *http.Request) (any, error) {
	m, err := request[MarkRead](r)
	if err != nil {
		return nil, err
	}
	return s.daemon.MarkRead(r.Context(), m)
}

func (s *Server) pauseNotifications(r *http.Request) (any, error) {
	p, err := request[pauseRequest](r)
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.daemon.PauseNotifications(r.Context(), p.Until)
}

func (s *Server) show(r *http.Request) (any, error) {
	p, err := request[Show](r)
	if err != nil {
		return nil, err
	}
	return showReply{Shown: s.live.show(p)}, nil
}

// answer writes what f returns as JSON.
func answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		out, err := f(r)
		if err != nil {
			e := asError(err)
			status, out = cmp.Or(e.Status, http.StatusInternalServerError), e
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		// The client is gone when this fails; nobody is left to be told.
		_ = json.NewEncoder(w).Encode(out)
	}
}

// asError is err as clients are told of it.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Message: err.Error(), Hint: hint(err)}
}

// hint is what can be done about a failure; empty where nothing is known.
func hint(err error) string {
	if e, ok := errors.AsType[*subscriptions.Error](err); ok {
		return e.Hint()
	}
	return ""
}

func request[T any](r *http.Request) (T, error) {
	var v T
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, badRequest("the request cannot be read: %v", err)
	}
	return v, nil
}

func parseQuery(r *http.Request) (Query, error) {
	v := r.URL.Query()
	q := Query{Text: v.Get("q"), Feed: v.Get("feed")}
	var bad error
	number := func(name string) int64 {
		n, err := strconv.ParseInt(cmp.Or(v.Get(name), "0"), 10, 64)
		if err != nil || n < 0 {
			bad = badRequest("%s=%q is not a number", name, v.Get(name))
		}
		return n
	}
	flag := func(name string) bool {
		b, err := strconv.ParseBool(cmp.Or(v.Get(name), "false"))
		if err != nil {
			bad = badRequest("%s=%q is neither true nor false", name, v.Get(name))
		}
		return b
	}
	q.Before, q.After, q.Summary = number("before"), number("after"), number("summary")
	q.Limit = int(min(cmp.Or(number("limit"), 100), MaxLimit))
	q.OldestFirst, q.Unread = flag("oldest_first"), flag("unread")
	return q, bad
}

func badRequest(format string, args ...any) *Error {
	return Refuse(http.StatusBadRequest, "", format, args...)
}
