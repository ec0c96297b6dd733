package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"bellwire/subscriptions"
)

// Feeds lists the feeds in the order of [DB.Arrange]; new ones come last.
func (db *DB) Feeds(ctx context.Context) ([]subscriptions.Feed, error) {
	rows, err := db.readers.QueryContext(ctx, "SELECT definition FROM feeds WHERE id <> '' ORDER BY position, num")
	if err != nil {
		return nil, fmt.Errorf("listing feeds: %w", failure(err))
	}
	defer rows.Close()
	feeds := []subscriptions.Feed{}
	for rows.Next() {
		f, err := scanFeed(rows)
		if err != nil {
			return nil, fmt.Errorf("listing feeds: %w", failure(err))
		}
		feeds = append(feeds, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("listing feeds: %w", failure(err))
	}
	return feeds, nil
}

// Feed is one feed; the error wraps [ErrNotFound] where there is none.
func (db *DB) Feed(ctx context.Context, id string) (subscriptions.Feed, error) {
	f, err := scanFeed(db.reads.definition.QueryRowContext(brief(ctx), id))
	if err != nil {
		return f, noFeed(id, err)
	}
	return f, nil
}

// AddFeed stores f; the error wraps [ErrExists] where its id is taken.
func (db *DB) AddFeed(ctx context.Context, f subscriptions.Feed) error {
	definition, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("adding feed %q: %w", f.ID, err)
	}
	err = db.update(ctx, func(t *tx) error {
		n, err := t.exec(t.addFeed, f.ID, string(definition))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrExists
		}
		t.changed, t.redefined = true, true
		_, err = t.exec(t.addProgress, f.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("adding feed %q: %w", f.ID, err)
	}
	return nil
}

// SetPaused notes whether a feed is paused.
func (db *DB) SetPaused(ctx context.Context, id string, paused bool) error {
	err := db.update(ctx, func(t *tx) error {
		f, err := scanFeed(t.definition.QueryRow(id))
		if err != nil || f.Paused == paused {
			return missing(err)
		}
		f.Paused = paused
		definition, err := json.Marshal(f)
		if err != nil {
			return err
		}
		t.changed = true
		_, err = t.exec(t.define, id, string(definition))
		return err
	})
	if err != nil {
		return fmt.Errorf("pausing feed %q: %w", id, err)
	}
	return nil
}

// SetFeed replaces the definition of the feed that has f's id; the error
// wraps [ErrNotFound] where there is none.
func (db *DB) SetFeed(ctx context.Context, f subscriptions.Feed) error {
	return db.setFeed(ctx, f, false)
}

// SetStream is SetFeed for another stream than before: the position is
// forgotten. When the feed was last connected is not, and a gap can tell it.
// The feed must not be running, or it would store its position again.
func (db *DB) SetStream(ctx context.Context, f subscriptions.Feed) error {
	return db.setFeed(ctx, f, true)
}

func (db *DB) setFeed(ctx context.Context, f subscriptions.Feed, forget bool) error {
	definition, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("changing feed %q: %w", f.ID, err)
	}
	err = db.update(ctx, func(t *tx) error {
		t.changed, t.redefined = true, true
		n, err := t.exec(t.define, f.ID, string(definition))
		if err == nil && n == 0 {
			return ErrNotFound
		}
		if err == nil && forget {
			_, err = t.exec(t.forgetCursor, f.ID)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("changing feed %q: %w", f.ID, err)
	}
	return nil
}

// RemoveFeed removes a feed with its position, its outbox and its history.
// All of it is out of sight at once and its id free again; the rows are
// deleted little by little in the background, after a restart if need be.
func (db *DB) RemoveFeed(ctx context.Context, id string) error {
	err := db.update(ctx, func(t *tx) error {
		var num int64
		if err := t.feedNum.QueryRow(id).Scan(&num); err != nil {
			return missing(err)
		}
		if num == 0 { // where Bellwire's own notices are
			return ErrNotFound
		}
		t.changed = true
		if _, err := t.exec(t.forgetProgress, id); err != nil {
			return err
		}
		if _, err := t.exec(t.forgetActivity, id); err != nil {
			return err
		}
		_, err := t.exec(t.forgetFeed, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("removing feed %q: %w", id, err)
	}
	db.purger.wake()
	return nil
}

// Position is where a feed stands.
func (db *DB) Position(ctx context.Context, feed string) (subscriptions.Position, error) {
	var p subscriptions.Position
	var seen sql.NullInt64
	row := db.reads.position.QueryRowContext(brief(ctx), feed)
	var cadence int64
	if err := row.Scan(&p.Cursor, &seen, &cadence); err != nil {
		return p, noFeed(feed, err)
	}
	p.Cadence = time.Duration(cadence) * time.Microsecond
	p.Seen = toTime(seen)
	return p, nil
}

// A scanner is a row of a result.
type scanner interface{ Scan(dest ...any) error }

func scanFeed(row scanner) (f subscriptions.Feed, err error) {
	var definition []byte
	if err := row.Scan(&definition); err != nil {
		return f, err
	}
	if err := json.Unmarshal(definition, &f); err != nil {
		// Its text could quote a credential.
		return f, fmt.Errorf("the stored definition is damaged")
	}
	return f, nil
}

// micros is t as it is stored: NULL for the zero time.
func micros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func toTime(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return time.UnixMicro(us.Int64).UTC()
}
