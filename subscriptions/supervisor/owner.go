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
	gate   *gate
	life   liveness
	cancel context.CancelFunc
	done   chan struct{}
	// woken has a token when a person (or the system) wants something.
	woken chan struct{}

	// script says what the feed says; it compiles at the first connection.
	script func() (Script, error)

	// Only the owner's goroutine uses these.
	decoder  Decoder // nil before the first attempt
	pos      subscriptions.Position
	retry    time.Duration // the server's reconnection time; 0 when it gave none
	attempts int           // ends of connections in a row, for the backoff
	forgiven int           // of them, at the last wake: the backoff begins anew
	failed   int           // of them, those that were no good connections
	tried    time.Time     // when the last attempt began,
	reached  reach         // and how far it came
	away     bool          // attempts since the last open were in vain
	hurried  time.Time     // when it last tried early, since the server was back
	everOpen bool
	asked    *subscriptions.Error // the server asked us to wait,
	earliest time.Time            // until then

	mu      sync.Mutex
	status  subscriptions.Status
	renamed *renamed // nil: the feed is called as it was
	paused  bool
	kicked  kick
	hangUp  context.CancelCauseFunc // ends the connection; nil while there is none
	journal
}

// reach is how far a connection came.
type reach int

const (
	reachedNothing reach = iota
	reachedOpen          // the server accepted
	reachedWell          // it brought an event, or lasted: no failed attempt
)

func newOwner(f subscriptions.Feed, opts *Options, g *gate, cancel context.CancelFunc) *owner {
	o := &owner{
		feed:   f,
		opts:   opts,
		gate:   g,
		log:    opts.Logger.With("feed", f.ID),
		cancel: cancel,
		done:   make(chan struct{}),
		woken:  make(chan struct{}, 1),
		paused: f.Paused,
	}
	o.script = sync.OnceValues(func() (Script, error) { return opts.Script(o.feed) })
	o.status = subscriptions.Status{State: subscriptions.StateConnecting, Since: time.Now()}
	if f.Paused {
		o.status.State = subscriptions.StatePaused
	}
	return o
}

// run is the owner's life.
func (o *owner) run(ctx context.Context) {
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
		if !o.takeTurn(ctx) {
			continue
		}
		o.begin()
		o.enter(subscriptions.StateConnecting, nil, time.Time{})
		err := o.connect(ctx)
		if ctx.Err() != nil || errors.Is(err, errPaused) || errors.Is(err, errAgain) {
			continue
		}
		o.settle(ctx, subscriptions.AsError(err))
	}
}

// takeTurn waits until the feed may make an attempt at its server; false when
// it is told to stop or pause before.
func (o *owner) takeTurn(ctx context.Context) bool {
	t, due := o.gate.enter()
	if t == nil {
		return true
	}
	defer o.gate.quit(t)
	if time.Until(due) >= crowdWait {
		o.tell(subscriptions.StateWaiting, nil, due, true)
	}
	for !o.isPaused() {
		select {
		case <-t.ready:
			return true
		case <-ctx.Done():
			return false
		case <-o.woken:
			o.takeKick() // it is about to try
		}
	}
	return false
}

// begin notes that an attempt begins.
func (o *owner) begin() {
	now := time.Now()
	if o.hurried.After(o.tried) {
		o.hurried = now // this is the early one, and its turn took a moment
	}
	o.tried, o.reached = now, reachedNothing
}

// recall loads where the feed stood. Storage may have trouble of its own:
// then it waits, since connecting from nowhere would lose what was missed.
func (o *owner) recall(ctx context.Context) bool {
	for attempt := 0; ; attempt++ {
		pos, err := o.opts.Store.Position(ctx, o.feed.ID)
		if err == nil {
			o.pos = pos
			o.life.remember(pos.Cadence, time.Duration(o.feed.KeepAlive))
			o.update(func(s *subscriptions.Status) { s.Cursor = pos.Cursor })
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if o.isPaused() {
			o.enter(subscriptions.StatePaused, nil, time.Time{})
			o.sleep(ctx, true, kickResume, time.Time{}, time.Time{})
			continue
		}
		next := time.Now().Add(backoff(attempt, 0, o.opts.Rand()))
		trouble := subscriptions.Failf(subscriptions.Transient, storeCode(err), "reading the position: %w", err)
		o.note(trouble)
		o.enter(subscriptions.StateWaiting, trouble, next)
		o.sleep(ctx, false, kickWake, next, next)
	}
}

// storeCode is what ails the store: what it says itself, or that it cannot be
// used.
func storeCode(err error) subscriptions.Code {
	if e, ok := errors.AsType[*subscriptions.Error](err); ok && e.Code == subscriptions.CodeDamaged {
		return e.Code
	}
	return subscriptions.CodeStorage
}

// settle decides what follows the end of a connection, and waits for it.
func (o *owner) settle(ctx context.Context, err *subscriptions.Error) {
	now := time.Now()
	o.note(err)
	o.forgiven = min(o.forgiven, o.attempts)
	delay := backoff(o.attempts-o.forgiven, o.retry, o.opts.Rand())
	o.attempts++
	if o.reached != reachedWell {
		o.failed++
	}
	if err.Class == subscriptions.RetryAfter {
		after := directed(err.After)
		delay = after + time.Duration(o.opts.Rand()*float64(firstBackoff))
		o.asked, o.earliest = err, now.Add(after)
	}
	switch most := o.feed.MaxAttempts; {
	case err.Class == subscriptions.Ended:
		o.enter(subscriptions.StateEnded, err, time.Time{})
		o.sleepForAPerson(ctx)
	case most > 0 && o.failed >= most:
		o.enter(subscriptions.StateBlocked, gaveUp(o.failed, err), time.Time{})
		o.sleepForAPerson(ctx)
	case err.Class == subscriptions.NeedsUser:
		next := now.Add(recheckBlocked)
		o.enter(subscriptions.StateBlocked, err, next)
		o.sleep(ctx, false, kickResume, next, now)
	case err.Class == subscriptions.RetryAfter:
		next := now.Add(delay)
		o.enter(subscriptions.StateWaiting, err, next)
		o.sleep(ctx, false, kickWake, next, o.earliest)
	default:
		o.sitOut(ctx, err, now.Add(delay))
	}
}

// gaveUp is why a feed stops after its last attempt.
func gaveUp(attempts int, last error) *subscriptions.Error {
	times := "attempts"
	if attempts == 1 {
		times = "attempt"
	}
	return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeGaveUp, "gave up after %d %s: %w", attempts, times, last)
}

// sleepForAPerson waits for somebody who wants the feed to run, and begins
// anew then.
func (o *owner) sleepForAPerson(ctx context.Context) {
	o.sleep(ctx, false, kickResume, time.Time{}, time.Time{})
	o.attempts, o.forgiven, o.failed = 0, 0, 0
}

// sitOut waits until next, or until another feed finds the server back. That
// is for every trouble that may pass by itself: a server that comes and goes
// also answers 502 through its proxy, or breaks off in the middle of an
// answer.
func (o *owner) sitOut(ctx context.Context, err *subscriptions.Error, next time.Time) {
	o.away = o.away || o.reached == reachedNothing
	if o.gate.expect(o, o.tried) {
		if soon := o.soonest(); soon.Before(next) {
			next, o.hurried = soon, soon
		}
	}
	defer o.gate.forget(o)
	o.enter(subscriptions.StateWaiting, err, next)
	o.sleep(ctx, false, kickBack, next, time.Time{})
}

// soonest is when a feed whose server is back may try: at once, but not
// before the server's own reconnection time, nor again and again. What the
// feed has against another may last, and be told by it every moment.
func (o *owner) soonest() time.Time {
	now := time.Now()
	soon := o.hurried.Add(hurryEvery)
	if asked := now.Add(o.retry); asked.After(soon) {
		soon = asked
	}
	if now.After(soon) {
		return now
	}
	return soon
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
		case k == kickBack:
			if soon := o.soonest(); soon.Before(next) {
				next, o.hurried = soon, soon
				o.update(func(s *subscriptions.Status) { s.Next = next })
				due.Reset(left(next))
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
	o.tell(state, err, next, false)
}

// tell is enter for a feed that may be queued for its turn.
func (o *owner) tell(state subscriptions.State, err *subscriptions.Error, next time.Time, queued bool) {
	o.mu.Lock()
	s := &o.status
	news := s.State != state
	if news {
		s.Since = time.Now()
	}
	s.State, s.Next, s.Queued, s.Attempts = state, next, queued, o.failed
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
	if news && state != subscriptions.StateConnecting && !queued {
		level = slog.LevelInfo
	}
	if err != nil {
		if news && err.Code != subscriptions.CodeClosed {
			level = slog.LevelWarn
		}
		o.log.Log(context.Background(), level, "feed "+string(state), "error", err, "hint", err.Hint(), "attempts", o.failed, "next", next)
	} else {
		o.log.Log(context.Background(), level, "feed "+string(state))
	}
	o.opts.OnStatus(o.feed.ID, snapshot)
}

// note keeps the trouble as the feed's last one.
func (o *owner) note(err *subscriptions.Error) {
	o.update(func(s *subscriptions.Status) {
		s.LastError, s.LastHint, s.LastErrorAt = err.Error(), err.Hint(), time.Now()
	})
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
	s.LastByte, s.RTT, s.IdleLimit, s.Cadence = o.life.lastByte(), o.life.roundTrip(), o.life.limit(), o.life.cadence()
	if s.State == subscriptions.StateOpen && time.Since(s.Since) >= provenAfter {
		s.Attempts = 0 // it is well
	}
	return s
}

func (o *owner) isPaused() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.paused
}

// attach makes a pause end the connection that hangUp ends, whatever the
// owner waits for; nil when there is none any more.
func (o *owner) attach(hangUp context.CancelCauseFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hangUp = hangUp
	if o.paused && hangUp != nil {
		hangUp(errPaused)
	}
}

// setPaused says what a person wants; wanting a feed to run is a kick too.
func (o *owner) setPaused(paused bool) {
	o.mu.Lock()
	o.paused = paused
	o.kicked = noKick
	if !paused {
		o.kicked = kickResume
	} else if o.hangUp != nil {
		o.hangUp(errPaused)
	}
	o.mu.Unlock()
	token(o.woken)
}
