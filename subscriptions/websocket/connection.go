package websocket

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"bellwire/subscriptions"

	"github.com/coder/websocket"
)

const (
	chunk = 4 << 10 // bytes asked for in one read
	// maxKept is the largest buffer kept from one message to the next.
	maxKept = 64 << 10
)

// A connection is open. Two goroutines use it: the reading one, which also
// calls the sink, and the one that pings.
type connection struct {
	target subscriptions.Target
	sink   subscriptions.Sink
	limit  int
	conn   *websocket.Conn
	peer   *peer
	// meta says that messages come with an id.
	meta bool

	// busy says that the sink has a message: nothing is read meanwhile, and
	// no pong could be heard.
	busy atomic.Bool
	// pinged is when the unanswered ping was sent; nil when there is none.
	pinged atomic.Pointer[time.Time]

	// Of the reading goroutine:
	cursor string
	buf    []byte
}

// kill ends the connection at once, whatever the peer and the other
// goroutines do. CloseNow alone would wait for a Close in progress.
func (c *connection) kill() {
	_ = c.peer.Close()
	_ = c.conn.CloseNow()
}

// receive hands messages to the sink until the connection ends.
func (c *connection) receive(ctx context.Context) error {
	for {
		// A context that could end would cost allocations for each frame;
		// kill wakes the reader instead.
		kind, r, err := c.conn.Reader(context.Background())
		if err != nil {
			return c.ended(err)
		}
		m, err := c.message(kind, r)
		if err != nil {
			return err
		}
		c.busy.Store(true)
		err = c.sink.Message(ctx, m)
		c.busy.Store(false)
		c.peer.heard.Add(1) // a pong may have been waiting behind the sink
		if err != nil {
			return subscriptions.AsError(err)
		}
	}
}

// message reads one message to its end.
func (c *connection) message(kind websocket.MessageType, r io.Reader) (subscriptions.Message, error) {
	size, err := c.read(r)
	if err != nil {
		return subscriptions.Message{}, c.ended(err)
	}
	m := subscriptions.Message{
		Type:     "message",
		Binary:   kind == websocket.MessageBinary,
		Received: time.Now(),
	}
	oversize := size > int64(c.limit)
	if !oversize && !m.Binary && !utf8.Valid(c.buf) {
		c.refuse(websocket.StatusInvalidFramePayloadData, "text that is not UTF-8") // RFC 6455 §8.1
		return m, subscriptions.Failf(subscriptions.Transient, subscriptions.CodeProtocol, "the server sent text that is not UTF-8")
	}
	body := c.buf
	if c.meta {
		m.ID, body = splitMeta(body)
		if m.ID != "" {
			c.cursor = m.ID
		}
	}
	m.Cursor = c.cursor
	if oversize {
		m.Oversize = size - int64(len(c.buf)-len(body))
	} else {
		m.Data = string(body)
	}
	if cap(c.buf) > maxKept {
		c.buf = nil
	}
	return m, nil
}

// read reads r to its end, the first bytes up to the limit into c.buf, and
// returns how many there were. Memory is bounded, however long r is.
func (c *connection) read(r io.Reader) (size int64, err error) {
	c.buf = c.buf[:0]
	for {
		// Beyond the limit the buffer's end is written over and over.
		kept := min(len(c.buf), c.limit)
		if kept == cap(c.buf) {
			c.buf = slices.Grow(c.buf, chunk)
		}
		window := c.buf[kept:min(kept+chunk, cap(c.buf))]
		n, err := r.Read(window)
		if n > 0 {
			size += int64(n)
			c.buf = c.buf[:kept+n]
			c.sink.Alive(subscriptions.Life{Kind: subscriptions.LifeData})
		}
		if err == io.EOF {
			c.buf = c.buf[:min(len(c.buf), c.limit)]
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

// refuse closes with a code that says why. A peer that does not answer has a
// second.
func (c *connection) refuse(code websocket.StatusCode, reason string) {
	t := time.AfterFunc(time.Second, func() { _ = c.peer.Close() })
	defer t.Stop()
	_ = c.conn.Close(code, reason) // the stream has failed already
}

// ping pings at every interval, and when asked to, until ctx ends or the peer
// stays silent for longer than patience; it returns the error in the second
// case.
func (c *connection) ping(ctx context.Context, every, patience time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-c.target.Verify:
		}
		if c.busy.Load() {
			continue
		}
		heard := c.peer.heard.Load()
		now := time.Now()
		c.pinged.Store(&now)
		err := c.pingOnce(ctx, patience)
		switch {
		case err == nil:
		case errors.Is(err, context.DeadlineExceeded):
			// Whatever came is life: servers that do not know pings send too,
			// and a pong has to wait for the end of a large frame.
			if !c.busy.Load() && heard == c.peer.heard.Load() {
				return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "no answer to a ping within %s", patience)
			}
		case ctx.Err() != nil, errors.Is(err, net.ErrClosed):
			return nil // the reader knows why
		default:
			return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeLost, "the connection broke: %w", subscriptions.Terse(err))
		}
	}
}

func (c *connection) pingOnce(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.conn.Ping(ctx)
}

// pingReceived and pongReceived are called by the reading goroutine.
func (c *connection) pingReceived(context.Context, []byte) bool {
	c.sink.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
	return true
}

func (c *connection) pongReceived(context.Context, []byte) {
	sent := c.pinged.Swap(nil)
	if sent == nil {
		// Unasked: a keep-alive in one direction (RFC 6455 §5.5.3).
		c.sink.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
		return
	}
	c.sink.Alive(subscriptions.Life{Kind: subscriptions.LifePong, RTT: time.Since(*sent)})
}
