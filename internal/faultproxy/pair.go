package faultproxy

import (
	"io"
	"net"
	"sync"
	"time"
)

// A pair is a client's connection and the one made for it to the server.
type pair struct {
	proxy  *Proxy
	raw    *net.TCPConn // the client's
	client net.Conn     // raw, or TLS on it
	server net.Conn     // nil while the proxy answers itself
	once   sync.Once
	done   chan struct{} // closed when the pair has to end

	mu   sync.Mutex
	left int // bytes from the server still to be carried; -1 is no limit
}

// carry carries bytes both ways until one side ends.
func (c *pair) carry() {
	var up sync.WaitGroup
	up.Go(func() {
		defer c.end()
		c.copy(c.server, c.client, false)
	})
	c.copy(c.client, c.server, true)
	// An orderly end: what was written arrives before it, and the client is
	// heard until it hangs up, or closing would become a reset.
	if w, ok := c.client.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite()
	}
	up.Wait()
}

// end closes both sides and wakes whoever carries.
func (c *pair) end() {
	c.once.Do(func() {
		close(c.done)
		_ = c.client.SetDeadline(time.Now())
		if c.server != nil {
			_ = c.server.SetDeadline(time.Now())
		}
	})
}

// reset ends the client's side with a TCP reset.
func (c *pair) reset() {
	_ = c.raw.SetLinger(0)
	_ = c.raw.Close()
	c.end()
}

// cut lets n more bytes through from the server.
func (c *pair) cut(n int) {
	c.mu.Lock()
	c.left = n
	c.mu.Unlock()
}

// take is how many of n bytes may still pass, and whether that was the last
// of them.
func (c *pair) take(n int) (pass int, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left < 0 {
		return n, false
	}
	pass = min(n, c.left)
	c.left -= pass
	return pass, c.left == 0
}

// copy carries bytes one way, through the proxy's fault of the moment.
func (c *pair) copy(dst io.Writer, src io.Reader, down bool) {
	buf := make([]byte, 4<<10)
	for {
		n, err := src.Read(buf)
		last := false
		if down && n > 0 {
			n, last = c.take(n)
		}
		if !c.pass(dst, buf[:n], down) || last {
			return
		}
		if err != nil {
			if down {
				c.pass(dst, nil, down) // an end does not come through a black hole either
			}
			return
		}
	}
}

// pass writes b as the fault wants it; ok is false when the pair has ended.
// Without bytes it only waits for the end of a black hole.
func (c *pair) pass(dst io.Writer, b []byte, down bool) (ok bool) {
	for {
		fault, changed := c.proxy.state()
		if fault.Blackhole {
			select {
			case <-changed:
			case <-c.done:
				return false
			}
			continue
		}
		if len(b) == 0 {
			return true
		}
		n := len(b)
		if down && fault.Split {
			n = 1
		}
		if down && fault.Rate > 0 {
			n = min(n, max(1, fault.Rate/20))
		}
		if _, err := dst.Write(b[:n]); err != nil {
			return false
		}
		b = b[n:]
		if down && fault.Rate > 0 {
			c.wait(time.Duration(n) * time.Second / time.Duration(fault.Rate))
		}
	}
}

// wait waits for d, or until the pair has to end.
func (c *pair) wait(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.done:
	}
}
