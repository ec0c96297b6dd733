package storage_test

import (
	"path/filepath"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"
)

// BenchmarkOwed is what is asked between an event and its notification: what
// is owed, and what its feed says about notifying.
func BenchmarkOwed(b *testing.B) {
	db, err := storage.Open(b.Context(), filepath.Join(b.TempDir(), "b.db"), storage.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.AddFeed(b.Context(), subscriptions.Feed{ID: "feed", Name: "Feed", URL: "http://127.0.0.1:1/", Transport: subscriptions.TransportSSE}); err != nil {
		b.Fatal(err)
	}
	event := subscriptions.Event{Kind: subscriptions.KindEvent, Title: "deploy 7 finished", Received: time.Now()}
	if _, err := db.Ingest(b.Context(), subscriptions.Batch{Feed: "feed", Events: []subscriptions.Event{event}}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if owed, err := db.Pending(b.Context(), 0, 1000); err != nil || len(owed) != 1 {
			b.Fatal(owed, err)
		}
		if _, err := db.Feed(b.Context(), "feed"); err != nil {
			b.Fatal(err)
		}
		if _, err := db.MutedUntil(b.Context(), "feed"); err != nil {
			b.Fatal(err)
		}
	}
}
