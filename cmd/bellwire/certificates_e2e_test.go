//go:build linux

package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bellwire/subscriptions"
)

// stream is an event stream that stays open.
func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// secure starts a server with a self-signed certificate that takes a
// client's certificate of any kind.
func secure(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// certificateFiles writes s's own certificate and its key.
func certificateFiles(t *testing.T, s *httptest.Server) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	raw, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", s.Certificate().Raw), write("key.pem", "PRIVATE KEY", raw)
}

// A server whose certificate nobody has signed is trusted when a person says
// so, in each of the ways there are.
func TestSelfSignedServer(t *testing.T) {
	server := secure(t, stream)
	defer server.CloseClientConnections()
	cert, _ := certificateFiles(t, server)
	sum := sha256.Sum256(server.Certificate().Raw)
	pin := hex.EncodeToString(sum[:])
	p := newProgram(t, "XDG_RUNTIME_DIR=")
	p.start("--headless", "--notifier", "none")
	p.awaitState(p.run("add", server.URL, "--name", "plain"), subscriptions.StateBlocked)
	p.awaitState(p.run("add", server.URL, "--name", "other", "--pin", strings.Repeat("00", 32)), subscriptions.StateBlocked)
	for _, flags := range [][]string{{"--ca", cert}, {"--pin", strings.ToUpper(pin)}, {"--accept-certificate"}, {"--ca", cert, "--pin", pin}} {
		p.awaitState(p.run(append([]string{"add", server.URL}, flags...)...), subscriptions.StateOpen)
	}
	if said := p.run("feeds", "--json"); strings.Count(said, `"tls":{"pins":["`+pin+`"]}`) != 2 {
		t.Errorf("the pins are not told:\n%s", said)
	}
	server.CloseClientConnections()
}

// What a feed shows to its server no other server sees, not even one that the
// first sends it to.
func TestIdentityStaysWithItsOrigin(t *testing.T) {
	var mu sync.Mutex
	var leaked []string
	asked := map[string]bool{}
	foreign := secure(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Path] = true
		if len(r.TLS.PeerCertificates) > 0 {
			leaked = append(leaked, r.URL.Path+": a certificate")
		}
		for name, values := range r.Header {
			if strings.Contains(strings.Join(values, " "), "s3cret") || name == "Authorization" || name == "Cookie" {
				leaked = append(leaked, r.URL.Path+": "+name)
			}
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	shown := map[string]bool{}
	home := secure(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		shown[r.URL.Path] = len(r.TLS.PeerCertificates) > 0
		http.Redirect(w, r, foreign.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	cert, key := certificateFiles(t, home)
	p := newProgram(t, "XDG_RUNTIME_DIR=", "SSL_CERT_FILE="+cert)
	p.start("--headless", "--notifier", "none")
	var paths []string
	for _, scheme := range []string{"https", "wss"} {
		for _, flags := range [][]string{{"--bearer", "-"}, {"--basic", "ann"}, {"--token-query", "token"}, {"--cookie", "sid"}, {"--secret-header", "X-Gotify-Key"}} {
			path := "/" + scheme + flags[0]
			paths = append(paths, path)
			args := append([]string{strings.Replace(home.URL, "https", scheme, 1) + path, "--client-cert", cert, "--client-key", key, "--ca", cert}, flags...)
			p.awaitState(p.addSecret("s3cret", args...), subscriptions.StateBlocked)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, path := range paths {
		if !shown[path] || !asked[path] {
			t.Errorf("%s: certificate shown at home: %v, redirected: %v", path, shown[path], asked[path])
		}
	}
	if len(leaked) > 0 {
		t.Errorf("the other server saw %q", leaked)
	}
}

// A feed's own proxy is used by that feed alone, with its password.
func TestProxyOfAFeed(t *testing.T) {
	var mu sync.Mutex
	var saw []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		saw = append(saw, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
		mu.Unlock()
		stream(w, r)
	}))
	t.Cleanup(proxy.Close)
	p := newProgram(t, "XDG_RUNTIME_DIR=", "HTTP_PROXY=http://127.0.0.1:9")
	p.start("--headless", "--notifier", "none")
	with := strings.Replace(proxy.URL, "://", "://user:pass@", 1)
	p.awaitState(p.run("add", "http://feed.example/e", "--proxy", with), subscriptions.StateOpen)
	p.awaitState(p.run("add", "http://other.example/e"), subscriptions.StateWaiting)
	p.awaitState(p.run("add", proxy.URL+"/direct", "--proxy", "none"), subscriptions.StateOpen)
	mu.Lock()
	defer mu.Unlock()
	want := "GET http://feed.example/e Basic dXNlcjpwYXNz, GET /direct "
	if got := strings.Join(saw, ", "); got != want {
		t.Errorf("the proxy saw %q, want %q", got, want)
	}
	proxy.CloseClientConnections()
}
