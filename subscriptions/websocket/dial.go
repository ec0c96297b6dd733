package websocket

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"bellwire/subscriptions"

	"github.com/coder/websocket"
)

// open makes the handshake and sends the opening frames, all within the time
// to connect.
func (c *connection) open(ctx context.Context, client *http.Client) error {
	// Ending this context afterwards does not touch the connection.
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.target.ConnectTimeout, subscriptions.DefaultConnectTimeout))
	defer cancel()
	if err := c.dial(ctx, client); err != nil {
		return err
	}
	if err := c.greet(ctx); err != nil {
		c.kill()
		return err
	}
	return nil
}

// dial makes the handshake (RFC 6455 §4.1) and sets c.conn and c.peer.
func (c *connection) dial(ctx context.Context, client *http.Client) error {
	if _, err := subscriptions.ParseURL(c.target.URL); err != nil {
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeBadFeed, err)
	}
	if client == nil || c.target.TLS != nil || c.target.Proxy != nil {
		way := c.target.Proxy
		if way == nil {
			way = http.ProxyFromEnvironment
		}
		client = &http.Client{Transport: direct{proxy: way, tls: c.target.TLSFor}}
	}
	watched := *client
	answer := &answer{base: client.Transport}
	if answer.base == nil {
		answer.base = http.DefaultTransport
	}
	watched.Transport = answer
	watched.CheckRedirect = c.target.CheckRedirect

	opts := handshake(c.target)
	opts.HTTPClient = &watched
	opts.CompressionMode = websocket.CompressionDisabled // measured in docs/decisions
	opts.OnPingReceived, opts.OnPongReceived = c.pingReceived, c.pongReceived
	conn, resp, err := websocket.Dial(ctx, c.target.URL, opts)
	switch {
	case err == nil:
	case resp == nil:
		return subscriptions.DialError(err)
	case resp.StatusCode == http.StatusSwitchingProtocols:
		// The library's words would repeat what the server sent.
		return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeProtocol, "the server's answer to the WebSocket handshake is not valid")
	default:
		return subscriptions.HTTPError(resp)
	}
	conn.SetReadLimit(-1) // ours keeps the connection
	c.conn, c.peer = conn, answer.peer
	c.meta = strings.EqualFold(conn.Subprotocol(), metaProtocol)
	return nil
}

// reserved are headers that the handshake or the connection itself needs. A
// feed's own would break it.
var reserved = []string{
	"Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te",
	"Trailer", "Transfer-Encoding", "Upgrade",
}

// handshake is how t asks for its stream: its headers, and its sub-protocols
// with those it names in a header.
func handshake(t subscriptions.Target) *websocket.DialOptions {
	opts := &websocket.DialOptions{
		HTTPHeader:   make(http.Header, len(t.Header)),
		Subprotocols: slices.Clone(t.Subprotocols),
	}
	for name, values := range t.Header {
		switch name = http.CanonicalHeaderKey(name); {
		case name == "Host":
			opts.Host = values[0]
		case name == "Sec-Websocket-Protocol":
			for _, p := range strings.Split(strings.Join(values, ","), ",") {
				if p = strings.TrimSpace(p); p != "" && !slices.Contains(opts.Subprotocols, p) {
					opts.Subprotocols = append(opts.Subprotocols, p)
				}
			}
		case slices.Contains(reserved, name), strings.HasPrefix(name, "Sec-Websocket-"):
		default:
			opts.HTTPHeader[name] = values
		}
	}
	return opts
}

// answer looks at the server's answer before the library does: it watches
// over the connection, once there is one, and drops the body of every other
// answer, which the library would read for up to three seconds.
type answer struct {
	base http.RoundTripper
	peer *peer
}

func (a *answer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if rwc, ok := resp.Body.(io.ReadWriteCloser); ok && resp.StatusCode == http.StatusSwitchingProtocols {
		a.peer = &peer{ReadWriteCloser: rwc}
		resp.Body = a.peer
		return resp, nil
	}
	resp.Body.Close()
	resp.Body = http.NoBody
	return resp, nil
}
