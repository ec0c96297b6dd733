package poll

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"bellwire/subscriptions"
)

// keepIdle is how long a connection is kept for the next question. Before a
// longer wait it is closed, so that nothing wakes up meanwhile.
const keepIdle = 30 * time.Second

// newClient is the HTTP client of one Run.
func newClient(t subscriptions.Target) *http.Client {
	proxy := environment
	if t.Proxy != nil {
		proxy = t.Proxy
	}
	c := perOrigin{target: t, others: newTransport(proxy, nil)}
	if t.TLS != nil {
		c.own = newTransport(proxy, t.TLS)
	}
	return &http.Client{Transport: c}
}

// perOrigin keeps a target's certificates to its own origin.
type perOrigin struct {
	target      subscriptions.Target
	own, others *http.Transport // own is nil without certificates
}

func (p perOrigin) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.own != nil && p.target.TLSFor(req.URL) != nil {
		return p.own.RoundTrip(req)
	}
	return p.others.RoundTrip(req)
}

func (p perOrigin) CloseIdleConnections() {
	p.others.CloseIdleConnections()
	if p.own != nil {
		p.own.CloseIdleConnections()
	}
}

func newTransport(proxy func(*http.Request) (*url.URL, error), own *tls.Config) *http.Transport {
	dialer := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 15 * time.Second, Count: 4},
	}
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        own,
		TLSHandshakeTimeout:    20 * time.Second,
		IdleConnTimeout:        2 * keepIdle,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // bounded decompression is ours
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// environment keeps net/http from quoting an address that may hold a
// password.
func environment(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeUnreachable,
			"the proxy's address in the environment cannot be read")
	}
	return u, nil
}

// proxyAnswer gives a refused CONNECT its class.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeUnauthorized,
			errors.New("the proxy wants credentials"))
	default:
		return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeUnreachable,
			"the proxy answered %d", resp.StatusCode)
	}
}
