package websocket

import (
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"bellwire/subscriptions"

	"github.com/coder/websocket"
)

const (
	chunk = 4 << 10 // bytes asked for in one read
	// maxKept is the largest buffer kept for another message.
	maxKept = 64 << 10
)

// buffers are those of all connections: of type *[]byte, for one message each.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// A connection is open. The reading goroutine, which also calls the sink, and
// those of the probes use it.
type connection struct {
	target subscriptions.Target
	sink   subscriptions.Sink
	limit  int
	conn   *websocket.Conn
	peer   *peer
	// meta says that messages come with an id.
	meta bool
	// ctx ends with the connection; cancel ends both, and killed is closed
	// when it is.
	ctx    context.Context
	cancel context.CancelFunc
	killed chan struct{}
	// verdicts has one of each probe when it is over, nil where it found
	// nothing.
	verdicts chan error

	// busy says that the sink has a message, or an answer is on its way:
	// nothing is read meanwhile, and no pong could be heard.
	busy atomic.Bool
	// pinged is when the unanswered ping was sent; nil when there is none.
	pinged atomic.Pointer[time.Time]
	// beat is nil where there is no heartbeat.
	beat *heartbeat
	// speaking has a token from asking [subscriptions.Target.Talk] until what
	// it says is sent.
	speaking chan struct{}

	// Of the reading goroutine:
	cursor string
	buf    []byte       // of the message being read
	poster *http.Client // for answers that are posted; nil before the first
}

// kill ends the connection at once, whatever the peer and the other
// goroutines do. CloseNow alone would wait for a Close in progress.
func (c *connection) kill() {
	_ = c.peer.Close()
	_ = c.conn.CloseNow()
}

// receive hands messages to the sink until the connection ends.
func (c *connection) receive() error {
	for {
		// A context that could end would cost allocations for each frame;
		// kill wakes the reader instead.
		kind, r, err := c.conn.Reader(context.Background())
		if err != nil {
			return c.ended(err)
		}
		if err := c.handOn(kind, r); err != nil {
			return err
		}
	}
}

// handOn reads one message and hands it to the sink.
func (c *connection) handOn(kind websocket.MessageType, r io.Reader) error {
	m, event, err := c.message(c.ctx, kind, r)
	if err != nil || !event {
		return err
	}
	free := c.occupied()
	err = c.sink.Message(c.ctx, m)
	free()
	if err != nil {
		return subscriptions.AsError(err)
	}
	return nil
}

// message reads one message to its end. event is false for one that belongs
// to the heartbeat.
func (c *connection) message(ctx context.Context, kind websocket.MessageType, r io.Reader) (m subscriptions.Message, event bool, err error) {
	kept := buffers.Get().(*[]byte)
	c.buf = *kept
	defer func() {
		if cap(c.buf) <= maxKept {
			*kept = c.buf
			buffers.Put(kept)
		}
		c.buf = nil
	}()
	size, err := c.read(r)
	if err != nil {
		return m, false, c.ended(err)
	}
	m = subscriptions.Message{
		Type:     "message",
		Binary:   kind == websocket.MessageBinary,
		Received: time.Now(),
	}
	oversize := size > int64(c.limit)
	if !oversize && !m.Binary && !utf8.Valid(c.buf) {
		c.refuse(websocket.StatusInvalidFramePayloadData, "text that is not UTF-8") // RFC 6455 §8.1
		return m, false, subscriptions.Failf(subscriptions.Transient, subscriptions.CodeProtocol, "the server sent text that is not UTF-8")
	}
	body := c.buf
	if c.meta {
		m.ID, body = splitMeta(body)
	}
	if oversize {
		m.Oversize = size - int64(len(c.buf)-len(body))
	}
	if c.target.Talk != nil && !oversize {
		m.Data = string(body)
		if err := c.hear(ctx, &m); err != nil {
			return m, false, err
		}
	}
	if c.beat != nil && !oversize && !m.Binary {
		if sign, ok := c.beat.sign(body); ok {
			c.sink.Alive(sign)
			return m, false, nil
		}
	}
	if m.ID != "" {
		c.cursor = m.ID
	}
	m.Cursor = c.cursor
	if c.target.Talk == nil && !oversize {
		m.Data = string(body)
	}
	return m, true, nil
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
