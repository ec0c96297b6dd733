package forward

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"bellwire/subscriptions"
)

// page is how many rows are read at a time.
const page = 64

// A rule is one forward of one feed at work.
type rule struct {
	owner *Forwarder
	opts  *Options
	feed  subscriptions.Feed
	def   subscriptions.Forward
	*compiled
	log *slog.Logger

	// next ends when the rule should not begin anything more, and now when
	// what is under way should end too.
	next, now   context.Context
	finish, cut context.CancelFunc
	kick        chan struct{}
	done        chan struct{}

	through int64 // -1: not known yet
	stored  int64
	client  *http.Client // nil: none is needed
	failing bool         // told, and not well again yet
	refused bool         // told, and nothing taken since

	wait Wait // guarded by the owner
}

func newRule(f *Forwarder, feed subscriptions.Feed, def subscriptions.Forward) (*rule, error) {
	c, err := compile(def)
	if err != nil {
		return nil, err
	}
	r := &rule{
		owner: f, opts: &f.opts, feed: feed, def: def, compiled: c, through: -1,
		log:  f.opts.Logger.With("feed", feed.ID, "forward", def.Name),
		kick: make(chan struct{}, 1), done: make(chan struct{}),
	}
	r.now, r.cut = context.WithCancel(context.Background())
	r.next, r.finish = context.WithCancel(r.now)
	return r, nil
}

// begin finds the rule's position, or makes it.
func (r *rule) begin(ctx context.Context) {
	through, err := r.opts.Store.ForwardPosition(ctx, r.feed.ID, r.def.Name)
	if err != nil {
		r.log.Warn("the position of a forward cannot be read yet", "error", err)
		return
	}
	r.through, r.stored = through, through
}

// run works until the rule ends.
func (r *rule) run() {
	defer close(r.done)
	defer r.cut()
	defer r.idle()
	for failures := 0; r.next.Err() == nil; {
		changed := r.opts.Store.Changed()
		rows, err := r.read()
		if err == nil {
			err = r.work(rows)
		}
		switch {
		case r.next.Err() != nil:
		case err != nil:
			r.trouble(err)
			r.pause(0, backoff(failures, rand.Float64()))
			failures++
		case len(rows) == 0:
			// The client closes what stays idle by itself.
			select {
			case <-changed:
			case <-r.next.Done():
			}
			fallthrough
		default:
			failures = 0
			r.well()
		}
	}
}

func (r *rule) read() ([]subscriptions.Event, error) {
	if r.through < 0 {
		through, err := r.opts.Store.ForwardPosition(r.next, r.feed.ID, r.def.Name)
		if err != nil {
			return nil, err
		}
		r.through, r.stored = through, through
	}
	return r.opts.Store.Behind(r.next, r.feed.ID, r.through, page)
}

// work sends on what of a page is to be sent. The error is storage's.
func (r *rule) work(rows []subscriptions.Event) error {
	var left []subscriptions.Delivery // out, and not noted yet: one transaction notes them all
	for _, e := range rows {
		if r.next.Err() != nil {
			break
		}
		if e.Kind != subscriptions.KindEvent && e.Kind != subscriptions.KindNotice {
			r.through = e.Seq
			continue
		}
		if why := r.leavesOut(e); why != "" {
			left = append(left, subscriptions.Delivery{Seq: e.Seq, Step: subscriptions.Step{
				At: time.Now(), What: subscriptions.StepKept, Why: why, Detail: r.def.Name,
			}})
			r.through = e.Seq
			continue
		}
		step, ok := r.deliver(e)
		if !ok {
			break // the rule ends
		}
		r.through = e.Seq
		if err := r.note(append(left, subscriptions.Delivery{Seq: e.Seq, Step: step})...); err != nil {
			return err
		}
		left = nil
	}
	if r.through > r.stored {
		return r.note(left...)
	}
	return nil
}

// note stores where the rule stands. What has been sent would be sent again
// if it were not, so it goes on trying, also for a moment when the rule ends.
func (r *rule) note(steps ...subscriptions.Delivery) error {
	for failures := 0; ; failures++ {
		err := r.opts.Store.Forwarded(context.WithoutCancel(r.now), r.feed.ID, r.def.Name, r.through, steps...)
		if err == nil {
			r.stored = r.through
			return nil
		}
		if r.next.Err() != nil {
			r.log.Error("what has been forwarded cannot be noted, and may be sent again", "error", err)
			return err
		}
		r.trouble(err)
		r.pause(0, backoff(failures, rand.Float64()))
	}
}

// deliver sends one event, as often as it takes, and says what became of it;
// ok is false where the rule ends before that.
func (r *rule) deliver(e subscriptions.Event) (step subscriptions.Step, ok bool) {
	kept := func(why subscriptions.Reason, err error) (subscriptions.Step, bool) {
		r.keeps(e, err)
		text := fmt.Sprintf("%s: %v", r.def.Name, subscriptions.Terse(err))
		return subscriptions.Step{At: time.Now(), What: subscriptions.StepKept, Why: why, Detail: text}, true
	}
	marks, err := r.marks(e)
	if err != nil {
		return kept(subscriptions.ReasonLoop, err)
	}
	m, err := r.compose(e, marks)
	if err != nil {
		return kept("", err)
	}
	defer r.owner.setWait(r, Wait{})
	for attempt := 0; ; attempt++ {
		select {
		case <-r.kick: // for the attempt that begins
		default:
		}
		err := r.send(m)
		if err == nil {
			r.well()
			r.refused = false
			return subscriptions.Step{At: time.Now(), What: subscriptions.StepForwarded, Detail: r.def.Name}, true
		}
		if r.now.Err() != nil {
			return step, false
		}
		retry, after := r.again(err, attempt)
		if !retry {
			return kept("", err)
		}
		r.trouble(err)
		r.idle() // credentials and certificates may be others next time
		jitter := backoff(attempt, rand.Float64())
		r.owner.setWait(r, Wait{r.def.Name, subscriptions.Terse(err).Error(), time.Now().Add(after + jitter)})
		r.pause(after, jitter)
		if r.next.Err() != nil {
			return step, false
		}
	}
}

// trouble is told once, until the rule is well again.
func (r *rule) trouble(err error) {
	level := slog.LevelDebug
	if !r.failing {
		level = slog.LevelWarn
	}
	r.failing = true
	r.log.Log(r.now, level, "forwarding waits", "error", err)
}

func (r *rule) well() {
	if r.failing {
		r.log.Info("forwarding goes on")
	}
	r.failing = false
}

// keeps tells of an event that is not sent on, aloud if the one before was.
func (r *rule) keeps(e subscriptions.Event, err error) {
	level := slog.LevelDebug
	if !r.refused {
		level = slog.LevelWarn
	}
	r.refused = true
	r.log.Log(r.now, level, "an event is not forwarded", "seq", e.Seq, "error", err)
}

// idle keeps nothing open.
func (r *rule) idle() {
	if r.client != nil {
		r.client.CloseIdleConnections()
		r.client = nil
	}
}
