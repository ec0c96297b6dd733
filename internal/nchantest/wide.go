package nchantest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// wide is what a server of many addresses has beside its own.
type wide struct {
	hosts  int
	secure string // the address for TLS
}

// StartWide is [Start] for clients that open few connections to one host: the
// server listens at the loopback addresses 127.0.0.1 to 127.0.0.hosts, and
// with TLS and HTTP/2 too, under a certificate that nobody has signed. Systems
// other than Linux have the first address only.
func StartWide(t testing.TB, hosts int) *Server {
	t.Helper()
	return start(t, &wide{hosts: hosts})
}

// URLOf is [Server.URL] of the n-th host, counted from 0 and round again.
func (s *Server) URLOf(n int, path string) string {
	return "http://" + s.wide.hostsOf(s.addr)[n%s.wide.hosts] + path
}

// SecureURLOf is URLOf with TLS.
func (s *Server) SecureURLOf(n int, path string) string {
	return "https://" + s.wide.hostsOf(s.wide.secure)[n%s.wide.hosts] + path
}

// hostsOf are all addresses of the port of addr.
func (w *wide) hostsOf(addr string) (all []string) {
	_, port, _ := net.SplitHostPort(addr)
	for i := range w.hosts {
		all = append(all, net.JoinHostPort(fmt.Sprint("127.0.0.", 1+i), port))
	}
	return all
}

// Subscribers is how many streams are open, all channels together.
func (s *Server) Subscribers(t testing.TB) int {
	t.Helper()
	c := newClient()
	defer c.CloseIdleConnections()
	body, err := s.do(t.Context(), c, http.MethodGet, "/status", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(body) {
		if text, ok := strings.CutPrefix(line, "subscribers:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no subscribers in %q", body)
	return 0
}

// writeCertificate makes cert.pem and key.pem in a folder.
func writeCertificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "nchantest"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: cert},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}
