package policy

import (
	"cmp"
	"strconv"
	"time"

	"bellwire/subscriptions"
)

// lateAfter is the age at which an event is no news any more: several of
// those are told as one.
const lateAfter = time.Minute

// Do is what becomes of an event.
type Do string

const (
	Show   Do = "show"
	Filter Do = "filter" // nobody is told
	Hold   Do = "hold"   // nobody is told now
	Gather Do = "gather" // told with others, in a summary
)

// A Verdict is what becomes of an event, and why.
type Verdict struct {
	Do  Do
	Why subscriptions.Reason
	// Until is when a hold ends; zero: nobody knows.
	Until time.Time
	// Detail is a word more about why: the least priority, or who asks not to
	// disturb.
	Detail string
}

// A Moment is the state of things around a decision.
type Moment struct {
	Now time.Time
	// PausedUntil is when notifications go on; zero, or past: they are not
	// paused.
	PausedUntil time.Time
	// DND says that the desktop's own do-not-disturb is on, DNDBy what part of
	// it says so.
	DND   bool
	DNDBy string
	// Silent says that there is nothing to show notifications with.
	Silent bool
}

// A Feed is what a decision depends on of an event's feed.
type Feed struct {
	Name   string
	Notify subscriptions.Notify
	// MutedUntil is when its notifications go on; zero, or past: they are not
	// muted; [Forever] or later: never.
	MutedUntil time.Time
}

// Forever is from when on a time means that there is no end.
var Forever = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// Rules are preferences, ready for use. They do not change.
type Rules struct {
	quiet     []stretch
	zone      *time.Location
	pass      int
	ignoreDND bool
}

// New makes rules of preferences; those that are not valid are an error.
func New(p subscriptions.Preferences) (*Rules, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	zone, err := p.Location()
	if err != nil {
		return nil, err
	}
	r := &Rules{zone: zone, pass: cmp.Or(p.QuietPass, subscriptions.DefaultQuietPass), ignoreDND: p.IgnoreDND}
	for _, q := range p.Quiet {
		from, _ := subscriptions.ParseClock(q.From) // is valid
		to, _ := subscriptions.ParseClock(q.To)
		r.quiet = append(r.quiet, stretch{q, from, to})
	}
	return r, nil
}

// Decide says what becomes of an event, but for the budget: whoever shows it
// asks that last. The first rule that has something to say counts: what the
// feed never tells, what holds everything, and then what came too late to be
// told alone.
func (r *Rules) Decide(m Moment, f Feed, e subscriptions.Event) Verdict {
	if v := r.filter(m, f, e); v.Do != "" {
		return v
	}
	if v := r.hold(m, f, e); v.Do != "" {
		return v
	}
	switch {
	case e.Hold != "":
		return Verdict{Do: Gather, Why: e.Hold}
	case Urgent(e): // news or not, it is what people wait for
	case e.Late || m.Now.Sub(e.Received) >= lateAfter:
		return Verdict{Do: Gather, Why: subscriptions.ReasonCatchUp}
	}
	return Verdict{Do: Show}
}

// Urgent reports whether an event is of the highest priority: it passes the
// desktop's do-not-disturb, which has a mind of its own about those, and
// usually quiet hours.
func Urgent(e subscriptions.Event) bool { return e.Priority >= subscriptions.PriorityMax }

// filter is what is never told. What a feed says of its events is not said of
// Bellwire's own notices about it.
func (r *Rules) filter(m Moment, f Feed, e subscriptions.Event) Verdict {
	notice := e.Kind == subscriptions.KindNotice
	switch {
	case m.Silent:
		return Verdict{Do: Filter, Why: subscriptions.ReasonNone}
	case f.Notify.Off && !notice:
		return Verdict{Do: Filter, Why: subscriptions.ReasonOff}
	case e.Priority < f.Notify.MinPriority && !notice:
		return Verdict{Do: Filter, Why: subscriptions.ReasonPriority, Detail: strconv.Itoa(f.Notify.MinPriority)}
	case !f.MutedUntil.Before(Forever):
		return Verdict{Do: Filter, Why: subscriptions.ReasonMuted}
	}
	return Verdict{}
}

// hold is what is not told now.
func (r *Rules) hold(m Moment, f Feed, e subscriptions.Event) Verdict {
	for _, why := range []subscriptions.Reason{subscriptions.ReasonMuted, subscriptions.ReasonPaused, subscriptions.ReasonDND, subscriptions.ReasonQuiet} {
		if on, until := r.Holds(m, f, why); on && !r.passes(e, why) {
			v := Verdict{Do: Hold, Why: why, Until: until}
			if why == subscriptions.ReasonDND {
				v.Detail = m.DNDBy
			}
			return v
		}
	}
	return Verdict{}
}

// passes reports whether an event goes through what holds others.
func (r *Rules) passes(e subscriptions.Event, why subscriptions.Reason) bool {
	switch why {
	case subscriptions.ReasonDND:
		return Urgent(e)
	case subscriptions.ReasonQuiet:
		return e.Priority >= r.pass
	}
	return false
}

// Holds reports whether notifications of a feed are held for a reason now,
// and until when: zero where nobody knows.
func (r *Rules) Holds(m Moment, f Feed, why subscriptions.Reason) (on bool, until time.Time) {
	switch why {
	case subscriptions.ReasonMuted:
		if !f.MutedUntil.Before(Forever) {
			return false, time.Time{} // that is no hold: nobody is told at all
		}
		return held(m.Now, f.MutedUntil)
	case subscriptions.ReasonPaused:
		return held(m.Now, m.PausedUntil)
	case subscriptions.ReasonDND:
		return m.DND && !r.ignoreDND, time.Time{}
	case subscriptions.ReasonQuiet:
		return r.Quiet(m.Now)
	}
	return false, time.Time{}
}

// held is a hold that ends at a given time.
func held(now, until time.Time) (on bool, end time.Time) {
	switch {
	case !until.After(now):
		return false, time.Time{}
	case !until.Before(Forever):
		return true, time.Time{}
	}
	return true, until
}
