package storage

import (
	"path/filepath"
	"testing"

	"bellwire/subscriptions"
)

// takeReaders takes n connections that read, until they are let go.
func takeReaders(t *testing.T, db *DB, n int) (letGo func()) {
	t.Helper()
	var all []func() error
	for range n {
		conn, err := db.readers.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, conn.Close)
	}
	return func() {
		for _, end := range all {
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	}
}

// Connections that read stay open while there is something to do, and are
// closed but for one at rest; they come back.
func TestRest(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 2 {
		takeReaders(t, db, maxReaders)()
		if n := db.readers.Stats().OpenConnections; n != maxReaders {
			t.Errorf("%d readers are open in a burst, want %d", n, maxReaders)
		}
		db.Rest()
		if n := db.readers.Stats().OpenConnections; n != 1 {
			t.Errorf("%d readers are open at rest, want 1", n)
		}
		if _, err := db.History(t.Context(), Query{}); err != nil {
			t.Error(err)
		}
	}
}

// Who follows history asks after each commit; where that brought no rows, the
// answer is no work, and so needs no connection.
func TestNothingNewIsKnown(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.AddFeed(t.Context(), subscriptions.Feed{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	var newest int64
	for range 3 {
		var told []subscriptions.Event
		changed := db.Changed()
		if _, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "a", Events: []subscriptions.Event{{Title: "x"}}}); err != nil {
			t.Fatal(err)
		}
		<-changed
		told, err = db.History(t.Context(), Query{After: newest, OldestFirst: true})
		if err != nil || len(told) != 1 {
			t.Fatalf("%d rows after %d, %v; want one", len(told), newest, err)
		}
		newest = told[0].Seq
		letGo := takeReaders(t, db, maxReaders)
		for _, q := range []Query{{After: newest, OldestFirst: true}, {After: newest + 7}} {
			if rows, err := db.History(t.Context(), q); err != nil || len(rows) != 0 {
				t.Errorf("%+v: %v, %v", q, rows, err)
			}
		}
		letGo()
	}
}
