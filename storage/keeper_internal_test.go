package storage

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// A database in which nothing can become too old wakes nobody.
func TestLookSaysWhenToLookAgain(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	k := &keeper{db: db, wake: make(chan struct{}, 1), told: true, dirty: map[int64]struct{}{}} // the database's own is never told
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	began := at
	k.clock.ran = func() time.Duration { return at.Sub(began) }
	look := func(what string, want time.Duration) {
		t.Helper()
		if next, err := k.look(t.Context(), at); err != nil || next != want {
			t.Errorf("%s: %v, %v; want %v", what, next, err, want)
		}
	}
	look("no feed", 0)
	if err := db.AddFeed(t.Context(), subscriptions.Feed{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	look("no row", 0)
	if k.room != 0 {
		t.Errorf("the first row would not be noticed: room for %d", k.room)
	}
	e := subscriptions.Event{Title: "x", Received: at, Silent: true}
	if _, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "a", Events: []subscriptions.Event{e}}); err != nil {
		t.Fatal(err)
	}
	look("far away", keepAtMost)
	at = at.Add(365*24*time.Hour - 5*time.Hour)
	look("in five hours", 5*time.Hour)
	at = at.Add(5*time.Hour - time.Minute)
	look("in a minute", keepAtLeast)
	k.keep = subscriptions.Keep{Days: subscriptions.KeepAll}
	look("for ever", 0)
	if k.room < 900_000 {
		t.Errorf("it would look again after %d rows", k.room)
	}
	k.keep = subscriptions.Keep{Days: subscriptions.KeepAll, Events: subscriptions.KeepAll}
	look("everything", 0)
}

// Of very many keys the newest are kept.
func TestKeysAreBounded(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.AddFeed(t.Context(), subscriptions.Feed{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	const more = 5000
	_, err = db.writer.conn.ExecContext(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO deleted SELECT 1, i, 'key ' || i FROM n`, maxKeys+more)
	if err == nil {
		err = db.keeper.trimKeys(t.Context(), 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	left, err := db.integers(t.Context(), "SELECT count(*) FROM deleted UNION ALL SELECT min(seq) FROM deleted")
	if err != nil || left[0] != maxKeys || left[1] != more+1 {
		t.Errorf("keys, and the oldest: %v, %v", left, err)
	}
}

// What came in the last day counts from the first start on.
func TestTheMigrationCountsWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	conn := older(t, path, 6)
	now := time.Now()
	_, err := conn.ExecContext(t.Context(), `INSERT INTO feeds (num, id, definition) VALUES (1, 'a', '{"id":"a"}');
		INSERT INTO progress (feed, events, unread, owed, last_seq) VALUES (1, 4, 4, 0, 4);`)
	for _, row := range []struct {
		kind string
		at   time.Time
	}{{"event", now}, {"event", now}, {"gap", now}, {"event", now.Add(-72 * time.Hour)}} {
		if err == nil {
			_, err = conn.ExecContext(t.Context(), `INSERT INTO events (feed, read, owed, priority, received, kind, message_id, type, title, link, body, raw)
				VALUES (1, 0, 0, 3, ?, ?, '', '', 'x', '', '', '')`, row.at.UnixMicro(), row.kind)
		}
	}
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got, err := db.Activity(t.Context(), now, 1); err != nil || len(got["a"]) != 1 || got["a"][0] != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if feeds, err := db.Feeds(t.Context()); err != nil || len(feeds) != 1 {
		t.Errorf("%v, %v", feeds, err)
	}
}
