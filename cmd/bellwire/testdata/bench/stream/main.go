// Command stream is the load of BenchmarkStream: a server that says the same
// prepared events to whoever asks, as fast as they are read, and the two
// libraries as clients that read them and forget.
//
//	stream serve N
//	stream go-sse URL N
//	stream coder-websocket URL N
package main

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/tmaxmax/go-sse"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: stream serve N | go-sse URL N | coder-websocket URL N")
	}
	n, err := strconv.Atoi(args[len(args)-1])
	if err != nil {
		return err
	}
	switch args[0] {
	case "serve":
		return serve(n)
	case "go-sse":
		err = readSSE(args[1], n)
	case "coder-websocket":
		err = readWebSocket(args[1], n)
	default:
		return fmt.Errorf("no mode %q", args[0])
	}
	fmt.Println("done", time.Now().UnixNano())
	return err
}

// event is a payload of the kind that deployments send, about 210 bytes.
func event(n int) string {
	services := [...]string{"billing", "search", "gateway", "mailer", "frontend", "indexer", "proxy", "ledger"}
	return fmt.Sprintf(`{"id":"d-%d","title":"Deploy %d finished on host%d","message":"Service %s went from revision %06x to %06x in %d s without errors","url":"https://ci.example/deploys/%d","time":%d}`,
		n, n, n%97, services[n%len(services)], n, n+7919, n*31%997, n, 1_767_225_600+n)
}

// piece is how much is handed to the connection at a time.
const piece = 64 << 10

// add adds to the last piece, or begins another.
func add(pieces [][]byte, s string) [][]byte {
	last := len(pieces) - 1
	if last < 0 || len(pieces[last])+len(s) > piece {
		return append(pieces, append(make([]byte, 0, piece), s...))
	}
	pieces[last] = append(pieces[last], s...)
	return pieces
}

// A server holds every connection until its standard input says "go". What it
// does it tells on its standard output: "at ADDRESS", "open" for every
// connection, and "first NANOSECONDS", the time since 1970 at which the first
// byte of an event is sent.
type server struct {
	sse, frames [][]byte // in pieces that end with an event
	released    chan struct{}
	out         sync.Mutex
}

func serve(n int) error {
	s := &server{released: make(chan struct{})}
	for i := 1; i <= n; i++ {
		data := event(i)
		s.sse = add(s.sse, fmt.Sprintf("id: %d\nevent: deploy\ndata: %s\n\n", i, data))
		// Final, text, of 126 to 65,535 bytes (RFC 6455 §5.2).
		head := binary.BigEndian.AppendUint16([]byte{0x81, 126}, uint16(len(data)))
		s.frames = add(s.frames, string(head)+data)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.say("at", l.Addr())
	http.HandleFunc("/sse", s.serveSSE)
	http.HandleFunc("/websocket", s.serveWebSocket)
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(l, nil) }()
	go func() {
		in := bufio.NewScanner(os.Stdin)
		if in.Scan() {
			close(s.released)
		}
		for in.Scan() { // until the pipe is closed
		}
		failed <- nil
	}()
	return <-failed
}

func (s *server) say(what ...any) {
	s.out.Lock()
	defer s.out.Unlock()
	fmt.Println(what...)
}

// hold waits for the word and tells when the first byte is sent.
func (s *server) hold(ctx context.Context) bool {
	s.say("open")
	select {
	case <-s.released:
		s.say("first", time.Now().UnixNano())
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *server) serveSSE(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.(http.Flusher).Flush()
	if !s.hold(r.Context()) || !send(w, s.sse) {
		return
	}
	w.(http.Flusher).Flush()
	if !r.URL.Query().Has("end") {
		<-r.Context().Done()
	}
}

func (s *server) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	conn, in, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455 §4.2.2
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	whole := &frameWriter{conn: conn}
	go func() {
		defer cancel()
		answerPings(in.Reader, whole)
	}()
	if s.hold(ctx) && send(whole, s.frames) {
		<-ctx.Done()
	}
}

// A frameWriter writes whole frames.
type frameWriter struct {
	mu   sync.Mutex
	conn net.Conn
}

func (w *frameWriter) Write(frames []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn.Write(frames)
}

// answerPings reads what a client sends, small and masked (RFC 6455 §5.1),
// until it sends no more.
func answerPings(r io.Reader, w io.Writer) {
	for {
		var head [6]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		payload := make([]byte, head[1]&0x7f)
		if _, err := io.ReadFull(r, payload); err != nil {
			return
		}
		for i := range payload {
			payload[i] ^= head[2+i%4]
		}
		if head[0] == 0x89 { // a ping gets a pong
			if _, err := w.Write(append([]byte{0x8a, byte(len(payload))}, payload...)); err != nil {
				return
			}
		}
	}
}

func send(w io.Writer, pieces [][]byte) bool {
	for _, p := range pieces {
		if _, err := w.Write(p); err != nil {
			return false
		}
	}
	return true
}

// readSSE is go-sse's own client.
func readSSE(url string, n int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	conn := sse.NewConnection(req)
	got := 0
	conn.SubscribeToAll(func(sse.Event) {
		if got++; got == n {
			cancel()
		}
	})
	if err := conn.Connect(); got < n {
		return fmt.Errorf("%d of %d events: %w", got, n, err)
	}
	return nil
}

func readWebSocket(url string, n int) error {
	ctx := context.Background()
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	for range n {
		if _, _, err := conn.Read(ctx); err != nil {
			return err
		}
	}
	return nil
}
