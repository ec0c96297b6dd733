package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"
)

// withLog is an open database of one feed, with n events whose log is not folded
// in.
func withLog(t *testing.T, path string, n int) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.AddFeed(t.Context(), subscriptions.Feed{ID: "alpha"}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := db.Ingest(t.Context(), batch("alpha", fmt.Sprint("title ", i))); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// A person may keep the database on another disk, with a link to it. Its log is
// there, too: a copy without it lacks what came last.
func TestCopyOfALinkedDatabase(t *testing.T) {
	dir := t.TempDir()
	elsewhere := filepath.Join(dir, "elsewhere")
	if err := os.Mkdir(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	path, real := filepath.Join(dir, "bellwire.db"), filepath.Join(elsewhere, "data.db")
	if err := os.Symlink(filepath.Join("elsewhere", "data.db"), path); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip(err) // it wants a right for that
		}
		t.Fatal(err)
	}
	db := withLog(t, real, 3)
	if info, err := os.Stat(real + "-wal"); err != nil || info.Size() == 0 {
		t.Fatal("there is no log", err)
	}
	if r, err := Check(t.Context(), path); err != nil || r.Events != 3 {
		t.Errorf("looked at are %+v, %v", r, err)
	}
	if g, err := Glance(t.Context(), path); err != nil || len(g.Feeds) != 1 {
		t.Errorf("seen are %+v, %v", g, err)
	}
	copied := filepath.Join(dir, "copy.db")
	if c, err := CopyTo(t.Context(), path, copied, false); err != nil || c.Events != 3 || c.Feeds != 1 {
		t.Fatalf("copied are %+v, %v", c, err)
	}
	if _, err := db.Ingest(t.Context(), batch("alpha", "after the copy")); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	kept, c, err := Restore(t.Context(), copied, path)
	if err != nil || c.Events != 3 {
		t.Fatalf("restored are %+v, %v", c, err)
	}
	if r, err := Check(t.Context(), path); err != nil || r.Events != 3 || len(r.Backups) != 1 || r.Backups[0].Path != kept {
		t.Errorf("%+v, %v; kept is %s", r, err, kept)
	}
	if r, err := Check(t.Context(), kept); err != nil || r.Events != 4 {
		t.Errorf("kept are %+v, %v", r, err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link is gone", err)
	}
}

// A copy under these names SQLite would take for a part of the database.
func TestNoCopyBecomesAPartOfTheDatabase(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bellwire.db")
	db := withLog(t, path, 3)
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		for _, replace := range []bool{false, true} {
			if _, err := CopyTo(t.Context(), path, path+suffix, replace); err == nil {
				t.Errorf("it was copied to %q, %v", suffix, replace)
			}
		}
		if _, err := Salvage(t.Context(), path, path+suffix); err == nil {
			t.Errorf("it was saved to %q", suffix)
		}
	}
	if _, err := db.Ingest(t.Context(), batch("alpha", "another")); err != nil {
		t.Fatal(err)
	}
	if r, err := Check(t.Context(), path); err != nil || r.Events != 4 || r.Damage != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

// Only files are replaced: renaming would replace a device, too.
func TestOnlyFilesAreReplaced(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "bellwire.db"), filepath.Join(dir, "folder")
	withLog(t, path, 1)
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, replace := range []bool{false, true} {
		_, err := CopyTo(t.Context(), path, to, replace)
		if r, ok := errors.AsType[*Refusal](err); !ok || !strings.Contains(r.Error(), "no file") {
			t.Errorf("replace %v: %v", replace, err)
		}
	}
}

// A rollback journal that a crash has left belongs to the database that was
// there. Beside another one it would be played into that.
func TestRestoreLeavesNoJournal(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "bellwire.db"), filepath.Join(dir, "copy.db")
	db := withLog(t, path, 2)
	if _, err := CopyTo(t.Context(), path, copied, false); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+"-journal", []byte(strings.Repeat("journal", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Restore(t.Context(), copied, path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-journal"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it is still there", err)
	}
}

// What another process is just writing is not swept away; what one has left
// that was killed is.
func TestSweepLeavesWhatIsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "backups") // a person's may have this name, too
	path := filepath.Join(t.TempDir(), "bellwire.db")
	withLog(t, path, 1)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "bellwire-mine.db")
	for name, written := range map[string]time.Time{
		"bellwire-mine.db.new-1":  time.Now(),
		"bellwire-other.db.new-2": time.Now().Add(-48 * time.Hour),
		"bellwire-mine.db.new-3":  time.Now().Add(-48 * time.Hour),
	} {
		name = filepath.Join(dir, name)
		err := os.WriteFile(name, nil, 0o600)
		if err == nil {
			err = os.Chtimes(name, written, written)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := CopyTo(t.Context(), path, to, false); err != nil {
		t.Fatal(err)
	}
	for name, stays := range map[string]bool{"bellwire-mine.db.new-1": true, "bellwire-other.db.new-2": true, "bellwire-mine.db.new-3": false} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A disk that fills up while rows are saved is an error, not damage.
func TestSalvageOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bellwire.db")
	db := withLog(t, path, 400)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	source, err := openQuietly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	old, err := source.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	to := older(t, filepath.Join(dir, "saved.db"), Schema())
	defer to.Close()
	var pages int
	if err := to.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := to.ExecContext(t.Context(), fmt.Sprint("PRAGMA max_page_count = ", pages+2)); err != nil {
		t.Fatal(err)
	}
	tx, err := to.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, table := range []string{"feeds", "events"} {
		if err = salvageTable(t.Context(), old, tx, table, "rowid"); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("rows that have no room are told as %v", err)
	}
}

// A daemon that starts while its database is copied must not be read half.
func TestUndisturbed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire.db")
	if err := withLog(t, path, 1).Close(); err != nil {
		t.Fatal(err)
	}
	nothing := func() error { return nil }
	if holds, err := undisturbed(path, nothing); !holds || err != nil {
		t.Error("nobody was there:", err)
	}
	var db *DB
	write := func(title string) func() error {
		return func() (err error) {
			if db == nil {
				if db, err = Open(t.Context(), path, Options{}); err != nil {
					return err
				}
			}
			_, err = db.Ingest(t.Context(), batch("alpha", title))
			return err
		}
	}
	if holds, err := undisturbed(path, write("log")); holds || err != nil {
		t.Error("a daemon has started:", err)
	}
	if holds, err := undisturbed(path, write("locked")); !holds || err != nil {
		t.Error("SQLite's locks are not trusted:", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = nil
	if holds, err := undisturbed(path, func() error { return errors.Join(write("folded")(), db.Close()) }); holds || err != nil {
		t.Error("a daemon has started and ended:", err)
	}
}
