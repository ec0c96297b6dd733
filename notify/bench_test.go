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

	"bellwire/notify/policy"
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
	owed     []subscriptions.Event // also what is held
	held     map[int64]bool
	sums     []subscriptions.Summary
	told     map[int64]int64 // the summary that told an event
	changed  chan struct{}
	queries  int
	markErr  error
	queryErr error
	// releaseErr comes after the first event of a release; most, where it is
	// not 0, is how many events a page holds, for large payloads.
	releaseErr error
	most       int
}

func (o *fakeOutbox) add(seqs ...int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, seq := range seqs {
		o.owed = append(o.owed, subscriptions.Event{Seq: seq, Feed: "deploys", Priority: 3, Title: fmt.Sprint("event ", seq), Received: time.Now()})
	}
	o.commit()
}

// put adds events as they are.
func (o *fakeOutbox) put(events ...subscriptions.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range events {
		if e.Received.IsZero() {
			e.Received = time.Now()
		}
		if e.Priority == 0 {
			e.Priority = 3
		}
		if e.Feed == "" {
			e.Feed = "deploys"
		}
		o.owed = append(o.owed, e)
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
		if o.most > 0 {
			limit = min(limit, o.most)
		}
		if e.Seq > after && len(page) < limit && !o.held[e.Seq] {
			page = append(page, e)
		}
	}
	return page, nil
}

func (o *fakeOutbox) Deliver(ctx context.Context, steps ...subscriptions.Delivery) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(steps) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if o.markErr != nil {
		return o.markErr
	}
	var seqs []int64
	var what string
	flush := func() {
		if len(seqs) > 3 {
			o.note("%s %d to %d", what, seqs[0], seqs[len(seqs)-1])
		} else if len(seqs) > 0 {
			o.note("%s %v", what, seqs)
		}
		seqs = nil
	}
	for _, d := range steps {
		did := string(d.What)
		if d.Why != "" {
			did += " " + string(d.Why)
		}
		if did != what {
			flush()
		}
		what, seqs = did, append(seqs, d.Seq)
		o.take(d)
	}
	flush()
	o.commit()
	return nil
}

// take is one step's effect. o.mu is held.
func (o *fakeOutbox) take(d subscriptions.Delivery) {
	i := slices.IndexFunc(o.owed, func(e subscriptions.Event) bool { return e.Seq == d.Seq })
	switch {
	case i < 0:
	case d.What.Settles():
		o.owed = slices.Delete(o.owed, i, i+1)
		delete(o.held, d.Seq)
	case d.What == subscriptions.StepHeld:
		o.held[d.Seq] = true
		o.owed[i].Hold = d.Why
	}
}

func (o *fakeOutbox) Holds(context.Context) (holds []subscriptions.Hold, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.owed {
		if o.held[e.Seq] {
			holds = append(holds, subscriptions.Hold{Feed: e.Feed, Why: e.Hold, Count: 1})
		}
	}
	return holds, nil
}

func (o *fakeOutbox) Release(_ context.Context, feed string, step subscriptions.Step) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.owed {
		if e.Feed != feed || e.Hold != step.Why || !o.held[e.Seq] {
			continue
		}
		delete(o.held, e.Seq)
		if o.releaseErr != nil {
			return o.releaseErr
		}
	}
	o.commit()
	return nil
}

func (o *fakeOutbox) BeginSummary(_ context.Context, s subscriptions.Summary) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sums = append(o.sums, s)
	return int64(len(o.sums)), nil
}

func (o *fakeOutbox) Summarise(_ context.Context, s subscriptions.Summary, seqs []int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.markErr != nil {
		return o.markErr
	}
	o.sums[s.ID-1] = s
	for _, seq := range seqs {
		o.told[seq] = s.ID
		delete(o.held, seq)
	}
	o.owed = slices.DeleteFunc(o.owed, func(e subscriptions.Event) bool { return o.told[e.Seq] == s.ID })
	o.note("told %d in %d", len(seqs), s.ID)
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
	all  []Notification
	show func(ctx context.Context, n Notification) error
}

// shown are all that it was asked to show.
func (b *fakeBackend) shown() []Notification {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.all)
}

func (b *fakeBackend) Name() string { return "fake" }
func (b *fakeBackend) Close() error { return nil }

func (b *fakeBackend) answer(show func(ctx context.Context, n Notification) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.show = show
}

func (b *fakeBackend) Show(ctx context.Context, n Notification) error {
	if n.Summary != 0 {
		b.note("show summary %d: %s", n.Summary, n.Title)
	} else {
		b.note("show %d", n.Seq)
	}
	b.mu.Lock()
	b.all = append(b.all, n)
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
	dnd     *fakeDND
	feeds   map[string]policy.Feed // changed only while nothing runs
	stop    func() error
}

// A fakeDND is a desktop's do-not-disturb.
type fakeDND struct {
	mu      sync.Mutex
	on      bool
	changed chan struct{}
}

func (d *fakeDND) On() (on bool, by string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on, "fake"
}

func (d *fakeDND) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

func (d *fakeDND) set(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.on = on
	close(d.changed)
	d.changed = make(chan struct{})
}

func newBench(t *testing.T, real Backend) *bench {
	d := &diary{start: time.Now()}
	b := &bench{
		diary:   d,
		outbox:  &fakeOutbox{diary: d, changed: make(chan struct{}), held: map[int64]bool{}, told: map[int64]int64{}},
		backend: &fakeBackend{diary: d},
	}
	b.dnd, b.feeds = &fakeDND{changed: make(chan struct{})}, map[string]policy.Feed{}
	o := WorkerOptions{
		Outbox: b.outbox, Backend: b.backend, DND: b.dnd, Logger: slog.New(slog.NewTextHandler(d, nil)),
		Feed: func(_ context.Context, id string) (policy.Feed, error) { return b.feeds[id], nil },
	}
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

// expectSummaries compares the titles of the summaries that were shown.
func (b *bench) expectSummaries(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, n := range b.backend.shown() {
		if n.Summary != 0 {
			got = append(got, n.Title)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("summaries (-want +got):\n%s", d)
	}
}
