package websocket

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellwire/subscriptions"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a sink that notes everything, and that it is called by one
// goroutine at a time.
type recorder struct {
	t        testing.TB
	messages chan subscriptions.Message
	opened   chan bool
	calls    atomic.Int32
	// deliver, where it is set, is called for each message in place of
	// handing it on.
	deliver func(context.Context, subscriptions.Message) error

	mu    sync.Mutex
	lives []subscriptions.Life
}

func newRecorder(t testing.TB) *recorder {
	return &recorder{t: t, messages: make(chan subscriptions.Message, 1000), opened: make(chan bool, 2)}
}

func (r *recorder) enter() (leave func()) {
	if r.calls.Add(1) != 1 {
		r.t.Error("the sink is called by two goroutines at a time")
	}
	return func() { r.calls.Add(-1) }
}

func (r *recorder) Opened(resumed bool) {
	defer r.enter()()
	r.opened <- resumed
}

func (r *recorder) Message(ctx context.Context, m subscriptions.Message) error {
	defer r.enter()()
	if m.Received.IsZero() {
		r.t.Error("a message without a time")
	}
	m.Received = time.Time{}
	if r.deliver != nil {
		return r.deliver(ctx, m)
	}
	r.messages <- m
	return nil
}

func (r *recorder) Alive(l subscriptions.Life) {
	defer r.enter()()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lives = append(r.lives, l)
}

func (r *recorder) Retry(time.Duration) { r.t.Error("a WebSocket has no retry field") }

// alive returns the signs of life of one kind.
func (r *recorder) alive(kind subscriptions.LifeKind) (lives []subscriptions.Life) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lives {
		if l.Kind == kind {
			lives = append(lives, l)
		}
	}
	return lives
}

// received returns the messages so far.
func (r *recorder) received() (ms []subscriptions.Message) {
	for {
		select {
		case m := <-r.messages:
			ms = append(ms, m)
		default:
			return ms
		}
	}
}

// Opcodes of RFC 6455 §5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
	final          = 0x80
)

// frame is a frame as a server sends it.
func frame(first byte, payload string) string {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return string(b) + payload
}

func closeFrame(code uint16, reason string) string {
	return frame(final|opClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// accept answers a handshake by hand and takes the connection.
func accept(t testing.TB, w http.ResponseWriter, r *http.Request, protocol string) (net.Conn, *bufio.Reader) {
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return nil, nil
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n"
	if protocol != "" {
		answer += "Sec-WebSocket-Protocol: " + protocol + "\r\n"
	}
	if _, err := conn.Write([]byte(answer + "\r\n")); err != nil {
		t.Error(err)
	}
	return conn, rw.Reader
}

// serve runs a server that takes one handshake and then does as it likes.
func serve(t testing.TB, protocol string, talk func(conn net.Conn, r *bufio.Reader)) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, br := accept(t, w, r, protocol)
		if conn != nil {
			defer conn.Close()
			talk(conn, br)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// say sends frames and then waits for the client to end the connection, if it
// does not hang up itself.
func say(hangUp bool, frames ...string) func(net.Conn, *bufio.Reader) {
	return func(conn net.Conn, r *bufio.Reader) {
		for _, f := range frames {
			if _, err := conn.Write([]byte(f)); err != nil {
				return
			}
		}
		if tcp, ok := conn.(*net.TCPConn); ok && hangUp {
			_ = tcp.CloseWrite() // an orderly end: a Close could reset what is on its way
		}
		for {
			if _, err := r.ReadByte(); err != nil {
				return
			}
		}
	}
}
