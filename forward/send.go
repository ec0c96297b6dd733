package forward

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bellwire/internal/program"
	"bellwire/subscriptions"
)

const (
	// sendTime bounds one attempt.
	sendTime = 30 * time.Second
	// maxAnswer is how much is read of an answer that nobody looks at, in
	// bytes: enough to use the connection again.
	maxAnswer = 64 << 10
	// programTries is how often a program may fail for one event.
	programTries = 3
	// idleTime is how long a connection is kept between two events.
	idleTime = 10 * time.Second
)

// A refusal is an answer that would be the same the next time.
type refusal struct{ error }

func (e refusal) Unwrap() error { return e.error }

// again says whether another attempt is worth it behind failed ones, and how
// long the target asked us to wait.
func (r *rule) again(err error, attempts int) (retry bool, after time.Duration) {
	if _, final := errors.AsType[refusal](err); final {
		return false, 0
	}
	if r.def.To == subscriptions.ForwardProgram {
		return attempts+1 < programTries, 0
	}
	if e, ok := errors.AsType[*subscriptions.Error](err); ok {
		after = e.After
	}
	return true, after
}

// send is one attempt.
func (r *rule) send(m message) error {
	if r.def.To == subscriptions.ForwardProgram {
		return program.Run(r.now, program.Options{Argv: r.def.Program, Stdin: m.body, Timeout: sendTime})
	}
	ctx, cancel := context.WithTimeout(r.now, sendTime)
	defer cancel()
	req, err := r.request(ctx, m)
	if err != nil {
		return err
	}
	if r.client == nil {
		t, err := r.opts.Identity.ForwardTarget(r.feed)
		if err != nil {
			return err
		}
		r.client = r.owner.newClient(t)
		r.client.CheckRedirect = checkRedirect
	}
	resp, err := r.client.Do(req)
	if err != nil {
		e := subscriptions.DialError(err)
		if e.Code == subscriptions.CodeRedirect {
			return refusal{e}
		}
		return e
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	return answered(resp)
}

func newClient(t subscriptions.Target) *http.Client {
	return subscriptions.NewClient(t, subscriptions.ClientOptions{Idle: idleTime})
}

// answered is what a status means.
func answered(resp *http.Response) error {
	code := resp.StatusCode
	if code/100 == 2 {
		return nil
	}
	err := subscriptions.HTTPError(resp)
	switch {
	case code/100 == 5, code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests:
		return err
	}
	return refusal{err}
}

// request is m with what the rule shows of itself, asked for anew.
func (r *rule) request(ctx context.Context, m message) (*http.Request, error) {
	secret, err := r.opts.Identity.ForwardSecret(ctx, r.feed, r.def.Name)
	if err != nil {
		return nil, err
	}
	if strings.ContainsFunc(secret, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return nil, errors.New("its secret holds a control character")
	}
	u, err := url.Parse(m.url)
	if err != nil {
		return nil, refusal{errors.New("the address cannot be read")}
	}
	fill(u, secret)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(m.body))
	if err != nil { // which would quote the address
		return nil, refusal{errors.New("the address cannot be asked")}
	}
	req.Header = r.header(m, secret)
	switch name, password, basic := strings.Cut(secret, ":"); {
	case secret == "" || r.hasHole():
	case basic:
		req.SetBasicAuth(name, password)
	default:
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	return req, nil
}

// checkRedirect follows to the same host alone, and never where the event
// would be left behind.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case !strings.EqualFold(req.URL.Host, first.Host):
		return refused("redirected to another host, %s", req.URL.Hostname())
	case req.Method != http.MethodPost:
		return refused("redirected to a page, which would lose the event")
	}
	return subscriptions.CheckRedirect(req, via)
}

func refused(format string, args ...any) error {
	return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeRedirect, subscriptions.Terse(fmt.Errorf(format, args...)))
}
