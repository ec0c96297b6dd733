package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"bellwire/subscriptions"
)

// A Hearing is what is known of a feed's silence.
type Hearing struct {
	// Heard is when the last event came that ends a silence, or somebody began
	// to listen, or a gap ended that may hide one; zero when none of
	// them ever did.
	Heard time.Time
	// SilentSince is Heard at the beginning of a silence that people were told
	// of and that lasts; zero when there is none. An event that ends it makes
	// Heard later; a gap does not.
	SilentSince time.Time
}

// Hearings are what is known of every feed's silence, by id.
func (db *DB) Hearings(ctx context.Context) (map[string]Hearing, error) {
	rows, err := db.readers.QueryContext(ctx, "SELECT id, heard, silent_since FROM progress JOIN feeds ON num = feed WHERE id IS NOT NULL")
	if err != nil {
		return nil, fmt.Errorf("reading how long feeds are silent: %w", failure(err))
	}
	defer rows.Close()
	hearings := map[string]Hearing{}
	for rows.Next() {
		var id string
		var heard, silent sql.NullInt64
		if err := rows.Scan(&id, &heard, &silent); err != nil {
			return nil, fmt.Errorf("reading how long feeds are silent: %w", failure(err))
		}
		hearings[id] = Hearing{Heard: toTime(heard), SilentSince: toTime(silent)}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading how long feeds are silent: %w", failure(err))
	}
	return hearings, nil
}

// SetSilent notes that people are told, by the notice, of a feed's silence
// since it was heard; the zero time: of its end. Where it was heard after
// that, or there is no silence to end, nothing is stored, and the receipt says
// so.
func (db *DB) SetSilent(ctx context.Context, feed string, since time.Time, notice subscriptions.Event) (subscriptions.Receipt, error) {
	in := ingest{}
	err := db.update(ctx, func(t *tx) error {
		in = ingest{tx: t}
		var num, n int64
		err := t.feedNum.QueryRow(feed).Scan(&num)
		if err != nil {
			return missing(err)
		}
		if since.IsZero() {
			n, err = t.exec(t.endSilence, num)
		} else {
			n, err = t.exec(t.setSilent, num, micros(since))
		}
		if err != nil || n == 0 {
			return err
		}
		return in.notice(feed, notice)
	})
	if err != nil {
		return subscriptions.Receipt{}, fmt.Errorf("noting the silence of feed %q: %w", feed, err)
	}
	return in.receipt, nil
}

// SetHeard makes a feed's silence begin at the given time, if it was heard
// earlier, whether people were told of one or not: when somebody begins to
// listen for it, or does no more.
func (db *DB) SetHeard(ctx context.Context, feed string, at time.Time) error {
	err := db.update(ctx, func(t *tx) error {
		_, err := t.exec(t.setHeard, feed, micros(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("listening for the silence of feed %q: %w", feed, err)
	}
	return nil
}
