package websocket

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"bellwire/subscriptions"
)

// connectProxy is a proxy that makes tunnels for whoever has the password.
func connectProxy(t *testing.T) *url.URL {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if r.Header.Get("Proxy-Authorization") != "Basic dTpw" || r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer here.Close()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _ = io.Copy(there, here)
			there.Close()
		})
		_, _ = io.Copy(here, there)
		here.Close()
		wg.Wait()
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTunnelThroughAProxy(t *testing.T) {
	proxy := connectProxy(t)
	run := func(user *url.Userinfo, target string) (*recorder, error) {
		p := *proxy
		p.User = user
		sink := newRecorder(t)
		client := &http.Client{Transport: direct{proxy: http.ProxyURL(&p)}}
		return sink, (&Transport{Client: client}).Run(t.Context(), subscriptions.Target{
			URL:    target,
			Header: http.Header{"Authorization": {"for the server alone"}},
		}, sink)
	}
	url1 := serve(t, "", say(true, frame(final|opText, "hello"), closeFrame(1000, "")))
	sink, err := run(url.UserPassword("u", "p"), url1)
	if verdictOf(t, err) != closed || len(sink.messages) != 1 {
		t.Errorf("%d messages: %v", len(sink.messages), err)
	}
	_, err = run(nil, url1)
	if got, want := verdictOf(t, err), (verdict{subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0}); got != want {
		t.Errorf("without a password: %v", err)
	}
	_, err = run(url.UserPassword("u", "p"), "ws://127.0.0.1:1/")
	if got, want := verdictOf(t, err), (verdict{subscriptions.Transient, subscriptions.CodeServer, 0}); got != want {
		t.Errorf("nobody behind the proxy: %v", err)
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, br := accept(t, w, r, "")
		defer conn.Close()
		say(false, frame(final|opText, "hello"), closeFrame(1000, ""))(conn, br)
	}))
	defer s.Close()
	target := subscriptions.Target{URL: "wss" + s.URL[len("https"):]}
	sink := newRecorder(t)
	err := (&Transport{Client: s.Client()}).Run(t.Context(), target, sink)
	if verdictOf(t, err) != closed || len(sink.messages) != 1 {
		t.Errorf("%d messages: %v", len(sink.messages), err)
	}
	err = new(Transport).Run(t.Context(), target, newRecorder(t))
	if got, want := verdictOf(t, err), (verdict{subscriptions.NeedsUser, subscriptions.CodeCertificate, 0}); got != want {
		t.Errorf("an unknown authority: %v", err)
	}
}

// A server of the Internet that redirects to this machine or into its network
// would make Bellwire shake hands there in its place.
func TestNoRedirectLeadsInside(t *testing.T) {
	asked := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(inner.Close)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, inner.URL, nil)
	req.RequestURI = ""
	req.Response = &http.Response{Request: httptest.NewRequest(http.MethodGet, "http://203.0.113.5/live", nil)}
	resp, err := direct{proxy: http.ProxyFromEnvironment}.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	if e, ok := errors.AsType[*subscriptions.Error](err); !ok || e.Code != subscriptions.CodeRedirect || asked {
		t.Errorf("%v, asked: %v", err, asked)
	}
}
