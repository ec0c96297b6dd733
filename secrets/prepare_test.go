package secrets

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// An authority signs certificates for one test.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.key, a.cert = a.issue(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	a.file = writePEM(t, "CERTIFICATE", a.cert.Raw)
	return a
}

// issue signs tmpl, by itself while there is no authority yet.
func (a *authority) issue(tmpl *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	tmpl.NotBefore, tmpl.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = tmpl, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, cert
}

// leaf is a certificate for 127.0.0.1, for servers and clients.
func (a *authority) leaf() tls.Certificate {
	key, cert := a.issue(&x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

func writePEM(t *testing.T, kind string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve answers over TLS with cert, and asks for certificates of clients.
func serve(t *testing.T, cert tls.Certificate, clients *x509.CertPool) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.TLS.PeerCertificates {
			w.Header().Set("Client", Fingerprint(c))
		}
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	if clients != nil {
		s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, clients
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// get asks as a transport would, and returns the client's certificate as the
// server saw it.
func get(t *testing.T, f subscriptions.Feed) (string, error) {
	t.Helper()
	s, _ := newStore(t)
	target, err := subscriptions.NewTarget(f, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(t.Context(), f, &target); err != nil {
		return "", err
	}
	tr := &http.Transport{TLSClientConfig: target.TLS, Proxy: target.Proxy, DisableKeepAlives: true}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return "", subscriptions.DialError(err)
	}
	resp.Body.Close()
	return resp.Header.Get("Client"), nil
}

func TestCertificates(t *testing.T) {
	ours, others := newAuthority(t), newAuthority(t)
	cert := ours.leaf()
	server := serve(t, cert, nil)
	pin, otherPin := Fingerprint(cert.Leaf), Fingerprint(others.cert)
	for name, tc := range map[string]struct {
		tls  subscriptions.TLS
		code subscriptions.Code // empty: accepted
	}{
		"system's trust":           {subscriptions.TLS{}, subscriptions.CodeCertificate},
		"authority":                {subscriptions.TLS{CAFile: ours.file}, ""},
		"other authority":          {subscriptions.TLS{CAFile: others.file}, subscriptions.CodeCertificate},
		"pin":                      {subscriptions.TLS{Pins: []string{pin}}, ""},
		"second pin":               {subscriptions.TLS{Pins: []string{otherPin, pin}}, ""},
		"other pin":                {subscriptions.TLS{Pins: []string{otherPin}}, subscriptions.CodeCertificate},
		"authority and pin":        {subscriptions.TLS{CAFile: ours.file, Pins: []string{pin}}, ""},
		"authority and other pin":  {subscriptions.TLS{CAFile: ours.file, Pins: []string{otherPin}}, subscriptions.CodeCertificate},
		"other authority and pin":  {subscriptions.TLS{CAFile: others.file, Pins: []string{pin}}, subscriptions.CodeCertificate},
		"missing authority":        {subscriptions.TLS{CAFile: "/nonexistent/ca.pem"}, subscriptions.CodeIdentity},
		"no authority in the file": {subscriptions.TLS{CAFile: writePEM(t, "NONSENSE", nil)}, subscriptions.CodeIdentity},
		"missing certificate":      {subscriptions.TLS{CertFile: "/nonexistent/c", KeyFile: "/nonexistent/k"}, subscriptions.CodeIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := get(t, subscriptions.Feed{URL: server.URL, TLS: tc.tls})
			var trouble *subscriptions.Error
			switch {
			case tc.code == "" && err != nil:
				t.Error(err)
			case tc.code != "" && (!errors.As(err, &trouble) || trouble.Code != tc.code || trouble.Class != subscriptions.NeedsUser || trouble.Hint() == ""):
				t.Errorf("error %v, want %s", err, tc.code)
			}
		})
	}
}

func TestClientCertificate(t *testing.T) {
	ours := newAuthority(t)
	clients := x509.NewCertPool()
	clients.AddCert(ours.cert)
	server := serve(t, ours.leaf(), clients)
	mine := ours.leaf()
	key, err := x509.MarshalPKCS8PrivateKey(mine.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	f := subscriptions.Feed{URL: server.URL, TLS: subscriptions.TLS{CAFile: ours.file}}
	if _, err := get(t, f); err == nil {
		t.Error("accepted without a certificate")
	}
	f.TLS.CertFile, f.TLS.KeyFile = writePEM(t, "CERTIFICATE", mine.Leaf.Raw), writePEM(t, "PRIVATE KEY", key)
	if got, err := get(t, f); err != nil || got != Fingerprint(mine.Leaf) {
		t.Errorf("the server saw %q, %v", got, err)
	}
}

// What a server shows can be accepted, and is pinned from then on.
func TestShown(t *testing.T) {
	ours := newAuthority(t)
	cert := ours.leaf()
	asked := 0
	server := serve(t, cert, nil)
	server.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ })
	s, _ := newStore(t)
	for _, scheme := range []string{"https", "wss"} {
		f := subscriptions.Feed{URL: strings.Replace(server.URL, "https", scheme, 1) + "/x?token=hush"}
		shown, err := s.Shown(t.Context(), f, "")
		if err != nil || shown != Fingerprint(cert.Leaf) {
			t.Errorf("%s: %q, %v", scheme, shown, err)
		}
	}
	if asked != 0 {
		t.Errorf("the server was asked %d times", asked)
	}
	for name, address := range map[string]string{"not secure": "http://127.0.0.1:9/", "nobody there": "https://127.0.0.1:9/"} {
		if got, err := s.Shown(t.Context(), subscriptions.Feed{URL: address}, ""); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := s.Shown(t.Context(), subscriptions.Feed{URL: server.URL, Proxy: "socks5://127.0.0.1:9"}, "ann:hush"); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("through a dead proxy: %v", err)
	}
}

func TestPrepare(t *testing.T) {
	t.Setenv("BELLWIRE_TEST", "s e&c")
	t.Setenv("BELLWIRE_BAD", "a\nInjected: b")
	ref := subscriptions.SecretRef("env:BELLWIRE_TEST")
	const base = "http://x/e?a=1&token=***&b=%20"
	for name, tc := range map[string]struct {
		auth   []subscriptions.Credential
		url    string
		header http.Header
		err    string
	}{
		"bearer":         {auth: []subscriptions.Credential{{By: "bearer", Secret: ref}}, header: http.Header{"Authorization": {"Bearer s e&c"}}},
		"basic":          {auth: []subscriptions.Credential{{By: "basic", Name: "u", Secret: ref}}, header: http.Header{"Authorization": {"Basic dTpzIGUmYw=="}}},
		"query":          {auth: []subscriptions.Credential{{By: "query", Name: "token", Secret: ref}}, url: "http://x/e?a=1&token=s+e%26c&b=%20"},
		"query appended": {auth: []subscriptions.Credential{{By: "query", Name: "k", Secret: ref}}, url: base + "&k=s+e%26c"},
		"cookies": {
			auth:   []subscriptions.Credential{{By: "cookie", Name: "a", Secret: ref}, {By: "cookie", Name: "b", Secret: ref}},
			header: http.Header{"Cookie": {"a=s e&c; b=s e&c"}},
		},
		"header":         {auth: []subscriptions.Credential{{By: "header", Name: "x-key", Secret: ref}}, header: http.Header{"X-Key": {"s e&c"}}},
		"missing":        {auth: []subscriptions.Credential{{By: "bearer", Secret: "env:BELLWIRE_UNSET"}}, err: "the bearer secret cannot be had from env:BELLWIRE_UNSET: the variable is not set where Bellwire runs"},
		"line break":     {auth: []subscriptions.Credential{{By: "bearer", Secret: "env:BELLWIRE_BAD"}}, err: "the bearer secret from env:BELLWIRE_BAD cannot be used: the secret is empty or holds a control character"},
		"unknown method": {auth: []subscriptions.Credential{{By: "dance", Secret: ref}}, err: `the dance secret from env:BELLWIRE_TEST cannot be used: a credential of kind "dance" is not for the server`},
	} {
		t.Run(name, func(t *testing.T) {
			f := subscriptions.Feed{URL: base, Auth: tc.auth}
			target, err := subscriptions.NewTarget(f, "")
			if err != nil {
				t.Fatal(err)
			}
			s, _ := newStore(t)
			err = s.Prepare(t.Context(), f, &target)
			if tc.err != "" {
				var trouble *subscriptions.Error
				if !errors.As(err, &trouble) || err.Error() != tc.err || trouble.Code != subscriptions.CodeIdentity || trouble.Class != subscriptions.NeedsUser {
					t.Errorf("error %v", err)
				}
				return
			}
			if tc.url == "" {
				tc.url = base
			}
			if tc.header == nil {
				tc.header = http.Header{}
			}
			if target.URL != tc.url || err != nil {
				t.Errorf("URL %s, %v; want %s", target.URL, err, tc.url)
			}
			if diff := cmp.Diff(tc.header, target.Header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProxies(t *testing.T) {
	t.Setenv("BELLWIRE_TEST", "an n:p:w")
	for name, tc := range map[string]struct{ proxy, want string }{
		"http":   {"http://***@p:3128", "http://an%20n:p%3Aw@p:3128"},
		"socks5": {"socks5://***@p", "socks5://an%20n:p%3Aw@p"},
		"none":   {subscriptions.ProxyNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := subscriptions.Feed{URL: "http://x/", Proxy: tc.proxy, Auth: []subscriptions.Credential{{By: "proxy", Secret: "env:BELLWIRE_TEST"}}}
			var target subscriptions.Target
			s, _ := newStore(t)
			if err := s.Prepare(t.Context(), f, &target); err != nil {
				t.Fatal(err)
			}
			u, err := target.Proxy(&http.Request{URL: &url.URL{Scheme: "http", Host: "x"}})
			got := ""
			if u != nil {
				got = u.String()
			}
			if got != tc.want || err != nil || len(target.Header) != 0 {
				t.Errorf("%q, %v, header %v; want %q", got, err, target.Header, tc.want)
			}
		})
	}
}
