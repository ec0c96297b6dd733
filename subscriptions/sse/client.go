package sse

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

const (
	// quiet is the silence after which TCP, or HTTP/2 with a PING, asks
	// whether the peer is still there (RFC 9113 §6.7). It is what finds a
	// dead peer on streams without keep-alives of their own.
	quiet = 30 * time.Second
	// answerIn is how long an HTTP/2 peer may take to answer.
	answerIn = 15 * time.Second
	// idle is how long a connection without a stream is kept.
	idle = 30 * time.Second
)

// NewClient makes an HTTP client fit for streams that last for months: no
// overall time limit, small buffers, proxies from the environment, and
// keep-alives that find dead peers. An open but silent HTTP/1 stream costs no
// wakeup of this process.
func NewClient() *http.Client {
	return &http.Client{CheckRedirect: subscriptions.CheckRedirect, Transport: newTransport(proxy, nil)}
}

// newOwnClient is NewClient for a target with certificates or a proxy of its
// own. Close its idle connections after use.
func newOwnClient(t subscriptions.Target) *http.Client {
	way := proxy
	if t.Proxy != nil {
		way = t.Proxy
	}
	tr := perOrigin{target: t, own: newTransport(way, t.TLS), others: newTransport(way, nil)}
	return &http.Client{CheckRedirect: subscriptions.CheckRedirect, Transport: tr}
}

// perOrigin keeps a target's certificates to its own origin.
type perOrigin struct {
	target      subscriptions.Target
	own, others *http.Transport
}

func (p perOrigin) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.target.TLSFor(req.URL) != nil {
		return p.own.RoundTrip(req)
	}
	return p.others.RoundTrip(req)
}

func (p perOrigin) CloseIdleConnections() {
	p.own.CloseIdleConnections()
	p.others.CloseIdleConnections()
}

func newTransport(proxy func(*http.Request) (*url.URL, error), own *tls.Config) *http.Transport {
	dialer := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: quiet, Interval: 15 * time.Second, Count: 4},
	}
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        own,
		TLSHandshakeTimeout:    20 * time.Second,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: 64 << 10,
		ReadBufferSize:         4 << 10,
		WriteBufferSize:        4 << 10,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: quiet,
			PingTimeout:     answerIn,
			// What a server may send before storage has taken it.
			MaxReceiveBufferPerStream: 256 << 10,
		},
	}
}

// proxy keeps net/http from quoting an address that may hold a password.
func proxy(req *http.Request) (*url.URL, error) {
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
