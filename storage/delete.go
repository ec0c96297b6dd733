package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

const (
	// deleteRows is how many rows one transaction deletes; each has a row of
	// its own in three tables and two indexes.
	deleteRows = 200
	// maxKeys is how many keys of deleted rows are kept for a feed, those of the
	// newest rows: what a server may send again is what it sent last.
	maxKeys = 100_000
)

// Delete deletes rows of history for good, with what is known of their
// delivery; owed notifications of them are dropped. Their keys are kept, of
// each feed at least those of the newest 100,000, so that what they told does
// not come again. Rows that do not exist are left out. It works in several
// transactions; an error may leave some of the rows.
func (db *DB) Delete(ctx context.Context, seqs []int64) error {
	err := db.deleteChunks(ctx, db.writer.requests, seqs, false)
	if err != nil {
		return fmt.Errorf("deleting events: %w", err)
	}
	return nil
}

// deleteChunks deletes rows, with settled only those of which nobody is to be
// told any more.
func (db *DB) deleteChunks(ctx context.Context, to chan<- *request, seqs []int64, settled bool) error {
	for part := range slices.Chunk(seqs, deleteRows) {
		err := db.writer.do(ctx, to, func(t *tx) error { return t.deleteRows(part, settled) })
		if err != nil {
			return err
		}
	}
	return nil
}

// gone counts what a feed has lost.
type gone struct{ rows, unread, owed int64 }

func (t *tx) deleteRows(seqs []int64, settled bool) error {
	feeds := map[int64]*gone{}
	var since, through int64
	if err := t.indexed.QueryRow().Scan(&since, &through); err != nil {
		return err
	}
	var found []int64 // by searches
	for _, seq := range seqs {
		was, err := t.deleteOne(seq, settled, feeds)
		if err != nil {
			return err
		}
		if was && seq > since && seq <= through {
			found = append(found, seq)
		}
	}
	if err := t.unindex(found); err != nil {
		return err
	}
	for feed, g := range feeds {
		t.changed = true
		if t.deleted == nil {
			t.deleted = map[int64]int64{}
		}
		t.deleted[feed] += g.rows
		if _, err := t.exec(t.countDeleted, feed, g.rows, g.unread, g.owed); err != nil {
			return err
		}
	}
	return nil
}

// deleteOne deletes a row and counts it; was is false where there is none.
func (t *tx) deleteOne(seq int64, settled bool, feeds map[int64]*gone) (was bool, err error) {
	var feed int64
	var read, owed bool
	var key any
	err = t.deleteRow.QueryRow(seq, settled).Scan(&feed, &read, &owed, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t.writes++
	g := feeds[feed]
	if g == nil {
		g = &gone{}
		feeds[feed] = g
	}
	g.rows++
	if !read {
		g.unread++
	}
	if owed {
		g.owed++
	}
	if key != nil {
		if _, err := t.exec(t.keepKey, feed, seq, key); err != nil {
			return false, err
		}
	}
	_, err = t.exec(t.deleteSteps, seq)
	return true, err
}
