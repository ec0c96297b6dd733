package websocket

import (
	"bufio"
	"bytes"
	"compress/flate"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"bellwire/subscriptions"
)

// We do not offer permessage-deflate (RFC 7692), and a server that uses it all
// the same breaks the protocol: nothing is ever inflated.
func TestCompressionIsNeitherOfferedNorTaken(t *testing.T) {
	const bombed = 16 << 20
	var bomb bytes.Buffer
	w, err := flate.NewWriter(&bomb, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(w, zeros{}, bombed); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const rsv1 = 0x40
	for name, frames := range map[string][]string{
		"a bomb":                    {frame(final|rsv1|opText, bomb.String())},
		"a bomb in fragments":       {frame(rsv1|opBinary, bomb.String()), frame(final|opContinuation, "")},
		"behind an honest message":  {frame(final|opText, "honest"), frame(final|rsv1|opText, bomb.String())},
		"in a continuation":         {frame(opText, "honest"), frame(final|rsv1|opContinuation, bomb.String())},
		"in a ping":                 {frame(final|rsv1|opPing, "x")},
		"with the other bits alone": {frame(final|0x20|opText, "x")},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, "", say(true, frames...))
			sink := newRecorder(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := new(Transport).Run(t.Context(), subscriptions.Target{URL: url}, sink)
			runtime.ReadMemStats(&after)
			if verdictOf(t, err) != protocol {
				t.Errorf("got %v", err)
			}
			for _, m := range sink.received() {
				if m.Data != "honest" {
					t.Errorf("received %.40q", m.Data)
				}
			}
			// The server's side is in it as well.
			if grown := after.TotalAlloc - before.TotalAlloc; grown > bombed/8 {
				t.Errorf("%d bytes were allocated", grown)
			}
		})
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestExtensionThatNobodyAskedFor(t *testing.T) {
	asked := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Sec-WebSocket-Extensions")
		conn, _ := accept(t, withExtension{w}, r, "")
		conn.Close() // the library would read what follows for a while
	}))
	defer s.Close()
	err := new(Transport).Run(t.Context(), subscriptions.Target{
		URL: s.URL, Header: http.Header{"Sec-Websocket-Extensions": {"permessage-deflate"}},
	}, newRecorder(t))
	if verdictOf(t, err) != protocol {
		t.Errorf("got %v", err)
	}
	if got := <-asked; got != "" {
		t.Errorf("asked for %q", got)
	}
}

// withExtension adds an extension to the answer that accept writes.
type withExtension struct{ http.ResponseWriter }

func (w withExtension) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.ResponseWriter.(http.Hijacker).Hijack()
	return extended{conn}, rw, err
}

type extended struct{ net.Conn }

func (c extended) Write(b []byte) (int, error) {
	_, err := io.WriteString(c.Conn, strings.TrimSuffix(string(b), "\r\n")+"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
	return len(b), err
}
