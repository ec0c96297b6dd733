package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bellwire/subscriptions"
)

// Pending lists events whose notification is owed, oldest first, behind the
// given Seq. limit as in [Query].
func (db *DB) Pending(ctx context.Context, after int64, limit int) ([]subscriptions.Event, error) {
	const query = `SELECT ` + eventColumns + ` FROM events e CROSS JOIN feeds f ON f.num = e.feed
		WHERE e.owed = 1 AND e.seq > ? AND f.id IS NOT NULL ORDER BY e.seq LIMIT ?`
	events, err := db.events(ctx, query, after, pageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("listing owed notifications: %w", failure(err))
	}
	return events, nil
}

// Owed counts the events whose notification is owed.
func (db *DB) Owed(ctx context.Context) (int64, error) {
	var n int64
	if err := db.readers.QueryRowContext(ctx, "SELECT coalesce(sum(owed), 0) FROM progress").Scan(&n); err != nil {
		return 0, fmt.Errorf("counting owed notifications: %w", failure(err))
	}
	return n, nil
}

// MarkShown notes that the desktop took these notifications: they are owed
// no longer. Rows that are not owed are left alone.
func (db *DB) MarkShown(ctx context.Context, seqs ...int64) error {
	if err := db.settle(ctx, seqs, func(t *tx) *sql.Stmt { return t.shown }, micros(time.Now())); err != nil {
		return fmt.Errorf("marking notifications shown: %w", err)
	}
	return nil
}

// MarkFailed gives up on one notification and keeps the reason. A row that is
// not owed is left alone.
func (db *DB) MarkFailed(ctx context.Context, seq int64, reason string) error {
	if err := db.settle(ctx, []int64{seq}, func(t *tx) *sql.Stmt { return t.failed }, reason); err != nil {
		return fmt.Errorf("giving up a notification: %w", err)
	}
	return nil
}

// settle takes rows out of the outbox and notes how it went, a bounded
// number a transaction.
func (db *DB) settle(ctx context.Context, seqs []int64, how func(*tx) *sql.Stmt, note any) error {
	return db.inChunks(ctx, seqs, func(t *tx, seq int64) error {
		var feed int64
		err := how(t).QueryRow(seq, note).Scan(&feed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		t.writes++
		t.changed = true
		_, err = t.exec(t.countOwed, feed)
		return err
	})
}
