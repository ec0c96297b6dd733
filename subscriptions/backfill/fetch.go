package backfill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"bellwire/subscriptions"
)

// Limits on what one connection may fetch.
const (
	maxPages = 50
	maxItems = 10_000
	maxBytes = 32 << 20 // of all pages, decompressed
	maxPage  = 8 << 20  // of one
)

// readTime is how long an answer may take from header to end.
const readTime = time.Minute

// errTooMuch is a page beyond the limits.
var errTooMuch = errors.New("too much")

// Why a request's context ends.
var (
	errConnect = errors.New("no answer in time")
	errSlow    = errors.New("no end in time")
)

// A fetcher asks for pages.
type fetcher struct {
	client     *http.Client
	target     subscriptions.Target
	maxMessage int
	// What is left of the limits.
	items, bytes int
}

func newFetcher(client *http.Client, t subscriptions.Target) *fetcher {
	if client == nil {
		client = subscriptions.NewClient(t, subscriptions.ClientOptions{Idle: 30 * time.Second})
	}
	own := *client
	own.Timeout, own.CheckRedirect = 0, subscriptions.CheckRedirect
	return &fetcher{
		client:     &own,
		target:     t,
		maxMessage: cmp.Or(t.MaxMessage, subscriptions.DefaultMaxMessage),
		items:      maxItems,
		bytes:      maxBytes,
	}
}

// page is the page at position. It is errTooMuch, or an error that says what
// was asked for.
func (f *fetcher) page(ctx context.Context, position string) (page, error) {
	body, err := f.get(ctx, position)
	if err != nil {
		if ctx.Err() != nil {
			return page{}, ctx.Err()
		}
		e := *subscriptions.AsError(err)
		e.Err = fmt.Errorf("fetching what was missed: %w", e.Err)
		return page{}, &e
	}
	limit := min(maxPage, f.bytes)
	f.bytes -= min(len(body), f.bytes)
	if len(body) > limit {
		return page{}, errTooMuch
	}
	p, err := parsePage(body, f.target.Resume.Backfill, f.target.PayloadCursor, f.items)
	if errors.Is(err, subscriptions.ErrTooLong) {
		return page{}, errTooMuch
	}
	if err != nil {
		return page{}, subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeNotBackfill, "fetching what was missed: %w", subscriptions.Terse(err))
	}
	f.items -= len(p.items)
	return p, nil
}

// get is the body of one answer; no content is an empty one. Of a body above
// the limits it is a byte more than they allow.
func (f *fetcher) get(parent context.Context, position string) (body []byte, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	connect := cmp.Or(f.target.ConnectTimeout, subscriptions.DefaultConnectTimeout)
	timer := time.AfterFunc(connect, func() { cancel(errConnect) })
	defer func() { timer.Stop() }()
	defer func() {
		switch cause := context.Cause(ctx); {
		case err == nil:
		case errors.Is(cause, errConnect):
			err = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "no answer within %v", connect)
		case errors.Is(cause, errSlow):
			err = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "the answer does not end")
		}
	}()
	req, err := f.request(ctx, position)
	if err != nil {
		return nil, err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, subscriptions.DialError(err)
	}
	defer resp.Body.Close()
	timer.Stop()
	timer = time.AfterFunc(readTime, func() { cancel(errSlow) })
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNoContent: // which ends a stream, but not a list
		return nil, nil
	default:
		return nil, subscriptions.HTTPError(resp)
	}
	if err := subscriptions.CheckAnswer(resp); err != nil {
		return nil, err
	}
	return subscriptions.ReadAnswer(resp.Header, resp.Body, int64(min(maxPage, f.bytes)))
}

func (f *fetcher) request(ctx context.Context, position string) (*http.Request, error) {
	u, header, err := f.target.BackfillAt(position)
	if err != nil {
		return nil, err
	}
	req := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{
		"Accept":          {"application/json"},
		"Accept-Encoding": {"gzip"},
		"Cache-Control":   {"no-cache"},
		"User-Agent":      {"bellwire"},
	}}).WithContext(ctx)
	maps.Copy(req.Header, header)
	// net/http takes the host from here alone.
	req.Host = req.Header.Get("Host")
	req.Header.Del("Host")
	return req, nil
}
