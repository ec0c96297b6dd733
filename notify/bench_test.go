package notify

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// A diary is what happened in a bubble, in order, with the time since its
// start: "3s show 1".
type diary struct {
	mu    sync.Mutex
	start time.Time
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, time.Since(d.start).String()+" "+fmt.Sprintf(format, args...))
}

func (d *diary) length() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.lines)
}

// Write takes the log's warnings and notices into the diary.
func (d *diary) Write(p []byte) (int, error) {
	_, msg, _ := strings.Cut(string(p), "msg=")
	d.note("log %s", strings.Trim(strings.Split(msg, " error=")[0], "\"\n"))
	return len(p), nil
}

// A fakeOutbox keeps events in memory.
type fakeOutbox struct {
	*diary
	mu       sync.Mutex
	owed     []subscriptions.Event
	changed  chan struct{}
	queries  int
	markErr  error
	queryErr error
}

func (o *fakeOutbox) add(seqs ...int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, seq := range seqs {
		o.owed = append(o.owed, subscriptions.Event{Seq: seq, Feed: "deploys", Title: fmt.Sprint("event ", seq)})
	}
	o.commit()
}

func (o *fakeOutbox) commit() {
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *fakeOutbox) asked() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queries
}

func (o *fakeOutbox) fail(query, mark error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queryErr, o.markErr = query, mark
}

func (o *fakeOutbox) Pending(_ context.Context, after int64, limit int) ([]subscriptions.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queries++
	if o.queryErr != nil {
		return nil, o.queryErr
	}
	var page []subscriptions.Event
	for _, e := range o.owed {
		if e.Seq > after && len(page) < limit {
			page = append(page, e)
		}
	}
	return page, nil
}

func (o *fakeOutbox) Deliver(ctx context.Context, steps ...subscriptions.Delivery) error {
	var seqs []int64
	for _, d := range steps {
		seqs = append(seqs, d.Seq)
	}
	return o.mark(ctx, string(steps[0].What), seqs)
}

func (o *fakeOutbox) mark(ctx context.Context, what string, seqs []int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if o.markErr != nil {
		return o.markErr
	}
	if len(seqs) > 3 {
		o.note("%s %d to %d", what, seqs[0], seqs[len(seqs)-1])
	} else {
		o.note("%s %v", what, seqs)
	}
	o.owed = slices.DeleteFunc(o.owed, func(e subscriptions.Event) bool { return slices.Contains(seqs, e.Seq) })
	o.commit()
	return nil
}

func (o *fakeOutbox) Changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.changed
}

// A fakeBackend answers as the test says.
type fakeBackend struct {
	*diary
	mu   sync.Mutex
	show func(ctx context.Context, n Notification) error
}

func (b *fakeBackend) Name() string { return "fake" }
func (b *fakeBackend) Close() error { return nil }

func (b *fakeBackend) answer(show func(ctx context.Context, n Notification) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.show = show
}

func (b *fakeBackend) Show(ctx context.Context, n Notification) error {
	b.note("show %d", n.Seq)
	b.mu.Lock()
	show := b.show
	b.mu.Unlock()
	if show == nil {
		return nil
	}
	return show(ctx, n)
}

// A bench is a worker with fakes around it, inside a bubble.
type bench struct {
	*diary
	*Worker
	outbox  *fakeOutbox
	backend *fakeBackend
	stop    func() error
}

func newBench(t *testing.T, real Backend) *bench {
	d := &diary{start: time.Now()}
	b := &bench{
		diary:   d,
		outbox:  &fakeOutbox{diary: d, changed: make(chan struct{})},
		backend: &fakeBackend{diary: d},
	}
	o := WorkerOptions{Outbox: b.outbox, Backend: b.backend, Logger: slog.New(slog.NewTextHandler(d, nil))}
	if real != nil {
		o.Backend = real
	}
	b.Worker = NewWorker(o)
	b.start(t)
	return b
}

func (b *bench) start(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	b.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { b.stop() })
	synctest.Wait()
}

// run lets time pass.
func (b *bench) run(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bench) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	b.diary.mu.Lock()
	defer b.diary.mu.Unlock()
	if d := cmp.Diff(want, b.lines); d != "" {
		t.Errorf("diary (-want +got):\n%s", d)
	}
}
