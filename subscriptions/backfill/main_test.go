package backfill

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stream is a transport for a test.
type stream func(ctx context.Context, sink subscriptions.Sink) error

func (s stream) Run(ctx context.Context, _ subscriptions.Target, sink subscriptions.Sink) error {
	return s(ctx, sink)
}

// live is a stream that opens, says each text, and stays.
func live(texts ...string) stream {
	return func(ctx context.Context, sink subscriptions.Sink) error {
		sink.Opened(true)
		for _, text := range texts {
			sink.Alive(subscriptions.Life{Kind: subscriptions.LifeData})
			if err := sink.Message(ctx, subscriptions.Message{Type: "message", Data: text, Received: time.Now()}); err != nil {
				return err
			}
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// A sink keeps the calls it gets, in words.
type sink struct {
	t      *testing.T
	refuse error
	enough chan struct{} // closed at the call awaited

	mu    sync.Mutex
	calls []string
	await string
	open  bool
	busy  bool
}

func (s *sink) say(call string) {
	s.calls = append(s.calls, call)
	if s.await != "" && call == s.await {
		close(s.enough)
		s.await = ""
	}
}

func (s *sink) Opened(resumed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		s.t.Error("opened twice")
	}
	s.open = true
	s.say(map[bool]string{true: "resumed", false: "gap"}[resumed])
}

func (s *sink) Message(_ context.Context, m subscriptions.Message) error {
	s.mu.Lock()
	if s.busy {
		s.t.Error("two messages at a time")
	}
	s.busy = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy = false
	}()
	if s.refuse != nil {
		return s.refuse
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open || m.Received.IsZero() {
		s.t.Errorf("before it is opened, or without a time: %+v", m)
	}
	switch {
	case m.CursorOnly:
		s.say("at " + m.Cursor)
	case m.Oversize > 0:
		s.say(fmt.Sprintf("%s has %d bytes", m.ID, m.Oversize))
	case m.Backfilled:
		if m.ID != m.Cursor {
			s.t.Errorf("%+v", m)
		}
		s.say(m.ID + "=" + m.Data)
	default:
		s.say(m.Data)
	}
	return nil
}

func (s *sink) Alive(subscriptions.Life) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		s.t.Error("alive before it is opened")
	}
}

func (s *sink) Retry(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		s.t.Error("retry before it is opened")
	}
	s.say("retry " + d.String())
}

// handler is a client whose requests h answers, without any network.
func handler(h http.HandlerFunc) *http.Client {
	return &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		rec := httptest.NewRecorder()
		h(rec, req)
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		return rec.Result(), nil
	})}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

// feedWith is a feed that resumes by b.
func feedWith(b subscriptions.Backfill) subscriptions.Feed {
	return subscriptions.Feed{
		URL:       "wss://example.org/stream",
		Transport: subscriptions.TransportWebSocket,
		Settings:  subscriptions.Settings{Resume: subscriptions.Resume{By: subscriptions.ResumeByBackfill, Field: "id", Backfill: b}},
	}
}

// targetOf is a target as the supervisor makes it.
func targetOf(t *testing.T, f subscriptions.Feed, cursor string) subscriptions.Target {
	t.Helper()
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	tg, err := subscriptions.NewTarget(f, cursor)
	if err != nil {
		t.Fatal(err)
	}
	tg.PayloadCursor = payloadCursor(t, f)
	return tg
}

// payloadCursor is how f's decoder finds positions.
func payloadCursor(t *testing.T, f subscriptions.Feed) func(subscriptions.Message) string {
	t.Helper()
	d, err := decode.Compile(f)
	if err != nil {
		t.Fatal(err)
	}
	if find := d.PayloadCursor(); find != nil {
		return find
	}
	return func(subscriptions.Message) string { return "" }
}

// upTo runs tr until the sink gets the call, or it ends by itself.
func upTo(t *testing.T, tr *Transport, tg subscriptions.Target, call string) (calls []string, err error) {
	t.Helper()
	s := &sink{t: t, await: call, enough: make(chan struct{})}
	return s.runUpTo(tr, tg)
}

func (s *sink) runUpTo(tr *Transport, tg subscriptions.Target) (calls []string, err error) {
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- tr.Run(ctx, tg, s) }()
	select {
	case err = <-ended:
	case <-s.enough:
		cancel()
		err = <-ended
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, err
}

// A list is a server's memory of what it has sent, the oldest first.
type list struct {
	ids       []string
	limit     int
	backwards bool // the newest first, and what was before the position
	inclusive bool // of the position's item
	shuffled  bool // the order in a page means nothing

	mu    sync.Mutex
	asked []string // positions
}

func (l *list) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	at := req.URL.Query().Get("at")
	l.mu.Lock()
	l.asked = append(l.asked, at)
	l.mu.Unlock()
	before, after := l.ids, l.ids
	if at != "" {
		i, found := slices.BinarySearchFunc(l.ids, at, func(a, b string) int {
			x, errX := strconv.Atoi(a)
			y, errY := strconv.Atoi(b)
			if errX == nil && errY == nil {
				return cmp.Compare(x, y)
			}
			return cmp.Compare(a, b)
		})
		j := i
		if found && l.inclusive {
			j++
		}
		before = l.ids[:j]
		if found && !l.inclusive {
			i++
		}
		after = l.ids[i:]
	}
	ids := slices.Clone(after[:min(len(after), l.limit)])
	if l.backwards {
		ids = slices.Clone(before[max(0, len(before)-l.limit):])
		slices.Reverse(ids)
	}
	if l.shuffled && len(ids) > 1 {
		ids[0], ids[len(ids)-1] = ids[len(ids)-1], ids[0]
	}
	items := make([]string, 0, len(ids))
	for _, id := range ids {
		if _, err := strconv.Atoi(id); err != nil {
			id = strconv.Quote(id)
		}
		items = append(items, `{"id":`+id+`}`)
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"list":[%s],"paging":{}}`, strings.Join(items, ","))
}

// numbers is the numbers of a range.
func numbers(from, to int) (ids []string) {
	for i := from; i <= to; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

// filled is what a sink is told of fetched items of a list.
func filled(ids ...string) (calls []string) {
	for _, id := range ids {
		written := id
		if _, err := strconv.Atoi(id); err != nil {
			written = strconv.Quote(id)
		}
		calls = append(calls, id+`={"id":`+written+`}`)
	}
	return calls
}
