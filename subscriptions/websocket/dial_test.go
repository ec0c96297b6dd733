package websocket

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellwire/internal/porttest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestRefusedHandshakes(t *testing.T) {
	answer := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "s3cret")
		}
	}
	user := func(c subscriptions.Code) verdict { return verdict{subscriptions.NeedsUser, c, 0} }
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    verdict
	}{
		{"200", answer(200, "Content-Type", "text/html"), user(subscriptions.CodeNotStream)},
		{"401", answer(401), user(subscriptions.CodeUnauthorized)},
		{"403", answer(403), user(subscriptions.CodeForbidden)},
		{"404", answer(404), user(subscriptions.CodeNotFound)},
		{"410", answer(410), user(subscriptions.CodeGone)},
		{"500", answer(500), verdict{subscriptions.Transient, subscriptions.CodeServer, 0}},
		{"503", answer(503), verdict{subscriptions.Transient, subscriptions.CodeBusy, 0}},
		{"503 with Retry-After", answer(503, "Retry-After", "17"), verdict{subscriptions.RetryAfter, subscriptions.CodeBusy, 17 * time.Second}},
		{"429 with Retry-After", answer(429, "Retry-After", "3"), verdict{subscriptions.RetryAfter, subscriptions.CodeBusy, 3 * time.Second}},
		{"redirect to nowhere", answer(302), user(subscriptions.CodeRedirect)},
		{"redirect to another scheme", answer(302, "Location", "ftp://example.com/"), user(subscriptions.CodeRedirect)},
		{"redirect without end", answer(307, "Location", "/"), user(subscriptions.CodeRedirect)},
		{"a stream of another kind", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			<-r.Context().Done() // until the client hangs up, which it must do at once
		}, user(subscriptions.CodeNotStream)},
		{"101 with a wrong key", func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Sec-WebSocket-Key", "another")
			conn, _ := accept(t, w, r, "")
			conn.Close()
		}, protocol},
		{"101 with a sub-protocol nobody asked for", func(w http.ResponseWriter, r *http.Request) {
			conn, _ := accept(t, w, r, "s3cret")
			conn.Close()
		}, protocol},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.2\r\n")
			conn.Close()
		}, protocol},
		{"hangs up", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
		}, lost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewServer(tt.handler)
			defer s.Close()
			sink := newRecorder(t)
			err := new(Transport).Run(t.Context(), subscriptions.Target{URL: s.URL + "/?token=s3cret"}, sink)
			if got := verdictOf(t, err); got != tt.want {
				t.Errorf("got %v (%v), want %v", got, err, tt.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("a credential in %q", err)
			}
			if len(sink.opened) != 0 {
				t.Error("opened")
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	url := "ws://" + porttest.Reserve(t) + "/?token=s3cret"
	err := new(Transport).Run(t.Context(), subscriptions.Target{URL: url}, newRecorder(t))
	if got, want := verdictOf(t, err), (verdict{subscriptions.Transient, subscriptions.CodeUnreachable, 0}); got != want {
		t.Errorf("got %v (%v)", got, err)
	}
	err = new(Transport).Run(t.Context(), subscriptions.Target{URL: "gopher://x"}, newRecorder(t))
	if got, want := verdictOf(t, err), (verdict{subscriptions.NeedsUser, subscriptions.CodeBadFeed, 0}); got != want {
		t.Errorf("got %v (%v)", got, err)
	}
}

func TestHandshakeHeaders(t *testing.T) {
	got := make(chan *http.Request, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r
		conn, _ := accept(t, w, r, "b")
		_, _ = io.WriteString(conn, closeFrame(1000, ""))
		conn.Close()
	}))
	defer s.Close()
	err := new(Transport).Run(t.Context(), subscriptions.Target{
		URL: s.URL,
		Header: http.Header{
			"Last-Event-Id":            {"5"},
			"Authorization":            {"Bearer x"},
			"host":                     {"other.example"},
			"connection":               {"close"},
			"Upgrade":                  {"h2c"},
			"Content-Length":           {"5"},
			"Transfer-Encoding":        {"chunked"},
			"Sec-WebSocket-Key":        {"mine"},
			"Sec-WebSocket-Version":    {"8"},
			"Sec-WebSocket-Extensions": {"permessage-deflate"},
			"Sec-WebSocket-Protocol":   {"b, a"},
		},
		Subprotocols: []string{"a"},
	}, newRecorder(t))
	if v := verdictOf(t, err); v != closed && v != lost {
		t.Fatal(err)
	}
	r := <-got
	want := http.Header{
		"Last-Event-Id":          {"5"},
		"Authorization":          {"Bearer x"},
		"Connection":             {"Upgrade"},
		"Upgrade":                {"websocket"},
		"Sec-Websocket-Version":  {"13"},
		"Sec-Websocket-Protocol": {"a,b"},
	}
	if len(r.Header.Get("Sec-WebSocket-Key")) != 24 {
		t.Errorf("key %q", r.Header.Get("Sec-WebSocket-Key"))
	}
	r.Header.Del("Sec-WebSocket-Key")
	r.Header.Del("User-Agent")
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Error(diff)
	}
	if r.Host != "other.example" {
		t.Errorf("host %q", r.Host)
	}
}

func TestRedirectKeepsCredentialsAtHome(t *testing.T) {
	seen := make(chan http.Header, 2)
	stream := func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header
		conn, br := accept(t, w, r, "")
		say(true, frame(final|opText, "hello"), closeFrame(1000, ""))(conn, br)
		conn.Close()
	}
	away := httptest.NewServer(http.HandlerFunc(stream))
	defer away.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/stream", stream)
	mux.Handle("/same", http.RedirectHandler("/stream", http.StatusFound))
	mux.Handle("/away", http.RedirectHandler(away.URL, http.StatusTemporaryRedirect))
	home := httptest.NewServer(mux)
	defer home.Close()

	run := func(path string, protocols ...string) (*recorder, error) {
		sink := newRecorder(t)
		return sink, new(Transport).Run(t.Context(), subscriptions.Target{
			URL:          strings.Replace(home.URL, "http://", "ws://u:p@", 1) + path,
			Header:       http.Header{"X-Token": {"s3cret"}, "Cookie": {"a=b"}, "Last-Event-Id": {"5"}},
			Subprotocols: protocols,
		}, sink)
	}
	for _, path := range []string{"/same", "/away"} {
		sink, err := run(path)
		if got := verdictOf(t, err); got != closed || len(sink.messages) != 1 {
			t.Fatalf("%s: %v, %d messages", path, err, len(sink.messages))
		}
		h := <-seen
		leaked := h.Get("X-Token") != "" || h.Get("Cookie") != "" || h.Get("Authorization") != ""
		if leaked != (path == "/same") || h.Get("Last-Event-Id") != "5" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if _, err := run("/away", "token-s3cret"); verdictOf(t, err).Code != subscriptions.CodeRedirect {
		t.Errorf("sub-protocols went along: %v", err)
	}
}
