package storage

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// children are old databases in numbered folders of dir.
func children(t *testing.T, dir string, version, n int) (paths []string) {
	t.Helper()
	first := filepath.Join(t.TempDir(), "bellwire.db")
	schemaAt(t, first, version, func(*sql.Conn) {})
	b, err := os.ReadFile(first)
	for i := range n {
		path := filepath.Join(dir, fmt.Sprint(i), "bellwire.db")
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o700)
		}
		if err == nil {
			err = os.WriteFile(path, b, 0o600)
		}
		paths = append(paths, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// A process that is killed while it upgrades leaves the old schema with all
// that was in it, or the new one.
func TestAKilledUpgradeLeavesOneOfTheTwo(t *testing.T) {
	for round, version := range []int{1, 3, 4, 5} {
		dir := t.TempDir()
		paths := children(t, dir, version, round+3)
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), "BELLWIRE_TEST_UPGRADING="+dir)
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		for range round + 1 { // then it is at the next
			if _, err := fmt.Fscanln(out, new(int)); err != nil {
				t.Fatal(err)
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		for i, path := range paths {
			report, err := Check(t.Context(), path)
			if err != nil || report.Damage != nil || report.Events != 300 || report.Schema != version && report.Schema != len(schemas()) {
				t.Errorf("schema %d, number %d: %+v, %v", version, i, report, err)
			}
			wantUpgraded(t, path, fmt.Sprint("killed, number ", i))
		}
	}
}

// Where the disk is full somewhere on the way, the upgrade is taken back.
func TestAnUpgradeOnAFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the size of files is limited on Linux only")
	}
	const sizes = 12
	failed := map[string]int{}
	paths := children(t, t.TempDir(), 4, sizes)
	for i, path := range paths {
		size, err := sizeOf(path)
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, filepath.Dir(path))
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), fmt.Sprint("BELLWIRE_TEST_FULL=", size*int64(i+1)/4, " ", path))
		out, err := child.CombinedOutput()
		report, checked := Check(t.Context(), path)
		if checked != nil || report.Damage != nil || report.Events != 300 {
			t.Fatalf("%+v, %v", report, checked)
		}
		switch {
		case err == nil && report.Schema == len(schemas()):
			failed["no"]++
		case err != nil && report.Schema == 4 && strings.Contains(string(out), "making the backup"):
			failed["backup"]++
		case err != nil && report.Schema == 4 && strings.Contains(string(out), "upgrading the database from schema 4"):
			failed["upgrade"]++
		default:
			t.Errorf("%v, %+v\n%s", err, report, out)
		}
		if after := contents(t, filepath.Dir(path)); err != nil && after["/bellwire.db"] != before["/bellwire.db"] {
			t.Errorf("the file has changed:\n%s", out)
		}
		wantUpgraded(t, path, "when there was room again")
	}
	if failed["no"] == 0 || failed["backup"] == 0 || failed["upgrade"] == 0 {
		t.Errorf("they failed %v", failed)
	}
	t.Log(failed)
}
