package supervisor

import (
	"cmp"
	"context"
	"errors"
	"time"

	"bellwire/subscriptions"
)

// leaveTime is how long a feed that is told to stop may take to commit what
// its connection had brought already.
const leaveTime = 5 * time.Second

// errPaused is why a connection ends when a person pauses the feed.
var errPaused = errors.New("paused")

// errAgain is why a connection ends when another is to be made at once.
var errAgain = errors.New("reconnecting")

// connect makes one connection and stays with it to its end. What arrived
// before the end is committed before it returns. Beginning and ending have
// frames of their own: what the owner waits on for months is small then, and
// so is its stack.
func (o *owner) connect(ctx context.Context) error {
	c, err := o.start(ctx)
	if err != nil {
		return err
	}
	return c.end(c.watch())
}

// start begins a connection; end has to follow.
func (o *owner) start(ctx context.Context) (*connection, error) {
	transport := o.opts.Transports[o.feed.Transport]
	if transport == nil {
		return nil, subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeBadFeed, "no transport %q", o.feed.Transport)
	}
	if err := o.understand(); err != nil {
		return nil, err
	}
	target, err := subscriptions.NewTarget(o.feed, o.pos.Cursor)
	if err != nil {
		return nil, err
	}
	target.PayloadCursor = o.decoder.PayloadCursor()
	c := &connection{owner: o, inbox: newInbox(&o.life), began: time.Now(), verify: make(chan struct{}), over: make(chan struct{})}
	target.Verify = c.verify
	var hangUp context.CancelCauseFunc
	c.wanted, hangUp = context.WithCancelCause(ctx)
	o.attach(hangUp)
	var runCtx context.Context
	runCtx, c.cancel = context.WithCancel(c.wanted)
	// What a connection brought is committed even when the feed is told to
	// stop meanwhile: a server that cannot resume will not send it again.
	var done context.CancelFunc
	c.commitCtx, done = linger(c.wanted, leaveTime)
	c.release = func() {
		done()
		c.cancel()
		o.attach(nil)
		hangUp(nil)
	}
	go func() {
		defer close(c.over)
		if c.cause = o.prepare(runCtx, &target); c.cause == nil {
			c.cause = transport.Run(runCtx, target, c.inbox)
		}
	}()
	return c, nil
}

// end is told why the connection was watched no longer, and returns why it is
// over.
func (c *connection) end(err error) error {
	defer c.release()
	c.cancel()
	<-c.over
	if said := subscriptions.AsError(c.cause); err == nil {
		err = said
	} else if errors.Is(err, errAgain) && (said.Class == subscriptions.RetryAfter || said.Class == subscriptions.Ended) {
		// It ended by itself while we ended it, and the server had a say.
		err = said
	}
	if !c.dropped { // or the cursor would pass what was dropped
		if cerr := c.receive(c.commitCtx); cerr != nil {
			err = cerr
		}
	}
	c.leave(c.commitCtx, err)
	if c.wanted.Err() != nil {
		err = context.Cause(c.wanted)
	}
	return err
}

// linger is ctx with its end put off by d.
func linger(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-late.Done():
		}
	})
	return late, func() { stop(); cancel() }
}

// A connection is what the owner knows while one is up.
type connection struct {
	*owner
	wanted    context.Context // ends when the feed is stopped or paused
	commitCtx context.Context // ends a while later: what has arrived is committed under it
	cancel    func()          // tells the transport to end
	release   func()          // lets go of the contexts
	over      chan struct{}   // closed when the transport has ended,
	cause     error           // and why
	inbox     *inbox
	verify    chan struct{} // what the transport has as [subscriptions.Target.Verify]
	began     time.Time
	opened    time.Time // zero before
	unbroken  time.Time // the end of what is known, if the server has gone on from there; else zero
	committed bool      // an event, on this connection
	burst     burst     // its first events
	dropped   bool      // what it brought could not be stored in time
}

// watch serves the connection until it is over (nil) or has to be ended (the
// error says why).
func (c *connection) watch() error {
	idle := time.NewTimer(0)
	idle.Stop()
	defer idle.Stop()
	// While storage is slow nothing may be read: the silence is our own.
	var listening time.Time
	deadline := func() (at time.Time, ok bool) {
		if c.opened.IsZero() {
			return at, false // the last byte was another connection's
		}
		at, ok = c.life.deadline()
		if own := listening.Add(c.life.limit()); own.After(at) {
			at = own
		}
		return at, ok
	}
	for {
		select {
		case <-c.wanted.Done():
			return context.Cause(c.wanted)
		case <-c.over:
			return nil
		case <-c.woken:
			if c.prove(c.takeKick()) {
				return errAgain
			}
			if at, ok := deadline(); ok {
				idle.Reset(time.Until(at))
			}
		case <-c.inbox.ready:
			if err := c.receive(c.commitCtx); err != nil {
				return err
			}
			listening = time.Now()
			if at, ok := deadline(); ok {
				idle.Reset(time.Until(at))
			}
		case <-idle.C:
			// Keep-alives do not move the timer: it looks when it fires.
			at, ok := deadline()
			if left := time.Until(at); ok && left > 0 {
				idle.Reset(left)
			} else if ok {
				err := subscriptions.Failf(subscriptions.Transient, subscriptions.CodeTimeout,
					"nothing heard for %s, although the server usually says something every %s",
					time.Since(c.life.lastByte()).Round(time.Second), (c.life.limit() * 2 / 5).Round(time.Second))
				c.life.disappointed(time.Now())
				return err
			}
		}
	}
}

// understand makes the feed's decoder.
func (o *owner) understand() error {
	o.newDecoder()
	if o.decoder != nil {
		return nil
	}
	var err error
	if o.decoder, err = o.opts.Decoder(o.current()); err != nil {
		o.decoder = nil
		return subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeBadFeed, err)
	}
	return nil
}

// batchEvents is how many events make a batch large enough: one message may
// hold many.
const batchEvents = 1000

// receive commits what the inbox holds.
func (c *connection) receive(ctx context.Context) error {
	c.newDecoder()
	post := c.inbox.take()
	if post.retry > 0 {
		c.retry = post.retry
	}
	b := c.newBatch()
	if !post.opened.IsZero() {
		b.must = c.pos.Seen.IsZero()
		c.open(post.opened, post.resumed, &b.Batch)
	}
	for _, m := range post.messages {
		if m.Missed {
			c.missed(&b.Batch)
		}
		decoded := c.decoder.Decode(m, b.Cursor)
		if decoded.KeepAlive && c.life.observe(m.Received, subscriptions.Life{Kind: subscriptions.LifeKeepAlive}) {
			post.learned = true
		}
		if len(decoded.Events) > 0 && c.burst.late(m) {
			for i := range decoded.Events {
				decoded.Events[i].Late = true
			}
		}
		b.Events = append(b.Events, decoded.Events...)
		b.Cursor = decoded.Cursor
		b.received += len(decoded.Events)
		if len(b.Events) >= batchEvents {
			if err := c.finish(ctx, b); err != nil {
				return err
			}
			b = c.newBatch()
		}
	}
	b.learned = post.learned
	return c.finish(ctx, b)
}

// A batch is one in the making.
type batch struct {
	subscriptions.Batch
	received int  // events of the server's
	must     bool // it is worth storing even without events
	learned  bool // so it is where the cadence is news
}

func (c *connection) newBatch() *batch {
	return &batch{Batch: subscriptions.Batch{Feed: c.feed.ID, Cursor: c.pos.Cursor, Seen: time.Now()}}
}

// finish commits b, unless there is nothing in it.
func (c *connection) finish(ctx context.Context, b *batch) error {
	c.addCadence(&b.Batch)
	b.must = b.must || b.learned && b.Cadence != 0
	if len(b.Events) == 0 && b.Cursor == c.pos.Cursor && !b.must {
		return nil
	}
	receipt, err := c.commit(ctx, b.Batch)
	if err != nil {
		return err
	}
	// A server that replays what we have and drops is not well.
	c.committed = c.committed || b.received > receipt.Duplicates
	c.update(func(s *subscriptions.Status) {
		if c.committed {
			s.Attempts = 0
		}
		s.Cursor = b.Cursor
		s.Received += int64(b.received)
		s.Duplicates += int64(receipt.Duplicates)
	})
	return nil
}

// addCadence puts what was learned of keep-alives into a batch, where it is
// news: to the tenth, since no two intervals are the same.
func (c *connection) addCadence(b *subscriptions.Batch) {
	cadence := c.life.cadence() // and never what it was only said to be
	switch {
	case cadence == 0 && c.pos.Cadence > 0:
		b.Cadence = subscriptions.ForgetCadence
	case (cadence - c.pos.Cadence).Abs() > c.pos.Cadence/10:
		b.Cadence = cadence
	}
}

// open notes that the server has accepted, and adds the gap row where what
// happened meanwhile cannot be had.
func (c *connection) open(at time.Time, resumed bool, batch *subscriptions.Batch) {
	c.opened, c.burst = at, newBurst(&c.feed, at)
	gap := subscriptions.Gap{From: c.pos.Seen, To: c.opened}
	switch {
	case c.pos.Seen.IsZero(): // the first connection ever misses nothing
	case c.pos.Cursor == "" || c.feed.Resume.Strategy() == subscriptions.ResumeByNone:
		gap.Reason = subscriptions.GapNoResume
	case !resumed:
		gap.Reason = subscriptions.GapEvicted
	default:
		c.unbroken = c.pos.Seen
	}
	if gap.Reason != "" {
		c.gap(gap, batch)
	}
	if c.everOpen {
		c.update(func(s *subscriptions.Status) { s.Reconnects++ })
	}
	c.everOpen, c.reached = true, reachedOpen
	if c.away {
		c.away = false
		c.gate.found()
	}
	c.enter(subscriptions.StateOpen, nil, time.Time{})
}

// missed is told, once it is open, that the server has not gone on from the
// cursor.
func (c *connection) missed(batch *subscriptions.Batch) {
	if !c.unbroken.IsZero() {
		c.gap(subscriptions.Gap{From: c.unbroken, To: c.opened, Reason: subscriptions.GapEvicted}, batch)
		c.unbroken = time.Time{}
	}
}

// heardShare is how much of the time until the alarm a gap has to be to count
// as an event, since nobody knows what was in it. One that is shorter says
// little, and may come after every minute of silence: where a proxy ends
// streams that are idle.
const heardShare = 10

func (c *connection) gap(g subscriptions.Gap, batch *subscriptions.Batch) {
	e := g.Event(c.feed.ID)
	alarm := time.Duration(c.feed.Silence.After)
	e.Heard = alarm > 0 && g.To.Sub(g.From) >= alarm/heardShare
	batch.Events = append(batch.Events, e)
	c.update(func(s *subscriptions.Status) { s.Gaps++ })
}

// commit stores a batch, however long storage needs: until then nothing
// more is read from the server, and nothing is acknowledged. It gives up
// when the feed is no longer wanted to run and storage fails; the batch is
// dropped then, and so must be all that follows it.
func (c *connection) commit(ctx context.Context, b subscriptions.Batch) (subscriptions.Receipt, error) {
	for attempt := 0; ; attempt++ {
		receipt, err := c.opts.Store.Ingest(ctx, b)
		if err == nil {
			if attempt > 0 {
				c.enter(c.snapshot().State, nil, time.Time{})
			}
			c.pos = subscriptions.Position{Cursor: b.Cursor, Seen: b.Seen, Cadence: max(cmp.Or(b.Cadence, c.pos.Cadence), 0)}
			return receipt, nil
		}
		if c.wanted.Err() != nil {
			c.dropped = true
			return receipt, context.Cause(c.wanted)
		}
		trouble := subscriptions.Failf(subscriptions.Transient, storeCode(err), "storing events: %w", err)
		next := time.Now().Add(backoff(attempt, 0, c.opts.Rand()))
		c.note(trouble)
		c.enter(c.snapshot().State, trouble, next)
		t := time.NewTimer(time.Until(next))
		select {
		case <-t.C:
		case <-c.wanted.Done(): // one last try
			t.Stop()
		}
	}
}

// leave draws the balance of a connection that is over.
func (c *connection) leave(ctx context.Context, cause error) {
	if c.opened.IsZero() {
		return
	}
	if c.committed || time.Since(c.opened) >= provenAfter {
		c.attempts, c.failed, c.reached = 0, 0, reachedWell
	}
	if c.dropped || c.inbox.refused() {
		// Some of it was not stored: a gap, if there is one, begins with what
		// was.
		if c.pos.Seen.IsZero() {
			c.pos.Seen = c.opened
		}
		return
	}
	seen := time.Now()
	var trouble *subscriptions.Error // none when we end the connection ourselves
	lost := errors.As(cause, &trouble) && (trouble.Code == subscriptions.CodeLost || trouble.Code == subscriptions.CodeTimeout)
	if lost || errors.Is(cause, errAgain) {
		seen = c.life.lastByte() // it may have been dead since
	}
	batch := subscriptions.Batch{Feed: c.feed.ID, Cursor: c.pos.Cursor, Seen: seen}
	if seen.Before(c.pos.Seen) {
		batch.Seen = c.pos.Seen
	}
	c.addCadence(&batch)
	if batch.Seen.Equal(c.pos.Seen) && batch.Cadence == 0 {
		return
	}
	// A gap, if there is one, begins here. Trouble with storage only makes
	// it begin earlier after a restart, which is still true.
	c.pos.Seen = batch.Seen
	if _, err := c.opts.Store.Ingest(ctx, batch); err != nil {
		c.log.Debug("noting the end of a connection", "error", err)
		return
	}
	c.pos.Cadence = c.life.cadence()
}
