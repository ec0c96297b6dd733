package storage

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// released are the migrations that people have run. A change of the schema is
// a new file: what has run is never run again.
var released = map[string]string{
	"0001_history.sql":  "ec08db8a73a4b052",
	"0002_search.sql":   "b33abc871b1c9155",
	"0003_cadence.sql":  "124740b284e951b6",
	"0004_mappings.sql": "50a19a2dc3e73a38",
	"0005_delivery.sql": "d6351a2de698ed66",
	"0006_search.sql":   "e54f10a69764e1f2",
	"0007_desk.sql":     "c8db3704b77e7d53",
}

func TestMigrationsThatWereReleasedStayAsTheyAre(t *testing.T) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for i, name := range names {
		script, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(bytes.ReplaceAll(script, []byte("\r\n"), []byte("\n")))
		base := filepath.Base(name)
		got[base] = hex.EncodeToString(sum[:8])
		if !strings.HasPrefix(base, fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("%s is number %d", base, i+1)
		}
	}
	if diff := cmp.Diff(released, got); diff != "" {
		t.Errorf("what was released has changed, or a new migration is not noted here:\n%s", diff)
	}
}

// contents are the files of a folder as they are on the disk, but for the
// index of a log, which is made anew whenever it is needed, and for the counter
// of changes in a database's header: opening it to write counts as one.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "-shm") {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".db") && len(b) > 100 {
			clear(b[24:28])
			clear(b[92:96])
		}
		sum := sha256.Sum256(b)
		all[strings.TrimPrefix(path, dir)] = fmt.Sprint(len(b), " ", hex.EncodeToString(sum[:8]))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// oldDatabase is a database of an older schema in a folder of its own.
func oldDatabase(t *testing.T, version int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "bellwire.db")
	schemaAt(t, path, version, func(*sql.Conn) {})
	return path
}

// Whatever fails on the way to the newest schema, the database is what it was,
// no copy is left behind, and the next start upgrades it.
func TestAFailedUpgradeLeavesTheDatabaseAlone(t *testing.T) {
	newest := len(schemas())
	for name, c := range map[string]struct {
		change func(t *testing.T, u *upgrade)
		kind   RefusalKind
		hint   string
	}{
		"the last step": {func(_ *testing.T, u *upgrade) {
			u.scripts[newest-1] += "CREATE TABLE half (x); CREATE TABLE half (x);"
		}, RefusedUpgrade, "Nothing has been changed."},
		"a step in the middle": {func(_ *testing.T, u *upgrade) {
			u.scripts[newest-2] = "DELETE FROM events; DROP TABLE settings; no SQL at all"
		}, RefusedUpgrade, "the version that you had works"},
		"no room": {func(_ *testing.T, u *upgrade) {
			u.free = func(string) (int64, error) { return 16 << 20, nil }
		}, RefusedRoom, "Free some space there"},
		"no folder for the backup": {func(t *testing.T, u *upgrade) {
			if err := os.WriteFile(backupFolder(u.path), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, RefusedUpgrade, "Nothing has been changed."},
	} {
		t.Run(name, func(t *testing.T) {
			path := oldDatabase(t, 3)
			u := newUpgrade(path, Options{})
			c.change(t, u)
			before := contents(t, filepath.Dir(path))
			_, err := open(t.Context(), path, Options{}, u)
			r, ok := errors.AsType[*Refusal](err)
			if !ok || r.Kind != c.kind || !strings.Contains(r.Hint(), c.hint) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(before, contents(t, filepath.Dir(path))); diff != "" {
				t.Errorf("something has changed:\n%s", diff)
			}
			report, err := Check(t.Context(), path)
			if err != nil || report.Schema != 3 || report.Events != 300 || report.Damage != nil || len(report.Backups) > 0 {
				t.Errorf("it is %+v, %v", report, err)
			}
			_ = os.Remove(backupFolder(path)) // where it is a file
			wantUpgraded(t, path, "after the failure")
		})
	}
}

// Before an upgrade a copy is put beside the database, for its owner alone;
// the older program can go on with it.
func TestABackupIsMadeBeforeAnUpgrade(t *testing.T) {
	path := oldDatabase(t, 6)
	var log bytes.Buffer
	for range 2 { // the second time there is nothing to do
		db, err := Open(t.Context(), path, Options{Program: "1.2.3", Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "upgrading the database"); n != 1 {
		t.Errorf("it was told %d times:\n%s", n, &log)
	}
	report, err := Check(t.Context(), path)
	if err != nil || len(report.Backups) != 1 || report.Program != "1.2.3" || report.TooNew() || report.Feeds != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	backup := report.Backups[0]
	info, err := os.Stat(backup.Path)
	if err != nil || info.Mode().Perm() != 0o600 || backup.Schema != 6 || backup.Replaced {
		t.Errorf("%+v, %v", backup, info)
	}
	report, err = Check(t.Context(), backup.Path)
	if err != nil || report.Schema != 6 || report.Events != 300 || report.Damage != nil {
		t.Errorf("the backup is %+v, %v", report, err)
	}
	wantUpgraded(t, backup.Path, "the backup")
}

func TestNoBackupOfAnEmptyDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire.db")
	for range 2 {
		db, err := Open(t.Context(), path, Options{})
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(backupFolder(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a folder of backups: %v", err)
	}
}

// The newest two copies of a kind are kept; files of other names are nobody's
// to remove.
func TestOldBackupsAreRemoved(t *testing.T) {
	path := oldDatabase(t, 6)
	dir := backupFolder(path)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	others := []string{"bellwire-mine.db", "bellwire-schema5-20240101T000000.db.txt", "bellwire-replaced-20240101T000000.db", "bellwire-schema6-20261399T000000.db"}
	stale := []string{"bellwire-schema4-20240101T000000.db", "bellwire-schema5-20240102T000000.db", "bellwire-schema5-20240102T000000.db.new-123"}
	for _, name := range append([]string{"bellwire-schema5-20240103T000000.db"}, append(others, stale...)...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantUpgraded(t, path, "beside old backups")
	for _, name := range stale {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	found, err := Backups(path)
	if err != nil || len(found) != 3 || found[0].Schema != 6 || found[1].Schema != 5 || !found[2].Replaced {
		t.Errorf("%+v, %v", found, err)
	}
}

// A database of a newer program is left as it is, its log included, and the
// words say which program it was, and where to go back to.
func TestANewerDatabaseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		program, hint string
	}{
		"named":     {"9.1.0", "Install Bellwire 9.1.0 or newer; or go back to what was before the upgrade: bellwire restore"},
		"not named": {"", "Install the newer version of Bellwire that wrote it; or go back"},
		"hostile":   {"9\x1b[2J", "Install the newer version of Bellwire that wrote it; or go back"},
	} {
		t.Run(name, func(t *testing.T) {
			from := oldDatabase(t, 6)
			if db, err := Open(t.Context(), from, Options{}); err != nil || db.Close() != nil { // makes a backup
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", writerDSN(from))
			if err == nil {
				_, err = db.Exec("INSERT OR REPLACE INTO settings VALUES ('program', ?); PRAGMA user_version = 99", c.program)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			// As it is after a crash: the newest is in the log alone.
			path := filepath.Join(t.TempDir(), "bellwire.db")
			if err := copyFiles(from, path); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(backupFolder(path), os.DirFS(backupFolder(from))); err != nil {
				t.Fatal(err)
			}
			before := contents(t, filepath.Dir(path))
			_, err = Open(t.Context(), path, Options{})
			r, ok := errors.AsType[*Refusal](err)
			if !errors.Is(err, ErrTooNew) || !ok || r.Kind != RefusedNewer || !strings.Contains(r.Hint(), c.hint) {
				t.Errorf("got %v, hint: %v", err, r)
			}
			if diff := cmp.Diff(before, contents(t, filepath.Dir(path))); diff != "" {
				t.Errorf("something was written:\n%s", diff)
			}
			if report, err := Check(t.Context(), path); err != nil || !report.TooNew() || report.Schema != 99 {
				t.Errorf("%+v, %v", report, err)
			}
		})
	}
}

// A file that is no sound database of Bellwire's is told of and left alone.
func TestADamagedDatabaseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(t *testing.T, path string) error
		kind   RefusalKind
	}{
		"no database": {func(_ *testing.T, path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600)
		}, RefusedDamaged},
		"cut off": {func(_ *testing.T, path string) error { return os.Truncate(path, 5000) }, RefusedDamaged},
		"emptied": {func(t *testing.T, path string) error {
			to, err := newBackupPath(path, "schema7")
			return errors.Join(err, copyDatabase(t.Context(), path, to), os.Truncate(path, 0))
		}, RefusedDamaged},
		"gone but for its log": {func(_ *testing.T, path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path+"-wal", []byte("frames"), 0o600))
		}, RefusedDamaged},
		"the schema overwritten": {func(_ *testing.T, path string) error {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err == nil {
				_, err = f.WriteAt(bytes.Repeat([]byte{0xaa}, 3000), 100)
			}
			return errors.Join(err, f.Close())
		}, RefusedDamaged},
		"somebody else's": {func(_ *testing.T, path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			db, err := sql.Open("sqlite", path)
			if err == nil {
				_, err = db.Exec("CREATE TABLE theirs (x); PRAGMA user_version = 4")
			}
			return errors.Join(err, db.Close())
		}, RefusedForeign},
	} {
		t.Run(name, func(t *testing.T) {
			path := oldDatabase(t, len(schemas()))
			if err := c.damage(t, path); err != nil {
				t.Fatal(err)
			}
			before := contents(t, filepath.Dir(path))
			_, err := Open(t.Context(), path, Options{})
			r, ok := errors.AsType[*Refusal](err)
			if !ok || r.Kind != c.kind || r.Hint() == "" {
				t.Fatalf("got %v", err)
			}
			t.Logf("%v\nhint: %s", err, r.Hint())
			if diff := cmp.Diff(before, contents(t, filepath.Dir(path))); diff != "" {
				t.Errorf("something was written:\n%s", diff)
			}
			report, err := Check(t.Context(), path)
			if _, gone := os.Stat(path); gone == nil && c.kind == RefusedDamaged && (err != nil || len(report.Damage) == 0) {
				t.Errorf("%+v, %v", report, err)
			}
		})
	}
}
