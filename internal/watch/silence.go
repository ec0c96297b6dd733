package watch

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"
)

// settle is how long a feed has to be open before its silence counts: the
// server may have something to replay.
const settle = 30 * time.Second

// stopped is how late the timer may be before what came meanwhile gets its
// chance as well.
const stopped = time.Second

// A SilenceStore keeps what is known of feeds' silences; see [storage.DB].
type SilenceStore interface {
	Hearings(ctx context.Context) (map[string]storage.Hearing, error)
	SetSilent(ctx context.Context, feed string, since time.Time, notice subscriptions.Event) (subscriptions.Receipt, error)
	SetHeard(ctx context.Context, feed string, at time.Time) error
}

// SilenceOptions are what a [Silence] works with. Store, Status and Logger
// are required.
type SilenceOptions struct {
	Store SilenceStore
	// Status is a feed's connection as it is now; ok is false where there is
	// none.
	Status func(feed string) (s subscriptions.Status, ok bool)
	Words  Words
	Logger *slog.Logger
	// Settle is how long a feed has to be open before its silence counts; 0:
	// 30 s.
	Settle time.Duration
	// Wall is the wall's clock; nil: the machine's.
	Wall func() time.Time
}

// A Silence watches for feeds without events. Its methods are safe for
// concurrent use, and return at once but for Run.
type Silence struct {
	o      SilenceOptions
	poked  chan struct{}
	failed bool // Run's own: storage, the last time

	mu    sync.Mutex
	feeds map[string]*alarm // those that have one
	woke  time.Time         // when the machine last woke
}

// An alarm is what is known of a feed that has one.
type alarm struct {
	subscriptions.Silence
	name string
	// Hearing is what storage said when it was last asked.
	storage.Hearing
	asked bool // since the alarm was set
	heard bool // something has come since
}

// NewSilence makes a watcher that tells nothing before Run.
func NewSilence(o SilenceOptions) *Silence {
	o.Settle = cmp.Or(o.Settle, settle)
	if o.Wall == nil {
		o.Wall = wallClock
	}
	return &Silence{o: o, poked: make(chan struct{}, 1), feeds: map[string]*alarm{}}
}

// Watch takes a feed over as it is now. That a new alarm begins a new silence
// is for [storage.DB.SetHeard], before.
func (s *Silence) Watch(f subscriptions.Feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.feeds[f.ID]
	switch {
	case f.Silence.After <= 0:
		delete(s.feeds, f.ID)
	case old != nil && old.Silence == f.Silence:
		old.name = f.Name
		return
	default:
		s.feeds[f.ID] = &alarm{Silence: f.Silence, name: f.Name}
	}
	if old != nil || f.Silence.After > 0 {
		poke(s.poked)
	}
}

// Forget is for a feed that is removed.
func (s *Silence) Forget(feed string) { s.Watch(subscriptions.Feed{ID: feed}) }

// StatusChanged says that a feed's connection is another than before.
func (s *Silence) StatusChanged(feed string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.feeds[feed] != nil {
		poke(s.poked)
	}
}

// Heard says that an event of a feed that ends a silence has been stored.
func (s *Silence) Heard(feed string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.feeds[feed]
	if a == nil {
		return
	}
	a.heard = true
	if !a.SilentSince.IsZero() { // or it can wait for the timer
		poke(s.poked)
	}
}

// Woke says that the machine has slept.
func (s *Silence) Woke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woke = time.Now()
	if len(s.feeds) > 0 {
		poke(s.poked)
	}
}

// Run watches until ctx ends. Trouble with storage is logged, and it tries
// again.
func (s *Silence) Run(ctx context.Context) {
	t := newTimer(s.o.Wall)
	defer t.Stop()
	for ctx.Err() == nil {
		wait, err := s.look(ctx)
		if err != nil && ctx.Err() == nil {
			level := slog.LevelWarn
			if s.failed {
				level = slog.LevelDebug
			}
			s.o.Logger.Log(ctx, level, "watching for silence", "error", err)
			wait = retry
		}
		s.failed = err != nil
		t.arm(wait)
		select {
		case <-ctx.Done():
		case <-s.poked:
		case <-t.C:
		}
		if t.slept(stopped) {
			s.Woke()
		}
	}
}

// look tells what there is to tell, and returns the time until the next look.
func (s *Silence) look(ctx context.Context) (wait time.Duration, err error) {
	wait, ask := s.survey()
	if !ask {
		return wait, nil
	}
	if err := s.ask(ctx); err != nil {
		return wait, err
	}
	wait = never
	for _, id := range s.watched() {
		next, err := s.judge(ctx, id)
		if err != nil {
			return wait, err
		}
		wait = min(wait, next)
	}
	return wait, nil
}

// watched are the feeds with an alarm.
func (s *Silence) watched() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]string, 0, len(s.feeds))
	for id := range s.feeds {
		ids = append(ids, id)
	}
	return ids
}

// survey is the time until a deadline by what is known, and whether storage
// has to be asked now.
func (s *Silence) survey() (wait time.Duration, ask bool) {
	wait = never
	for _, id := range s.watched() {
		left := s.left(id)
		wait = min(wait, left)
		s.mu.Lock()
		if a := s.feeds[id]; a != nil {
			ask = ask || !a.asked || left <= 0 || a.heard && !a.SilentSince.IsZero()
		}
		s.mu.Unlock()
	}
	return wait, ask
}

// left is the time until a feed is too quiet, by what is known; never where
// people know, or nobody listens.
func (s *Silence) left(id string) time.Duration {
	status, ok := s.o.Status(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.feeds[id]
	if a == nil || !ok || a.Hearing.Heard.IsZero() {
		return never
	}
	// A connection whose events cannot be stored hears nothing.
	if status.State != subscriptions.StateOpen || status.Code != "" || !a.SilentSince.IsZero() {
		return never
	}
	open := status.Since
	if s.woke.After(open) {
		open = s.woke
	}
	return max(time.Duration(a.After)-s.o.Wall().Sub(a.Hearing.Heard), s.o.Settle-time.Since(open))
}

// ask asks storage what was heard. A feed that nobody has listened to before
// begins now.
func (s *Silence) ask(ctx context.Context) error {
	s.mu.Lock()
	for _, a := range s.feeds {
		a.heard = false // what is stored from here on says so again
	}
	s.mu.Unlock()
	hearings, err := s.o.Store.Hearings(ctx)
	if err != nil {
		return err
	}
	for _, id := range s.watched() {
		h, known := hearings[id]
		if known && h.Heard.IsZero() {
			h.Heard = s.o.Wall()
			if err := s.o.Store.SetHeard(ctx, id, h.Heard); err != nil {
				return err
			}
		}
		s.mu.Lock()
		if a := s.feeds[id]; a != nil {
			a.Hearing, a.asked = h, known
		}
		s.mu.Unlock()
	}
	return nil
}

// judge tells of a feed's silence or its end, where there is one, and returns
// the time until the next look at it.
func (s *Silence) judge(ctx context.Context, id string) (time.Duration, error) {
	s.mu.Lock()
	a := s.feeds[id]
	if a == nil {
		s.mu.Unlock()
		return never, nil
	}
	now := *a
	s.mu.Unlock()
	left := s.left(id)
	var err error
	switch {
	case !now.SilentSince.IsZero() && now.Hearing.Heard.After(now.SilentSince):
		about := About{ID: id, Name: now.name, Since: now.SilentSince, For: span(now.SilentSince, now.Hearing.Heard)}
		err = s.tell(ctx, a, subscriptions.NoticeSpeaks, about, time.Time{})
	case now.SilentSince.IsZero() && left <= 0:
		about := About{ID: id, Name: now.name, Since: now.Hearing.Heard, For: span(now.Hearing.Heard, s.o.Wall())}
		err = s.tell(ctx, a, subscriptions.NoticeSilent, about, now.Hearing.Heard)
	default:
		return left, nil
	}
	return s.left(id), err
}

// tell stores a notice, and that people know of a silence since then.
func (s *Silence) tell(ctx context.Context, a *alarm, what subscriptions.NoticeType, about About, since time.Time) error {
	notice := s.o.Words.notice(Facts{Type: what, Count: 1, Feeds: []About{about}}, s.o.Wall())
	notice.DedupeKey = fmt.Sprintf("\x00%s\x00%d", what, about.Since.UnixMicro())
	receipt, err := s.o.Store.SetSilent(ctx, about.ID, since, notice)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a.SilentSince = since
	if receipt.Inserted == 0 { // it was heard meanwhile, or the alarm was changed
		a.asked = false
	}
	if !a.asked || a.heard {
		poke(s.poked)
	}
	return nil
}
