package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bellwire/subscriptions"
)

// An owner is the one goroutine that decides for a feed.
type owner struct {
	feed   subscriptions.Feed
	opts   *Options
	log    *slog.Logger
	life   liveness
	cancel context.CancelFunc
	done   chan struct{}
	// woken has a token when a person (or the system) wants something.
	woken chan struct{}

	// Only the owner's goroutine uses these.
	pos      subscriptions.Position
	retry    time.Duration // the server's reconnection time; 0 when it gave none
	attempts int           // failed ones in a row
	forgiven int           // of them, at the last wake: the backoff begins anew
	everOpen bool
	asked    *subscriptions.Error // the server asked us to wait,
	earliest time.Time            // until then

	mu     sync.Mutex
	status subscriptions.Status
	paused bool
	kicked kick
	journal
}

func newOwner(f subscriptions.Feed, opts *Options, cancel context.CancelFunc) *owner {
	o := &owner{
		feed:   f,
		opts:   opts,
		log:    opts.Logger.With("feed", f.ID),
		cancel: cancel,
		done:   make(chan struct{}),
		woken:  make(chan struct{}, 1),
		paused: f.Paused,
	}
	o.status = subscriptions.Status{State: subscriptions.StateConnecting, Since: time.Now()}
	if f.Paused {
		o.status.State = subscriptions.StatePaused
	}
	return o
}

// run is the owner's life.
func (o *owner) run(ctx context.Context) {
	defer close(o.done)
	if !o.recall(ctx) {
		return
	}
	for ctx.Err() == nil {
		if o.isPaused() {
			o.enter(subscriptions.StatePaused, nil, time.Time{})
			o.sleep(ctx, true, kickResume, time.Time{}, time.Time{})
			continue
		}
		if left(o.earliest) > 0 { // a pause meanwhile does not shorten it
			o.enter(subscriptions.StateWaiting, o.asked, o.earliest)
			o.sleep(ctx, false, kickWake, o.earliest, o.earliest)
			continue
		}
		o.enter(subscriptions.StateConnecting, nil, time.Time{})
		err := o.connect(ctx)
		if ctx.Err() != nil || errors.Is(err, errPaused) || errors.Is(err, errAgain) {
			continue
		}
		o.settle(ctx, subscriptions.AsError(err))
	}
}

// recall loads where the feed stood. Storage may have trouble of its own:
// then it waits, since connecting from nowhere would lose what was missed.
func (o *owner) recall(ctx context.Context) bool {
	for attempt := 0; ; attempt++ {
		pos, err := o.opts.Store.Position(ctx, o.feed.ID)
		if err == nil {
			o.pos = pos
			o.life.remember(pos.Cadence)
			o.update(func(s *subscriptions.Status) { s.Cursor = pos.Cursor })
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		next := time.Now().Add(backoff(attempt, 0, o.opts.Rand()))
		o.enter(subscriptions.StateWaiting, subscriptions.Failf(subscriptions.Transient, subscriptions.CodeStorage, "reading the position: %w", err), next)
		o.sleep(ctx, o.isPaused(), kickWake, next, next)
	}
}

// settle decides what follows the end of a connection, and waits for it.
func (o *owner) settle(ctx context.Context, err *subscriptions.Error) {
	now := time.Now()
	o.forgiven = min(o.forgiven, o.attempts)
	switch err.Class {
	case subscriptions.Ended:
		o.enter(subscriptions.StateEnded, err, time.Time{})
		o.sleep(ctx, false, kickResume, time.Time{}, time.Time{})
		o.attempts = 0
	case subscriptions.NeedsUser:
		next := now.Add(recheckBlocked)
		o.attempts++
		o.enter(subscriptions.StateBlocked, err, next)
		o.sleep(ctx, false, kickResume, next, now)
	default:
		delay := backoff(o.attempts-o.forgiven, o.retry, o.opts.Rand())
		earliest := now
		if err.Class == subscriptions.RetryAfter {
			after := directed(err.After)
			delay = after + time.Duration(o.opts.Rand()*float64(firstBackoff))
			earliest = now.Add(after)
			o.asked, o.earliest = err, earliest
		}
		o.attempts++
		next := now.Add(delay)
		o.enter(subscriptions.StateWaiting, err, next)
		o.sleep(ctx, false, kickWake, next, earliest)
	}
}

// sleep waits until next (zero: for ever), for as long as a person wants the
// feed paused or not as given, or until a kick that is strong enough wakes
// the owner, not before earliest.
func (o *owner) sleep(ctx context.Context, paused bool, least kick, next, earliest time.Time) {
	due := time.NewTimer(0)
	due.Stop()
	defer due.Stop()
	if !next.IsZero() {
		due.Reset(left(next))
	}
	for o.isPaused() == paused {
		select {
		case <-ctx.Done():
			return
		case <-due.C:
			return
		case <-o.woken:
		}
		switch k := o.takeKick(); {
		case k == noKick:
		case k < least:
			if !next.IsZero() {
				due.Reset(left(next)) // the timer stood still in the machine's sleep
			}
		case left(earliest) <= 0:
			return
		default:
			// Too early: go when the server allows it, without the jitter.
			due.Reset(left(earliest))
		}
	}
}

// enter changes the state and tells. A trouble that repeats is no news.
func (o *owner) enter(state subscriptions.State, err *subscriptions.Error, next time.Time) {
	o.mu.Lock()
	s := &o.status
	news := s.State != state
	if news {
		s.Since = time.Now()
	}
	s.State, s.Next, s.Attempts = state, next, o.attempts
	switch {
	case err != nil:
		news = news && s.Code != err.Code
		s.Error, s.Code, s.Hint = err.Error(), err.Code, err.Hint()
	case state == subscriptions.StateOpen || state == subscriptions.StatePaused:
		s.Error, s.Code, s.Hint = "", "", ""
	}
	snapshot := o.snapshotLocked()
	o.journal.add(snapshot, time.Now())
	o.mu.Unlock()

	level := slog.LevelDebug
	if news && state != subscriptions.StateConnecting {
		level = slog.LevelInfo
	}
	if err != nil {
		if news && err.Code != subscriptions.CodeClosed {
			level = slog.LevelWarn
		}
		o.log.Log(context.Background(), level, "feed "+string(state), "error", err, "hint", err.Hint(), "attempts", o.attempts, "next", next)
	} else {
		o.log.Log(context.Background(), level, "feed "+string(state))
	}
	o.opts.OnStatus(o.feed.ID, snapshot)
}

func (o *owner) update(f func(*subscriptions.Status)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f(&o.status)
}

func (o *owner) snapshot() subscriptions.Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.snapshotLocked()
}

func (o *owner) snapshotLocked() subscriptions.Status {
	s := o.status
	s.LastByte, s.RTT, s.IdleLimit = o.life.lastByte(), o.life.roundTrip(), o.life.limit()
	return s
}

func (o *owner) isPaused() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.paused
}

// setPaused says what a person wants; wanting a feed to run is a kick too.
func (o *owner) setPaused(paused bool) {
	o.mu.Lock()
	o.paused = paused
	o.kicked = noKick
	if !paused {
		o.kicked = kickResume
	}
	o.mu.Unlock()
	token(o.woken)
}
