//go:build !headless

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bellwire/internal/daemon"
	"bellwire/storage"
)

// What a window backs up can be restored, and what cannot be done is told in
// words.
func TestBackupOfTheWindow(t *testing.T) {
	dirs, err := daemon.FindDirs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &env{ctx: t.Context(), dirs: dirs}
	file := filepath.Join(t.TempDir(), "mine.db")
	if _, err := backUp(t.Context(), e, file); err == nil || err.Error() != "there is nothing to back up yet" {
		t.Errorf("without a database: %v", err)
	}
	if err := os.MkdirAll(dirs.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), dirs.Database(), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if none, err := newestBackup(dirs.Database(), file); err != nil || !none.Made.IsZero() {
		t.Errorf("there is one already: %+v, %v", none, err)
	}
	made, err := backUp(t.Context(), e, file)
	if err != nil || made.Path != file || made.Size == "" || made.Made.IsZero() {
		t.Fatalf("made %+v, %v", made, err)
	}
	newest, err := newestBackup(dirs.Database(), file)
	if err != nil || newest != made {
		t.Errorf("the newest: %+v, %v; want %+v", newest, err, made)
	}
	for name, c := range map[string]struct{ path, want string }{
		"again":     {file, "there is such a file already"},
		"no folder": {filepath.Join(t.TempDir(), "none", "x.db"), "there is no such folder"},
	} {
		if _, err := backUp(t.Context(), e, c.path); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	given, up := context.WithCancel(t.Context())
	up()
	other := filepath.Join(t.TempDir(), "other.db")
	if _, err := backUp(given, e, other); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(other), "*")); len(left) != 0 {
		t.Errorf("given up, it leaves %q", left)
	}
	// One that Bellwire makes by itself is told when it is newer.
	if _, _, err := storage.Restore(t.Context(), file, dirs.Database()); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	if newest, err = newestBackup(dirs.Database(), file); err != nil || filepath.Dir(newest.Path) == filepath.Dir(file) {
		t.Errorf("the newest: %+v, %v", newest, err)
	}
}
