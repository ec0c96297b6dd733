package storage

import (
	"context"
	"fmt"

	"bellwire/subscriptions"
)

// Notice stores a row of Bellwire's own, of a feed or ("") of none, and leaves
// the feed's position alone.
func (db *DB) Notice(ctx context.Context, e subscriptions.Event) (subscriptions.Receipt, error) {
	return db.NoticeWith(ctx, e, "", "")
}

// NoticeWith is Notice together with a setting; "" is none.
func (db *DB) NoticeWith(ctx context.Context, e subscriptions.Event, key, value string) (subscriptions.Receipt, error) {
	in := ingest{}
	err := db.update(ctx, func(t *tx) error {
		in = ingest{tx: t}
		if key != "" {
			if _, err := t.exec(t.set, key, value); err != nil {
				return err
			}
		}
		return in.notice(e.Feed, e)
	})
	if err != nil {
		return subscriptions.Receipt{}, fmt.Errorf("storing a notice of feed %q: %w", e.Feed, err)
	}
	return in.receipt, nil
}
