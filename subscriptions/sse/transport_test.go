package sse_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"bellwire/internal/porttest"
	. "bellwire/subscriptions"
	"bellwire/subscriptions/sse"

	"github.com/google/go-cmp/cmp"
)

func eventStream(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, body)
}

func TestRequest(t *testing.T) {
	var got *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		eventStream(w, "")
	}))
	defer s.Close()
	ws := strings.Replace(s.URL, "http://", "ws://", 1)
	for _, tc := range []struct {
		name    string
		target  Target
		header  string
		want    string
		resumed bool
	}{
		{"asks for no compression", target(t, s.URL, ""), "Accept-Encoding", "identity", true},
		{"has a name", target(t, s.URL, ""), "User-Agent", "bellwire", true},
		{"a person's header wins", target(t, s.URL, "", "User-Agent: x/1"), "User-Agent", "x/1", true},
		{"even over Accept", target(t, s.URL, "", "accept: text/event-stream, */*"), "Accept", "text/event-stream, */*", true},
		{"credentials", target(t, s.URL, "", "Authorization: Bearer x"), "Authorization", "Bearer x", true},
		{"password in the address", target(t, strings.Replace(s.URL, "://", "://user:pass@", 1), ""), "Authorization", "Basic dXNlcjpwYXNz", true},
		{"cursor", target(t, s.URL, "41:7"), "Last-Event-ID", "41:7", true},
		{"cursor beyond ASCII", target(t, s.URL, "…"), "Last-Event-ID", "…", true},
		{"cursor HTTP cannot carry", target(t, s.URL, "4\x01"), "Last-Event-ID", "", false},
		{"ws is http", target(t, ws, ""), "Accept", "text/event-stream", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := newSink()
			wantError(t, newTransport(t).Run(t.Context(), tc.target, out), Transient, CodeClosed)
			if v := got.Header.Get(tc.header); v != tc.want {
				t.Errorf("%s: %q, want %q", tc.header, v, tc.want)
			}
			if d := cmp.Diff([]bool{tc.resumed}, taken(out.opened)); d != "" {
				t.Errorf("resumed: %s", d)
			}
		})
	}
	t.Run("host", func(t *testing.T) {
		_ = newTransport(t).Run(t.Context(), target(t, s.URL, "", "Host: news.example"), newSink())
		if got.Host != "news.example" {
			t.Errorf("host %q", got.Host)
		}
	})
	t.Run("no address", func(t *testing.T) {
		wantError(t, newTransport(t).Run(t.Context(), Target{URL: "gopher://x"}, newSink()), NeedsUser, CodeBadFeed)
	})
}

func TestResumed(t *testing.T) {
	for _, tc := range []struct {
		name, cursor string
		header       http.Header
		want         bool
	}{
		{"the server says nothing", "5", nil, true},
		{"the same id", "5", http.Header{"Last-Event-Id": {"5"}}, true},
		{"another id", "5", http.Header{"Last-Event-Id": {"earliest"}}, false},
		{"Mercure's own name", "5", http.Header{"Mercure-Last-Event-Id": {"earliest"}}, false},
		{"nothing was asked for", "", http.Header{"Last-Event-Id": {"9"}}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, v := range tc.header {
					w.Header()[name] = v
				}
				eventStream(w, "data: x\n\n")
			}))
			defer s.Close()
			out := newSink()
			_ = newTransport(t).Run(t.Context(), target(t, s.URL, tc.cursor), out)
			if d := cmp.Diff([]bool{tc.want}, taken(out.opened)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnswersThatAreNoStream(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header http.Header
		class  Class
		code   Code
		after  time.Duration
	}{
		{"rate limit", 429, http.Header{"Retry-After": {"30"}}, RetryAfter, CodeBusy, 30 * time.Second},
		{"unauthorized", 401, nil, NeedsUser, CodeUnauthorized, 0},
		{"bad gateway", 502, nil, Transient, CodeServer, 0},
		{"redirect to nowhere", 302, nil, NeedsUser, CodeRedirect, 0},
		{"compressed", 200, http.Header{"Content-Type": {"text/event-stream"}, "Content-Encoding": {"gzip"}}, NeedsUser, CodeNotStream, 0},
		{"almost the type", 200, http.Header{"Content-Type": {"text/event-streams"}}, NeedsUser, CodeNotStream, 0},
		{"no type", 200, http.Header{"Content-Type": {""}}, NeedsUser, CodeNotStream, 0},
		{"headers without end", 200, http.Header{"X": {strings.Repeat("x", 1<<20)}}, Transient, CodeProtocol, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, v := range tc.header {
					w.Header()[name] = v
				}
				w.WriteHeader(tc.status)
				_, _ = io.Copy(w, endless("body\n")) // until the client hangs up
			}))
			defer s.Close()
			out := newSink()
			e := wantError(t, newTransport(t).Run(t.Context(), target(t, s.URL, ""), out), tc.class, tc.code)
			if e.After != tc.after || len(taken(out.opened)) != 0 {
				t.Errorf("after %v", e.After)
			}
		})
	}
	t.Run("the type does not mind case and parameters", func(t *testing.T) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "Text/Event-Stream ; charset")
		}))
		defer s.Close()
		wantError(t, newTransport(t).Run(t.Context(), target(t, s.URL, ""), newSink()), Transient, CodeClosed)
	})
}

// endless repeats s.
func endless(s string) io.Reader {
	block := []byte(strings.Repeat(s, 1+(4<<10)/len(s)))
	var rest []byte
	return readerFunc(func(b []byte) (int, error) {
		if len(rest) == 0 {
			rest = block
		}
		n := copy(b, rest)
		rest = rest[n:]
		return n, nil
	})
}

// raw is a server that answers each connection with bytes of its own.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "http://" + l.Addr().String()
}

// answer reads a request's header and writes s.
func answer(c net.Conn, s string) {
	b := make([]byte, 1)
	for seen := ""; !strings.HasSuffix(seen, "\r\n\r\n"); seen += string(b) {
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
	}
	_, _ = io.WriteString(c, s)
}

const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

func TestHowStreamsEnd(t *testing.T) {
	event := func(id string) string { return "id: " + id + "\ndata: x\n\n" }
	reset := func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }
	for _, tc := range []struct {
		name     string
		serve    func(net.Conn)
		code     Code
		messages int
	}{
		{"chunked, ended well", func(c net.Conn) {
			answer(c, head+"Transfer-Encoding: chunked\r\n\r\n10\r\n"+event("12")+"\r\n0\r\n\r\n")
		}, CodeClosed, 1},
		{"chunked, cut", func(c net.Conn) {
			answer(c, head+"Transfer-Encoding: chunked\r\n\r\n10\r\n"+event("12")+"\r\n")
		}, CodeLost, 1},
		{"until the connection ends", func(c net.Conn) { answer(c, head+"\r\n"+event("12")) }, CodeClosed, 1},
		{"with half an event", func(c net.Conn) { answer(c, head+"\r\nid: 9\ndata: x\n") }, CodeClosed, 0},
		{"no HTTP", func(c net.Conn) { answer(c, "220 mail.example ESMTP\r\n") }, CodeProtocol, 0},
		{"nothing", func(c net.Conn) { answer(c, "") }, CodeLost, 0},
		{"reset instead of an answer", func(c net.Conn) { answer(c, ""); reset(c) }, CodeLost, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := newSink()
			wantError(t, newTransport(t).Run(t.Context(), target(t, raw(t, tc.serve), ""), out), Transient, tc.code)
			if n := len(taken(out.messages)); n != tc.messages {
				t.Errorf("%d messages", n)
			}
		})
	}
	t.Run("reset", func(t *testing.T) {
		read := make(chan struct{})
		base := raw(t, func(c net.Conn) {
			answer(c, head+"\r\n"+event("12"))
			<-read // a reset overtakes bytes not read yet
			reset(c)
		})
		r := start(t, newTransport(t), target(t, base, ""))
		r.next(t)
		close(read)
		wantError(t, <-r.ended, Transient, CodeLost)
		r.ended <- nil
	})
	t.Run("nobody there", func(t *testing.T) {
		tg := target(t, "http://user:hunter2@"+porttest.Reserve(t)+"/?token=hunter2", "")
		e := wantError(t, newTransport(t).Run(t.Context(), tg, newSink()), Transient, CodeUnreachable)
		if strings.Contains(e.Error(), "hunter2") {
			t.Errorf("text %q", e)
		}
	})
}

func TestASinkThatFailsEndsTheStream(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		eventStream(w, "data: x\n\ndata: y\n\n")
	}))
	defer s.Close()
	full := error(Failf(Transient, CodeStorage, "disk full"))
	out := newSink()
	out.refuse.Store(&full)
	if err := newTransport(t).Run(t.Context(), target(t, s.URL, ""), out); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestCancel(t *testing.T) {
	silent := func(t *testing.T, before string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if before != "" {
				eventStream(w, before)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	t.Run("before the start", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := newTransport(t).Run(ctx, target(t, silent(t, ""), ""), newSink()); err != context.Canceled {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no answer yet", func(t *testing.T) {
		asked := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done()
		}))
		t.Cleanup(s.Close)
		r := start(t, newTransport(t), target(t, s.URL, ""))
		<-asked
		if err := r.stop(); err != context.Canceled {
			t.Errorf("got %v", err)
		}
	})
	t.Run("in a silent stream", func(t *testing.T) {
		r := start(t, newTransport(t), target(t, silent(t, ":\n\n"), ""))
		await(t, r, r.life)
		if err := r.stop(); err != context.Canceled {
			t.Errorf("got %v", err)
		}
	})
	t.Run("while storage is slow", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		out := newSink()
		out.messages = nil // takes none, ever
		ended := make(chan error)
		go func() {
			ended <- newTransport(t).Run(ctx, target(t, silent(t, "data: x\n\n"), ""), out)
		}()
		<-out.life
		cancel()
		if err := <-ended; err != context.Canceled {
			t.Errorf("got %v", err)
		}
	})
}

func TestTLSAndHTTP2(t *testing.T) {
	done := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("over %s", r.Proto)
		}
		eventStream(w, "id: 1\ndata: x\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(done)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)

	tr := newTransport(t)
	err := tr.Run(t.Context(), target(t, s.URL+"/?token=hunter2", ""), newSink())
	if e := wantError(t, err, NeedsUser, CodeCertificate); strings.Contains(e.Error(), "hunter2") {
		t.Errorf("text %q", e)
	}

	client := sse.NewClient()
	client.Transport.(Outward).TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
	tr = &sse.Transport{Client: client}
	t.Cleanup(tr.CloseIdleConnections)
	r := start(t, tr, target(t, strings.Replace(s.URL, "https", "wss", 1), ""))
	if m := r.next(t); m.ID != "1" {
		t.Errorf("got %v", m)
	}
	if err := r.stop(); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	<-done // the server has seen the end too
}

func TestProxy(t *testing.T) {
	for _, tc := range []struct {
		status int
		class  Class
		code   Code
	}{
		{http.StatusProxyAuthRequired, NeedsUser, CodeUnauthorized},
		{http.StatusBadGateway, Transient, CodeUnreachable},
	} {
		t.Run(http.StatusText(tc.status), func(t *testing.T) {
			p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodConnect {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				w.WriteHeader(tc.status)
			}))
			defer p.Close()
			u, err := url.Parse(p.URL)
			if err != nil {
				t.Fatal(err)
			}
			u.User = url.UserPassword("me", "hunter2")
			client := sse.NewClient()
			client.Transport.(Outward).Proxy = http.ProxyURL(u)
			tr := &sse.Transport{Client: client}
			defer tr.CloseIdleConnections()
			err = tr.Run(t.Context(), target(t, "https://bellwire.invalid/", ""), newSink())
			if e := wantError(t, err, tc.class, tc.code); strings.Contains(e.Error(), "hunter2") {
				t.Errorf("text %q", e)
			}
		})
	}
}

func TestRedirectedRequestKeepsItsNature(t *testing.T) {
	var got http.Header
	end := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		eventStream(w, "")
	}))
	defer end.Close()
	s := httptest.NewServer(http.RedirectHandler(end.URL, http.StatusPermanentRedirect))
	defer s.Close()
	tg := target(t, s.URL, "7", "Authorization: Bearer x", "X-Api-Key: x", "Cookie: a=b")
	wantError(t, newTransport(t).Run(t.Context(), tg, newSink()), Transient, CodeClosed)
	for name, want := range map[string]string{
		"Accept": "text/event-stream", "Cache-Control": "no-cache", "Last-Event-Id": "7",
		"Authorization": "", "X-Api-Key": "", "Cookie": "", "Referer": "",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
}
