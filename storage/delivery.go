package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"bellwire/subscriptions"
)

// maxSteps bounds an event's timeline.
const maxSteps = 64

// Steps are what became of an event, oldest first, without its receipt.
func (db *DB) Steps(ctx context.Context, seq int64) ([]subscriptions.Step, error) {
	rows, err := db.readers.QueryContext(ctx, "SELECT at, step, why, detail, summary FROM delivery WHERE seq = ? ORDER BY num", seq)
	if err != nil {
		return nil, fmt.Errorf("what became of event %d: %w", seq, failure(err))
	}
	defer rows.Close()
	steps := []subscriptions.Step{}
	for rows.Next() {
		var s subscriptions.Step
		var at int64
		var summary sql.NullInt64
		if err := rows.Scan(&at, &s.What, &s.Why, &s.Detail, &summary); err != nil {
			return nil, fmt.Errorf("what became of event %d: %w", seq, failure(err))
		}
		s.At, s.Summary = time.UnixMicro(at).UTC(), summary.Int64
		steps = append(steps, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("what became of event %d: %w", seq, failure(err))
	}
	return steps, nil
}

// BeginSummary makes a summary without events.
func (db *DB) BeginSummary(ctx context.Context, s subscriptions.Summary) (id int64, err error) {
	err = db.update(ctx, func(t *tx) error {
		res, err := t.beginSummary.Exec(string(s.Why), s.Title, s.Begun.UnixMicro())
		if err != nil {
			return err
		}
		t.writes++
		id, err = res.LastInsertId()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("beginning a summary: %w", err)
	}
	return id, nil
}

// Summarise notes that a summary was shown, as s says, and that it now tells
// these events as well: it is on the screen again, unless somebody has clicked
// it. It works through them a bounded number a transaction.
func (db *DB) Summarise(ctx context.Context, s subscriptions.Summary, seqs []int64) error {
	err := db.update(ctx, func(t *tx) error {
		n, err := t.exec(t.showSummary, s.ID, s.Title, s.Shown.UnixMicro(), s.Count)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("summary %d: %w", s.ID, err)
	}
	return db.Deliver(ctx, deliveries(seqs, subscriptions.Step{At: s.Shown, What: subscriptions.StepDigested, Why: s.Why, Summary: s.ID})...)
}

// EndSummary notes how a summary left the screen. The first end since
// it was shown counts, but a click goes before anything else.
func (db *DB) EndSummary(ctx context.Context, id int64, end subscriptions.StepKind, at time.Time) error {
	err := db.update(ctx, func(t *tx) error {
		t.changed = true
		_, err := t.exec(t.endSummary, id, string(end), at.UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("summary %d: %w", id, err)
	}
	return nil
}

// Summary is one summary; the error wraps [ErrNotFound] where there is none.
func (db *DB) Summary(ctx context.Context, id int64) (subscriptions.Summary, error) {
	s := subscriptions.Summary{ID: id}
	var begun, shown, ended sql.NullInt64
	err := db.readers.QueryRowContext(ctx, "SELECT why, title, count, begun, shown, end_step, ended FROM summaries WHERE num = ?", id).
		Scan(&s.Why, &s.Title, &s.Count, &begun, &shown, &s.End, &ended)
	if err != nil {
		return s, fmt.Errorf("summary %d: %w", id, missing(err))
	}
	s.Begun, s.Shown, s.Ended = toTime(begun), toTime(shown), toTime(ended)
	return s, nil
}
