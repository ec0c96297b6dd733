package storage

import (
	"database/sql"

	"bellwire/subscriptions"
)

// owed reports whether somebody may have to be told of e.
func owed(e *subscriptions.Event) bool { return !e.Silent && e.Outcome == nil }

// settled are new rows next to each other of which nobody is to be told, for
// the same reason.
type settled struct {
	outcome     *subscriptions.Step // nil: there are none
	first, last int64
}

// settledAs notes the outcome of the newest row.
func (in *ingest) settledAs(outcome *subscriptions.Step) error {
	if outcome != in.settled.outcome {
		if err := in.settleNew(); err != nil {
			return err
		}
		in.settled = settled{outcome: outcome, first: in.newest}
	}
	in.settled.last = in.newest
	return nil
}

// settleNew writes what is noted: no other row has come between.
func (in *ingest) settleNew() error {
	s := in.settled
	in.settled = settled{}
	if s.outcome == nil {
		return nil
	}
	o := s.outcome
	_, err := in.exec(in.addFirstSteps, s.first, s.last, o.At.UnixMicro(), string(o.What), string(o.Why), o.Detail,
		sql.NullInt64{Int64: o.Summary, Valid: o.Summary != 0})
	return err
}
