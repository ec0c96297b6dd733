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
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// gotifyKey is the token that a gotify's clients need.
const gotifyKey = "Cs3cret"

// A gotify is a peer as Gotify documents it: a WebSocket without a replay,
// and pages of messages, the newest first, that since= goes back in.
type gotify struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	last     int
	messages []gotifyMessage // the oldest first
	clients  map[*gotifyClient]bool
	busy     bool // something is published whenever somebody listens and asks for a page
}

type gotifyMessage struct {
	ID       int    `json:"id"`
	App      int    `json:"appid"`
	Message  string `json:"message"`
	Title    string `json:"title"`
	Priority int    `json:"priority"`
	Date     string `json:"date"`
}

type gotifyClient struct {
	queue  chan gotifyMessage
	hangUp context.CancelFunc
}

func newGotify(t testing.TB) *gotify {
	g := &gotify{t: t, clients: make(map[*gotifyClient]bool)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stream", g.stream)
	mux.HandleFunc("GET /message", g.page)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Gotify-Key") != gotifyKey {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, req)
	}))
	t.Cleanup(func() { g.hangUp(); g.Close() })
	return g
}

// stream sends every message from the handshake on.
func (g *gotify) stream(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := &gotifyClient{queue: make(chan gotifyMessage, 10_000), hangUp: cancel}
	g.mu.Lock()
	g.clients[c] = true
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.clients, c)
	}()
	conn, err := websocket.Accept(w, req, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	gone := conn.CloseRead(ctx)
	for {
		select {
		case m := <-c.queue:
			b, _ := json.Marshal(m)
			if conn.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
		case <-gone.Done():
			return
		}
	}
}

// page is GET /message. It writes messages in another way than the stream.
func (g *gotify) page(w http.ResponseWriter, req *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy && len(g.clients) > 0 {
		g.publishLocked()
	}
	limit, err := strconv.Atoi(req.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 200 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	since := g.last + 1
	if s := req.URL.Query().Get("since"); s != "" {
		since, _ = strconv.Atoi(s)
	}
	list := []map[string]any{}
	more := false
	for _, m := range slices.Backward(g.messages) {
		if m.ID >= since {
			continue
		}
		if more = len(list) == limit; more {
			break
		}
		list = append(list, map[string]any{"id": m.ID, "appid": m.App, "title": m.Title, "message": m.Message, "priority": m.Priority, "date": m.Date, "extras": nil})
	}
	paging := map[string]any{"size": len(list), "limit": limit, "since": 0}
	if more {
		paging["since"] = list[len(list)-1]["id"]
		paging["next"] = fmt.Sprintf("%s/message?limit=%d&since=%v", g.URL, limit, paging["since"])
	}
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(map[string]any{"messages": list, "paging": paging})
}

// publish makes n messages and returns the id of the last.
func (g *gotify) publish(n int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	for range n {
		g.publishLocked()
	}
	return g.last
}

func (g *gotify) publishLocked() {
	g.last++
	m := gotifyMessage{g.last, 5, "text", fmt.Sprintf("message %d", g.last), 2, "2026-01-02T03:04:05Z"}
	g.messages = append(g.messages, m)
	for c := range g.clients {
		c.queue <- m
	}
}

// setBusy says whether what pages list has just been sent live, too.
func (g *gotify) setBusy(busy bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy = busy
}

// remove deletes messages as a person does.
func (g *gotify) remove(which func(id int) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.messages = slices.DeleteFunc(g.messages, func(m gotifyMessage) bool { return which(m.ID) })
}

// hangUp ends every stream without a word.
func (g *gotify) hangUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.clients {
		c.hangUp()
	}
}

// add subscribes p to g.
func (g *gotify) add(p *program) string {
	g.t.Helper()
	return p.addSecret(gotifyKey, append([]string{strings.Replace(g.URL, "http", "ws", 1) + "/stream", "--name", "gotify"}, gotifyArgs...)...)
}

// gotifyArgs are how a gotify is understood.
var gotifyArgs = []string{
	"--secret-header", "X-Gotify-Key", "--secret-from", "-", "--cursor-field", "id",
	"--backfill", "message?limit=200", "--backfill-order", "backwards", "--backfill-param", "since", "--backfill-items", "messages",
}
