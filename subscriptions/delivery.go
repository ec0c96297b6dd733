package subscriptions

import "time"

// A Step is one thing that became of an event on its way to a person.
type Step struct {
	At   time.Time `json:"at"`
	What StepKind  `json:"what"`
	// Why is the rule or the circumstance; empty where What says it all.
	Why Reason `json:"why,omitempty"`
	// Detail is one line: an error, the backend, when a hold ends.
	Detail string `json:"detail,omitempty"`
	// Summary is the number of the summary that told the event; 0: none.
	Summary int64 `json:"summary,omitempty"`
}

// StepKind names what became of an event.
type StepKind string

const (
	StepReceived  StepKind = "received"   // and stored: every timeline begins so
	StepFiltered  StepKind = "filtered"   // a rule says that nobody is told
	StepHeld      StepKind = "held"       // nobody is to be told now
	StepReleased  StepKind = "released"   // the hold is over
	StepDigested  StepKind = "digested"   // told as one of several
	StepReplaced  StepKind = "replaced"   // a newer one of its group was there before it was shown
	StepShown     StepKind = "shown"      // the desktop took it
	StepRan       StepKind = "ran"        // the feed's program took it
	StepRanFailed StepKind = "ran-failed" // the feed's program did not: Detail
	StepClicked   StepKind = "clicked"    // or one of its buttons: Detail
	StepDismissed StepKind = "dismissed"  // a person closed it
	StepExpired   StepKind = "expired"    // its time on the screen was over
	StepClosed    StepKind = "closed"     // a program closed it
	StepFailed    StepKind = "failed"     // it will never be shown: Detail
	StepForwarded StepKind = "forwarded"  // sent on: Detail names where
	StepKept      StepKind = "kept"       // not sent on, and why
)

// Settles reports whether no notification is owed after it.
func (k StepKind) Settles() bool {
	switch k {
	case StepFiltered, StepDigested, StepReplaced, StepShown, StepFailed:
		return true
	}
	return false
}

// Reason is the rule or the circumstance behind a [Step].
type Reason string

const (
	// Of what is filtered.
	ReasonMapping  Reason = "mapping"  // the mapping's notify
	ReasonOff      Reason = "off"      // the feed's notifications are off
	ReasonPriority Reason = "priority" // below the feed's least priority
	ReasonNone     Reason = "none"     // Bellwire runs without notifications
	// Of both: for good, or until a time.
	ReasonMuted Reason = "muted"
	// Of what is held; a summary of what was held has the same reason.
	ReasonPaused Reason = "paused"
	ReasonDND    Reason = "do-not-disturb" // the desktop's own
	ReasonQuiet  Reason = "quiet-hours"
	// Of what is told in a summary.
	ReasonBudget  Reason = "budget"   // more than people can read
	ReasonCatchUp Reason = "catch-up" // it came late, with others
	// Of what is not forwarded.
	ReasonLoop             Reason = "loop"              // it has been here before
	ReasonForwardPriority  Reason = "forward-priority"  // below the forward's least priority
	ReasonForwardCondition Reason = "forward-condition" // the forward's condition does not hold
)

// A Delivery is a [Step] of the event with the given Seq.
type Delivery struct {
	Seq int64
	Step
}

// A Summary is one notification that tells several events.
type Summary struct {
	ID    int64     `json:"id"`
	Why   Reason    `json:"why"`
	Title string    `json:"title"` // as it was shown last
	Count int64     `json:"count"` // of events
	Begun time.Time `json:"begun"`
	Shown time.Time `json:"shown"` // last
	// End is how it left the screen, zero while that is not known.
	End   StepKind  `json:"end,omitempty"`
	Ended time.Time `json:"ended,omitzero"`
}

// A Hold is how many of a feed's notifications are held for one reason.
type Hold struct {
	Feed  string `json:"feed"`
	Why   Reason `json:"why"`
	Count int64  `json:"count"`
}
