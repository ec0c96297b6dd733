package subscriptions

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// quiet is the silence after which TCP, or HTTP/2 with a PING, asks
	// whether the peer is still there (RFC 9113 §6.7). It is what finds a
	// dead peer on streams without keep-alives of their own.
	quiet = 30 * time.Second
	// answerIn is how long an HTTP/2 peer may take to answer.
	answerIn = 15 * time.Second
)

// ClientOptions are in what the clients of transports differ.
type ClientOptions struct {
	// Idle is how long a connection without a request is kept; 0 is for ever.
	Idle time.Duration
	// Buffer is the size in bytes of the buffers for reading and for writing,
	// of which connections have their own for as long as they last; in a burst
	// more is read at once. 0 is net/http's.
	Buffer int
	// Window is how many bytes an HTTP/2 server may send before they are
	// read; 0 is net/http's.
	Window int
	// Dial makes connections; nil: the system's, with keep-alives.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewClient makes an HTTP client for requests to t: with t's certificates for
// t's own origin and for no other, through t's proxy or those of the
// environment, following redirects as [CheckRedirect] and [CheckInward] say. It has no
// overall time limit and decompresses nothing. Keep-alives find dead peers; an open
// but silent HTTP/1 connection costs no wakeup of this process. Close its idle
// connections after use.
func NewClient(t Target, o ClientOptions) *http.Client {
	proxy := environmentProxy
	if t.Proxy != nil {
		proxy = t.Proxy
	}
	others := o.transport(proxy, nil)
	if t.TLS == nil {
		return &http.Client{CheckRedirect: CheckRedirect, Transport: others}
	}
	return &http.Client{CheckRedirect: CheckRedirect, Transport: perOrigin{t, o.transport(proxy, t.TLS), others}}
}

// perOrigin keeps a target's certificates to its own origin.
type perOrigin struct {
	target      Target
	own, others Outward
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

func (o ClientOptions) transport(proxy func(*http.Request) (*url.URL, error), own *tls.Config) Outward {
	dialer := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: quiet, Interval: 15 * time.Second, Count: 4},
	}
	dial := o.Dial
	if dial == nil {
		dial = dialer.DialContext
	}
	if o.Buffer > 0 {
		dial = dialAhead(dial)
	}
	return Outward{&http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            dial,
		TLSClientConfig:        own,
		TLSHandshakeTimeout:    20 * time.Second,
		IdleConnTimeout:        o.Idle,
		MaxResponseHeaderBytes: 64 << 10,
		ReadBufferSize:         o.Buffer,
		WriteBufferSize:        o.Buffer,
		DisableCompression:     true, // see ReadAnswer
		ForceAttemptHTTP2:      true,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout:           quiet,
			PingTimeout:               answerIn,
			MaxReceiveBufferPerStream: o.Window,
		},
	}}
}

// environmentProxy keeps net/http from quoting an address that may hold a
// password.
func environmentProxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, Failf(NeedsUser, CodeUnreachable, "the proxy's address in the environment cannot be read")
	}
	return u, nil
}

// proxyAnswer gives a refused CONNECT its class.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return Fail(NeedsUser, CodeUnauthorized, errors.New("the proxy wants credentials"))
	default:
		return Failf(Transient, CodeUnreachable, "the proxy answered %d", resp.StatusCode)
	}
}
