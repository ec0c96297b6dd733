package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// spare is what a disk has to have left beside what a copy takes, in bytes.
const spare = 16 << 20

// temporary is in the name of a copy that is not whole yet.
const temporary = ".new-"

// stale is how long nobody has written to a copy that nobody makes any more.
const stale = time.Hour

// parts are what follows a database's path in the names of the files that
// SQLite keeps beside it.
var parts = []string{"-wal", "-shm", "-journal"}

// locate is the absolute path of a database. What SQLite keeps beside it is
// where a link leads, not beside the link.
func locate(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path, nil // a link that leads nowhere is told by who opens it
}

// copyDatabase writes a copy of the database at from, its log included, to
// the file to, with mode 0600: whole, or not at all. What is at to is
// replaced. The database may be in use; it is read in one transaction, so that
// the copy is of one moment.
func copyDatabase(ctx context.Context, from, to string) error {
	tmp, err := copyBeside(ctx, from, to)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return syncFolder(filepath.Dir(to))
}

// copyBeside is the first half of copyDatabase: the copy is on the disk, under
// a temporary name in the folder of to.
func copyBeside(ctx context.Context, from, to string) (tmp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+temporary) // mode 0600
	if err != nil {
		return "", err
	}
	tmp = f.Name()
	made := tmp // which a return with an error clears
	defer func() {
		if err != nil {
			err = errors.Join(err, removeDatabase(made))
		}
	}()
	if err := f.Close(); err != nil {
		return "", err
	}
	if err := vacuumInto(ctx, from, tmp); err != nil {
		return "", err
	}
	return tmp, syncFile(tmp)
}

// readTries is how often a database is read anew where somebody begins to write
// it meanwhile.
const readTries = 3

// steady calls read until nobody has disturbed it: what it found of a database
// that changed below it counts for nothing, damage least of all.
func steady(ctx context.Context, path string, read func() error) error {
	for range readTries {
		if alone, err := undisturbed(path, read); alone || ctx.Err() != nil {
			return err
		}
	}
	return errInUse
}

// vacuumInto fills the empty file to.
func vacuumInto(ctx context.Context, from, to string) error {
	return steady(ctx, from, func() error {
		if err := os.Truncate(to, 0); err != nil { // of the last time
			return err
		}
		db, err := openQuietly(from)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
		return errors.Join(err, db.Close())
	})
}

// undisturbed reads a database, and reports whether that holds. One that has no
// log nobody writes, and it is read without locks (see openQuietly): where a
// daemon has started meanwhile, parts of what was read are older than others.
func undisturbed(path string, read func() error) (holds bool, err error) {
	before, err := os.Stat(path)
	if err != nil {
		return true, err
	}
	if logSize(path) > 0 {
		return true, read()
	}
	err = read()
	after, gone := os.Stat(path)
	return gone == nil && logSize(path) == 0 && os.SameFile(before, after) && before.Size() == after.Size() && before.ModTime().Equal(after.ModTime()), err
}

// sweep removes what copies have left that were killed: of a folder, the
// temporary files whose names begin with prefix, and to which nobody has
// written for the time rested.
func sweep(dir, prefix string, rested time.Duration) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the copy will say so
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) || !strings.Contains(e.Name(), temporary) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) >= rested {
			_ = os.Remove(filepath.Join(dir, e.Name())) // the next one tries again
		}
	}
}

// copyFile copies a file that nobody writes, for its owner alone.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// syncFile waits until a file is on the disk.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder waits until the names in a folder are on the disk, where a
// system can be asked for that.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		err = nil
	}
	return errors.Join(err, f.Close())
}
