// Package demo serves two feeds of plausible events on loopback, so that
// Bellwire can be seen at work without a server of one's own: one as
// Server-Sent Events, one as a WebSocket. Both number their events, keep
// alive and resume, as good servers do.
//
// It is a server like any other: Bellwire subscribes to it over the network
// and knows nothing of it.
package demo

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"bellwire/subscriptions"

	"github.com/tmaxmax/go-sse"
)

const (
	// DefaultEvery is the usual time between two events of a feed.
	DefaultEvery = 3 * time.Second

	keepAlive     = 15 * time.Second
	retry         = 2 * time.Second
	headerTimeout = 10 * time.Second
)

// A Server serves the demo feeds.
type Server struct {
	listener net.Listener
	http     *http.Server
	every    time.Duration
	cancel   context.CancelFunc
	wg       sync.WaitGroup

	deploys, alerts journal
}

// Start listens on addr (host:port, port 0 for any) and produces an event of
// each feed every so often ([DefaultEvery] when 0). Close it.
func Start(addr string, every time.Duration, log *slog.Logger) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	if every <= 0 {
		every = DefaultEvery
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{listener: l, every: every, cancel: cancel}
	mux := http.NewServeMux()
	mux.Handle("GET /deploys", &sse.Server{Provider: &provider{&s.deploys}})
	mux.HandleFunc("GET /alerts", s.serveAlerts)
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: headerTimeout,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	s.wg.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("demo server stopped", "error", err)
		}
	})
	s.wg.Go(func() { s.produce(ctx) })
	return s, nil
}

// Addr is the host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Feeds are the two feeds, ready to be added.
func (s *Server) Feeds() []subscriptions.Feed {
	return []subscriptions.Feed{
		{
			Name:      "Demo deploys",
			URL:       "http://" + s.Addr() + "/deploys",
			Transport: subscriptions.TransportSSE,
		},
		{
			Name:      "Demo alerts",
			URL:       "ws://" + s.Addr() + "/alerts",
			Transport: subscriptions.TransportWebSocket,
			Settings:  subscriptions.Settings{Resume: subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "id"}},
		},
	}
}

// Close stops the server and waits for it.
func (s *Server) Close() error {
	s.cancel()
	err := s.http.Close()
	s.wg.Wait()
	return err
}

// produce writes events to both journals, the first ones at once.
func (s *Server) produce(ctx context.Context) {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for n := 0; ; n++ {
		now := time.Now()
		s.deploys.add(deploy(n, now))
		s.alerts.add(alert(n, now))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
