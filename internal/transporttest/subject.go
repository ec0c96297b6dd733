package transporttest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"bellwire/subscriptions"
)

// A Subject is a transport under test, and how its servers speak.
type Subject struct {
	// New makes a transport; what it needs closed is closed with the test.
	New func(t testing.TB) subscriptions.Transport
	// Feed is how a feed of this transport is made that resumes; its URL is
	// filled in.
	Feed subscriptions.Feed
	// Scheme is "http" or "ws"; Path is nchan's for such feeds, and ends with
	// a slash.
	Scheme, Path string

	// Open answers p's request so that the connection counts as opened.
	Open func(p *Peer)
	// Send sends one message after that. Its id is empty where the transport
	// has none of its own.
	Send func(p *Peer, id, data string)
	// Part sends what is the beginning of a message and not all of it.
	Part func(p *Peer)
	// End says goodbye as a healthy server does, which then hangs up; nil
	// where hanging up is all there is to it.
	End func(p *Peer)
	// Private is nchan's path that wants a credential; "/private/" when empty.
	Private string
	// Polls says that messages are answers to questions asked again and
	// again: a server's hanging up between two is no end, nothing is open
	// before the first answer, and the cursor is the transport's own.
	Polls bool
	// Holds says of one that polls that its server keeps a question until
	// there is news: silence is no trouble.
	Holds bool
	// HasIDs says that messages sent by Send have the id.
	HasIDs bool
	// Room is how many bytes of a message's head count towards its size.
	Room int
	// RefusesBadText says that text which is not UTF-8 ends the connection;
	// otherwise it is mended with U+FFFD.
	RefusesBadText bool
}

// target is the feed's next connection to path at addr, with more headers
// ("Name", "value", …).
func (s Subject) target(t testing.TB, addr, path, cursor string, headers ...string) subscriptions.Target {
	t.Helper()
	f := s.Feed
	f.URL = s.Scheme + "://" + addr + path
	f.Headers = append([]subscriptions.Header(nil), f.Headers...)
	for i := 0; i < len(headers); i += 2 {
		f.Headers = append(f.Headers, subscriptions.Header{Name: headers[i], Value: headers[i+1]})
	}
	target, err := subscriptions.NewTarget(f, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// A Peer is the server's end of one connection.
type Peer struct {
	net.Conn
	// Reader reads what the client says.
	Reader *bufio.Reader
	// Request is the last one read, its body included.
	Request *http.Request
}

// Write sends s. Trouble is no news: the client may be gone.
func (p *Peer) Write(s string) { _, _ = io.WriteString(p.Conn, s) }

// Next reads the next request of this connection; false when none comes.
func (p *Peer) Next() bool {
	req, err := http.ReadRequest(p.Reader)
	if err != nil {
		return false
	}
	p.Request = req
	return true
}

// HangUp ends the connection in an orderly way, and waits for the client to
// do the same.
func (p *Peer) HangUp() {
	_ = p.Conn.(*net.TCPConn).CloseWrite()
	p.Drain()
}

// Reset ends the connection with a TCP reset.
func (p *Peer) Reset() {
	_ = p.Conn.(*net.TCPConn).SetLinger(0)
	_ = p.Close()
}

// Drain reads until the client hangs up.
func (p *Peer) Drain() { _, _ = io.Copy(io.Discard, p.Reader) }

// serve runs a server that gives the first request of every connection to
// talk, and returns its address. It ends with the test.
func serve(t testing.TB, talk func(p *Peer)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				p := &Peer{Conn: c, Reader: bufio.NewReader(c)}
				if p.Next() {
					talk(p)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); conns.Wait() })
	return l.Addr().String()
}
