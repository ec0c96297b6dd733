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
	// Opening has a frame of its own: it must not lie under the reading, which
	// lasts for months.
	c, err := t.open(ctx, &target, sink)
	if err == nil {
		err = c.finish(c.receive())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// open makes a connection that is watched over; finish has to follow.
func (t *Transport) open(ctx context.Context, target *subscriptions.Target, sink subscriptions.Sink) (*connection, error) {
	c := &connection{
		target: *target,
		sink:   sink,
		limit:  target.MaxMessage,
		cursor: target.Cursor,
		beat:   newHeartbeat(target.Heartbeat),

		speaking: make(chan struct{}, 1),
		killed:   make(chan struct{}),
	}
	if c.limit <= 0 {
		c.limit = subscriptions.DefaultMaxMessage
	}
	if err := c.open(ctx, t.Client); err != nil {
		return nil, err
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	context.AfterFunc(c.ctx, func() {
		defer close(c.killed)
		c.kill()
	})
	probes := c.probes(cmp.Or(t.PingInterval, DefaultPingInterval), cmp.Or(t.PongTimeout, DefaultPongTimeout))
	c.verdicts = make(chan error, len(probes))
	for _, p := range probes {
		go func() {
			c.verdicts <- c.prove(c.ctx, p)
			c.cancel()
		}()
	}
	sink.Opened(true) // a server has no way to say otherwise
	return c, nil
}

// finish ends the connection, of which nothing is read any more, and returns
// why it is over where err is how the reading ended.
func (c *connection) finish(err error) error {
	c.cancel()
	<-c.killed
	if c.poster != nil {
		c.poster.CloseIdleConnections()
	}
	// What a probe found out is why the reading ended.
	for range cap(c.verdicts) {
		if v := <-c.verdicts; v != nil {
			err = v
		}
	}
	return err
}
