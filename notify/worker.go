package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	showTimeout = 10 * time.Second
	// showGrace is how long a notification that is on its way may still take
	// when the worker has to end; cut off, it might be shown again.
	showGrace   = 2 * time.Second
	markTimeout = 5 * time.Second

	firstRetry = time.Second
	lastRetry  = time.Minute

	page     = 64   // events asked for at a time
	bulkPage = 1000 // the same where nothing is shown
)

// An Outbox holds the events whose notification is still owed.
type Outbox interface {
	// Pending returns what is owed behind the given Seq, oldest first.
	Pending(ctx context.Context, after int64, limit int) ([]subscriptions.Event, error)
	// Deliver notes what became of events; see [subscriptions.StepKind].
	Deliver(ctx context.Context, steps ...subscriptions.Delivery) error
	// Changed is closed at the next commit; take it before asking.
	Changed() <-chan struct{}
}

// WorkerOptions is what a [Worker] needs.
type WorkerOptions struct {
	Outbox  Outbox
	Backend Backend
	// FeedName is what people call a feed; nil, or an empty answer, means
	// its id.
	FeedName func(ctx context.Context, id string) string
	// Logger is nil for none.
	Logger *slog.Logger
}

// A Worker carries notifications from the outbox to the desktop. Its methods
// are safe for concurrent use; Run runs once at a time.
type Worker struct {
	o    WorkerOptions
	log  *slog.Logger
	wake chan struct{} // one token: the pause has changed

	mu    sync.Mutex
	until       time.Time
	preferences subscriptions.Preferences
	err         error

	// Run's own.
	owed     *mark // what the desktop has settled and the outbox does not know yet
	failures int   // since something last went well
}

// A mark is the outcome of one notification.
type mark struct {
	seq    int64
	reason string // why it will never be shown; empty when it was
}

// NewWorker makes a worker; [Worker.Run] starts it.
func NewWorker(o WorkerOptions) *Worker {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Worker{o: o, log: log, wake: make(chan struct{}, 1)}
}

// Run shows what the outbox owes until ctx ends, and returns ctx's error.
// While nothing is owed it sleeps without a timer. A failure is tried again
// after 1 s, doubling to 60 s.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		changed := w.o.Outbox.Changed()
		if until := w.PausedUntil(); !until.IsZero() {
			// A timer sleeps with the machine, so that a pause may be over
			// before it fires: every commit looks at the clock again.
			w.sleep(ctx, max(time.Until(until), 1), changed)
			continue
		}
		more, err := w.round(ctx)
		if ctx.Err() != nil {
			break
		}
		w.note(err)
		switch {
		case err != nil:
			w.sleep(ctx, retryDelay(w.failures), nil)
			w.failures++
		default:
			w.failures = 0
			if !more {
				w.sleep(ctx, 0, changed)
			}
		}
	}
	return ctx.Err()
}

// Pause holds notifications until the given wall-clock time; they stay in
// the outbox. The zero time, or one that has passed, means go on now, and
// ends a wait after a failure too.
func (w *Worker) Pause(until time.Time) {
	w.mu.Lock()
	w.until = until.Round(0) // the wall clock goes on while the machine sleeps
	w.mu.Unlock()
	w.Reconsider()
}

// Prefer replaces what p says about notifying. It must be valid.
func (w *Worker) Prefer(p subscriptions.Preferences) {
	w.mu.Lock()
	w.preferences = p
	w.mu.Unlock()
	w.Reconsider()
}

// Reconsider makes the worker look again at what is held and owed: a feed, a
// mute or the clock may have changed.
func (w *Worker) Reconsider() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// PausedUntil is when notifications go on; zero when they are not held.
func (w *Worker) PausedUntil() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.until.After(time.Now().Round(0)) {
		return time.Time{}
	}
	return w.until
}

// Err is the trouble that holds notifications up now, nil when all is well.
func (w *Worker) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// round shows one page. more says that there may be another.
func (w *Worker) round(ctx context.Context) (more bool, err error) {
	if err := w.settle(ctx); err != nil {
		return false, err
	}
	if _, none := w.o.Backend.(discard); none {
		return w.discard(ctx)
	}
	events, err := w.o.Outbox.Pending(ctx, 0, page)
	if err != nil {
		return false, fmt.Errorf("reading the outbox: %w", err)
	}
	for _, e := range events {
		if ctx.Err() != nil || !w.PausedUntil().IsZero() {
			return true, nil
		}
		if err := w.deliver(ctx, e); err != nil {
			return false, err
		}
		w.failures = 0
	}
	return len(events) == page, nil
}

// discard settles a page without showing it.
func (w *Worker) discard(ctx context.Context) (more bool, err error) {
	events, err := w.o.Outbox.Pending(ctx, 0, bulkPage)
	if err != nil {
		return false, fmt.Errorf("reading the outbox: %w", err)
	}
	if len(events) == 0 {
		return false, nil
	}
	steps := make([]subscriptions.Delivery, len(events))
	for i, e := range events {
		steps[i] = subscriptions.Delivery{Seq: e.Seq, Step: subscriptions.Step{At: time.Now(), What: subscriptions.StepFiltered, Why: subscriptions.ReasonNone}}
	}
	if err := w.o.Outbox.Deliver(ctx, steps...); err != nil {
		return false, fmt.Errorf("marking as shown: %w", err)
	}
	w.failures = 0
	return len(events) == bulkPage, nil
}

// deliver shows one event and marks it.
func (w *Worker) deliver(ctx context.Context, e subscriptions.Event) error {
	n := w.notification(ctx, e)
	showCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(showGrace, cancel) })
	defer stop()
	err := w.o.Backend.Show(showCtx, n)
	switch {
	case errors.Is(err, ErrRejected):
		w.log.Warn("a notification will never be shown", "seq", e.Seq, "feed", e.Feed, "error", err)
		w.owed = &mark{e.Seq, err.Error()}
	case err != nil:
		return fmt.Errorf("showing a notification through %s: %w", w.o.Backend.Name(), err)
	default:
		w.owed = &mark{seq: e.Seq}
	}
	return w.settle(ctx)
}

// settle tells the outbox what it does not know yet. Until it does, nothing
// else is shown: a crash may repeat one notification, not many. The end of
// ctx does not stop it, or every clean shutdown might repeat one.
func (w *Worker) settle(ctx context.Context) error {
	if w.owed == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
	defer cancel()
	step := subscriptions.Step{At: time.Now(), What: subscriptions.StepShown}
	if w.owed.reason != "" {
		step.What, step.Detail = subscriptions.StepFailed, w.owed.reason
	}
	if err := w.o.Outbox.Deliver(ctx, subscriptions.Delivery{Seq: w.owed.seq, Step: step}); err != nil {
		return fmt.Errorf("marking event %d as shown: %w", w.owed.seq, err)
	}
	w.owed = nil
	return nil
}

func (w *Worker) notification(ctx context.Context, e subscriptions.Event) Notification {
	n := Notification{
		Seq:      e.Seq,
		Key:      "bellwire/" + e.Feed + "/" + strconv.FormatInt(e.Seq, 10),
		Feed:     e.Feed,
		FeedName: e.Feed,
		Title:    e.Title,
		Body:     e.Body,
		Link:     e.Link,
		Priority: e.Priority,
		Time:     e.Time,
	}
	if n.Time.IsZero() {
		n.Time = e.Received
	}
	if w.o.FeedName != nil {
		if name := w.o.FeedName(ctx, e.Feed); name != "" {
			n.FeedName = name
		}
	}
	return n
}

// note remembers how things are, and warns when they turn bad.
func (w *Worker) note(err error) {
	w.mu.Lock()
	was := w.err
	w.err = err
	w.mu.Unlock()
	switch {
	case err != nil && was == nil:
		w.log.Warn("notifications are held up", "error", err)
	case err != nil:
		w.log.Debug("notifications are still held up", "error", err)
	case was != nil:
		w.log.Info("notifications go on")
	}
}

// sleep waits for d, without end when d is 0, or until something changes.
func (w *Worker) sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) {
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
	case <-changed:
	case <-w.wake:
	case <-ctx.Done():
	}
}

// retryDelay is the wait after the given number of earlier failures.
func retryDelay(failures int) time.Duration {
	return min(firstRetry<<min(failures, 6), lastRetry)
}
