package websocket

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
)

// pipes is a server inside a synctest bubble, where real sockets would keep
// the clock from moving.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// bubble serves one handshake with talk and returns a client for it.
func bubble(t *testing.T, talk func(net.Conn, *bufio.Reader)) *http.Client {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, br := accept(t, w, r, "")
		defer conn.Close()
		talk(conn, br)
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(p)
	}()
	t.Cleanup(func() {
		s.Close()
		<-served
	})
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			select {
			case p.conns <- theirs:
				return ours, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
	}}
}

// run runs until the connection ends, and returns how long that took.
func run(t *testing.T, client *http.Client, sink subscriptions.Sink) (time.Duration, error) {
	t.Helper()
	began := time.Now()
	err := (&Transport{Client: client}).Run(t.Context(), subscriptions.Target{URL: "ws://server/"}, sink)
	return time.Since(began), err
}

// readFrame reads a client's masked frame of at most 64 KiB and returns it as
// a server would send it.
func readFrame(r *bufio.Reader) (opcode byte, payload string, err error) {
	var head, mask [4]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return 0, "", err
	}
	length := int(head[1] & 0x7f)
	if length == 126 {
		if _, err := io.ReadFull(r, head[2:]); err != nil {
			return 0, "", err
		}
		length = int(binary.BigEndian.Uint16(head[2:]))
	}
	b := make([]byte, length)
	for _, part := range [][]byte{mask[:], b} {
		if _, err := io.ReadFull(r, part); err != nil {
			return 0, "", err
		}
	}
	for i := range b {
		b[i] ^= mask[i%4]
	}
	return head[0] & 0xf, string(b), nil
}

var timedOut = verdict{subscriptions.Transient, subscriptions.CodeTimeout, 0}

func TestPeerThatReadsAndNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := bubble(t, func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })
		took, err := run(t, client, newRecorder(t))
		if verdictOf(t, err) != timedOut || took != DefaultPingInterval+DefaultPongTimeout {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestPeerThatDoesNotEvenRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		defer close(gone)
		client := bubble(t, func(net.Conn, *bufio.Reader) { <-gone })
		took, err := run(t, client, newRecorder(t))
		if verdictOf(t, err) != timedOut || took > DefaultPingInterval+DefaultPongTimeout {
			t.Errorf("after %v: %v", took, err)
		}
		gone <- struct{}{}
	})
}

func TestAnsweredPingsKeepTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 120 * time.Millisecond
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			for range 100 {
				opcode, payload, err := readFrame(r)
				if err != nil || opcode != opPing {
					t.Errorf("opcode %x, %v", opcode, err)
					return
				}
				time.Sleep(delay)
				_, _ = io.WriteString(conn, frame(final|opPong, payload))
			}
			_, _ = io.WriteString(conn, closeFrame(1001, ""))
			_, _ = io.Copy(io.Discard, r)
		})
		sink := newRecorder(t)
		// Longer than every timeout of the handshake.
		took, err := run(t, client, sink)
		if verdictOf(t, err) != closed || took < 100*DefaultPingInterval {
			t.Errorf("after %v: %v", took, err)
		}
		pongs := sink.alive(subscriptions.LifePong)
		if len(pongs) != 100 {
			t.Errorf("%d pongs", len(pongs))
		}
		for _, l := range pongs {
			if l.RTT != delay {
				t.Fatalf("round trip %v", l.RTT)
			}
		}
	})
}

// TestDataIsLife: a server that ignores pings but sends is there.
func TestDataIsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			for range 100 {
				time.Sleep(DefaultPongTimeout - time.Second)
				if _, err := io.WriteString(conn, frame(final|opText, "x")); err != nil {
					t.Error(err)
				}
			}
			_, _ = io.WriteString(conn, closeFrame(1000, ""))
		})
		sink := newRecorder(t)
		if _, err := run(t, client, sink); verdictOf(t, err) != closed || len(sink.messages) != 100 {
			t.Errorf("%d messages: %v", len(sink.messages), err)
		}
	})
}

// TestSlowFrameIsLife: no pong can come before the end of a large frame.
func TestSlowFrameIsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const seconds = 300
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			payload := make([]byte, seconds)
			f := frame(final|opBinary, string(payload))
			for i := range f {
				time.Sleep(time.Second)
				if _, err := io.WriteString(conn, f[i:i+1]); err != nil {
					t.Error(err)
					return
				}
			}
			_, _ = io.WriteString(conn, closeFrame(1000, ""))
		})
		sink := newRecorder(t)
		if _, err := run(t, client, sink); verdictOf(t, err) != closed || len(sink.messages) != 1 {
			t.Errorf("%d messages: %v", len(sink.messages), err)
		}
	})
}

// TestSlowSinkIsNotThePeersFault: while storage is slow nothing is read, so
// no pong can be heard.
func TestSlowSinkIsNotThePeersFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			_, _ = io.WriteString(conn, frame(final|opText, "slow"))
			// The pipe has no buffer: what is answered here waits until the
			// client reads again.
			for range 3 {
				_, payload, err := readFrame(r)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(conn, frame(final|opPong, payload))
			}
			_, _ = io.WriteString(conn, closeFrame(1000, ""))
			_, _ = io.Copy(io.Discard, r)
		})
		sink := newRecorder(t)
		sink.deliver = func(context.Context, subscriptions.Message) error {
			time.Sleep(10 * time.Minute)
			return nil
		}
		if took, err := run(t, client, sink); verdictOf(t, err) != closed {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestServerPingsAreKeepAlives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			for range 3 {
				_, _ = io.WriteString(conn, frame(final|opPing, "are you there"))
				if opcode, payload, err := readFrame(r); opcode != opPong || payload != "are you there" {
					t.Errorf("answered with %x %q, %v", opcode, payload, err)
				}
			}
			_, _ = io.WriteString(conn, frame(final|opPong, "unasked")+closeFrame(1000, ""))
			_, _ = io.Copy(io.Discard, r)
		})
		sink := newRecorder(t)
		_, err := run(t, client, sink)
		if got := sink.alive(subscriptions.LifeKeepAlive); verdictOf(t, err) != closed || len(got) != 4 {
			t.Errorf("%d keep-alives: %v", len(got), err)
		}
	})
}

func TestNoAnswerToTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		p := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				go func() {
					defer close(gone)
					_, _ = io.Copy(io.Discard, theirs)
				}()
				return ours, nil
			},
		}}
		sink := newRecorder(t)
		took, err := run(t, p, sink)
		if verdictOf(t, err) != timedOut || took != subscriptions.DefaultConnectTimeout || len(sink.opened) != 0 {
			t.Errorf("after %v: %v", took, err)
		}
		<-gone
	})
}

// TestCancel: Run returns in no time at all, whatever goes on.
func TestCancel(t *testing.T) {
	tests := []struct {
		name   string
		first  string // what the server sends before it falls silent
		reads  bool   // whether it still reads
		after  time.Duration
		inSink bool // whether the sink waits
	}{
		{name: "idle", after: time.Second},
		{name: "in a ping's write", after: DefaultPingInterval + time.Second},
		{name: "waiting for a pong", reads: true, after: DefaultPingInterval + time.Second},
		{name: "in a message", first: "\x81\x05he", after: time.Second},
		{name: "between fragments", first: frame(opText, "he"), after: time.Second},
		{name: "in a pong's write", first: frame(final|opPing, "x"), after: time.Second},
		{name: "in the answer to a close frame", first: closeFrame(1000, ""), after: time.Second},
		{name: "in the write of 1007", first: frame(final|opText, "\xff"), after: 500 * time.Millisecond},
		{name: "after the write of 1007", first: frame(final|opText, "\xff"), reads: true, after: 500 * time.Millisecond},
		{name: "in the sink", first: frame(final|opText, "x"), after: time.Second, inSink: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
					_, _ = io.WriteString(conn, tt.first)
					if tt.reads {
						_, _ = io.Copy(io.Discard, r)
					}
					<-t.Context().Done()
				})
				sink := newRecorder(t)
				if tt.inSink {
					sink.deliver = func(ctx context.Context, _ subscriptions.Message) error {
						<-ctx.Done()
						return ctx.Err()
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.after)
				defer cancel()
				began := time.Now()
				err := (&Transport{Client: client}).Run(ctx, subscriptions.Target{URL: "ws://server/"}, sink)
				if took := time.Since(began); err != context.DeadlineExceeded || took != tt.after {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}

// TestInvalidTextFromADeafPeer: the close frame is a courtesy of one second.
func TestInvalidTextFromADeafPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			_, _ = io.WriteString(conn, frame(final|opText, "\xff"))
			_, _ = io.Copy(io.Discard, r)
		})
		if took, err := run(t, client, newRecorder(t)); verdictOf(t, err) != protocol || took > time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// Asked to prove the connection, it pings at once.
func TestVerify(t *testing.T) {
	for _, tc := range []struct {
		name string
		talk func(net.Conn, *bufio.Reader)
		want time.Duration // until the connection ends
	}{
		{"the peer is gone", func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) }, 5*time.Second + DefaultPongTimeout},
		{"the peer answers once more", func(conn net.Conn, r *bufio.Reader) {
			_, payload, err := readFrame(r)
			if err != nil {
				t.Error(err)
			}
			_, _ = conn.Write(append([]byte{0x8a, byte(len(payload))}, payload...))
			_, _ = io.Copy(io.Discard, r)
		}, DefaultPingInterval + DefaultPongTimeout},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, verify := bubble(t, tc.talk), make(chan struct{})
				began := time.Now()
				time.AfterFunc(5*time.Second, func() {
					select {
					case verify <- struct{}{}:
					default:
						t.Error("nobody listens")
					}
				})
				err := (&Transport{Client: client}).Run(t.Context(), subscriptions.Target{URL: "ws://server/", Verify: verify}, newRecorder(t))
				if took := time.Since(began); verdictOf(t, err) != timedOut || took != tc.want {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}
