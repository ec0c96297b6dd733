package storage_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"
)

// start is the time of the tests, as exact as it is stored.
var start = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)

func openAt(t testing.TB, path string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func open(t testing.TB) *storage.DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "history.db"))
}

func addFeed(t testing.TB, db *storage.DB, id string) string {
	t.Helper()
	f := subscriptions.Feed{ID: id, Name: id, URL: "https://example.org/" + id, Transport: subscriptions.TransportSSE, Created: start}
	if err := db.AddFeed(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	return id
}

func ingest(t testing.TB, db *storage.DB, feed string, events ...subscriptions.Event) subscriptions.Receipt {
	t.Helper()
	r, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: feed, Events: events, Cursor: "c", Seen: start})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func event(title string) subscriptions.Event {
	return subscriptions.Event{
		Kind: subscriptions.KindEvent, Type: "message", Title: title, Priority: 3, Received: start, Raw: title,
	}
}

// settle notes that the notifications of events were shown.
func settle(db *storage.DB, seqs ...int64) error {
	return db.Deliver(context.Background(), steps(subscriptions.Step{At: start, What: subscriptions.StepShown, Detail: "test"}, seqs...)...)
}

// steps are one step of many events.
func steps(s subscriptions.Step, seqs ...int64) (all []subscriptions.Delivery) {
	for _, seq := range seqs {
		all = append(all, subscriptions.Delivery{Seq: seq, Step: s})
	}
	return all
}
