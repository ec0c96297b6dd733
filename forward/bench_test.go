package forward

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/subscriptions"
)

const instance = "0123456789abcdef0123456789abcdef"

// memory is history that can be broken.
type memory struct {
	mu      sync.Mutex
	rows    []subscriptions.Event
	through map[string]int64
	steps   []subscriptions.Delivery
	changed chan struct{}
	broken  error
	asked   int
}

func newMemory() *memory {
	return &memory{through: map[string]int64{}, changed: make(chan struct{})}
}

func (m *memory) ForwardPosition(_ context.Context, feed, name string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return 0, m.broken
	}
	through, ok := m.through[feed+"/"+name]
	if !ok {
		through = int64(len(m.rows))
		m.through[feed+"/"+name] = through
	}
	return through, nil
}

func (m *memory) Forwarded(ctx context.Context, feed, name string, through int64, steps ...subscriptions.Delivery) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil || ctx.Err() != nil {
		return cmp.Or(m.broken, ctx.Err())
	}
	if through <= m.through[feed+"/"+name] {
		return fmt.Errorf("moved from %d to %d", m.through[feed+"/"+name], through)
	}
	m.through[feed+"/"+name] = through
	m.steps = append(m.steps, steps...)
	return nil
}

func (m *memory) ForgetForward(_ context.Context, feed, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.through, feed+"/"+name)
	return nil
}

func (m *memory) Behind(_ context.Context, feed string, seq int64, limit int) (out []subscriptions.Event, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	for _, e := range m.rows {
		if e.Feed == feed && e.Seq > seq && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, m.broken
}

func (m *memory) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// add commits rows of a feed.
func (m *memory) add(feed string, events ...subscriptions.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range events {
		e.Feed, e.Seq = feed, int64(len(m.rows)+1)
		if e.Kind == "" {
			e.Kind = subscriptions.KindEvent
		}
		if e.Priority == 0 {
			e.Priority = subscriptions.PriorityDefault
		}
		m.rows = append(m.rows, e)
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *memory) breaks(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

// told is the timeline so far, in words.
func (m *memory) told() (out []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.steps {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", d.Seq, d.What, d.Why, d.Detail)))
	}
	return out
}

func (m *memory) at(feed, name string) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.through[feed+"/"+name]
}

// A target is a server that answers as it is told, in a bubble of synctest.
type target struct {
	mu     sync.Mutex
	answer func(n int, req *http.Request) (*http.Response, error) // nil: 200
	got    []sent
	secret string
	err    error // of asking for the secret
	began  time.Time
}

type sent struct {
	At     time.Duration
	URL    string
	Header http.Header
	Body   string
}

func (t *target) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.got = append(t.got, sent{time.Since(t.began), req.URL.String(), req.Header, string(body)})
	n, answer := len(t.got), t.answer
	t.mu.Unlock()
	if answer == nil {
		return status(200), nil
	}
	return answer(n, req)
}

func status(code int, header ...string) *http.Response {
	resp := &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("hush"))}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

func (t *target) requests() []sent {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.got)
}

func (t *target) ForwardSecret(context.Context, subscriptions.Feed, string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.secret, t.err
}

func (t *target) ForwardTarget(f subscriptions.Feed) (subscriptions.Target, error) {
	return subscriptions.Target{URL: f.URL}, nil
}

// bench is a forwarder between a memory and a target.
func bench(t *testing.T, m *memory) (*Forwarder, *target, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	to := &target{began: time.Now()}
	f := New(Options{Store: m, Identity: to, Instance: instance, Logger: slog.New(slog.NewTextHandler(log, nil))})
	f.newClient = func(subscriptions.Target) *http.Client { return &http.Client{Transport: to} }
	return f, to, log
}

func feed(forwards ...subscriptions.Forward) subscriptions.Feed {
	return subscriptions.Feed{ID: "ci", Name: "CI", URL: "https://ci.example.org/events", Settings: subscriptions.Settings{Forwards: forwards}}
}

func hook(name string) subscriptions.Forward {
	return subscriptions.Forward{Name: name, To: subscriptions.ForwardWebhook, URL: "https://hooks.example.org/" + name}
}

func titles(got []sent) (out []string) {
	for _, s := range got {
		var p payload
		_ = json.Unmarshal([]byte(s.Body), &p)
		out = append(out, p.Title)
	}
	return out
}

func numbered(from, n int) (events []subscriptions.Event) {
	for i := range n {
		events = append(events, subscriptions.Event{Title: fmt.Sprint("e", from+i)})
	}
	return events
}
