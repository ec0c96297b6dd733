package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Copied is what a backup or a restored database holds.
type Copied struct {
	Size   int64 // in bytes
	Schema int
	Feeds  int64
	Events int64 // rows of history
}

// CopyTo writes a copy of the database at path to the file to, for its owner
// alone (mode 0600): whole, or not at all. It does not matter whether a daemon
// uses the database: the copy is of one moment, and events wait no longer for
// it. Without replace the error wraps [fs.ErrExist] where there is a file at
// to; it wraps [fs.ErrNotExist] where there is no database.
func CopyTo(ctx context.Context, path, to string, replace bool) (Copied, error) {
	c, err := copyTo(ctx, path, to, replace)
	if err != nil {
		return Copied{}, fmt.Errorf("copying the database to %q: %w", to, failure(err))
	}
	return c, nil
}

func copyTo(ctx context.Context, path, to string, replace bool) (c Copied, err error) {
	if path, to, err = newCopy(path, to); err != nil {
		return c, err
	}
	if _, err := os.Lstat(to); err == nil && !replace {
		return c, fs.ErrExist
	}
	size, err := sizeOf(path)
	if err != nil {
		return c, err
	}
	if err := roomFor(size, filepath.Dir(to)); err != nil {
		return c, err
	}
	sweep(filepath.Dir(to), filepath.Base(to)+temporary, stale)
	tmp, err := copyBeside(ctx, path, to)
	if err != nil {
		return c, refused(path, err)
	}
	if c, err = holds(ctx, tmp, path); err == nil {
		err = place(tmp, to, replace)
	}
	if err != nil {
		return c, errors.Join(err, removeDatabase(tmp))
	}
	return c, nil
}

// place gives a file its name.
func place(tmp, to string, replace bool) error {
	if !replace {
		if _, err := os.Lstat(to); err == nil {
			return fs.ErrExist
		}
	}
	if err := os.Rename(tmp, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// holds counts what a copy holds, and judges it: what is not sound is no
// backup. blamed is whose fault that is.
func holds(ctx context.Context, tmp, blamed string) (Copied, error) {
	r, err := Check(ctx, tmp)
	switch {
	case err != nil:
		return Copied{}, refused(blamed, err)
	case len(r.Damage) > 0:
		return Copied{}, refused(blamed, fmt.Errorf("%w: %s", errDamaged, r.Damage[0]))
	}
	return Copied{r.Size, r.Schema, r.Feeds, r.Events}, nil
}

// Restore puts a copy of the database at from in the place of the one at
// path, which nobody may have open. It is checked first. The database that was
// there becomes kept, one of [Backups]; kept is empty where there was none. A
// process that is killed leaves one of the two in place, whole. from stays as
// it is. Nothing is changed where the error wraps [ErrTooNew] or a [Refusal].
func Restore(ctx context.Context, from, path string) (kept string, c Copied, err error) {
	if kept, c, err = restore(ctx, from, path); err != nil {
		return "", c, fmt.Errorf("restoring %q: %w", from, failure(err))
	}
	return kept, c, nil
}

func restore(ctx context.Context, from, path string) (kept string, c Copied, err error) {
	if from, err = locate(from); err == nil {
		path, err = locate(path)
	}
	if err == nil {
		err = unlike(path, from)
	}
	if err != nil {
		return "", c, err
	}
	if c, err = restorable(ctx, from); err != nil {
		return "", c, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", c, err
	}
	if err := roomFor(c.Size, filepath.Dir(path)); err != nil {
		return "", c, err
	}
	sweep(filepath.Dir(path), filepath.Base(path)+temporary, 0) // nobody else restores
	tmp, err := copyBeside(ctx, from, path)
	if err != nil {
		return "", c, err
	}
	if kept, err = exchange(ctx, tmp, path); err != nil {
		return "", c, errors.Join(err, removeDatabase(tmp))
	}
	_ = prune(path, from, kept) // one too many harms nobody
	return kept, c, nil
}

// restorable tells what a copy holds, and refuses what the next start would
// refuse.
func restorable(ctx context.Context, from string) (Copied, error) {
	r := Report{Path: from, Newest: Schema()}
	var err error
	if r.Size, err = sizeOf(from); err != nil {
		return Copied{}, err
	}
	switch err = r.read(ctx); {
	case errors.Is(err, errForeign):
		return Copied{}, &Refusal{RefusedForeign, err, "Nothing has been changed. Name a file that bellwire backup has made, or one of the folder backups beside the database"}
	case damaged(err):
		return Copied{}, damagedBackup(err)
	case err != nil:
		return Copied{}, err
	}
	switch {
	case len(r.Damage) > 0:
		return Copied{}, damagedBackup(errors.New(r.Damage[0]))
	case r.TooNew():
		return Copied{}, tooNew(from, r.Schema, r.Newest, r.Program)
	case r.Schema == 0:
		return Copied{}, &Refusal{RefusedForeign, errors.New("the file is empty"), "Nothing has been changed. Name a file that bellwire backup has made"}
	}
	return Copied{r.Size, r.Schema, r.Feeds, r.Events}, nil
}

func damagedBackup(err error) error {
	return &Refusal{RefusedDamaged, fmt.Errorf("the file is damaged, or no database at all: %w", err), "Nothing has been changed. Name another backup; bellwire doctor lists those that there are"}
}

// exchange puts the database tmp in the place of the one at path, and keeps
// that.
func exchange(ctx context.Context, tmp, path string) (kept string, err error) {
	if _, err := sizeOf(path); errors.Is(err, fs.ErrNotExist) {
		if err := partsAside(path); err != nil {
			return "", err
		}
		return "", place(tmp, path, true)
	} else if err != nil {
		return "", err
	}
	// A log that is left would be taken for the new database's.
	if err := foldLog(ctx, path); err != nil {
		return "", err
	}
	if kept, err = newBackupPath(path, "replaced"); err != nil {
		return "", err
	}
	if err := putAside(path, kept); err != nil {
		return "", errors.Join(err, removeDatabase(kept))
	}
	// Where the log could not be folded in it is beside the kept database too:
	// a process that is killed between the two lines below has lost nothing.
	for _, part := range parts {
		if err := os.Remove(path + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return kept, place(tmp, path, true)
}

// partsAside moves what is left of a database that is gone.
func partsAside(path string) error {
	for _, part := range parts {
		if _, err := os.Lstat(path + part); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		kept, err := newBackupPath(path, "replaced")
		if err == nil {
			err = os.Rename(path+part, kept+part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errInUse is a database that another process has open.
var errInUse = errors.New("another program has the database open")

// foldLog writes the log of a database back into it. That of one that is
// damaged stays.
func foldLog(ctx context.Context, path string) (err error) {
	if logSize(path) == 0 || notEmptied(path) != nil {
		return nil
	}
	db, err := openPlainly(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var busy, frames, folded int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &folded)
	if damaged(err) {
		return nil
	}
	if err == nil && busy != 0 {
		err = errInUse
	}
	return err
}

// putAside gives the database at path a second name, with its log. It stays
// where it is.
func putAside(path, kept string) error {
	for _, suffix := range []string{"-wal", "-journal", ""} {
		err := os.Link(path+suffix, kept+suffix)
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			continue
		}
		if err != nil { // a file system without links
			err = copyFile(path+suffix, kept+suffix)
		}
		if err != nil {
			return err
		}
	}
	return syncFolder(filepath.Dir(kept))
}

// roomFor asks for room for a copy of the given size, in bytes.
func roomFor(size int64, dir string) error {
	if free, err := freeSpace(dir); err == nil && free < size+spare {
		return &Refusal{
			RefusedRoom,
			fmt.Errorf("there is not enough room: %s are needed in %q, %s are free", Size(size+spare), dir, Size(free)),
			"Nothing has been changed. Free some space there, or name a file on another disk",
		}
	}
	return nil
}

// newCopy are the places of a database and of a new copy of it, which must be
// none of its own files, and nothing that is no file.
func newCopy(path, to string) (from, target string, err error) {
	if from, err = locate(path); err == nil {
		target, err = filepath.Abs(to)
	}
	if err == nil {
		err = unlike(from, target)
	}
	if err != nil {
		return "", "", err
	}
	if info, err := os.Stat(target); err == nil && !info.Mode().IsRegular() {
		return "", "", &Refusal{RefusedForeign, fmt.Errorf("what is at %q is no file", target), "Name another file"}
	}
	folder, err := os.Stat(filepath.Dir(from))
	if err != nil {
		return from, target, nil // then there is no database either
	}
	if other, err := os.Stat(filepath.Dir(target)); err == nil && os.SameFile(folder, other) {
		for _, part := range parts {
			if strings.EqualFold(filepath.Base(target), filepath.Base(from)+part) {
				return "", "", &Refusal{RefusedForeign, errors.New("under that name it would be taken for a part of the database"), "Name another file"}
			}
		}
	}
	return from, target, nil
}

// unlike refuses to make a database a copy of itself.
func unlike(path, other string) error {
	a, err := os.Stat(path)
	if err != nil {
		return nil // what is not there is not the same
	}
	if b, err := os.Stat(other); err == nil && os.SameFile(a, b) {
		return &Refusal{RefusedForeign, errors.New("that is the database itself"), "Name another file"}
	}
	return nil
}
