package faultproxy

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"bellwire/internal/porttest"
)

// A Fault is what happens to the bytes of every connection, the open ones
// and the new ones. The zero value lets them pass.
type Fault struct {
	// Blackhole keeps connections open and accepts new ones, and carries
	// nothing in either direction. What arrives is held and goes on when the
	// fault is over, as after a lost route.
	Blackhole bool
	// Rate is how many bytes a second come from the server; 0 is no limit.
	Rate int
	// Split gives every byte from the server a packet of its own.
	Split bool
}

// An Answer is what the proxy says itself to a request.
type Answer struct {
	Status int
	Header http.Header
}

// A Proxy stands before one server. Its methods are safe for concurrent use.
type Proxy struct {
	t       testing.TB
	backend string
	addr    string
	conns   sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	fault    Fault
	changed  chan struct{} // closed when fault changes
	answer   Answer
	answers  int // how many connections still get it
	config   *tls.Config
	open     map[*pair]struct{}
	cutNext  int // bytes that the next connection gets; -1 is no limit
	accepted []time.Time
	closed   bool
}

// Start starts a proxy before the server at backend (host:port), on a
// loopback port of its own, and closes it with the test.
func Start(t testing.TB, backend string) *Proxy {
	t.Helper()
	p := &Proxy{t: t, backend: backend, changed: make(chan struct{}), open: make(map[*pair]struct{}), cutNext: -1}
	p.addr = porttest.Reserve(t) // it stays the proxy's while it refuses
	p.Accept()
	t.Cleanup(p.close)
	return p
}

// Addr is the proxy's host and port; it never changes.
func (p *Proxy) Addr() string { return p.addr }

// URL is the address of path, with a scheme: "http", "wss", …
func (p *Proxy) URL(scheme, path string) string { return scheme + "://" + p.addr + path }

// Set changes the fault of all connections.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
}

// state is the fault now, and what is closed when it changes.
func (p *Proxy) state() (Fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.changed
}

// Answer makes the proxy answer the next n connections itself and close
// them.
func (p *Proxy) Answer(n int, a Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers, p.answer = n, a
}

// UseTLS makes the proxy the server's end of TLS for new connections, with
// this certificate.
func (p *Proxy) UseTLS(c tls.Certificate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.config = &tls.Config{Certificates: []tls.Certificate{c}}
}

// Reset ends the open connections with a TCP reset.
func (p *Proxy) Reset() {
	for _, c := range p.pairs() {
		c.reset()
	}
}

// Cut ends each open connection in an orderly way after n more bytes from
// the server.
func (p *Proxy) Cut(n int) {
	for _, c := range p.pairs() {
		c.cut(n)
	}
}

// CutNext is [Proxy.Cut] for the connection that comes next.
func (p *Proxy) CutNext(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutNext = n
}

// Refuse closes the port: connecting fails at once. Open connections stay.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
}

// Accept undoes [Proxy.Refuse].
func (p *Proxy) Accept() {
	p.t.Helper()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Fatalf("opening the proxy's port again: %v", err)
	}
	p.serve(l)
}

// Accepted is when each connection so far was accepted.
func (p *Proxy) Accepted() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Time(nil), p.accepted...)
}

func (p *Proxy) pairs() (all []*pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		all = append(all, c)
	}
	return all
}

// serve takes connections from l until it is closed.
func (p *Proxy) serve(l net.Listener) {
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.conns.Go(func() { p.handle(conn.(*net.TCPConn)) })
		}
	})
}

// handle is one connection, from its beginning to its end.
func (p *Proxy) handle(raw *net.TCPConn) {
	defer raw.Close()
	p.mu.Lock()
	p.accepted = append(p.accepted, time.Now())
	own := p.answers > 0
	if own {
		p.answers--
	}
	answer, config, left := p.answer, p.config, p.cutNext
	p.cutNext = -1
	p.mu.Unlock()
	c := &pair{proxy: p, raw: raw, client: raw, left: left, done: make(chan struct{})}
	if config != nil {
		c.client = tls.Server(raw, config)
	}
	if !own {
		server, err := net.Dial("tcp", p.backend)
		if err != nil {
			return
		}
		defer server.Close()
		c.server = server
	}
	if !p.enter(c) {
		return
	}
	defer p.leave(c)
	if own {
		say(c.client, answer)
		return
	}
	c.carry()
}

// enter lists c among the open connections; ok is false when the proxy is
// closed already.
func (p *Proxy) enter(c *pair) (ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.open[c] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) leave(c *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// say reads a request's head and answers it.
func say(conn net.Conn, a Answer) {
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
		return
	}
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Length", "0")
	header.Set("Connection", "close")
	fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\n", a.Status, http.StatusText(a.Status))
	_ = header.Write(conn)
	_, _ = io.WriteString(conn, "\r\n")
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
}

func (p *Proxy) close() {
	p.Refuse()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for _, c := range p.pairs() {
		c.end()
	}
	p.conns.Wait()
}
