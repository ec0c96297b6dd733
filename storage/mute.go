package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// SetMuted mutes a feed's notifications until then; the zero time: not at all.
func (db *DB) SetMuted(ctx context.Context, feed string, until time.Time) error {
	err := db.update(ctx, func(t *tx) error {
		t.changed = true
		n, err := t.exec(t.setMuted, feed, micros(until))
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("muting feed %q: %w", feed, err)
	}
	return nil
}

// MutedUntil is until when a feed's notifications are muted; zero when they
// are not, or there is no such feed.
func (db *DB) MutedUntil(ctx context.Context, feed string) (time.Time, error) {
	var until sql.NullInt64
	err := db.reads.muted.QueryRowContext(brief(ctx), feed).Scan(&until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("asking whether feed %q is muted: %w", feed, failure(err))
	}
	return toTime(until), nil
}
