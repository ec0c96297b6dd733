package secrets

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"bellwire/subscriptions"
)

// acceptTime bounds the fetching of a certificate.
const acceptTime = 20 * time.Second

// configure reads what t names; nil for the system's own trust.
func configure(t subscriptions.TLS) (*tls.Config, error) {
	if t.IsZero() {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading the feed's authority: %w", err)
		}
		if c.RootCAs, err = x509.SystemCertPool(); err != nil {
			c.RootCAs = x509.NewCertPool()
		}
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the feed's authority: there is no certificate in %q", t.CAFile)
		}
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading the feed's client certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if len(t.Pins) > 0 {
		// A pin is a stronger promise than a chain of signatures, and the
		// only one that a self-signed certificate can give.
		c.InsecureSkipVerify = t.CAFile == ""
		c.VerifyConnection = pinned(t.Pins)
	}
	return c, nil
}

// pinned accepts a server that shows one of the certificates. It runs for
// resumed sessions too.
func pinned(pins []string) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		if shown := Fingerprint(s.PeerCertificates[0]); !slices.Contains(pins, shown) {
			return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeCertificate,
				"the server shows a certificate that is not the pinned one; its SHA-256 is %s", shown)
		}
		return nil
	}
}

// Fingerprint is the SHA-256 of a certificate in lower-case hex.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// errSeen ends a connection that has shown what it was made for.
var errSeen = errors.New("the certificate has been seen")

// Shown is the fingerprint of the certificate that f's server shows now,
// whoever signed it. Nothing else is sent to the server.
func (s *Store) Shown(ctx context.Context, f subscriptions.Feed, proxyUser string) (string, error) {
	u, err := subscriptions.ParseURL(f.URL)
	if err != nil {
		return "", err
	}
	if u.Scheme != "https" && u.Scheme != "wss" {
		return "", errors.New("only an https or wss address has a certificate")
	}
	proxy, err := proxyFor(f.Proxy, proxyUser)
	if err != nil {
		return "", err
	}
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	shown := ""
	tr := &http.Transport{
		Proxy:             proxy,
		DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, // it is looked at, not talked to
			VerifyConnection: func(s tls.ConnectionState) error {
				shown = Fingerprint(s.PeerCertificates[0])
				return errSeen
			},
		},
	}
	ctx, cancel := context.WithTimeout(ctx, acceptTime)
	defer cancel()
	req := (&http.Request{Method: http.MethodHead, URL: &url.URL{Scheme: "https", Host: u.Host, Path: "/"}, Header: http.Header{}}).WithContext(ctx)
	if way, err := proxy(req); err != nil || way != nil && way.Scheme == "https" {
		return "", errors.New("behind this proxy the server's certificate cannot be told from the proxy's")
	}
	resp, err := tr.RoundTrip(req)
	switch {
	case err == nil:
		resp.Body.Close()
		return "", errors.New("the server shows no certificate")
	case !errors.Is(err, errSeen):
		return "", subscriptions.DialError(err)
	}
	return shown, nil
}
