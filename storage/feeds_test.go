package storage_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestFeeds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db := openAt(t, path)
	full := subscriptions.Feed{
		ID: "zeta", Name: "Zêta \x00 'x'", URL: "wss://u:p@example.org/?token=1", Transport: subscriptions.TransportWebSocket,
		Headers: []subscriptions.Header{{Name: "Authorization", Value: "Bearer s3cret"}},
		Settings: subscriptions.Settings{
			Subprotocols: []string{"a", "b"},
			Resume:       subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "a.b"},
		},
		Created: start,
	}
	second := subscriptions.Feed{ID: "alpha", Name: "alpha", URL: "https://example.org", Created: start}
	for _, f := range []subscriptions.Feed{full, second} {
		if err := db.AddFeed(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.AddFeed(t.Context(), second); !errors.Is(err, storage.ErrExists) {
		t.Errorf("adding it twice: %v", err)
	}
	if err := db.SetPaused(t.Context(), "zeta", true); err != nil {
		t.Error(err)
	}
	full.Paused = true
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db = openAt(t, path)
	got, err := db.Feeds(t.Context())
	if diff := cmp.Diff([]subscriptions.Feed{full, second}, got); diff != "" || err != nil {
		t.Errorf("feeds after reopening: %v\n%s", err, diff)
	}
	one, err := db.Feed(t.Context(), "alpha")
	if diff := cmp.Diff(second, one); diff != "" || err != nil {
		t.Errorf("feed alpha: %v\n%s", err, diff)
	}
	for name, err := range map[string]error{
		"Feed":            errorOf(db.Feed(t.Context(), "none")),
		"SetPaused":       db.SetPaused(t.Context(), "none", true),
		"RemoveFeed":      db.RemoveFeed(t.Context(), "none"),
		"Position":        errorOf(db.Position(t.Context(), "none")),
		"Ingest":          errorOf(db.Ingest(t.Context(), subscriptions.Batch{Feed: "none"})),
		"MarkReadThrough": db.MarkReadThrough(t.Context(), true, "none", 1),
		"Event":           errorOf(db.Event(t.Context(), 1)),
		"Setting":         errorOf(db.Setting(t.Context(), "none")),
	} {
		if !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%s of what is not there: %v", name, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

func TestARemovedFeedIsGoneAtOnce(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	addFeed(t, db, "two")
	var events []subscriptions.Event
	for range 700 {
		events = append(events, event("of one"))
	}
	first := ingest(t, db, "one", events...)
	ingest(t, db, "two", event("of two"))
	if err := db.RemoveFeed(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	addFeed(t, db, "one") // its id is free again

	for name, q := range map[string]storage.Query{
		"all": {}, "unread": {Unread: true}, "oldest first": {OldestFirst: true}, "search": {Text: "of"},
	} {
		got, err := db.History(t.Context(), q)
		if err != nil || len(got) != 1 || got[0].Feed != "two" {
			t.Errorf("%s: %d rows, %v", name, len(got), err)
		}
	}
	for name, q := range map[string]storage.Query{"feed": {Feed: "one"}, "search": {Feed: "one", Text: "of"}} {
		if got, err := db.History(t.Context(), q); err != nil || len(got) != 0 {
			t.Errorf("new feed, %s: %d rows, %v", name, len(got), err)
		}
	}
	if _, err := db.Event(t.Context(), first.LastSeq); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a row of it: %v", err)
	}
	if got, err := db.Pending(t.Context(), 0, 0); err != nil || len(got) != 1 {
		t.Errorf("outbox: %d rows, %v", len(got), err)
	}
	if n, err := db.Owed(t.Context()); err != nil || n != 1 {
		t.Errorf("owed: %d, %v", n, err)
	}
	counts, err := db.Counts(t.Context())
	want := map[string]storage.Counts{"": {}, "one": {}, "two": {Events: 1, Unread: 1, LastEvent: start}}
	if diff := cmp.Diff(want, counts); diff != "" || err != nil {
		t.Errorf("counts: %v\n%s", err, diff)
	}
	if p, err := db.Position(t.Context(), "one"); err != nil || p.Cursor != "" || !p.Seen.IsZero() {
		t.Errorf("position of the new feed: %+v, %v", p, err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // no mode bits; the folder's rights are inherited
	}
	dir := filepath.Join(t.TempDir(), "new", "bell wire?#%20")
	path := filepath.Join(dir, "history.db")
	mode := func(path string) os.FileMode {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	db := openAt(t, path)
	addFeed(t, db, "one")
	if got := mode(dir); got != 0o700 {
		t.Errorf("folder: %o", got)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if got := mode(path + suffix); got != 0o600 {
			t.Errorf("database%s: %o", suffix, got)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(path + "-*"); len(left) != 0 || err != nil {
		t.Errorf("left after Close: %v, %v", left, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	openAt(t, path)
	if got := mode(path); got != 0o600 {
		t.Errorf("reopened: %o", got)
	}
}

func TestErrorsShowNoSecrets(t *testing.T) {
	db := open(t)
	f := subscriptions.Feed{ID: "one", URL: "https://u:s3cret@example.org", Headers: []subscriptions.Header{{Name: "A", Value: "s3cret"}}}
	if err := db.AddFeed(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	err := errors.Join(db.AddFeed(t.Context(), f), db.Close(), db.AddFeed(t.Context(), f), errorOf(db.Feed(t.Context(), "one")))
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestSettings(t *testing.T) {
	db := open(t)
	for _, value := range []string{"", "a", "b'\x00\"", "ü\n"} {
		if err := db.SetSetting(t.Context(), "k", value); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Setting(t.Context(), "k"); got != value || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, value)
		}
	}
}

// A changed feed keeps its past, and its position only where it is told to.
func TestChangedFeeds(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "history.db"))
	addFeed(t, db, "one")
	addFeed(t, db, "two")
	for _, id := range []string{"one", "two"} {
		if _, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: id, Cursor: "c", Seen: start, Cadence: time.Minute, Events: []subscriptions.Event{event("x")}}); err != nil {
			t.Fatal(err)
		}
	}
	f := subscriptions.Feed{ID: "one", Name: "new", URL: "https://example.org/new"}
	for _, tc := range []struct {
		name string
		set  func(context.Context, subscriptions.Feed) error
		want subscriptions.Position
	}{
		{"the same stream", db.SetFeed, subscriptions.Position{Cursor: "c", Seen: start, Cadence: time.Minute}},
		{"another", db.SetStream, subscriptions.Position{Seen: start}},
	} {
		if err := tc.set(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		got, err := db.Position(t.Context(), "one")
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tc.name, err, diff)
		}
		if stored, err := db.Feed(t.Context(), "one"); err != nil || stored.Name != "new" {
			t.Errorf("%s: %+v, %v", tc.name, stored, err)
		}
		if rows := history(t, db, storage.Query{Feed: "one"}); len(rows) != 1 {
			t.Errorf("%s: %d rows", tc.name, len(rows))
		}
	}
	if got, err := db.Position(t.Context(), "two"); got.Cursor != "c" || err != nil {
		t.Errorf("the other feed: %+v, %v", got, err)
	}
	if err := db.SetStream(t.Context(), subscriptions.Feed{ID: "nobody"}); !errors.Is(err, storage.ErrNotFound) {
		t.Error(err)
	}
}
