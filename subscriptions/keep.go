package subscriptions

import "fmt"

// Keep says how much history is kept. The zero value of every field means
// "the default"; a feed's own goes before everybody's.
type Keep struct {
	// Days is for how long an event is kept; 0: [DefaultKeepDays];
	// [KeepAll]: for ever.
	Days int `json:"days,omitempty"`
	// Events is how many of a feed are kept, the newest; 0:
	// [DefaultKeepEvents]; [KeepAll]: all.
	Events int `json:"events,omitempty"`
}

// KeepAll as a bound of [Keep] is none.
const KeepAll = -1

// What the zero value of [Keep] means.
const (
	DefaultKeepDays   = 365
	DefaultKeepEvents = 1_000_000
	maxKeepDays       = 36500
)

// Or is k, and what k leaves open as other says.
func (k Keep) Or(other Keep) Keep {
	if k.Days == 0 {
		k.Days = other.Days
	}
	if k.Events == 0 {
		k.Events = other.Events
	}
	return k
}

// Validate reports the first thing that a person has to mend.
func (k Keep) Validate() error {
	switch {
	case k.Days < KeepAll || k.Days > maxKeepDays:
		return fmt.Errorf("keep: days are 1 to %d; %d keeps events for ever", maxKeepDays, KeepAll)
	case k.Events < KeepAll:
		return fmt.Errorf("keep: events are 1 or more; %d keeps all", KeepAll)
	}
	return nil
}
