package storage

import (
	"context"
	"database/sql"
	"fmt"
	"math"
)

// What one transaction does of it: some milliseconds of work.
const (
	purgeRows  = 200  // rows of history deleted
	purgeKeys  = 2000 // keys of deleted rows forgotten
	mergePages = 16   // pages of the search index merged
)

// A purger deletes what removed feeds left behind, a little at a time and
// after everything else that waits.
type purger struct {
	db      *DB
	removed chan struct{} // capacity 1
}

func newPurger(db *DB) *purger {
	return &purger{db: db, removed: make(chan struct{}, 1)}
}

func (p *purger) wake() { signal(p.removed) }

// run deletes until ctx ends, beginning with what an earlier run left.
func (p *purger) run(ctx context.Context) {
	for {
		if err := p.purge(ctx); err != nil && ctx.Err() == nil {
			p.db.log.Warn("deleting the history of a removed feed goes on later", "err", err)
		}
		select {
		case <-p.removed:
		case <-ctx.Done():
			return
		}
	}
}

// purge deletes every removed feed, then gives the space back to the file
// system.
func (p *purger) purge(ctx context.Context) error {
	nums, err := p.db.integers(ctx, "SELECT num FROM feeds WHERE id IS NULL")
	if err != nil || len(nums) == 0 {
		return err
	}
	for _, num := range nums {
		for gone := false; !gone; {
			err := p.db.writer.do(ctx, p.db.writer.background, func(t *tx) (err error) {
				gone, err = t.purgeSome(num)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return p.db.tidy(ctx)
}

// tidy makes the file as small as what is in it, after many deletions.
func (db *DB) tidy(ctx context.Context) error {
	if err := db.mergeIndex(ctx); err != nil {
		return err
	}
	return db.shrink(ctx)
}

// mergeIndex makes the search index forget what was deleted: its deletions
// are marks until segments are merged (https://sqlite.org/fts5.html §6.8).
func (db *DB) mergeIndex(ctx context.Context) error {
	if err := db.writer.do(ctx, db.writer.background, (*tx).dropParts); err != nil {
		return err
	}
	parts, err := db.integers(ctx, "SELECT num FROM search_parts ORDER BY num")
	if err != nil {
		return err
	}
	for _, part := range parts {
		for pages, done := -mergePages, false; !done; pages = mergePages {
			err := db.writer.do(ctx, db.writer.background, func(t *tx) (err error) {
				done, err = t.mergeSome(part, pages)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// mergeSome merges a number of pages of a part, all segments being wanted in
// one where the number is negative.
func (t *tx) mergeSome(part int64, pages int) (done bool, err error) {
	var there bool
	if err := t.partThere.QueryRow(part).Scan(&there); err != nil || !there {
		return !there, err
	}
	var before, after int64
	if err := t.changes.QueryRow().Scan(&before); err != nil {
		return false, err
	}
	if err := t.run(fmt.Sprintf("INSERT INTO %s (%[1]s, rank) VALUES ('merge', ?)", partTable(part)), pages); err != nil {
		return false, err
	}
	err = t.changes.QueryRow().Scan(&after)
	return after-before < 2, err
}

// shrink gives free pages back to the file system.
func (db *DB) shrink(ctx context.Context) error {
	for last := int64(math.MaxInt64); ; {
		free, err := db.integers(ctx, "SELECT freelist_count FROM pragma_freelist_count")
		if err != nil || free[0] == 0 || free[0] >= last {
			return err
		}
		last = free[0]
		err = db.writer.do(ctx, db.writer.background, func(t *tx) error {
			_, err := t.exec(t.shrink)
			return err
		})
		if err != nil {
			return err
		}
	}
}

// purgeSome deletes the newest rows of a removed feed, which pages of history
// would have to skip, and the feed itself when there are none left.
func (t *tx) purgeSome(feed int64) (gone bool, err error) {
	var from sql.NullInt64
	if err := t.purgeFrom.QueryRow(feed, purgeRows).Scan(&from); err != nil {
		return false, err
	}
	if !from.Valid {
		if n, err := t.exec(t.forgetKeys, feed, purgeKeys); err != nil || n > 0 {
			return false, err
		}
		if _, err := t.exec(t.forgetForwards, feed); err != nil {
			return true, err
		}
		// All hours: a migration may have counted those of a removed feed.
		if _, err := t.exec(t.forgetHours, feed, 1, 0); err != nil {
			return true, err
		}
		_, err := t.exec(t.purgeFeed, feed)
		return true, err
	}
	if _, err := t.exec(t.purgeSteps, feed, from.Int64); err != nil {
		return false, err
	}
	seqs, err := integersOf(t.purgeSearch.Query(feed, from.Int64))
	if err != nil {
		return false, err
	}
	if err := t.unindex(seqs); err != nil {
		return false, err
	}
	_, err = t.exec(t.purge, feed, from.Int64)
	return false, err
}
