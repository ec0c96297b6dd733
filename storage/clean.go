package storage

import (
	"context"
	"time"
)

// clean does what is worth it only after many deletions.
func (k *keeper) clean(ctx context.Context) error {
	k.mu.Lock()
	dirty, tidy := k.dirty, k.deleted >= tidyRows
	k.dirty = map[int64]struct{}{}
	if tidy {
		k.deleted = 0
	}
	k.mu.Unlock()
	for feed := range dirty {
		if err := k.trimKeys(ctx, feed); err != nil {
			return err
		}
	}
	if tidy {
		return k.db.tidy(ctx)
	}
	return nil
}

// trimKeys forgets all but the newest keys of a feed's deleted rows.
func (k *keeper) trimKeys(ctx context.Context, feed int64) error {
	last, err := k.db.integers(ctx, "SELECT seq FROM deleted WHERE feed = ? ORDER BY seq DESC LIMIT 1 OFFSET ?", feed, maxKeys)
	if err != nil || len(last) == 0 {
		return err
	}
	for n := int64(1); n > 0; {
		err := k.db.writer.do(ctx, k.db.writer.background, func(t *tx) (err error) {
			n, err = t.exec(t.forgetOldKeys, feed, last[0], purgeKeys)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetSummaries deletes summaries last shown before the given time that no
// row refers to.
func (k *keeper) forgetSummaries(ctx context.Context, before time.Time) error {
	for {
		nums, err := k.db.integers(ctx, `SELECT num FROM summaries s WHERE coalesce(shown, begun) < ?
			AND NOT EXISTS (SELECT 1 FROM delivery WHERE summary = s.num) LIMIT ?`, before.UnixMicro(), deleteRows)
		if err != nil || len(nums) == 0 {
			return err
		}
		err = k.db.writer.do(ctx, k.db.writer.background, func(t *tx) error {
			for _, num := range nums {
				if _, err := t.exec(t.forgetSummary, num, before.UnixMicro()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
