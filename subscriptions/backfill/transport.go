package backfill

import (
	"context"
	"net/http"
	"sync"
	"time"

	"bellwire/subscriptions"
)

// A Transport is another transport, and fetches what it missed. It is safe
// for concurrent use.
type Transport struct {
	// Stream is what is live. Required.
	Stream subscriptions.Transport
	// Client asks for the pages; nil is one for each Run. Its Timeout is
	// ignored, and redirects always follow [subscriptions.CheckRedirect].
	Client *http.Client
}

var _ subscriptions.Transport = (*Transport)(nil)

// Run implements [subscriptions.Transport]. With any other strategy than
// [subscriptions.ResumeByBackfill] it is Stream's.
func (tr *Transport) Run(ctx context.Context, t subscriptions.Target, sink subscriptions.Sink) error {
	if t.Resume.Strategy() != subscriptions.ResumeByBackfill {
		return tr.Stream.Run(ctx, t, sink)
	}
	err := tr.run(ctx, t, sink)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (tr *Transport) run(ctx context.Context, t subscriptions.Target, sink subscriptions.Sink) error {
	if t.PayloadCursor == nil {
		return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeBadFeed, "a backfill needs to know where an item holds its id")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := &gate{sink: sink, done: make(chan struct{})}
	w := &walk{fetcher: newFetcher(tr.Client, t), gate: g, cursor: t.Cursor}
	defer w.client.CloseIdleConnections()
	if w.cursor == "" {
		if err := w.learn(ctx); err != nil {
			return err
		}
	}
	g.start = func(resumed bool) {
		err := w.missed(ctx, resumed)
		w.client.CloseIdleConnections() // nothing wakes up for them
		if err != nil {
			if ctx.Err() == nil { // or the stream's end is the reason
				g.failed = err
			}
			g.closed = err
			cancel()
		}
	}
	err := tr.Stream.Run(ctx, t, g)
	cancel()
	if failed := g.wait(); failed != nil {
		return failed
	}
	return err
}

// A gate is the stream's sink: what it brings waits until what was missed has
// been handed on. That wait is back-pressure, as any other.
type gate struct {
	sink  subscriptions.Sink
	start func(resumed bool)
	// done is closed when the fetch is over. Before that are set: closed, why
	// nothing may pass, and failed, where that is the fetch's own fault.
	done           chan struct{}
	closed, failed error

	mu      sync.Mutex
	started bool
	open    bool          // the outer sink has been told
	retry   time.Duration // asked for before that
}

// Opened implements [subscriptions.Sink].
func (g *gate) Opened(resumed bool) {
	g.mu.Lock()
	g.started = true
	g.mu.Unlock()
	go func() {
		defer close(g.done)
		g.start(resumed)
	}()
}

// Message implements [subscriptions.Sink].
func (g *gate) Message(ctx context.Context, m subscriptions.Message) error {
	select {
	case <-g.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if g.closed != nil {
		return g.closed
	}
	return g.sink.Message(ctx, m)
}

// Alive implements [subscriptions.Sink].
func (g *gate) Alive(l subscriptions.Life) {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	if open {
		g.sink.Alive(l)
	}
}

// Retry implements [subscriptions.Sink].
func (g *gate) Retry(d time.Duration) {
	g.mu.Lock()
	open := g.open
	if !open {
		g.retry = d
	}
	g.mu.Unlock()
	if open {
		g.sink.Retry(d)
	}
}

// opened tells the outer sink.
func (g *gate) opened(resumed bool) {
	g.sink.Opened(resumed)
	g.mu.Lock()
	g.open = true
	retry := g.retry
	g.mu.Unlock()
	if retry > 0 {
		g.sink.Retry(retry)
	}
}

// wait waits for the end of the fetch, if one has begun, and returns why it
// failed.
func (g *gate) wait() error {
	g.mu.Lock()
	started := g.started
	g.mu.Unlock()
	if !started {
		return nil
	}
	<-g.done
	return g.failed
}
