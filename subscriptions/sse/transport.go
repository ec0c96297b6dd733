package sse

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"bellwire/subscriptions"
)

// A Transport reads event streams. The zero value is ready. It must not be
// copied after first use, and is safe for concurrent use.
type Transport struct {
	// Client makes the requests; nil is one [NewClient] for all of this
	// Transport's connections. Its Timeout is ignored, and redirects always
	// follow [subscriptions.CheckRedirect].
	Client *http.Client

	once   sync.Once
	client *http.Client
}

var _ subscriptions.Transport = (*Transport)(nil)

// errConnect is why a connection's context ends when no answer came in time.
var errConnect = errors.New("no answer in time")

// Run implements [subscriptions.Transport] (WHATWG HTML §9.2.2 and 9.2.3).
// Target.Subprotocols have no meaning here.
//
// The connection counts as opened at status 200 with the media type
// text/event-stream, whatever its parameters; every other answer is an
// [subscriptions.HTTPError]. Two differences from a browser are deliberate:
// 5xx and 429 are transient, since a feed outlives its server's restarts, and
// a stream that ends is an error like any other.
func (tr *Transport) Run(ctx context.Context, t subscriptions.Target, sink subscriptions.Sink) error {
	// Asking has a frame of its own: it must not lie under the reading, which
	// lasts for months.
	a, err := tr.ask(ctx, &t)
	if err != nil {
		return err
	}
	defer a.close()
	sink.Opened(a.resumed)
	return stream(ctx, a.body, speaker{a.client, &t}, sink)
}

// An answer is a stream that has begun.
type answer struct {
	body    io.Reader
	client  *http.Client // that has asked for it
	resumed bool
	close   func()
}

// ask makes the request, and waits for an answer that is a stream.
func (tr *Transport) ask(parent context.Context, t *subscriptions.Target) (_ *answer, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	a := &answer{client: tr.http(), close: func() { cancel(nil) }}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	req, resumable, err := newRequest(ctx, *t)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(t.ConnectTimeout, subscriptions.DefaultConnectTimeout)
	timer := time.AfterFunc(limit, func() { cancel(errConnect) })
	defer timer.Stop()
	if t.TLS != nil || t.Proxy != nil {
		own := subscriptions.NewClient(*t, options)
		a.client, a.close = own, func() {
			own.CloseIdleConnections()
			cancel(nil)
		}
	}
	resp, err := a.client.Do(req)
	late := !timer.Stop()
	if err == nil {
		before := a.close
		a.body, a.close = resp.Body, func() {
			resp.Body.Close()
			before()
		}
	}
	switch {
	case parent.Err() != nil:
		return nil, parent.Err()
	case late:
		return nil, subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "no answer within %v", limit)
	case err != nil:
		return nil, subscriptions.DialError(err)
	}
	if err := check(resp); err != nil {
		return nil, err
	}
	a.resumed = resumable && resumed(resp, t.Cursor)
	return a, nil
}

// http is the client with what must hold for any.
func (tr *Transport) http() *http.Client {
	tr.once.Do(func() {
		client := tr.Client
		if client == nil {
			client = NewClient()
		}
		own := *client
		own.Timeout = 0
		own.CheckRedirect = subscriptions.CheckRedirect
		tr.client = &own
	})
	return tr.client
}

// CloseIdleConnections closes connections that carry no stream now.
func (tr *Transport) CloseIdleConnections() { tr.http().CloseIdleConnections() }

// newRequest is the request for t. resumable is false where HTTP cannot carry
// the cursor: the server chose an id with control characters.
func newRequest(ctx context.Context, t subscriptions.Target) (req *http.Request, resumable bool, err error) {
	u, err := subscriptions.ParseURL(t.URL)
	if err != nil {
		return nil, false, subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeBadFeed, err)
	}
	u.Scheme = subscriptions.HTTPScheme(u.Scheme)
	req = (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{
		"Accept":          {"text/event-stream"},
		"Accept-Encoding": {"identity"}, // compressors hold events back
		"Cache-Control":   {"no-cache"},
		"User-Agent":      {"bellwire"},
	}}).WithContext(ctx)
	maps.Copy(req.Header, t.Header)
	// net/http takes the host from here alone.
	req.Host = req.Header.Get("Host")
	req.Header.Del("Host")
	resumable = true
	if strings.ContainsFunc(req.Header.Get("Last-Event-ID"), isControl) {
		req.Header.Del("Last-Event-ID")
		resumable = false
	}
	return req, resumable, nil
}

// isControl tells what a field value cannot hold (RFC 9110 §5.5).
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// check reports why resp is no event stream.
func check(resp *http.Response) error {
	mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if resp.StatusCode != http.StatusOK || !strings.EqualFold(strings.TrimSpace(mediaType), "text/event-stream") {
		return subscriptions.HTTPError(resp)
	}
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity":
		return nil
	default:
		return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeNotStream,
			"the server compresses the stream although it was asked not to")
	}
}

// resumed reads the answer of Mercure hubs: the id they really start after.
func resumed(resp *http.Response, cursor string) bool {
	if cursor == "" {
		return true
	}
	for _, name := range []string{"Last-Event-ID", "Mercure-Last-Event-ID"} {
		if id := resp.Header.Get(name); id != "" && id != strings.TrimSpace(cursor) {
			return false
		}
	}
	return true
}

// stream hands body's messages to sink until one of them ends.
func stream(ctx context.Context, body io.Reader, t speaker, sink subscriptions.Sink) error {
	for m, err := range Read(body, ReadOptions{
		Cursor:     t.Cursor,
		MaxMessage: t.MaxMessage,
		Alive:      sink.Alive,
		Retry:      sink.Retry,
	}) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return lost(err)
		}
		if err := t.handOn(ctx, m, sink); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "the server closed the stream")
}

// handOn lets the feed answer m, and hands it to sink.
func (s speaker) handOn(ctx context.Context, m subscriptions.Message, sink subscriptions.Sink) error {
	if err := s.hear(ctx, &m); err != nil {
		return err
	}
	if err := sink.Message(ctx, m); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return subscriptions.AsError(err)
	}
	return nil
}

// lost is a stream that broke.
func lost(err error) error {
	code := subscriptions.CodeLost
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		code = subscriptions.CodeTimeout
	}
	return subscriptions.Failf(subscriptions.Transient, code, "the stream broke: %w", subscriptions.Terse(err))
}
