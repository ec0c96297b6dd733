package transporttest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// patience bounds every wait; a busy machine needs less.
const patience = 3 * time.Minute

// A sink notes what a connection yields, and that the transport keeps its
// side of the contract: opened once and first, one call at a time, silence
// after Run.
type sink struct {
	t        testing.TB
	opened   chan bool
	messages chan subscriptions.Message
	refuse   error // what Message returns
	calls    atomic.Int32
	open     atomic.Bool
	over     atomic.Bool
}

func newSink(t testing.TB) *sink {
	return &sink{t: t, opened: make(chan bool, 8), messages: make(chan subscriptions.Message, 4096)}
}

func (s *sink) enter(call string) (leave func()) {
	if s.calls.Add(1) != 1 {
		s.t.Errorf("%s is called while another call is under way", call)
	}
	if s.over.Load() {
		s.t.Errorf("%s is called after Run has returned", call)
	}
	return func() { s.calls.Add(-1) }
}

func (s *sink) Opened(resumed bool) {
	defer s.enter("Opened")()
	if s.open.Swap(true) {
		s.t.Error("opened twice")
	}
	s.opened <- resumed
}

func (s *sink) Message(ctx context.Context, m subscriptions.Message) error {
	defer s.enter("Message")()
	if !s.open.Load() {
		s.t.Error("a message before the connection was opened")
	}
	if m.Received.IsZero() {
		s.t.Error("a message without a time")
	}
	if s.refuse != nil {
		return s.refuse
	}
	if s.messages == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	s.messages <- m
	return nil
}

func (s *sink) Alive(subscriptions.Life) { defer s.enter("Alive")() }

func (s *sink) Retry(time.Duration) { defer s.enter("Retry")() }

// A running is a Run beside the test.
type running struct {
	*sink
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// run starts one connection of the subject's.
func (s Subject) run(t testing.TB, target subscriptions.Target) *running {
	t.Helper()
	return s.runInto(t, target, newSink(t))
}

func (s Subject) runInto(t testing.TB, target subscriptions.Target, into *sink) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{sink: into, cancel: cancel, done: make(chan struct{})}
	tr := s.New(t)
	go func() {
		defer close(r.done)
		r.err = tr.Run(ctx, target, r.sink)
		r.over.Store(true)
	}()
	t.Cleanup(func() { cancel(); <-r.done })
	return r
}

// next is the next value of one of the sink's channels.
func next[T any](t testing.TB, r *running, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
		return v
	case <-r.done:
	case <-time.After(patience):
		t.Fatal("waited in vain")
	}
	select {
	case v = <-c: // it came before the end
	default:
		t.Fatalf("the connection ended: %v", r.err)
	}
	return v
}

// data are the payloads of the next n messages, and the last one's cursor.
func (r *running) data(t testing.TB, n int) (data []string, cursor string) {
	t.Helper()
	for range n {
		m := next(t, r, r.messages)
		if m.CursorOnly {
			t.Errorf("a message without a payload: %+v", m)
		}
		data, cursor = append(data, m.Data), m.Cursor
	}
	return data, cursor
}

// end waits for the connection's end.
func (r *running) end(t testing.TB) error {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatal("the connection does not end")
	}
	return r.err
}

// stop cancels, and wants to hear so and nothing else.
func (r *running) stop(t testing.TB) {
	t.Helper()
	r.cancel()
	if err := r.end(t); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, it ended with %v", err)
	}
}

// wants fails unless the connection ends with an error of this kind, whose
// text holds no credential.
func (r *running) wants(t testing.TB, class subscriptions.Class, codes ...subscriptions.Code) *subscriptions.Error {
	t.Helper()
	err := r.end(t)
	e, ok := errors.AsType[*subscriptions.Error](err)
	if !ok {
		t.Fatalf("ended with %v, which has no class", err)
	}
	if e.Class != class || !slices.Contains(codes, e.Code) {
		t.Errorf("ended with %s, %s (%v), want %s, %v", e.Class, e.Code, err, class, codes)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("a credential in %q", err)
	}
	return e
}

// none fails if a payload is left.
func (r *running) none(t testing.TB) {
	t.Helper()
	for {
		select {
		case m := <-r.messages:
			if !m.CursorOnly {
				t.Errorf("one message too many: %+v", m)
			}
		default:
			return
		}
	}
}
