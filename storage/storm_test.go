package storage

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// A storm has a page cache of its own, which is given back when it is over and
// the search index has followed.
func TestPageCacheOfAStorm(t *testing.T) {
	db := openInternal(t)
	addFeeds(t, db, 1)
	n := 0
	send := func(size int) {
		t.Helper()
		b := subscriptions.Batch{Feed: "feed0", Seen: time.Now()}
		for range size {
			n++
			b.Events = append(b.Events, subscriptions.Event{Kind: subscriptions.KindEvent, Title: fmt.Sprint("event ", n), DedupeKey: fmt.Sprint(n), Received: b.Seen})
		}
		if _, err := db.Ingest(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	size := func() (kib int) {
		t.Helper()
		err := db.writer.do(t.Context(), db.writer.requests, func(t *tx) error {
			return t.conn.QueryRowContext(context.Background(), "PRAGMA cache_size").Scan(&kib)
		})
		if err != nil {
			t.Fatal(err)
		}
		return -kib
	}
	send(1)
	if kib := size(); kib != writerCache {
		t.Errorf("%d KiB at first, not %d", kib, writerCache)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for range 2 { // it can come again
		// As if many rows had been inserted, but none that the index follows.
		many := func(t *tx) error { t.inserted = stormRows; return nil }
		if err := db.writer.do(ctx, db.writer.requests, many); err != nil {
			t.Fatal(err)
		}
		if kib := size(); kib != stormCache {
			t.Errorf("%d KiB in a storm, not %d", kib, stormCache)
		}
		send(stormRows)
		for size() != writerCache {
			select {
			case <-ctx.Done():
				t.Fatal("the cache stays large")
			case <-time.After(calm):
			}
		}
	}
}
