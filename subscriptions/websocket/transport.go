package websocket

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"bellwire/subscriptions"
)

// Defaults of a [Transport].
const (
	DefaultPingInterval = 30 * time.Second
	DefaultPongTimeout  = 10 * time.Second
)

// A Transport implements [subscriptions.Transport] on WebSocket. The zero
// value is ready for use.
type Transport struct {
	// Client makes the handshake; nil is one of our own for each connection,
	// with the proxies of the environment. Its Transport must speak HTTP/1.1.
	// Redirects always follow [subscriptions.CheckRedirect].
	Client *http.Client
	// PingInterval is the time between two pings (RFC 6455 §5.5.2); 0 is
	// [DefaultPingInterval].
	PingInterval time.Duration
	// PongTimeout is how long the server may stay silent after a ping; 0 is
	// [DefaultPongTimeout].
	PongTimeout time.Duration
}

// Run implements [subscriptions.Transport].
func (t *Transport) Run(ctx context.Context, target subscriptions.Target, sink subscriptions.Sink) error {
	err := t.run(ctx, target, sink)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (t *Transport) run(ctx context.Context, target subscriptions.Target, sink subscriptions.Sink) error {
	c := &connection{
		target: target,
		sink:   sink,
		limit:  target.MaxMessage,
		cursor: target.Cursor,
		beat:   newHeartbeat(target.Heartbeat),

		speaking: make(chan struct{}, 1),
	}
	if c.limit <= 0 {
		c.limit = subscriptions.DefaultMaxMessage
	}
	if err := c.open(ctx, t.Client); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	killed := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(killed)
		c.kill()
	})
	probes := c.probes(cmp.Or(t.PingInterval, DefaultPingInterval), cmp.Or(t.PongTimeout, DefaultPongTimeout))
	verdicts := make(chan error, len(probes))
	for _, p := range probes {
		go func() {
			verdicts <- c.prove(ctx, p)
			cancel()
		}()
	}

	sink.Opened(true) // a server has no way to say otherwise
	err := c.receive(ctx)
	cancel()
	<-killed
	if c.poster != nil {
		c.poster.CloseIdleConnections()
	}
	// What a probe found out is why the reading ended.
	for range probes {
		if v := <-verdicts; v != nil {
			err = v
		}
	}
	return err
}
