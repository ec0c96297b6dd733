package websocket

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"bellwire/subscriptions"
)

// direct makes handshakes for one connection and keeps none for later. Where
// a proxy is in the way it asks for a tunnel, for ws as well as for wss
// (RFC 6455 §4.1): net/http would send a plain request through the proxy, and
// proxies do not hand on the upgrade.
type direct struct {
	// proxy is as in [http.Transport].
	proxy func(*http.Request) (*url.URL, error)
	// tls is how to talk to each address; nil is the default for all.
	tls func(*url.URL) *tls.Config
}

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := subscriptions.CheckInward(req, d.proxy); err != nil {
		return nil, err
	}
	dialer := &net.Dialer{KeepAlive: 30 * time.Second}
	tr := &http.Transport{
		Proxy:                  d.proxy,
		DialContext:            dialer.DialContext,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
		ReadBufferSize:         1 << 10, // for the handshake alone
		WriteBufferSize:        1 << 10,
	}
	if d.tls != nil {
		tr.TLSClientConfig = d.tls(req.URL)
	}
	if req.URL.Scheme == "http" {
		proxy, err := d.proxy(req)
		if err != nil {
			return nil, err
		}
		// SOCKS makes a tunnel anyway.
		if proxy != nil && (proxy.Scheme == "http" || proxy.Scheme == "https") {
			tr.Proxy = nil
			tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				return tunnel(ctx, dialer, proxy, addr)
			}
		}
	}
	return tr.RoundTrip(req)
}

// tunnel asks proxy for a connection to addr (RFC 9110 §9.3.6).
func tunnel(ctx context.Context, dialer *net.Dialer, proxy *url.URL, addr string) (net.Conn, error) {
	port, dial := "80", dialer.DialContext
	if proxy.Scheme == "https" {
		port, dial = "443", (&tls.Dialer{NetDialer: dialer}).DialContext
	}
	if p := proxy.Port(); p != "" {
		port = p
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(proxy.Hostname(), port))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	err = connect(conn, proxy.User, addr)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// connect is the proxy's part of the handshake.
func connect(conn net.Conn, user *url.Userinfo, addr string) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if user != nil {
		password, _ := user.Password()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	if err := req.Write(conn); err != nil {
		return fmt.Errorf("asking the proxy: %w", err)
	}
	r := bufio.NewReader(io.LimitReader(conn, 64<<10))
	resp, err := http.ReadResponse(r, req)
	if err != nil {
		return fmt.Errorf("reading the proxy's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return subscriptions.HTTPError(resp)
	}
	if r.Buffered() > 0 {
		return errors.New("the proxy's answer goes on behind its end")
	}
	return nil
}
