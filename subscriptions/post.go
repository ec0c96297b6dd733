package subscriptions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxPostAnswer is how much, in bytes, is read of the answer to a POST, which
// nobody looks at: enough to use the connection again.
const maxPostAnswer = 64 << 10

// Post sends a to its address, with the credentials that t presents to its
// stream; client is for t, as of [NewClient]. It takes [Target.ConnectTimeout]
// at most. Every status but 2xx is an error, which quotes nothing of the
// server's.
func (t *Target) Post(ctx context.Context, client *http.Client, a Answer) error {
	err := t.post(ctx, client, a)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	e := *AsError(err)
	e.Err = fmt.Errorf("posting an answer: %w", e.Err)
	return &e
}

// TextType is the media type of a text to send, which may be JSON.
func TextType(text string) string {
	if json.Valid([]byte(text)) {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

func (t *Target) post(ctx context.Context, client *http.Client, a Answer) error {
	u, err := SameServer(t.URL, a.Post)
	if err != nil {
		return Fail(NeedsUser, CodeBadFeed, err)
	}
	limit := cmp.Or(t.ConnectTimeout, DefaultConnectTimeout)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	header := t.credentials(u)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(a.Text))
	if err != nil {
		return Failf(NeedsUser, CodeBadFeed, "the address cannot be asked")
	}
	req.Header = header
	req.Host = header.Get("Host") // net/http takes it from here alone
	header.Del("Host")
	header.Set("User-Agent", cmp.Or(header.Get("User-Agent"), "bellwire"))
	header.Set("Content-Type", TextType(a.Text))
	own := *client
	own.Timeout, own.CheckRedirect = 0, t.CheckRedirect
	resp, err := own.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Failf(Transient, CodeTimeout, "no answer within %v", limit.Round(time.Millisecond))
	case err != nil:
		return DialError(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxPostAnswer)
	if resp.StatusCode/100 != 2 {
		return HTTPError(resp)
	}
	return nil
}
