package poll

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"bellwire/subscriptions"
)

// A target's certificates hold for its own origin only.
func TestTLS(t *testing.T) {
	newServer := func(h http.HandlerFunc) *httptest.Server {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.EnableHTTP2 = true
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	other := newServer(ok("elsewhere"))
	own := newServer(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/away" {
			http.Redirect(w, req, other.URL, http.StatusFound)
			return
		}
		ok("over "+req.Proto)(w, req)
	})
	trust := x509.NewCertPool()
	trust.AddCert(own.Certificate()) // httptest's servers all have the same one
	target := func(path string, c *tls.Config) subscriptions.Target {
		tg := targetOf(t, subscriptions.Feed{URL: own.URL + path, Transport: subscriptions.TransportPoll}, "")
		tg.TLS = c
		return tg
	}
	r := start(t, &Transport{}, target("/", &tls.Config{RootCAs: trust}))
	if m := r.next(t); m.Data != "over HTTP/2.0" {
		t.Errorf("got %q", m.Data)
	}
	_ = r.stop()
	for _, tg := range []subscriptions.Target{target("/", nil), target("/away", &tls.Config{RootCAs: trust})} {
		err := (&Transport{}).Run(t.Context(), tg, newSink())
		wantError(t, err, subscriptions.NeedsUser, subscriptions.CodeCertificate)
	}
}
