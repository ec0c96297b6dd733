package storage_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"bellwire/storage"
)

// Looking finds what is there, with and without somebody who writes, and
// leaves no file behind.
func TestGlance(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	if _, err := storage.Glance(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a database: %v", err)
	}
	db, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	addFeed(t, db, "a")
	want := func(state string) {
		t.Helper()
		g, err := storage.Glance(t.Context(), path)
		if err != nil || len(g.Feeds) != 1 || g.Feeds[0].ID != "a" || !g.Newest.Equal(start) {
			t.Errorf("%s: %+v, %v", state, g, err)
		}
	}
	ingest(t, db, "a", event("one"))
	want("open")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	want("closed")
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
	if err := os.WriteFile(path, []byte("no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Glance(t.Context(), path); err == nil {
		t.Error("no error for a file that is no database")
	}
}
