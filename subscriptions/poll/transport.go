package poll

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"bellwire/subscriptions"
)

const (
	// minPace is the time between two questions of a long poll that the
	// server answers at once and without news; it doubles up to maxPace.
	minPace = time.Second
	maxPace = time.Minute
	// jitter is the part of the interval by which a poll comes early or late.
	jitter = 0.1
)

// A Transport polls. The zero value asks every [subscriptions.Poll.Interval]
// and is ready. It is safe for concurrent use.
type Transport struct {
	// Long makes it ask again as soon as it has an answer: the server keeps
	// the question until it has news.
	Long bool
	// Client makes the requests; nil is one for each Run. Its Timeout is
	// ignored, and redirects always follow [subscriptions.CheckRedirect].
	Client *http.Client
}

var _ subscriptions.Transport = (*Transport)(nil)

// A run is one Run.
type run struct {
	long       bool
	client     *http.Client
	target     subscriptions.Target
	sink       subscriptions.Sink
	maxMessage int

	pos    position
	cursor string // what the sink has been given last
	known  bool   // cursor was one of ours, or there was none
	opened bool
	quick  int // answers of a long poll in a row that came at once without news
}

// Run implements [subscriptions.Transport]. The connection counts as opened
// with the first answer of status 200, 204 or 304 (in a long poll also 408,
// which is nchan's "nothing came"), and lasts until one is none of these or
// cannot be read. X-Poll-Interval and Retry-After of good answers are obeyed.
//
// In a long poll that has been opened, 150 s of silence are no trouble: it
// asks again. Without validators or a position in the payload a server cannot
// go on from where a long poll was, which Opened then says.
func (tr *Transport) Run(ctx context.Context, t subscriptions.Target, sink subscriptions.Sink) error {
	r := &run{
		long:       tr.Long,
		target:     t,
		sink:       sink,
		maxMessage: cmp.Or(t.MaxMessage, subscriptions.DefaultMaxMessage),
		cursor:     t.Cursor,
	}
	r.pos, r.known = parsePosition(t.Cursor)
	if !r.known {
		r.cursor, r.known = "", t.Cursor == ""
	}
	client := tr.Client
	if client == nil {
		client = subscriptions.NewClient(t, options)
	}
	own := *client
	own.Timeout, own.CheckRedirect = 0, subscriptions.CheckRedirect
	r.client = &own
	defer r.client.CloseIdleConnections()
	for {
		a, err := r.ask(ctx)
		if err != nil {
			return err
		}
		more, err := r.take(ctx, a)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return subscriptions.AsError(err)
		}
		if err := r.pause(ctx, r.wait(a, more), a.floor()); err != nil {
			return err
		}
	}
}

// open tells the sink once.
func (r *run) open(resumed bool) {
	if !r.opened {
		r.opened = true
		r.sink.Opened(resumed)
	}
}

// floor is how long the server asks us to wait.
func (a answer) floor() time.Duration {
	after, _ := subscriptions.ParseRetryAfter(a.header.Get("Retry-After"), time.Now())
	if n, err := strconv.ParseUint(a.header.Get("X-Poll-Interval"), 10, 32); err == nil {
		after = max(after, min(time.Duration(n)*time.Second, subscriptions.MaxPollInterval))
	}
	return after
}

// wait is the time until the next question.
func (r *run) wait(a answer, more outcome) time.Duration {
	wait := time.Duration(0)
	switch {
	case !r.long && more != newsAndMore:
		interval := cmp.Or(time.Duration(r.target.Poll.Interval), subscriptions.DefaultPollInterval)
		wait = time.Duration(float64(interval) * (1 - jitter + 2*jitter*rand.Float64()))
	case !r.long:
	case a.held() || more == newsAndMore:
		r.quick = 0
	case more == news: // which may come without an end
		r.quick = 0
		wait = minPace
	default:
		wait = min(minPace<<min(r.quick, 6), maxPace)
		r.quick++
	}
	return max(wait, a.floor())
}

// pause waits, for at least floor also where the connection has to prove
// itself.
func (r *run) pause(ctx context.Context, wait, floor time.Duration) error {
	if wait <= 0 {
		return ctx.Err()
	}
	if wait > keepIdle {
		r.client.CloseIdleConnections()
	}
	began, verify := time.Now(), r.target.Verify
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		case <-verify:
			verify = nil
			timer.Reset(max(0, floor-time.Since(began)))
		}
	}
}
