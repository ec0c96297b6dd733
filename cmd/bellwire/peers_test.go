//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// A peer is a server that speaks as the documentation of a real one says. What
// it publishes are numbers, which its dialect puts into payloads.
type peer struct {
	*httptest.Server
	t testing.TB

	mu      sync.Mutex
	kept    []int // what it can replay
	last    int
	epoch   int
	open    int // connections that get what is published
	changed chan struct{}
	ends    chan struct{} // closed to end every connection
}

func newPeer(t testing.TB, serve func(p *peer, w http.ResponseWriter, r *http.Request)) *peer {
	p := &peer{t: t, changed: make(chan struct{}), ends: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(p, w, r) }))
	t.Cleanup(func() { p.hangUp(); p.Close() })
	return p
}

// publish publishes the next n numbers.
func (p *peer) publish(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range n {
		p.last++
		p.kept = append(p.kept, p.last)
	}
	p.tell()
}

func (p *peer) tell() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// hangUp ends every connection.
func (p *peer) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.ends)
	p.ends = make(chan struct{})
}

// forget loses what could be replayed.
func (p *peer) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = nil
	p.epoch++
}

// replay is what is kept from a number on, and the last number there is.
func (p *peer) replay(from int) (kept []int, last int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.kept {
		if n >= from {
			kept = append(kept, n)
		}
	}
	return kept, p.last
}

func (p *peer) knows(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.kept, n)
}

// follow hands what is published after a number to send, until the connection
// ends.
func (p *peer) follow(ctx context.Context, after int, send func(n int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open++
	p.tell()
	defer func() { p.open-- }()
	ends := p.ends
	for {
		for ; after < p.last; after++ {
			send(after + 1)
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ends:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if ended(ends) || ctx.Err() != nil {
			return
		}
	}
}

func ended(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// awaitOpen waits until a connection follows.
func (p *peer) awaitOpen(b *program) {
	p.t.Helper()
	b.awaitPolled(func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.open > 0
	}, "a connection to %s", p.URL)
}

// A stream is an event stream that is being answered.
type eventStream struct{ w http.ResponseWriter }

func openStream(w http.ResponseWriter) eventStream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	s := eventStream{w}
	s.flush()
	return s
}

func (s eventStream) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.w, format, args...)
	s.flush()
}

func (s eventStream) flush() { _ = http.NewResponseController(s.w).Flush() }

// ntfy: open and keepalive have ids that are no cursor, since= is inclusive,
// and an unknown id replays the whole cache.
func ntfyPeer(p *peer, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/alerts/sse" {
		http.NotFound(w, r)
		return
	}
	s := openStream(w)
	_, last := p.replay(0)
	s.say("event: open\ndata: {\"id\":\"o%d\",\"time\":%d,\"event\":\"open\",\"topic\":\"alerts\"}\n\n", last, 1793000000)
	message := func(n int) {
		s.say("data: {\"id\":\"m%d\",\"time\":%d,\"event\":\"message\",\"topic\":\"alerts\",\"message\":\"mark-%d\"}\n\n", n, 1793000000+n/2, n)
		s.say("event: keepalive\ndata: {\"id\":\"k%d\",\"time\":%d,\"event\":\"keepalive\",\"topic\":\"alerts\"}\n\n", n, 1793000000+n)
	}
	if since := r.URL.Query().Get("since"); since != "" {
		var id int
		if _, err := fmt.Sscanf(since, "m%d", &id); err != nil || !p.knows(id) {
			id = 0
		}
		var kept []int
		kept, last = p.replay(id)
		for _, n := range kept {
			message(n)
		}
	}
	p.follow(r.Context(), last, message)
}

// mercure: the answer tells where it really goes on from.
func mercurePeer(p *peer, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/.well-known/mercure" || r.URL.Query().Get("topic") == "" {
		http.Error(w, `Missing "topic" parameter.`, http.StatusBadRequest)
		return
	}
	_, last := p.replay(0)
	kept, id := []int{}, 0
	if header := r.Header.Get("Last-Event-ID"); header != "" {
		if _, err := fmt.Sscanf(header, "urn:n:%d", &id); err == nil && p.knows(id) {
			w.Header().Set("Last-Event-ID", header)
			kept, last = p.replay(id + 1)
		} else {
			w.Header().Set("Last-Event-ID", "earliest")
			kept, last = p.replay(0)
		}
	}
	s := openStream(w)
	s.say(":\n")
	update := func(n int) { s.say("id: urn:n:%d\ndata: {\"message\":\"mark-%d\"}\n\n", n, n) }
	for _, n := range kept {
		update(n)
	}
	p.follow(r.Context(), last, update)
}

// A centrifugoConnect is the value of cf_connect.
type centrifugoConnect struct {
	Subs map[string]struct {
		Recover bool
		Offset  int
		Epoch   string
	}
}

// centrifugo: what was missed comes with the answer to the connection; there
// are no ids and Last-Event-ID is not looked at.
func centrifugoPeer(p *peer, w http.ResponseWriter, r *http.Request) {
	var connect centrifugoConnect
	if err := json.Unmarshal([]byte(r.URL.Query().Get("cf_connect")), &connect); err != nil || r.URL.Path != "/connection/uni_sse" {
		http.Error(w, "bad connect", http.StatusBadRequest)
		return
	}
	sub, ok := connect.Subs["news"]
	if !ok {
		http.Error(w, "no channel", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	epoch := "e" + strconv.Itoa(p.epoch)
	p.mu.Unlock()
	_, last := p.replay(0)
	state := map[string]any{"recoverable": true, "positioned": true, "epoch": epoch}
	if sub.Recover {
		recovered := sub.Epoch == epoch
		state["recovered"] = recovered
		var missed []map[string]any
		if recovered {
			var kept []int
			kept, last = p.replay(sub.Offset + 1)
			for _, n := range kept {
				missed = append(missed, map[string]any{"data": map[string]any{"message": fmt.Sprintf("mark-%d", n)}, "offset": n})
			}
		}
		state["publications"] = missed
	}
	state["offset"] = last
	b, _ := json.Marshal(map[string]any{"connect": map[string]any{"client": "c", "version": "6.2.4", "subs": map[string]any{"news": state}, "ping": 25}})
	s := openStream(w)
	s.say("data: %s\n\ndata: {}\n\n", b)
	p.follow(r.Context(), last, func(n int) {
		s.say("data: {\"channel\":\"news\",\"pub\":{\"data\":{\"message\":\"mark-%d\"},\"offset\":%d}}\n\n", n, n)
	})
}

// A wire is a WebSocket that is being served.
type wire struct {
	*websocket.Conn
	ctx  context.Context
	done context.CancelFunc
}

func openWire(w http.ResponseWriter, r *http.Request) (*wire, bool) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return nil, false
	}
	ctx, cancel := context.WithCancel(r.Context())
	return &wire{c, ctx, cancel}, true
}

func (c *wire) say(format string, args ...any) {
	_ = c.Write(c.ctx, websocket.MessageText, fmt.Appendf(nil, format, args...))
}

// hear reads one text; ok is false at the connection's end.
func (c *wire) hear() (text string, ok bool) {
	_, b, err := c.Read(c.ctx)
	return string(b), err == nil
}

// answer hears everything to the end, from a goroutine of its own.
func (c *wire) answer(each func(text string)) {
	go func() {
		defer c.done()
		for {
			text, ok := c.hear()
			if !ok {
				return
			}
			each(text)
		}
	}()
}

func (c *wire) end() { c.done(); _ = c.CloseNow() }
