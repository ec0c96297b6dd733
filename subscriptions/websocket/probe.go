package websocket

import (
	"context"
	"errors"
	"net"
	"time"

	"bellwire/subscriptions"
)

// A probe is one way to ask the server whether it is there.
type probe struct {
	name            string // for people, with its article
	every, patience time.Duration
	// asked is ready to be received from when the probe is wanted at once;
	// onward, where it is not nil, hands that on.
	asked  <-chan struct{}
	onward chan<- struct{}
	// whenBusy says that it is sent even while the sink has a message and no
	// answer could be heard: the server wants to see it.
	whenBusy bool
	// send sends the probe and returns when the answer has come, or with
	// [context.DeadlineExceeded] when patience has run out. tick fires when
	// the next one is due.
	send func(ctx context.Context, patience time.Duration, tick <-chan time.Time) error
}

// probes are those of the connection. Each has a goroutine of its own, since a
// server may know only one of them: the vain wait for the answer to that one
// must not hold up the other.
func (c *connection) probes(every, patience time.Duration) []probe {
	ping := probe{name: "a ping", every: every, patience: patience, asked: c.target.Verify, send: c.sendPing}
	if c.beat == nil {
		return []probe{ping}
	}
	h, also := c.target.Heartbeat, make(chan struct{}, 1)
	ping.onward = also
	return []probe{ping, {name: "the heartbeat", every: h.Interval(), patience: h.Patience(), asked: also, whenBusy: true, send: c.sendHeartbeat}}
}

// prove sends p at every interval, and when asked to, until ctx ends or the
// peer stays silent for longer than p's patience; it returns the error in the
// second case.
func (c *connection) prove(ctx context.Context, p probe) error {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-p.asked:
			select {
			case p.onward <- struct{}{}:
			default:
			}
		}
		if c.busy.Load() && !p.whenBusy {
			continue
		}
		heard := c.peer.heard.Load()
		err := p.send(ctx, p.patience, tick.C)
		switch {
		case err == nil:
		case errors.Is(err, context.DeadlineExceeded):
			// Whatever came is life: servers that do not know pings send too,
			// and a pong has to wait for the end of a large frame.
			if !c.busy.Load() && heard == c.peer.heard.Load() {
				return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "no answer to %s within %s", p.name, p.patience)
			}
		case isVerdict(err):
			return err
		case ctx.Err() != nil, errors.Is(err, net.ErrClosed):
			return nil // the reader knows why
		default:
			return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeLost, "the connection broke: %w", subscriptions.Terse(err))
		}
	}
}

// isVerdict reports whether err says by itself how it goes on.
func isVerdict(err error) bool {
	_, ok := errors.AsType[*subscriptions.Error](err)
	return ok
}

func (c *connection) sendPing(ctx context.Context, patience time.Duration, _ <-chan time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	now := time.Now()
	c.pinged.Store(&now)
	return c.conn.Ping(ctx)
}

// pingReceived and pongReceived are called by the reading goroutine.
func (c *connection) pingReceived(context.Context, []byte) bool {
	c.sink.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
	return true
}

func (c *connection) pongReceived(context.Context, []byte) {
	c.sink.Alive(pulse(&c.pinged))
}
