package storage

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Backup is a copy of the database that Bellwire has put aside.
type Backup struct {
	Path     string
	Schema   int       // 0: of a database that restoring another has replaced
	Made     time.Time // in UTC
	Size     int64     // in bytes
	Replaced bool      // set aside when another was restored
}

// keptBackups is how many copies of a kind are kept: made before an upgrade,
// and set aside when another was restored.
const keptBackups = 2

// backupTime is the time in the name of a copy, in UTC.
const backupTime = "20060102T150405"

var backupName = regexp.MustCompile(`^bellwire-(?:schema([0-9]{1,6})|(replaced))-([0-9]{8}T[0-9]{6})(?:-[0-9]{1,3})?\.db$`)

// backupFolder is where the copies of the database at path are.
func backupFolder(path string) string { return filepath.Join(filepath.Dir(path), "backups") }

// Backups lists the copies of the database at path that Bellwire has made by
// itself, the newest first. Other files are left out.
func Backups(path string) ([]Backup, error) {
	path, err := locate(path)
	if err != nil {
		return nil, fmt.Errorf("looking for backups: %w", err)
	}
	dir := backupFolder(path)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for backups: %w", err)
	}
	var found []Backup
	for _, entry := range entries {
		m := backupName.FindStringSubmatch(entry.Name())
		if m == nil || !entry.Type().IsRegular() {
			continue
		}
		b := Backup{Path: filepath.Join(dir, entry.Name()), Replaced: m[2] != ""}
		b.Schema, _ = strconv.Atoi(m[1]) // the expression holds digits only
		if b.Made, err = time.Parse(backupTime, m[3]); err != nil {
			continue
		}
		if b.Size, err = sizeOf(b.Path); err != nil {
			continue // gone meanwhile
		}
		found = append(found, b)
	}
	slices.SortFunc(found, func(a, b Backup) int {
		return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(len(b.Path), len(a.Path)), cmp.Compare(b.Path, a.Path))
	})
	return found, nil
}

// newBackupPath is where a copy of the database at path goes that is made
// now; what says of which kind it is. Its folder is there.
func newBackupPath(path, what string) (string, error) {
	dir := backupFolder(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	stem := "bellwire-" + what + "-" + time.Now().UTC().Format(backupTime)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	// Behind all others of this second, also those that are gone but for one.
	next := 1
	for _, e := range entries {
		rest, found := strings.CutPrefix(e.Name(), stem)
		if !found {
			continue
		}
		n, err := strconv.Atoi(strings.Trim(rest, "-.dbwalshm"))
		if err != nil {
			n = 1
		}
		next = max(next, n+1)
	}
	if next > 1 {
		stem += "-" + strconv.Itoa(next)
	}
	return filepath.Join(dir, stem+".db"), nil
}

// prune removes all but the newest copies of each kind, and never
// those named: where the clock was set back the newest looks old.
func prune(path string, never ...string) error {
	all, err := Backups(path)
	left := map[bool]int{}
	for _, b := range all {
		if left[b.Replaced]++; left[b.Replaced] > keptBackups && !slices.Contains(never, b.Path) {
			err = errors.Join(err, removeDatabase(b.Path))
		}
	}
	return err
}

// removeDatabase removes a database that nobody has open.
func removeDatabase(path string) (err error) {
	for _, suffix := range append([]string{""}, parts...) {
		if gone := os.Remove(path + suffix); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// newestFor is the newest copy, made before an upgrade, that a program can
// use that knows the given schema; empty where there is none.
func newestFor(path string, schema int) string {
	all, err := Backups(path)
	if err != nil {
		return ""
	}
	for _, b := range all {
		if !b.Replaced && b.Schema <= schema {
			return b.Path
		}
	}
	return ""
}
