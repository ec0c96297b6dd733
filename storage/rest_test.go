package storage

import (
	"fmt"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// The index lets a storm of events go first, but only so far: then events wait
// for it.
func TestIndexRestsInAStorm(t *testing.T) {
	for name, c := range map[string]struct {
		searched time.Duration // ago; 0: never
		most     int64
	}{
		"nobody searches": {0, 4 * maxLag * searchShare},
		"nobody any more": {searching, 4 * maxLag * searchShare},
		"people search":   {1, 4 * maxLag},
	} {
		t.Run(name, func(t *testing.T) { testRest(t, c.searched, c.most) })
	}
}

func testRest(t *testing.T, searched time.Duration, most int64) {
	db := openInternal(t)
	addFeeds(t, db, 1)
	const batch = maxLag
	db.indexer.mu.Lock()
	db.indexer.most = 4 * maxLag * searchShare
	if searched != 0 {
		db.indexer.asked = time.Now().Add(-searched)
	}
	db.indexer.mu.Unlock()
	n := 0
	for range 36 {
		b := subscriptions.Batch{Feed: "feed0", Seen: time.Now()}
		for range batch {
			n++
			b.Events = append(b.Events, subscriptions.Event{Kind: subscriptions.KindEvent, Title: fmt.Sprint("event ", n), DedupeKey: fmt.Sprint(n), Received: b.Seen})
		}
		if _, err := db.Ingest(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		db.indexer.mu.Lock()
		behind := db.indexer.newest - db.indexer.through
		db.indexer.mu.Unlock()
		if behind >= most+batch {
			t.Fatalf("%d rows behind, at most %d", behind, most)
		}
	}
	events, err := db.History(t.Context(), Query{Text: "event " + fmt.Sprint(n)})
	if err != nil || len(events) != 1 {
		t.Errorf("the newest: %d rows, %v", len(events), err)
	}
}
