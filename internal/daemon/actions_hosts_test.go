package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/secrets"
	"bellwire/subscriptions"
)

// The feed's own host is trusted as the feed says, and never told by a
// certificate who asks; its proxy is for it alone.
func TestActTrustsAsTheFeedDoes(t *testing.T) {
	server := &heard{}
	server.Server = httptest.NewUnstartedServer(server.handler(nil))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	f := subscriptions.Feed{URL: server.URL, TLS: subscriptions.TLS{
		Pins:     []string{secrets.Fingerprint(server.Certificate())},
		CertFile: writePEM(t, "CERTIFICATE", server.Certificate().Raw), KeyFile: writePEM(t, "PRIVATE KEY", key),
	}, Settings: subscriptions.Settings{Notify: subscriptions.Notify{ActionHosts: []string{otherHost}}}}
	a, _ := open(t, shortDir(t))
	e := declared(t, a, f, post(server.URL), post(server.elsewhere()))
	if err := a.act(t.Context(), e, 1); err != nil {
		t.Error(err)
	}
	if err := a.act(t.Context(), e, 2); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another host is trusted: %v", err)
	}
	if reqs := server.requests(); len(reqs) != 1 || len(reqs[0].TLS.PeerCertificates) != 0 {
		t.Errorf("%d requests, or it was told who asks", len(reqs))
	}
	f.TLS = subscriptions.TLS{}
	if err := a.act(t.Context(), declared(t, a, f, post(server.URL)), 1); err == nil {
		t.Error("a certificate that nobody accepted is trusted")
	}
}

func TestActHasTheFeedsProxyForItsOwnHost(t *testing.T) {
	direct := hear(t, nil)
	proxy := hear(t, nil)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ACTION_TEST_SECRET", "me:hunter2")
	f := subscriptions.Feed{
		URL: "http://feed.invalid/stream", Proxy: at.String(),
		Auth:     []subscriptions.Credential{{By: subscriptions.AuthProxy, Secret: "env:ACTION_TEST_SECRET"}},
		Settings: subscriptions.Settings{Notify: subscriptions.Notify{ActionHosts: []string{"127.0.0.1"}}},
	}
	a, _ := open(t, shortDir(t))
	e := declared(t, a, f, post("http://feed.invalid/do"), post(direct.URL))
	for n := 1; n <= 2; n++ {
		if err := a.act(t.Context(), e, n); err != nil {
			t.Error(err)
		}
	}
	if reqs := proxy.requests(); len(reqs) != 1 || reqs[0].Host != "feed.invalid" || reqs[0].Header.Get("Proxy-Authorization") == "" {
		t.Errorf("the proxy saw %d requests", len(reqs))
	}
	if reqs := direct.requests(); len(reqs) != 1 || reqs[0].Header.Get("Proxy-Authorization") != "" {
		t.Errorf("the other host saw %d requests", len(reqs))
	}
}

func TestActOnAnIPv6Host(t *testing.T) {
	server := hear(t, nil)
	a, _ := open(t, shortDir(t))
	for _, f := range []subscriptions.Feed{
		{URL: "http://" + otherHost + ":9/"},
		{URL: "http://a.example/", Settings: subscriptions.Settings{Notify: subscriptions.Notify{ActionHosts: []string{otherHost}}}},
	} {
		f.ID, f.Name, f.Transport = "f", "Feed", subscriptions.TransportSSE
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
		if err := a.act(t.Context(), declared(t, a, f, post(server.elsewhere())), 1); err != nil {
			t.Error(err)
		}
	}
	if n := len(server.requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
