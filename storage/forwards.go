package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bellwire/subscriptions"
)

// ForwardPosition is behind which row one of a feed's forwards goes on. A
// forward that is new begins behind the newest row of all.
func (db *DB) ForwardPosition(ctx context.Context, feed, name string) (through int64, err error) {
	err = db.readers.QueryRowContext(ctx, "SELECT through FROM forwards w JOIN feeds f ON f.num = w.feed WHERE f.id = ? AND w.name = ?", feed, name).Scan(&through)
	if errors.Is(err, sql.ErrNoRows) {
		err = db.update(ctx, func(t *tx) error {
			n, err := t.exec(t.beginForward, feed, name)
			if err == nil && n == 0 {
				return ErrNotFound
			}
			return err
		})
		if err == nil {
			return db.ForwardPosition(ctx, feed, name)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("forward %q of feed %q: %w", name, feed, failure(err))
	}
	return through, nil
}

// Forwarded moves a forward behind the given row and notes what became of
// events, at most some hundred, in one transaction.
func (db *DB) Forwarded(ctx context.Context, feed, name string, through int64, steps ...subscriptions.Delivery) error {
	err := db.update(ctx, func(t *tx) error {
		n, err := t.exec(t.moveForward, feed, name, through)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		for _, d := range steps {
			if err == nil {
				err = t.deliver(d)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("forward %q of feed %q: %w", name, feed, err)
	}
	return nil
}

// ForgetForward forgets how far a forward has come.
func (db *DB) ForgetForward(ctx context.Context, feed, name string) error {
	err := db.update(ctx, func(t *tx) error {
		_, err := t.exec(t.forgetForward, feed, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("forward %q of feed %q: %w", name, feed, err)
	}
	return nil
}
