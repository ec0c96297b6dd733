package storage_test

import (
	"path/filepath"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestActivity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, feed := range []string{"one", "two", "quiet", "removed"} {
		addFeed(t, db, feed)
	}
	at := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	heard := func(key string, after time.Duration) subscriptions.Event {
		e := keyed(key, key)
		e.Received = at.Add(after)
		return e
	}
	ingest(t, db, "one", heard("a", -time.Microsecond), heard("b", 0), heard("c", time.Minute)) // over the hour
	ingest(t, db, "one", heard("c", 2*time.Minute), heard("d", 3*time.Minute))                  // one of them again
	ingest(t, db, "two", heard("old", -30*time.Hour), heard("edge", -3*time.Hour))
	ingest(t, db, "removed", heard("x", 0))
	gap := subscriptions.Gap{From: at, To: at, Reason: subscriptions.GapNoResume}.Event("quiet")
	ingest(t, db, "quiet", gap)
	notice := event("told")
	notice.Kind, notice.Feed, notice.Received = subscriptions.KindNotice, "quiet", at
	if _, err := db.Notice(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	if err := db.Delete(t.Context(), []int64{1}); err != nil { // what was, was
		t.Fatal(err)
	}
	if err := db.RemoveFeed(t.Context(), "removed"); err != nil {
		t.Fatal(err)
	}
	look := func(when string, until time.Time, want map[string][]int64) {
		t.Helper()
		got, err := db.Activity(t.Context(), until, 4)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", when, err, d)
		}
	}
	now := map[string][]int64{"one": {0, 0, 1, 3}, "two": {1, 0, 0, 0}}
	look("in this hour", at.Add(59*time.Minute), now)
	look("in the next", at.Add(time.Hour), map[string][]int64{"one": {0, 1, 3, 0}})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path)
	look("after a restart", at, now)
	// Two days later the old hours are forgotten, and so is a clock's mistake.
	ingest(t, db, "one", heard("mistake", 1000*time.Hour))
	ingest(t, db, "one", heard("later", 60*time.Hour))
	look("much later", at.Add(60*time.Hour), map[string][]int64{"one": {0, 0, 0, 1}})
	look("before", at, map[string][]int64{"two": {1, 0, 0, 0}})
	look("never", at.Add(1000*time.Hour), map[string][]int64{})
}
