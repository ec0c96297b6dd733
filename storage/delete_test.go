package storage_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// keyed is an event with a dedupe key.
func keyed(title, key string) subscriptions.Event {
	e := event(title)
	e.DedupeKey = key
	return e
}

func TestWhatIsDeletedDoesNotComeAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	addFeed(t, db, "one")
	addFeed(t, db, "two")
	long := strings.Repeat("k", 100) // stored as a digest
	gap := subscriptions.Gap{From: start, To: start.Add(1), Reason: subscriptions.GapNoResume}.Event("one")
	events := []subscriptions.Event{keyed("short", "k"), keyed("long", long), event("none"), gap}
	ingest(t, db, "one", events...)
	ingest(t, db, "two", keyed("another's", "k"))
	if err := db.Delete(t.Context(), []int64{1, 2, 3, 4, 4, 99}); err != nil {
		t.Fatal(err)
	}
	for _, round := range []string{"at once", "after a restart"} {
		got := ingest(t, db, "one", events...)
		if d := cmp.Diff(subscriptions.Receipt{Inserted: 1, Duplicates: 3, LastSeq: got.LastSeq}, got); d != "" {
			t.Errorf("%s: %s", round, d)
		}
		if err := db.Delete(t.Context(), []int64{got.LastSeq}); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db = openAt(t, path)
	}
	if got := seqs(history(t, db, storage.Query{})); !cmp.Equal(got, []int64{5}) {
		t.Errorf("left: %v", got)
	}
	// Another feed of the same id is another feed.
	if err := db.RemoveFeed(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	addFeed(t, db, "one")
	if got := ingest(t, db, "one", events...); got.Inserted != 4 {
		t.Errorf("a new feed: %+v", got)
	}
}

func TestDeletedRowsAreNotFound(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	var events []subscriptions.Event
	for range 450 { // several transactions
		events = append(events, event("needle"))
	}
	ingest(t, db, "one", events...)
	if n := len(history(t, db, storage.Query{Text: "needle", Limit: 1000})); n != 450 {
		t.Fatalf("%d found before", n)
	}
	id, err := db.BeginSummary(t.Context(), subscriptions.Summary{Why: subscriptions.ReasonQuiet, Title: "x", Begun: start})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Summarise(t.Context(), subscriptions.Summary{ID: id, Title: "x", Shown: start, Count: 2}, []int64{1, 2}); err != nil {
		t.Fatal(err)
	}
	changed := db.Changed()
	if err := db.Delete(t.Context(), seqs(history(t, db, storage.Query{Limit: 1000}))[1:]); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was told")
	}
	if got := seqs(history(t, db, storage.Query{Text: "needle"})); !cmp.Equal(got, []int64{450}) {
		t.Errorf("found: %v", got)
	}
	if n, err := db.Owed(t.Context()); n != 1 || err != nil {
		t.Errorf("%d owed, %v", n, err)
	}
	c, err := db.Counts(t.Context())
	if d := cmp.Diff(storage.Counts{Events: 1, Unread: 1, LastEvent: start}, c["one"]); d != "" || err != nil {
		t.Errorf("%s %v", d, err)
	}
	if steps, err := db.Steps(t.Context(), 1); len(steps) != 0 || err != nil {
		t.Errorf("steps: %v, %v", steps, err)
	}
	// The summary that told them is still on the screen, and may go on.
	if err := db.Summarise(t.Context(), subscriptions.Summary{ID: id, Title: "x", Shown: start, Count: 2}, nil); err != nil {
		t.Error(err)
	}
}

// A summary that nothing refers to is gone at the next start.
func TestSummariesWithoutEventsGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	addFeed(t, db, "one")
	ingest(t, db, "one", event("a"), event("b"))
	var ids []int64
	for _, seq := range []int64{1, 2} {
		id, err := db.BeginSummary(t.Context(), subscriptions.Summary{Why: subscriptions.ReasonQuiet, Title: "x", Begun: start})
		if err == nil {
			err = db.Summarise(t.Context(), subscriptions.Summary{ID: id, Title: "x", Shown: start, Count: 1}, []int64{seq})
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := db.Delete(t.Context(), []int64{1}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path)
	if _, err := db.Summary(t.Context(), ids[0]); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	if s, err := db.Summary(t.Context(), ids[1]); err != nil || s.Count != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}
