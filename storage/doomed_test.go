package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"bellwire/storage"
)

// Folders in which this process, started by a test, restores databases or
// upgrades them until it is killed.
const (
	restoring = "BELLWIRE_TEST_RESTORING"
	upgrading = "BELLWIRE_TEST_UPGRADING"
)

// doomed is the process that is killed; false: this is none.
func doomed() bool {
	ctx := context.Background()
	var work func(n int) error
	if dir := os.Getenv(restoring); dir != "" {
		work = func(n int) error {
			_, _, err := storage.Restore(ctx, filepath.Join(dir, fmt.Sprint("copy", n%2, ".db")), filepath.Join(dir, "bellwire.db"))
			return err
		}
	} else if dir := os.Getenv(upgrading); dir != "" {
		work = func(n int) error {
			db, err := storage.Open(ctx, filepath.Join(dir, fmt.Sprint(n), "bellwire.db"), storage.Options{})
			if err == nil {
				err = db.Close()
			}
			return err
		}
	} else {
		return limited()
	}
	for n := 0; ; n++ {
		if err := work(n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// killDuring starts a process that works in dir, and kills it when it has
// done something n times and is at it once more.
func killDuring(t *testing.T, env, dir string, n int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), env+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i := 1; lines.Scan(); i++ {
		if i == n {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
}

// A restore that is killed leaves the one database or the other, whole.
func TestAKilledRestoreLeavesOneOfTheTwo(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bellwire.db")
	rows := []int64{40, 90}
	for i, n := range rows {
		db := openAt(t, path)
		feed := addFeed(t, db, fmt.Sprint("feed", i))
		for k := range n - int64(i)*rows[0] {
			ingest(t, db, feed, event(fmt.Sprint("title ", k)))
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		c, err := storage.CopyTo(t.Context(), path, filepath.Join(dir, fmt.Sprint("copy", i, ".db")), false)
		if err != nil || c.Events != n || c.Feeds != int64(i+1) {
			t.Fatalf("copy %d is %+v, %v", i, c, err)
		}
	}
	for round := range 8 {
		killDuring(t, restoring, dir, round+1)
		r, err := storage.Check(t.Context(), path)
		if err != nil || r.Damage != nil || r.Events != rows[r.Feeds-1] {
			t.Fatalf("%+v, %v", r, err)
		}
		for _, b := range r.Backups {
			kept, err := storage.Check(t.Context(), b.Path)
			if err != nil || kept.Damage != nil || kept.Events-rows[kept.Feeds-1] > 1 { // with the one below
				t.Errorf("kept is %+v, %v", kept, err)
			}
		}
		db := openAt(t, path)
		ingest(t, db, "feed0", event("after it"))
		if found := history(t, db, storage.Query{Text: "title", Limit: 100}); int64(len(found)) != r.Events {
			t.Errorf("%d of %d rows are found", len(found), r.Events)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		checkFile(t, path)
	}
}

// What is restored is what was copied; what was there is kept, its log
// included, and can be restored as well.
func TestRestoreThereAndBack(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "b", "bellwire.db"), filepath.Join(dir, "copy.db")
	db := openAt(t, path)
	feed := addFeed(t, db, "feed")
	ingest(t, db, feed, event("first"))
	// The daemon runs: the newest is in the log alone.
	if c, err := storage.CopyTo(t.Context(), path, copied, false); err != nil || c.Events != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := storage.CopyTo(t.Context(), path, copied, false); !errors.Is(err, os.ErrExist) {
		t.Errorf("the second copy: %v", err)
	}
	ingest(t, db, feed, event("second"))
	if _, err := storage.CopyTo(t.Context(), path, path, true); err == nil {
		t.Error("a database was made a copy of itself")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	at := copied
	for _, want := range []int64{1, 2, 1, 2, 1} {
		kept, c, err := storage.Restore(t.Context(), at, path)
		if err != nil || c.Events != want {
			t.Fatalf("%d rows: %+v, %v", want, c, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info, err)
		}
		if _, err := os.Stat(at); err != nil {
			t.Error(err)
		}
		at = kept
	}
	if all, err := storage.Backups(path); err != nil || len(all) < 2 || len(all) > 3 {
		t.Errorf("%+v, %v", all, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 {
		t.Errorf("there is more than the database and the backups: %v, %v", entries, err)
	}
}

// A damaged database, with the log of a crash, is put aside as it is.
func TestRestoreInPlaceOfADamagedOne(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "b", "bellwire.db"), filepath.Join(dir, "copy.db")
	db := openAt(t, path)
	addFeed(t, db, "feed")
	if _, err := storage.CopyTo(t.Context(), path, copied, false); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, main := range map[string]string{"garbage": "no database, but a few words that are longer than a header of sixteen bytes", "empty": ""} {
		if err := errors.Join(os.WriteFile(path, []byte(main), 0o600), os.WriteFile(path+"-wal", []byte("no log either"), 0o600)); err != nil {
			t.Fatal(err)
		}
		kept, _, err := storage.Restore(t.Context(), copied, path)
		if err != nil {
			t.Fatal(name, err)
		}
		if b, err := os.ReadFile(kept); err != nil || string(b) != main {
			t.Errorf("%s: kept is %q, %v", name, b, err)
		}
		if r, err := storage.Check(t.Context(), path); err != nil || r.Feeds != 1 || r.Damage != nil {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}
