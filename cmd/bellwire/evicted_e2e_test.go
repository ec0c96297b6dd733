//go:build linux

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// A hub is an event stream like Mercure's: its answer says in a header after
// which event it begins, which is "earliest" where it no longer has the one
// it was asked for.
type hub struct {
	header string

	mu      sync.Mutex
	sent    int           // events are numbered from 1
	evicted int           // and these are gone
	changed chan struct{} // closed at a change
	streams chan struct{} // closed to end the open streams
}

func newHub(header string) *hub {
	return &hub{header: header, changed: make(chan struct{}), streams: make(chan struct{})}
}

// publish sends n events to whoever listens.
func (h *hub) publish(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent += n
	close(h.changed)
	h.changed = make(chan struct{})
}

// lose ends the streams in an orderly way, publishes n events to nobody and
// keeps only the last few.
func (h *hub) lose(n, keep int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.streams)
	h.streams = make(chan struct{})
	h.sent += n
	h.evicted = max(h.evicted, h.sent-keep)
}

// forgotten is up to which number events are gone.
func (h *hub) forgotten() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.evicted
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	at, ended := h.sent, h.streams
	if asked := r.Header.Get("Last-Event-ID"); asked != "" {
		if n, err := strconv.Atoi(asked); err == nil && n > h.evicted {
			at = n
			w.Header().Set(h.header, asked)
		} else {
			at = h.evicted
			w.Header().Set(h.header, "earliest")
		}
	}
	h.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for out.Flush() == nil {
		h.mu.Lock()
		sent, changed := h.sent, h.changed
		h.mu.Unlock()
		select {
		case <-ended: // and what was published since is not for this stream
			return
		default:
		}
		for ; at < sent; at++ {
			fmt.Fprintf(w, "id: %d\ndata: %s\n\n", at+1, numbered(at+1, 1)[0])
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-ended:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// Where a server says that it has forgotten, history says so: one gap row in
// its place, from when to when, and nothing that was replayed twice.
func TestEvictedIsTold(t *testing.T) {
	for _, header := range []string{"Last-Event-ID", "Mercure-Last-Event-ID"} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			h := newHub(header)
			server := httptest.NewServer(h)
			defer server.Close()
			p := newProgram(t)
			defer func() { h.lose(0, 0) }() // or the server waits for its streams
			p.start("--headless", "--notifier", "none")
			var losses []time.Time
			lose := func(n, keep int) {
				losses = append(losses, time.Now())
				h.lose(n, keep)
			}
			id := p.run("add", server.URL, "--name", "hub")
			p.awaitState(id, subscriptions.StateOpen)
			h.publish(10)
			p.awaitRows(id, 10)

			lose(10, 5) // 11 to 15 are gone
			p.awaitRows(id, 16)
			h.publish(3)
			p.awaitRows(id, 19)
			h.lose(4, 9) // a mere end: nothing is missed
			p.awaitRows(id, 23)

			p.stop(syscall.SIGKILL)
			lose(10, 2) // 28 to 35 are gone
			p.start("--headless", "--notifier", "none")
			p.awaitRows(id, 26)

			lose(3, 0) // 38 to 40 are gone,
			p.awaitRows(id, 27)
			h.lose(3, 0) // and, after nothing else, 41 to 43: one gap
			p.awaitReconnects(id, 2)
			h.publish(1)
			p.awaitRows(id, 28)

			want := numbered(1, 10)
			want = append(append(want, "gap"), numbered(16, 12)...)
			want = append(append(want, "gap"), numbered(36, 2)...)
			want = append(append(want, "gap"), numbered(44, 1)...)
			rows := p.history(id)
			if diff := cmp.Diff(want, raws(rows)); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
			checkGaps(t, rows, losses)
		})
	}
}

// checkGaps looks at what the gap rows tell: as many as there were losses,
// each over by a time after its loss, and between its neighbours.
func checkGaps(t *testing.T, rows []row, losses []time.Time) {
	t.Helper()
	for i, r := range rows {
		g, ok := subscriptions.ParseGap(subscriptions.Event{Kind: subscriptions.EventKind(r.Kind), Raw: r.Raw})
		if !ok {
			continue
		}
		if len(losses) == 0 {
			t.Fatalf("a gap too many: %s", r.Raw)
		}
		// Rows keep microseconds.
		from, to := g.From.Truncate(time.Microsecond), g.To.Truncate(time.Microsecond)
		if g.Reason != subscriptions.GapEvicted || g.To.Before(losses[0]) || from.Before(rows[i-1].Received) || !from.Before(to) || to.After(rows[i+1].Received) {
			t.Errorf("the gap %s, between %s and %s, does not tell of the loss at %s", r.Raw, rows[i-1].Received, rows[i+1].Received, losses[0])
		}
		losses = losses[1:]
	}
	if len(losses) > 0 {
		t.Errorf("%d losses are not told", len(losses))
	}
}

// awaitReconnects waits until a feed has been open again n times since the
// program started.
func (p *program) awaitReconnects(id string, n int64) {
	p.t.Helper()
	p.awaitPolled(func() bool {
		feeds, err := p.client().Feeds(p.t.Context())
		for _, f := range feeds {
			if f.ID == id && f.Reconnects >= n {
				return err == nil && f.State == subscriptions.StateOpen
			}
		}
		return false
	}, "%d reconnects of %s", n, id)
}
