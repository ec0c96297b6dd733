package storage_test

import (
	"errors"
	"testing"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestArrange(t *testing.T) {
	db := open(t)
	for _, id := range []string{"a", "b", "c", "d"} {
		addFeed(t, db, id)
	}
	before, err := db.Feed(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	shown := func(what string, want ...string) {
		t.Helper()
		feeds, err := db.Feeds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, f := range feeds {
			got = append(got, f.ID+" "+f.Look.Folder)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	shown("as they were added", "a ", "b ", "c ", "d ")
	changed := db.Changed()
	if err := db.Arrange(t.Context(), []storage.Place{{Feed: "c", Folder: "Work"}, {Feed: "a"}}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was told")
	}
	shown("two named", "c Work", "a ", "b ", "d ")
	after, err := db.Feed(t.Context(), "c")
	before.Look = subscriptions.Look{Folder: "Work"}
	if d := cmp.Diff(before, after); d != "" || err != nil {
		t.Errorf("more than the folder has changed: %v %s", err, d)
	}
	if err := db.Arrange(t.Context(), []storage.Place{{Feed: "d"}, {Feed: "none"}}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("an unknown feed: %v", err)
	}
	if err := db.Arrange(t.Context(), []storage.Place{{Feed: ""}}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Bellwire's own: %v", err)
	}
	shown("nothing of that", "c Work", "a ", "b ", "d ")
	addFeed(t, db, "e")
	if err := db.RemoveFeed(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	addFeed(t, db, "a")
	shown("new ones last", "c Work", "b ", "d ", "e ", "a ")
	if err := db.Arrange(t.Context(), []storage.Place{{Feed: "c"}}); err != nil {
		t.Fatal(err)
	}
	shown("out of the folder", "c ", "b ", "d ", "e ", "a ")
}
