package demo

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"
	"github.com/tmaxmax/go-sse"
)

// provider serves a journal as an event stream; Last-Event-ID resumes.
type provider struct{ journal *journal }

// Subscribe implements [sse.Provider].
func (p *provider) Subscribe(ctx context.Context, sub sse.Subscription) error {
	hello := &sse.Message{Retry: retry}
	hello.AppendComment("Bellwire demo: deploys")
	send := func(m *sse.Message) error {
		if err := sub.Client.Send(m); err != nil {
			return err
		}
		return sub.Client.Flush()
	}
	err := send(hello)
	if err != nil {
		return err
	}
	// What follows fails only when the reader has gone away.
	_ = follow(ctx, p.journal, sub.LastEventID.String(), func(e entry) error {
		m := &sse.Message{ID: sse.ID(e.id), Type: sse.Type(e.kind)}
		m.AppendData(e.data)
		return send(m)
	}, func(context.Context) error {
		m := &sse.Message{}
		m.AppendComment("keep-alive")
		return send(m)
	})
	return nil
}

// Publish implements [sse.Provider]; events come from the journal.
func (p *provider) Publish(*sse.Message, []string) error { return sse.ErrProviderClosed }

// Shutdown implements [sse.Provider]; every request ends with the server.
func (p *provider) Shutdown(context.Context) error { return nil }

// serveAlerts serves a journal as JSON messages over a WebSocket; the query
// parameter since resumes.
func (s *Server) serveAlerts(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	ctx := conn.CloseRead(r.Context())
	_ = follow(ctx, &s.alerts, r.URL.Query().Get("since"), func(e entry) error {
		return conn.Write(ctx, websocket.MessageText, []byte(e.data))
	}, conn.Ping)
}

// follow sends the journal from behind id until ctx ends or the reader is
// gone, with keep-alives in between.
func follow(ctx context.Context, j *journal, id string, send func(entry) error, alive func(context.Context) error) error {
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		entries, changed := j.after(id)
		for _, e := range entries {
			if err := send(e); err != nil {
				return err
			}
			id = e.id
		}
		select {
		case <-changed:
		case <-tick.C:
			if err := alive(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
