package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// chunk is how many rows one transaction changes when many are to be
// changed: a few milliseconds, in which events wait.
const chunk = 500

// MarkRead marks rows read or unread. Rows that do not exist are left out.
func (db *DB) MarkRead(ctx context.Context, read bool, seqs []int64) error {
	return db.Mark(ctx, read, seqs, nil)
}

// Mark is MarkRead that tells which rows were marked otherwise before, a
// bounded number at a time, as soon as they are stored; nil: nobody.
func (db *DB) Mark(ctx context.Context, read bool, seqs []int64, changed func([]int64)) error {
	for part := range slices.Chunk(seqs, chunk) {
		var now []int64
		err := db.update(ctx, func(t *tx) (err error) {
			now, err = t.mark(read, part)
			return err
		})
		if err != nil {
			return fmt.Errorf("marking events read: %w", err)
		}
		if changed != nil && len(now) > 0 {
			changed(now)
		}
	}
	return nil
}

func (t *tx) mark(read bool, seqs []int64) (changed []int64, err error) {
	delta := 1
	if read {
		delta = -1
	}
	for _, seq := range seqs {
		var feed int64
		err := t.markSeq.QueryRow(seq, read).Scan(&feed)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t.writes++
		t.changed = true
		if _, err = t.exec(t.countRead, feed, delta); err != nil {
			return nil, err
		}
		changed = append(changed, seq)
	}
	return changed, nil
}

// MarkReadThrough marks the rows of a feed, of all feeds when it is empty, up
// to and with the given Seq. It works from the newest row to the oldest in
// several transactions; an error may leave older rows unmarked.
func (db *DB) MarkReadThrough(ctx context.Context, read bool, feed string, through int64) error {
	return db.MarkThrough(ctx, read, feed, through, nil)
}

// MarkThrough is MarkReadThrough that tells like [DB.Mark].
func (db *DB) MarkThrough(ctx context.Context, read bool, feed string, through int64, changed func([]int64)) error {
	nums, err := db.feedNums(ctx, feed)
	if err != nil {
		return fmt.Errorf("marking events read: %w", err)
	}
	for _, num := range nums {
		for upTo := through; upTo > 0; {
			seqs, err := db.readThrough(ctx, !read, num, upTo)
			if err != nil {
				return fmt.Errorf("marking events read: %w", err)
			}
			if len(seqs) == 0 {
				break
			}
			if err := db.Mark(ctx, read, seqs, changed); err != nil {
				return err
			}
			upTo = seqs[len(seqs)-1] - 1
		}
	}
	return nil
}

// readThrough lists the newest chunk of a feed's rows up to the given Seq
// that are read, or are not.
func (db *DB) readThrough(ctx context.Context, read bool, feed, upTo int64) ([]int64, error) {
	// The index of unread rows wants to see a constant.
	query := "SELECT seq FROM events WHERE feed = ? AND seq <= ? AND read = 0 ORDER BY seq DESC LIMIT ?"
	if read {
		query = "SELECT seq FROM events WHERE feed = ? AND seq <= ? AND read = 1 ORDER BY seq DESC LIMIT ?"
	}
	return db.integers(ctx, query, feed, upTo, chunk)
}

// feedNums are the numbers of one feed, or of all when id is empty.
func (db *DB) feedNums(ctx context.Context, id string) ([]int64, error) {
	nums, err := db.integers(ctx, "SELECT num FROM feeds WHERE id IS NOT NULL AND (?1 = '' OR id = ?1)", id)
	if err == nil && id != "" && len(nums) == 0 {
		return nil, noFeed(id, ErrNotFound)
	}
	return nums, err
}

// integers is a result of one column.
func (db *DB) integers(ctx context.Context, query string, args ...any) ([]int64, error) {
	return integersOf(db.readers.QueryContext(ctx, query, args...))
}

// integersOf reads rows of one column.
func integersOf(rows *sql.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
