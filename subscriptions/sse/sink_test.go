package sse_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/sse"
)

// sink takes what a connection yields. The channels are wide enough for any
// test here; messages may be replaced by a narrow one for back-pressure.
type sink struct {
	opened   chan bool
	messages chan subscriptions.Message
	life     chan subscriptions.LifeKind
	retries  chan time.Duration
	refuse   atomic.Pointer[error] // what Message returns instead of taking one
}

func newSink() *sink {
	return &sink{
		opened:   make(chan bool, 2),
		messages: make(chan subscriptions.Message, 4096),
		life:     make(chan subscriptions.LifeKind, 4096),
		retries:  make(chan time.Duration, 4096),
	}
}

func (s *sink) Opened(resumed bool)        { s.opened <- resumed }
func (s *sink) Alive(l subscriptions.Life) { s.life <- l.Kind }
func (s *sink) Retry(d time.Duration)      { s.retries <- d }
func (s *sink) Message(ctx context.Context, m subscriptions.Message) error {
	if err := s.refuse.Load(); err != nil {
		return *err
	}
	select {
	case s.messages <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// taken is what is in c now.
func taken[T any](c chan T) []T {
	var all []T
	for {
		select {
		case v := <-c:
			all = append(all, v)
		default:
			return all
		}
	}
}

// running is a Run that goes on beside the test.
type running struct {
	*sink
	cancel context.CancelFunc
	ended  chan error
}

// start runs tr against t until the test ends or stop is called.
func start(t *testing.T, tr *sse.Transport, target subscriptions.Target) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{newSink(), cancel, make(chan error, 1)}
	go func() { r.ended <- tr.Run(ctx, target, r.sink) }()
	t.Cleanup(func() { r.stop() })
	return r
}

// stop ends the Run and returns what it returned.
func (r *running) stop() error {
	r.cancel()
	err := <-r.ended
	r.ended <- err
	return err
}

// next is the next message; the test fails where the Run ends instead.
func (r *running) next(t *testing.T) subscriptions.Message {
	t.Helper()
	return await(t, r, r.messages)
}

// await is the next value on one of r's channels.
func await[T any](t *testing.T, r *running, c chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	default:
	}
	select {
	case v := <-c:
		return v
	case err := <-r.ended:
		r.ended <- err
		t.Fatalf("Run ended: %v", err)
	}
	panic("unreachable")
}

// newTransport makes a Transport whose connections end with the test.
func newTransport(t *testing.T) *sse.Transport {
	t.Helper()
	tr := new(sse.Transport)
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// target is what a supervisor would make of an address, a cursor and headers
// ("Name: value").
func target(t *testing.T, url, cursor string, headers ...string) subscriptions.Target {
	t.Helper()
	f := subscriptions.Feed{URL: url}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		f.Headers = append(f.Headers, subscriptions.Header{Name: name, Value: value})
	}
	tg, err := subscriptions.NewTarget(f, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return tg
}

// wantError fails unless err is an Error of this class and code.
func wantError(t *testing.T, err error, class subscriptions.Class, code subscriptions.Code) *subscriptions.Error {
	t.Helper()
	e := subscriptions.AsError(err)
	if err == nil || e.Class != class || e.Code != code {
		t.Errorf("got %s, %s: %v; want %s, %s", e.Class, e.Code, err, class, code)
	}
	return e
}
