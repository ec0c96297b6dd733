package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"bellwire/subscriptions"
)

// Pending lists events whose notification is owed now, oldest first, behind
// the given Seq. limit as in [Query].
func (db *DB) Pending(ctx context.Context, after int64, limit int) ([]subscriptions.Event, error) {
	events, err := eventsOf(db.reads.pending.QueryContext(brief(ctx), after, pageSize(limit)))
	if err != nil {
		return nil, fmt.Errorf("listing owed notifications: %w", failure(err))
	}
	return events, nil
}

// Owed counts the events whose notification is owed, now or later.
func (db *DB) Owed(ctx context.Context) (int64, error) {
	var n int64
	if err := db.readers.QueryRowContext(ctx, "SELECT coalesce(sum(owed), 0) FROM progress").Scan(&n); err != nil {
		return 0, fmt.Errorf("counting owed notifications: %w", failure(err))
	}
	return n, nil
}

// Holds tells what is held, by feed and reason.
func (db *DB) Holds(ctx context.Context) ([]subscriptions.Hold, error) {
	rows, err := db.readers.QueryContext(ctx, `SELECT f.id, e.hold, count(*) FROM events e JOIN feeds f ON f.num = e.feed
		WHERE e.owed = 2 AND f.id IS NOT NULL GROUP BY e.feed, e.hold`)
	if err != nil {
		return nil, fmt.Errorf("listing held notifications: %w", failure(err))
	}
	defer rows.Close()
	var holds []subscriptions.Hold
	for rows.Next() {
		var h subscriptions.Hold
		if err := rows.Scan(&h.Feed, &h.Why, &h.Count); err != nil {
			return nil, fmt.Errorf("listing held notifications: %w", failure(err))
		}
		holds = append(holds, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("listing held notifications: %w", failure(err))
	}
	return holds, nil
}

// Release makes what is held for a reason owed now, of one feed. An error may
// leave some of it held.
func (db *DB) Release(ctx context.Context, feed string, step subscriptions.Step) error {
	step.What = subscriptions.StepReleased
	for {
		seqs, err := db.integers(ctx, `SELECT e.seq FROM events e JOIN feeds f ON f.num = e.feed
			WHERE e.owed = 2 AND f.id = ? AND e.hold = ? ORDER BY e.seq LIMIT ?`, feed, string(step.Why), chunk)
		if err != nil {
			return fmt.Errorf("releasing notifications: %w", failure(err))
		}
		if len(seqs) == 0 {
			return nil
		}
		if err := db.Deliver(ctx, deliveries(seqs, step)...); err != nil {
			return err
		}
	}
}

// deliveries are one step of many events.
func deliveries(seqs []int64, step subscriptions.Step) []subscriptions.Delivery {
	all := make([]subscriptions.Delivery, len(seqs))
	for i, seq := range seqs {
		all[i] = subscriptions.Delivery{Seq: seq, Step: step}
	}
	return all
}

// Deliver notes what became of events, in the order given, a bounded number a
// transaction. A step that settles takes its event out of the outbox, one
// that holds keeps it there for later; either is left out where the outbox
// does not have the event (any more), and so is every step of an event that
// does not exist.
func (db *DB) Deliver(ctx context.Context, steps ...subscriptions.Delivery) error {
	for len(steps) > 0 {
		part := steps[:min(len(steps), chunk)]
		steps = steps[len(part):]
		err := db.update(ctx, func(t *tx) error { return t.deliverAll(part) })
		if err != nil {
			return fmt.Errorf("noting what became of notifications: %w", err)
		}
	}
	return nil
}

// deliverAll is a few steps.
func (t *tx) deliverAll(steps []subscriptions.Delivery) error {
	for len(steps) > 0 {
		n := alike(steps)
		var err error
		if n > 1 {
			err = t.settleAll(steps[:n])
		} else {
			err = t.deliver(steps[0])
		}
		if err != nil {
			return err
		}
		steps = steps[n:]
	}
	return nil
}

// alike is how many deliveries, from the first on, are the same step of
// different events that settles them. A storm ends in thousands of these.
func alike(steps []subscriptions.Delivery) int {
	n := 1
	for steps[0].What.Settles() && n < len(steps) && steps[n].Step == steps[0].Step {
		n++
	}
	return n
}

// deliver is one step of one event.
func (t *tx) deliver(d subscriptions.Delivery) error {
	var err error
	var feed int64
	switch { // a step that changes what is owed
	default:
		return t.note(d)
	case d.What.Settles():
		if err = t.settle.QueryRow(d.Seq).Scan(&feed); err == nil {
			_, err = t.exec(t.countOwed, feed, 1)
		}
	case d.What == subscriptions.StepHeld:
		err = t.hold.QueryRow(d.Seq, string(d.Why)).Scan(&feed)
	case d.What == subscriptions.StepReleased:
		err = t.release.QueryRow(d.Seq).Scan(&feed)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	t.writes++
	t.changed = true // even where its timeline is full
	return t.note(d)
}

// settleAll is one step of many events. It costs a few statements for all of
// them, where one by one they would hold up what comes in meanwhile.
func (t *tx) settleAll(steps []subscriptions.Delivery) error {
	seqs := []byte{'['}
	for i, d := range steps {
		if i > 0 {
			seqs = append(seqs, ',')
		}
		seqs = strconv.AppendInt(seqs, d.Seq, 10)
	}
	list := string(append(seqs, ']'))
	owed, err := t.owedOf(list)
	if err != nil || len(owed) == 0 {
		return err
	}
	d := steps[0].Step
	summary := sql.NullInt64{Int64: d.Summary, Valid: d.Summary != 0}
	if _, err := t.exec(t.addSteps, list, d.At.UnixMicro(), string(d.What), string(d.Why), d.Detail, summary, maxSteps); err != nil {
		return err
	}
	if _, err := t.exec(t.settleOf, list); err != nil {
		return err
	}
	for feed, n := range owed {
		if _, err := t.exec(t.countOwed, feed, n); err != nil {
			return err
		}
	}
	t.changed = true
	return nil
}

// owedOf counts the events of a list, as JSON, that the outbox has, by feed.
func (t *tx) owedOf(list string) (map[int64]int64, error) {
	rows, err := t.countOwedOf.Query(list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	owed := map[int64]int64{}
	for rows.Next() {
		var feed, n int64
		if err := rows.Scan(&feed, &n); err != nil {
			return nil, err
		}
		owed[feed] = n
	}
	return owed, rows.Err()
}

// note adds a step to an event's timeline.
func (t *tx) note(d subscriptions.Delivery) error {
	summary := sql.NullInt64{Int64: d.Summary, Valid: d.Summary != 0}
	n, err := t.exec(t.addStep, d.Seq, d.At.UnixMicro(), string(d.What), string(d.Why), d.Detail, summary, maxSteps)
	t.changed = t.changed || n > 0
	return err
}
