package subscriptions

import (
	"context"
	"net"
	"sync"
)

const (
	// aheadSize is one read from a connection in a burst.
	aheadSize = 32 << 10
	// aheadFrom is after how many full reads in a row it is one.
	aheadFrom = 2
)

// aheads are the buffers of connections in a burst: of type *[aheadSize]byte.
var aheads = sync.Pool{New: func() any { return new([aheadSize]byte) }}

// readAhead is a connection below small buffers: there may be a thousand, and
// most of the time nothing to read. While reads come back full it reads more
// than it is asked for, into a large buffer that it gives back with the first
// read that is not. It is for one reader at a time.
type readAhead struct {
	net.Conn
	full  int // reads in a row that came back full
	ahead *[aheadSize]byte
	rest  []byte // of ahead, what nobody has taken yet
}

// Read implements [net.Conn].
func (c *readAhead) Read(p []byte) (n int, err error) {
	if len(c.rest) == 0 && (c.full < aheadFrom || len(p) >= aheadSize) {
		c.release()
		n, err = c.Conn.Read(p)
		c.note(n == len(p))
		return n, err
	}
	if len(c.rest) == 0 {
		if c.ahead == nil {
			c.ahead = aheads.Get().(*[aheadSize]byte)
		}
		n, err = c.Conn.Read(c.ahead[:])
		c.note(n == aheadSize)
		c.rest = c.ahead[:n]
	}
	n = copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) == 0 && c.full == 0 {
		c.release()
	}
	return n, err
}

func (c *readAhead) note(full bool) {
	if full {
		c.full++
	} else {
		c.full = 0
	}
}

func (c *readAhead) release() {
	if c.ahead != nil {
		aheads.Put(c.ahead)
		c.ahead, c.rest = nil, nil
	}
}

// dialAhead makes the connections of dial such ones.
func dialAhead(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &readAhead{Conn: c}, nil
	}
}
