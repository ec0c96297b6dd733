package detect

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"bellwire/subscriptions"
)

// Bounds of a detection.
const (
	MaxRequests = 8
	MaxBody     = 64 << 10 // bytes
	RequestTime = 5 * time.Second
	ListenTime  = 3 * time.Second
	MaxEvents   = 3
)

var (
	errSpent     = errors.New("no more requests are made to find out what an address is")
	errElsewhere = errors.New("redirected to another host")
)

// A budget lets a few requests to one server pass. It is safe for concurrent
// use.
type budget struct {
	base http.RoundTripper
	home *url.URL

	mu        sync.Mutex
	spent     int
	elsewhere string // where a redirect pointed; shown to people
}

// RoundTrip implements [http.RoundTripper].
func (b *budget) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := b.spend(req.URL); err != nil {
		return nil, err
	}
	resp, err := b.base.RoundTrip(req)
	if err == nil && resp.StatusCode != http.StatusSwitchingProtocols {
		resp.Body = limited{io.LimitReader(resp.Body, MaxBody), resp.Body}
	}
	return resp, err
}

func (b *budget) spend(to *url.URL) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !sameServer(b.home, to) {
		b.elsewhere = subscriptions.RedactURL(to.String())
		return errElsewhere
	}
	if b.spent == MaxRequests {
		return errSpent
	}
	b.spent++
	return nil
}

func (b *budget) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return MaxRequests - b.spent
}

func (b *budget) redirected() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.elsewhere
}

// sameServer compares host and port; from http to https of the same host is
// no other server.
func sameServer(home, to *url.URL) bool {
	if !strings.EqualFold(home.Hostname(), to.Hostname()) {
		return false
	}
	return port(home) == port(to) || port(home) == "80" && port(to) == "443"
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https" || u.Scheme == "wss":
		return "443"
	}
	return "80"
}

// limited ends a body early.
type limited struct {
	io.Reader
	io.Closer
}

// newBase makes connections for one detection: HTTP/1.1, which WebSockets
// need, and none that is kept longer than it.
func newBase() *http.Transport {
	var only http.Protocols
	only.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		Protocols:              &only,
		DisableCompression:     true,
		MaxResponseHeaderBytes: MaxBody,
		ResponseHeaderTimeout:  RequestTime,
		TLSHandshakeTimeout:    RequestTime,
		IdleConnTimeout:        RequestTime,
	}
}
