package nchantest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Publish sends bodies to a channel, one message each and in order, over one
// connection. eventType may be empty. The channel keeps the last 1000.
func (s *Server) Publish(t testing.TB, channel, eventType string, bodies ...string) {
	t.Helper()
	s.PublishTo(t, "/pub/"+channel, eventType, bodies...)
}

// PublishTo is [Server.Publish] to another location than /pub.
func (s *Server) PublishTo(t testing.TB, path, eventType string, bodies ...string) {
	t.Helper()
	header := http.Header{"Content-Type": {"text/plain"}}
	if eventType != "" {
		header.Set("X-EventSource-Event", eventType)
	}
	c := newClient()
	defer c.CloseIdleConnections()
	for i, body := range bodies {
		if _, err := s.do(t.Context(), c, http.MethodPost, path, header, strings.NewReader(body)); err != nil {
			t.Fatalf("publishing message %d of %d: %v", i+1, len(bodies), err)
		}
	}
}

// AwaitSubscribers waits until a channel has at least n subscribers, so that
// a message published next reaches them.
func (s *Server) AwaitSubscribers(t testing.TB, channel string, n int) {
	t.Helper()
	c := newClient()
	defer c.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var info struct{ Subscribers int }
		// An unknown channel is a 404: nobody came yet.
		body, err := s.do(ctx, c, http.MethodGet, "/pub/"+channel, http.Header{"Accept": {"application/json"}}, nil)
		if err == nil && json.Unmarshal([]byte(body), &info) == nil && info.Subscribers >= n {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("channel %q has %d subscribers, not %d (%v)", channel, info.Subscribers, n, err)
		case <-tick.C:
		}
	}
}
