//go:build !windows

package doctor

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bellwire/storage"

	"github.com/google/go-cmp/cmp"
)

func TestDatabaseFinding(t *testing.T) {
	dir := t.TempDir()
	o := Options{Program: "bellwire", Database: dir + "/bellwire.db", Data: dir, Server: true}
	backups := []storage.Backup{{Path: "/d/r.db", Replaced: true}, {Path: "/d/my b.db", Schema: 6}}
	save := "save what can be read, which is often nearly all, and go on with that:\n  bellwire salvage DIR/bellwire.db DIR/saved.db && bellwire restore DIR/saved.db && bellwire run --headless"
	restore := "go back to the backup of 0001-01-01 00:00:00; what came since is not in it:\n  bellwire restore '/d/my b.db' && bellwire run --headless"
	anew := "go back to a backup, FILE, if you have made one:\n  bellwire restore FILE && bellwire run --headless\n" +
		"or begin anew, without feeds and history, keeping what is damaged:\n  mkdir DIR/damaged && mv DIR/bellwire.db* DIR/damaged && bellwire run --headless"
	for name, test := range map[string]struct {
		r    storage.Report
		want Status
		do   string
	}{
		"whole":               {storage.Report{Schema: 7, Newest: 7, Events: 3, Size: 4096}, OK, ""},
		"older":               {storage.Report{Schema: 6, Newest: 7}, OK, ""},
		"newer":               {storage.Report{Schema: 8, Newest: 7}, Fail, "Install the newer version of Bellwire again"},
		"damaged":             {storage.Report{Schema: 7, Newest: 7, Damage: []string{"x"}}, Fail, "S" + save[1:] + "\nor " + anew},
		"damaged, a backup":   {storage.Report{Schema: 7, Newest: 7, Damage: []string{"x"}, Backups: backups}, Fail, "S" + save[1:] + "\nor " + restore},
		"illegible":           {storage.Report{Newest: 7, Damage: []string{"x"}}, Fail, "G" + anew[1:]},
		"illegible, a backup": {storage.Report{Newest: 7, Damage: []string{"x"}, Backups: backups}, Fail, "G" + restore[1:]},
	} {
		f := o.databaseFinding(test.r)
		f.Do = strings.ReplaceAll(f.Do, dir, "DIR")
		if d := cmp.Diff(Finding{Status: test.want, Do: test.do}, Finding{Status: f.Status, Do: f.Do}); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	// Whoever has the database open is ended first, as it can be.
	o.Unanswered = 4711
	if f := o.databaseFinding(storage.Report{Newest: 7, Damage: []string{"x"}, Backups: backups}); !strings.Contains(f.Do, "\n  kill -KILL 4711; sleep 2; bellwire restore") {
		t.Errorf("a daemon that hangs keeps the database: %s", f.Do)
	}
	// Nothing is written over.
	if err := os.WriteFile(dir+"/saved.db", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := unused(dir, "saved", ".db"); got != dir+"/saved-2.db" {
		t.Errorf("it would be written to %s", got)
	}
	if got := damageWords(storage.Report{Damage: []string{"*** in database main ***\nTree 23 page 23: bad\nTree 22: bad"}}); got != "Tree 23 page 23: bad; and more" {
		t.Errorf("%q", got)
	}
}

// A disk that is full, without one: the command that is advised shows what
// takes it, and without that there is room.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	film := filepath.Join(dir, "film.mkv")
	if err := os.WriteFile(film, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	full := func() bool { _, err := os.Stat(film); return err == nil }
	o := Options{
		Program: "bellwire", Data: dir, State: dir,
		probe: func(path string) error {
			if full() {
				return &fs.PathError{Op: "write", Path: path, Err: syscall.ENOSPC}
			}
			return nil
		},
		look: func(string) (uint64, uint64, string, error) {
			if full() {
				return 0, 9, "disk", nil
			}
			return 9e9, 9, "disk", nil
		},
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	both := func() []Finding { return append(lookFolders(t.Context(), &o), lookDisk(t.Context(), &o)...) }
	before := both()
	if len(before) != 2 || before[0].Status != Fail || before[0].Do != "See disk space" || before[1].Status != Fail || !strings.Contains(before[1].Do, run+"du -xah ") {
		t.Fatalf("%+v", before)
	}
	if err := os.Remove(film); err != nil {
		t.Fatal(err)
	}
	for _, f := range both() {
		if f.Status != OK {
			t.Errorf("still: %+v", f)
		}
	}
}

func TestUnwritable(t *testing.T) {
	dir := t.TempDir()
	o := Options{Program: "bellwire"}
	for number, want := range map[syscall.Errno]string{
		syscall.EROFS:  "\n  sudo mount -o remount,rw ",
		syscall.EDQUOT: "See disk space",
		syscall.EACCES: "\n  chmod 700 " + dir,
	} {
		if f := o.unwritable(dir, &fs.PathError{Op: "open", Path: dir, Err: number}); f.Status != Fail || !strings.Contains(f.Do, want) {
			t.Errorf("%v: %+v", number, f)
		}
	}
	// A folder that others have, and that is above ours, is not taken.
	o.probe = func(string) error { return syscall.EACCES }
	if f := lookFolder(&o, dir+"/a/b"); !strings.HasPrefix(f.Do, "Make it, and make it yours:\n  sudo mkdir -p "+dir+"/a/b;") || strings.Contains(f.Do, ": "+dir+";") {
		t.Errorf("%+v", f)
	}
}
