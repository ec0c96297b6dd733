package supervisor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	gocmp "github.com/google/go-cmp/cmp"
)

// script is a transport whose connections follow a test's script: the first
// function for the first connection, and so on; the last one repeats.
type script struct {
	mu      sync.Mutex
	runs    []func(ctx context.Context, t subscriptions.Target, s subscriptions.Sink) error
	next    int
	targets []subscriptions.Target
	at      []time.Time
}

func (s *script) Run(ctx context.Context, t subscriptions.Target, sink subscriptions.Sink) error {
	s.mu.Lock()
	run := s.runs[min(s.next, len(s.runs)-1)]
	s.next++
	s.targets = append(s.targets, t)
	s.at = append(s.at, time.Now())
	s.mu.Unlock()
	return run(ctx, t, sink)
}

// attempts are when the connections were asked for, so far.
func (s *script) attempts() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.at)
}

// asked are the targets, so far.
func (s *script) asked() []subscriptions.Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.targets)
}

// memory is a store that keeps everything and can be made to fail.
type memory struct {
	mu     sync.Mutex
	pos    subscriptions.Position
	events []subscriptions.Event
	fail   error
	slow   time.Duration // what Ingest takes
}

func (m *memory) Position(context.Context, string) (subscriptions.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pos, m.fail
}

func (m *memory) Ingest(ctx context.Context, b subscriptions.Batch) (r subscriptions.Receipt, err error) {
	m.mu.Lock()
	slow := m.slow
	m.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return r, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return r, m.fail
	}
	for _, e := range b.Events {
		if e.DedupeKey != "" && slices.ContainsFunc(m.events, func(o subscriptions.Event) bool { return o.DedupeKey == e.DedupeKey }) {
			r.Duplicates++
			continue
		}
		m.events = append(m.events, e)
		r.Inserted++
	}
	cadence := m.pos.Cadence
	if b.Cadence != 0 {
		cadence = max(b.Cadence, 0)
	}
	m.pos = subscriptions.Position{Cursor: b.Cursor, Seen: b.Seen, Cadence: cadence}
	return r, nil
}

func (m *memory) position() subscriptions.Position {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pos
}

func (m *memory) event(i int) subscriptions.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.events[i]
}

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// rows tells history in short: an event's data, or gap(reason).
func (m *memory) rows() (rows []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.events {
		if g, ok := subscriptions.ParseGap(e); ok {
			rows = append(rows, fmt.Sprintf("gap(%s %s)", g.Reason, g.To.Sub(g.From)))
		} else {
			rows = append(rows, e.Raw)
		}
	}
	return rows
}

// plain is a decoder: a payload is an event, but for "keepalive", "skip", and
// lists with commas.
type plain struct{ feed subscriptions.Feed }

func newPlain(f subscriptions.Feed) (Decoder, error) {
	if f.Mapping.Title == "broken" {
		return nil, errors.New("mapping.title: column 1: broken")
	}
	return plain{f}, nil
}

func (p plain) Decode(m subscriptions.Message, before string) (d subscriptions.Decoded) {
	d.Cursor = p.cursor(m, before)
	switch {
	case m.CursorOnly:
	case m.Data == "keepalive", m.Data == "skip":
		d.Cursor, d.KeepAlive, d.Skipped = before, m.Data == "keepalive", m.Data == "skip"
	default:
		for i, s := range strings.Split(m.Data, ",") {
			e := subscriptions.Event{Feed: p.feed.ID, Kind: subscriptions.KindEvent, Raw: s, DedupeKey: m.ID}
			if i > 0 && m.ID != "" {
				e.DedupeKey = fmt.Sprint(m.ID, " ", i)
			}
			d.Events = append(d.Events, e)
		}
	}
	return d
}

func (p plain) cursor(m subscriptions.Message, before string) string {
	field := p.feed.Resume.Field
	if field == "" || p.feed.Transport.Polls() || m.Backfilled {
		return m.Cursor
	}
	if id, ok := strings.CutPrefix(m.Data, field+" "); ok {
		return id
	}
	return before
}

func (p plain) PayloadCursor() func(subscriptions.Message) string {
	if p.feed.Resume.Field == "" {
		return nil
	}
	field := cmp.Or(p.feed.Resume.Backfill.ID, p.feed.Resume.Field)
	return func(m subscriptions.Message) string {
		id, _ := strings.CutPrefix(m.Data, field+" ")
		if id == m.Data {
			return ""
		}
		return id
	}
}

// bench is one feed under test. All jitter is half of what it could be.
type bench struct {
	*Supervisor
	script *script
	store  *memory

	mu     sync.Mutex
	states []string
	start  time.Time
	told   func(subscriptions.Status) // called with every state, if set
}

var feed = subscriptions.Feed{ID: "f", Name: "f", URL: "http://feed.example/", Transport: subscriptions.TransportSSE}

func newBench(t *testing.T, store *memory, f subscriptions.Feed, runs ...func(context.Context, subscriptions.Target, subscriptions.Sink) error) *bench {
	t.Helper()
	b := &bench{script: &script{runs: runs}, store: store, start: time.Now()}
	b.Supervisor = New(Options{
		Store:      store,
		Decoder:    newPlain,
		Transports: map[subscriptions.TransportName]subscriptions.Transport{subscriptions.TransportSSE: b.script},
		Logger:     slog.New(slog.DiscardHandler),
		Rand:       func() float64 { return 0.5 },
		OnStatus: func(_ string, s subscriptions.Status) {
			if b.told != nil {
				b.told(s)
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			line := fmt.Sprintf("%s %s", time.Since(b.start), s.State)
			if s.Code != "" && s.State != subscriptions.StateConnecting {
				line += " " + string(s.Code)
			}
			b.states = append(b.states, line)
		},
	})
	b.Start(f)
	t.Cleanup(b.Close)
	return b
}

func (b *bench) check(t *testing.T, want string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	wantLines := strings.FieldsFunc(want, func(r rune) bool { return r == '\n' })
	for i := range wantLines {
		wantLines[i] = strings.TrimSpace(wantLines[i])
	}
	wantLines = slices.DeleteFunc(wantLines, func(l string) bool { return l == "" })
	if diff := gocmp.Diff(wantLines, b.states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func (b *bench) checkRows(t *testing.T, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, b.store.rows()); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// after runs the bubble's clock on.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func msg(id, data string) subscriptions.Message {
	return subscriptions.Message{ID: id, Cursor: id, Type: "message", Data: data}
}

// stay opens, sends, and stays until it is cancelled.
func stay(messages ...subscriptions.Message) func(context.Context, subscriptions.Target, subscriptions.Sink) error {
	return func(ctx context.Context, _ subscriptions.Target, s subscriptions.Sink) error {
		s.Opened(true)
		for _, m := range messages {
			if err := s.Message(ctx, m); err != nil {
				return err
			}
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// drop opens, sends, stays for d and is closed by the server.
func drop(d time.Duration, messages ...subscriptions.Message) func(context.Context, subscriptions.Target, subscriptions.Sink) error {
	return func(ctx context.Context, t subscriptions.Target, s subscriptions.Sink) error {
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		_ = stay(messages...)(ctx, t, s)
		return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "the server closed the stream")
	}
}

func refuse(class subscriptions.Class, code subscriptions.Code, wait time.Duration) func(context.Context, subscriptions.Target, subscriptions.Sink) error {
	return func(context.Context, subscriptions.Target, subscriptions.Sink) error {
		return &subscriptions.Error{Class: class, Code: code, After: wait, Err: errors.New(string(code))}
	}
}
