package subscriptions

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"time"
)

// Defaults of a [Target].
const (
	DefaultMaxMessage     = 1 << 20
	DefaultConnectTimeout = 30 * time.Second
)

// A Transport makes one connection at a time.
type Transport interface {
	// Run connects to t, reports to sink until the connection ends, and
	// returns why, as a [*Error]; a clean end by the server is an error like
	// any other. It never reconnects. When ctx ends it returns ctx's error
	// soon, whatever the peer does. It keeps nothing between calls and is
	// safe for concurrent use; it calls sink from one goroutine at a time,
	// except that Alive and Retry may come while what was missed is handed on
	// ([ResumeByBackfill]).
	Run(ctx context.Context, t Target, sink Sink) error
}

// A Target is everything a transport needs for one connection.
type Target struct {
	// URL is the feed's, with the cursor already in it where the strategy is
	// [ResumeByQuery]. http(s) and ws(s) are both fine for every transport.
	URL string
	// Header is sent with the handshake, Last-Event-ID included.
	Header http.Header
	// Subprotocols are offered in a WebSocket handshake.
	Subprotocols []string
	// Heartbeat is a text message to send again and again on a WebSocket; the
	// text is Talk's where there is one.
	Heartbeat Heartbeat
	// Talk is what the feed says and answers; nil: nothing but Heartbeat.
	Talk Talk
	// FrameSecret is what Talk presents; it must not be shown when a server
	// quotes it.
	FrameSecret string
	// Cursor is where the stream stands: a message without an id of its own
	// leaves it there.
	Cursor string
	// TLS is for connections to URL's own origin: see [Target.TLSFor]. Nil
	// means the system's trust. It must not be changed.
	TLS *tls.Config
	// Proxy is as in [http.Transport], except that nil means the proxies of
	// the environment.
	Proxy func(*http.Request) (*url.URL, error)
	// QueryAuth are the credentials in URL's query, for requests to other
	// addresses of the same origin.
	QueryAuth url.Values
	// Poll and Resume are the feed's, for transports that make more than one
	// request; [Target.At] and [Target.BackfillAt] are the address of each.
	Poll   Poll
	Resume Resume
	// PayloadCursor is the position inside a payload, empty where it holds
	// none; with [ResumeByBackfill], inside an item of a page. Nil where the
	// feed does not say that payloads hold one.
	PayloadCursor func(Message) string
	// MaxMessage is the largest payload in bytes; 0 is [DefaultMaxMessage].
	MaxMessage int
	// Verify is ready to be received from when the connection should prove at
	// once that it still is one. A transport that can ask its server (by a
	// ping, or by the next poll) receives from it while it has nothing under
	// way; others ignore it. Nobody waits for that. Nil is never ready.
	Verify <-chan struct{}
	// ConnectTimeout bounds the time to the server's answer; 0 is
	// [DefaultConnectTimeout].
	ConnectTimeout time.Duration
}

// NewTarget is f's next connection, resuming from cursor in f's own way.
func NewTarget(f Feed, cursor string) (Target, error) {
	u, err := ParseURL(f.URL)
	if err != nil {
		return Target{}, Fail(NeedsUser, CodeBadFeed, err)
	}
	t := Target{
		Header:       make(http.Header, len(f.Headers)+1),
		Subprotocols: f.Subprotocols,
		Heartbeat:    f.Heartbeat,
		Cursor:       cursor,
		Poll:         f.Poll,
		Resume:       f.Resume,
	}
	for _, h := range f.Headers {
		t.Header.Add(h.Name, h.Value)
	}
	if !f.Transport.Polls() { // whose cursor is more than that
		f.Resume.apply(u, t.Header, cursor)
	}
	t.URL = u.String()
	return t, nil
}

// setQuery replaces one parameter and leaves the others as they were written.
func setQuery(u *url.URL, name, value string) {
	q := u.Query()
	if q.Has(name) {
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

// A Sink receives what a connection yields. The supervisor is one.
type Sink interface {
	// Opened is called once, when the server has accepted the connection and
	// before anything else. resumed is false where the server itself says
	// that it could not go on from the cursor.
	Opened(resumed bool)
	// Message hands on one message and waits while storage is slow: that
	// wait is the back-pressure on the server. An error ends the connection.
	Message(ctx context.Context, m Message) error
	// Alive reports bytes from the server, at most once a read. It must
	// return at once.
	Alive(l Life)
	// Retry is the reconnection time the server asks for (the retry field of
	// an event stream).
	Retry(d time.Duration)
}

// Life is a sign that the server still is there.
type Life struct {
	Kind LifeKind
	// RTT is the round trip measured by a pong; 0 for anything else.
	RTT time.Duration
}

// LifeKind says which sign it was: only keep-alives teach a cadence.
type LifeKind string

const (
	LifeData      LifeKind = "data"       // any bytes of the stream
	LifeKeepAlive LifeKind = "keep-alive" // a comment or a ping of the server's
	LifePong      LifeKind = "pong"       // the answer to a ping of ours
)
