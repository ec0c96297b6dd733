package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bellwire/notify/policy"
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

	page = 1000 // events asked for at a time
)

// An Outbox holds the events whose notification is still owed.
type Outbox interface {
	// Pending returns what is owed now behind the given Seq, oldest first.
	Pending(ctx context.Context, after int64, limit int) ([]subscriptions.Event, error)
	// Deliver notes what became of events; see [subscriptions.StepKind].
	Deliver(ctx context.Context, steps ...subscriptions.Delivery) error
	// Holds tells what is held, Release makes a feed's of it owed now.
	Holds(ctx context.Context) ([]subscriptions.Hold, error)
	Release(ctx context.Context, feed string, step subscriptions.Step) error
	// BeginSummary makes a summary and numbers it; Summarise notes that it
	// was shown and tells these events as well.
	BeginSummary(ctx context.Context, s subscriptions.Summary) (id int64, err error)
	Summarise(ctx context.Context, s subscriptions.Summary, seqs []int64) error
	// Changed is closed at the next commit; take it before asking.
	Changed() <-chan struct{}
}

// A Quieter knows the desktop's own do-not-disturb.
type Quieter interface {
	// On reports whether it is on, and who says so.
	On() (on bool, by string)
	// Changed is closed at the next change; take it before asking.
	Changed() <-chan struct{}
}

// WorkerOptions is what a [Worker] needs.
type WorkerOptions struct {
	Outbox  Outbox
	Backend Backend
	// Feed is what there is to know of a feed; nil means its id is its name.
	Feed func(ctx context.Context, id string) (policy.Feed, error)
	// DND is nil where the desktop does not tell.
	DND Quieter
	// Buttons are what can be done about an event, beside what Bellwire
	// offers itself; nil is nothing.
	Buttons func(ctx context.Context, e subscriptions.Event) []Button
	// Words are what Bellwire says itself; the zero value is English.
	Words Words
	// Logger is nil for none.
	Logger *slog.Logger
}

// A Worker carries notifications from the outbox to the desktop, as the
// policy says. Its methods are safe for concurrent use; Run runs once at a
// time.
type Worker struct {
	o    WorkerOptions
	log  *slog.Logger
	wake chan struct{} // one token: something has changed

	mu     sync.Mutex
	until  time.Time
	rules  *policy.Rules
	sizes  subscriptions.Preferences // for the budget and the veil, until Run takes it
	speech Words                     // complete; until Run takes it
	gone   []Ending
	// deleted are events to forget; what was deleted since the round began is
	// still in it.
	deleted map[int64]bool
	err     error

	// Run's own.
	words    Words
	reveal   subscriptions.Reveal
	budget   policy.Budget
	through  int64                       // what is owed up to here has been looked at
	kept     map[int64]bool              // of that, what waits in waiting or groups
	holds    map[subscriptions.Hold]bool // without counts; nil until asked for
	waiting  map[subscriptions.Reason]*gathering
	groups   map[string]*group
	feeds    map[string]policy.Feed          // of this round
	stale    []subscriptions.Delivery        // steps that are to be noted
	owed     func(ctx context.Context) error // what the desktop has taken and the outbox does not know yet
	failures int                             // since something last went well
	programs programs
}

// NewWorker makes a worker; [Worker.Run] starts it.
func NewWorker(o WorkerOptions) *Worker {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	o.Words = o.Words.complete()
	rules, _ := policy.New(subscriptions.Preferences{}) // are valid
	return &Worker{
		o: o, log: log, wake: make(chan struct{}, 1), rules: rules,
		programs: newPrograms(),
		speech:   o.Words, words: o.Words,
		kept: map[int64]bool{}, waiting: map[subscriptions.Reason]*gathering{}, groups: map[string]*group{},
	}
}

// Run shows what the outbox owes until ctx ends, and returns ctx's error.
// While nothing is due it sleeps without a timer. A failure is tried again
// after 1 s, doubling to 60 s.
func (w *Worker) Run(ctx context.Context) error {
	defer w.programs.running.Wait()
	for ctx.Err() == nil {
		changed, dnd := w.o.Outbox.Changed(), w.dndChanged()
		more, err := w.round(ctx)
		if ctx.Err() != nil {
			break
		}
		w.note(err)
		switch {
		case err != nil:
			w.sleep(ctx, time.Now().Add(retryDelay(w.failures)), nil, nil)
			w.failures++
		default:
			w.failures = 0
			if !more {
				w.sleep(ctx, w.next(), changed, dnd)
			}
		}
	}
	// A last chance, while the disk may have room again: what is not noted now
	// the next process shows again.
	if err := w.settle(ctx); err != nil {
		w.log.Warn("a notification may be shown again", "error", err)
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

// Prefer replaces what p says about notifying; what is not valid is an error.
func (w *Worker) Prefer(p subscriptions.Preferences) error {
	rules, err := policy.New(p)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.rules, w.sizes = rules, p
	w.mu.Unlock()
	w.Reconsider()
	return nil
}

// Speak replaces [WorkerOptions.Words]. What is shown already stays as it is.
func (w *Worker) Speak(words Words) {
	w.mu.Lock()
	w.speech = words.complete()
	w.mu.Unlock()
}

// Reconsider makes the worker look again at what is held and owed: a feed, a
// mute or the clock may have changed.
func (w *Worker) Reconsider() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Gone tells the worker that a notification has left the screen, clicked or
// not: what comes later does not go on with it.
func (w *Worker) Gone(e Ending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	const maxGone = 1024
	if len(w.gone) < maxGone {
		w.gone = append(w.gone, e)
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

// moment is the state of things now.
func (w *Worker) moment() (*policy.Rules, policy.Moment) {
	m := policy.Moment{Now: time.Now().Round(0)}
	if w.o.DND != nil {
		m.DND, m.DNDBy = w.o.DND.On()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	m.PausedUntil = w.until
	return w.rules, m
}

func (w *Worker) dndChanged() <-chan struct{} {
	if w.o.DND == nil {
		return nil
	}
	return w.o.DND.Changed()
}

// feed is what there is to know of a feed, asked once a round.
func (w *Worker) feed(ctx context.Context, id string) (policy.Feed, error) {
	if f, ok := w.feeds[id]; ok {
		return f, nil
	}
	f, err := w.ask(ctx, id)
	if err != nil {
		return f, fmt.Errorf("asking how a feed notifies: %w", err)
	}
	w.feeds[id] = f
	return f, nil
}

// ask asks what there is to know of a feed.
func (w *Worker) ask(ctx context.Context, id string) (policy.Feed, error) {
	if w.o.Feed == nil {
		return policy.Feed{Name: id}, nil
	}
	return w.o.Feed(ctx, id)
}

// deliver shows n, and then notes in the outbox what note says with the error
// that means it will never be shown, nil when it was.
func (w *Worker) deliver(ctx context.Context, n Notification, note func(ctx context.Context, rejected error) error) error {
	showCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(showGrace, cancel) })
	defer stop()
	err := w.o.Backend.Show(showCtx, n)
	switch {
	case errors.Is(err, ErrRejected):
		w.log.Warn("a notification will never be shown", "seq", n.Seq, "summary", n.Summary, "feed", n.Feed, "error", err)
	case err != nil:
		return fmt.Errorf("showing a notification through %s: %w", w.o.Backend.Name(), err)
	}
	w.owed = func(ctx context.Context) error { return note(ctx, err) }
	w.failures = 0
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
	if err := w.owed(ctx); err != nil {
		return fmt.Errorf("noting what was shown: %w", err)
	}
	w.owed = nil
	return nil
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

// sleep waits until then, without end when it is zero, or until something
// changes.
func (w *Worker) sleep(ctx context.Context, then time.Time, changed, dnd <-chan struct{}) {
	var over <-chan time.Time
	if !then.IsZero() {
		t := time.NewTimer(max(time.Until(then), 1))
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
	case <-changed:
	case <-dnd:
	case <-w.wake:
	case <-ctx.Done():
	}
}

// retryDelay is the wait after the given number of earlier failures.
func retryDelay(failures int) time.Duration {
	return min(firstRetry<<min(failures, 6), lastRetry)
}
