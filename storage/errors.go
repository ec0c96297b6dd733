package storage

import (
	"database/sql"
	"errors"
	"fmt"

	"bellwire/subscriptions"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
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
	return failure(err)
}

// failure marks an error of the disk as [subscriptions.CodeStorage], and one
// of the file as [subscriptions.CodeDamaged], for which there are words and
// hints: the disk is full or read-only, or the file is damaged.
func failure(err error) error {
	if damaged(err) {
		return subscriptions.Fail(subscriptions.Transient, subscriptions.CodeDamaged, err)
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff { // https://sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return subscriptions.Fail(subscriptions.Transient, subscriptions.CodeStorage, err)
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
