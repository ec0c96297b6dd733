package poll

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	// holdTime is how long the server of a long poll may keep silent, and then
	// how long it may take from the first byte: some begin the answer at once.
	holdTime = 150 * time.Second
	// readTime is how long any other answer may take from header to end.
	readTime = time.Minute
	// maxAnswer is the largest answer, decompressed, in largest messages: a
	// list has many.
	maxAnswer = 8
)

// Why a request's context ends.
var (
	errConnect = errors.New("no answer in time")
	errSilent  = errors.New("no news in time")
	errSlow    = errors.New("no end in time")
)

// An answer is what the server said to one question.
type answer struct {
	// news is true with status 200: body then is what it said.
	news     bool
	header   http.Header // nil after silence
	body     []byte
	oversize int64 // of a body above the limit, of which body has the beginning
	asked    time.Time
	received time.Time
}

// held reports whether the server took its time, as that of a long poll does.
func (a answer) held() bool { return a.received.Sub(a.asked) >= minPace }

// phases bounds what a request waits for, one thing after the other.
type phases struct {
	cancel context.CancelCauseFunc
	mu     sync.Mutex
	timer  *time.Timer
}

// next ends the request with cause unless another phase begins within d.
func (p *phases) next(d time.Duration, cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil || p.timer.Stop() {
		p.timer = time.AfterFunc(d, func() { p.cancel(cause) })
	}
}

func (p *phases) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
	p.cancel(nil)
}

// ask makes one request and reads its answer.
func (r *run) ask(parent context.Context) (a answer, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	p := &phases{cancel: cancel}
	a.asked = time.Now()
	connect := cmp.Or(r.target.ConnectTimeout, subscriptions.DefaultConnectTimeout)
	p.next(connect, errConnect)
	defer p.end()
	defer func() {
		a.received = time.Now()
		if err == nil {
			return
		}
		switch cause := context.Cause(ctx); {
		case parent.Err() != nil:
			err = parent.Err()
		case errors.Is(cause, errSilent) && r.opened:
			a.news, a.header, a.body, err = false, nil, nil, nil // the usual thing when nothing happens
		case errors.Is(cause, errSilent):
			err = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "no answer within %v", holdTime)
		case errors.Is(cause, errConnect):
			err = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "no answer within %v", connect)
		case errors.Is(cause, errSlow):
			err = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout, "the answer does not end")
		}
	}()
	if r.long {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				p.next(holdTime, errSilent)
			}
		}})
	}
	req, err := r.request(ctx)
	if err != nil {
		return a, err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return a, subscriptions.DialError(err)
	}
	defer resp.Body.Close()
	if a.news, err = r.accept(resp); err != nil {
		a.received = time.Now()
		if r.long && resp.StatusCode == http.StatusGone && (r.opened || a.held()) {
			// nchan says this to everyone who waits when it restarts. Where
			// it is meant, the next question is answered with it at once.
			err = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "the server ended the long poll")
		}
		return a, err
	}
	if r.long {
		r.open(r.target.Cursor == "" || r.pos.resumes())
	}
	a.header = resp.Header
	if a.news {
		err = r.read(resp, p, &a)
	}
	return a, err
}

// request is the next question.
func (r *run) request(ctx context.Context) (*http.Request, error) {
	address, header, err := r.target.At(r.pos.Since)
	if err != nil {
		return nil, err
	}
	if scheme, rest, found := strings.Cut(address, "://"); found {
		address = subscriptions.HTTPScheme(scheme) + "://" + rest
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeBadFeed, subscriptions.DialError(err))
	}
	req.Header = http.Header{
		"Accept":          {"application/json, text/plain;q=0.9, */*;q=0.5"},
		"Accept-Encoding": {"gzip"},
		"Cache-Control":   {"no-cache"},
		"User-Agent":      {"bellwire"},
	}
	if r.target.Resume.Strategy() != subscriptions.ResumeByNone {
		r.pos.conditional(req.Header)
	}
	maps.Copy(req.Header, header)
	// net/http takes the host from here alone.
	req.Host = req.Header.Get("Host")
	req.Header.Del("Host")
	return req, nil
}

// accept reports whether there is something to read, and why an answer
// cannot be taken for one to a poll.
func (r *run) accept(resp *http.Response) (news bool, err error) {
	switch {
	case resp.StatusCode == http.StatusNotModified, resp.StatusCode == http.StatusNoContent:
		return false, nil
	case resp.StatusCode == http.StatusRequestTimeout && r.long: // nchan: nothing came
		return false, nil
	case resp.StatusCode != http.StatusOK:
		return false, subscriptions.HTTPError(resp)
	}
	return true, subscriptions.CheckAnswer(resp)
}

// read takes in the answer's body, decompressed and bounded.
func (r *run) read(resp *http.Response, p *phases, a *answer) error {
	body := io.Reader(resp.Body)
	if r.long {
		// Some servers send the header at once and keep the body back.
		body = &firstByte{r: body, begun: func() { p.next(holdTime, errSlow) }}
	} else {
		p.next(readTime, errSlow)
	}
	limit := int64(maxAnswer) * int64(r.maxMessage)
	var err error
	if a.body, err = subscriptions.ReadAnswer(resp.Header, body, limit); err != nil {
		return err
	}
	if n := int64(len(a.body)); n > limit {
		a.oversize = n
	}
	return nil
}

// firstByte tells when the first bytes have been read.
type firstByte struct {
	r     io.Reader
	begun func()
}

func (f *firstByte) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if n > 0 && f.begun != nil {
		f.begun()
		f.begun = nil
	}
	return n, err
}
