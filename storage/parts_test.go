package storage

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// segments counts those of a part.
func segments(t *testing.T, db *DB, part int64) int64 {
	t.Helper()
	n, err := db.integers(t.Context(), fmt.Sprintf("SELECT count(DISTINCT segid) FROM %s_idx", partTable(part)))
	if err != nil {
		t.Fatal(err)
	}
	return n[0]
}

// A part that no new row comes to is merged into one segment when nothing else
// is to be done, in this run or the next; the newest part is left alone.
func TestFullPartsAreMerged(t *testing.T) {
	db := openInternal(t)
	addFeeds(t, db, 1)
	var want []int64
	for range 3 {
		for range 3 { // each a segment, the first one of the part before
			b := batch("feed0")
			b.Events = append(b.Events, subscriptions.Event{Title: "word", Silent: true})
			if _, err := db.Ingest(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			want = append([]int64{searchAll(t, db, Query{Text: "word"}, 0)[0]}, want...)
		}
		skip(t, db, 1<<partBits-2)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for last := want[0] >> partBits; ; {
		db.indexer.mu.Lock()
		merged, moved := db.indexer.merged, db.indexer.moved.next()
		db.indexer.mu.Unlock()
		if merged == last {
			break
		}
		select {
		case <-moved:
		case <-ctx.Done():
			t.Fatalf("parts below %d were merged, want %d", merged, last)
		}
	}
	got := searchAll(t, db, Query{Text: "word"}, 0)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("found %v, want %v", got, want)
	}
	for part, want := range []int64{1, 1, 2} {
		if n := segments(t, db, int64(part)); n != want {
			t.Errorf("part %d has %d segments, want %d", part, n, want)
		}
	}
}
