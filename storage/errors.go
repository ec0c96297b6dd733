package storage

import (
	"database/sql"
	"errors"
	"fmt"
)

var (
	// ErrNotFound means that there is no such feed, row or setting.
	ErrNotFound = errors.New("not found")
	// ErrExists means that the feed's id is taken.
	ErrExists = errors.New("exists already")
	// ErrTooNew means that the database was written by a newer program.
	ErrTooNew = errors.New("the database was written by a newer version of Bellwire")
	// ErrClosed means that the database was closed.
	ErrClosed = errors.New("the database is closed")
)

// missing is err with [sql.ErrNoRows] replaced by [ErrNotFound].
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// noFeed says which feed is not there.
func noFeed(id string, err error) error {
	return fmt.Errorf("feed %q: %w", id, missing(err))
}

// refusal reports whether err turns down one request without a fault of the
// database.
func refusal(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrExists)
}
