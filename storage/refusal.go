package storage

import (
	"errors"
	"fmt"
)

// RefusalKind says why a database is not opened.
type RefusalKind string

// The kinds of a [Refusal].
const (
	RefusedNewer   RefusalKind = "newer"   // a newer program wrote it
	RefusedDamaged RefusalKind = "damaged" // it is not what was written
	RefusedForeign RefusalKind = "foreign" // it is somebody else's
	RefusedRoom    RefusalKind = "room"    // the disk has no room for an upgrade
	RefusedUpgrade RefusalKind = "upgrade" // an upgrade failed, and was taken back
)

// A Refusal is why a database is not opened. The database is as it was.
type Refusal struct {
	Kind RefusalKind
	err  error
	hint string
}

func (r *Refusal) Error() string { return r.err.Error() }

func (r *Refusal) Unwrap() error { return r.err }

// Hint is what a person can do about it.
func (r *Refusal) Hint() string { return r.hint }

// errForeign is a database that another program has made.
var errForeign = errors.New("the file is a database, but not Bellwire's")

// refusal is err as a Refusal where the file is damaged or somebody else's.
func refused(path string, err error) error {
	if _, ok := errors.AsType[*Refusal](err); ok {
		return err
	}
	switch {
	case errors.Is(err, errForeign):
		return &Refusal{RefusedForeign, err, fmt.Sprintf("Move %q away, or choose another folder with --dir", path)}
	case damaged(err):
		if !errors.Is(err, errDamaged) {
			err = fmt.Errorf("%w: %w", errDamaged, err)
		}
		return &Refusal{RefusedDamaged, err, damageHint(path, notDatabase(err))}
	}
	return err
}

// damageHint is what to do about a damaged database. Of one whose beginning is
// lost nothing can be read.
func damageHint(path string, lost bool) string {
	hint := "Nothing has been changed. Go back to a backup that you have made: bellwire restore FILE"
	if backup := newestFor(path, Schema()); backup != "" {
		hint = fmt.Sprintf("Nothing has been changed. Go back to the newest backup: bellwire restore %q", backup)
	}
	if lost {
		return hint + fmt.Sprintf("; or begin anew: move %q away", path)
	}
	return hint + fmt.Sprintf("; or save what can be read: bellwire salvage %q saved.db, then: bellwire restore saved.db", path)
}

// Size is a number of bytes for people: "1.2 GB".
func Size(bytes int64) string {
	const unit = 1000
	if bytes < unit*unit {
		return fmt.Sprintf("%d kB", (bytes+unit-1)/unit)
	}
	size, suffix := float64(bytes)/unit/unit, "MB"
	for _, next := range []string{"GB", "TB"} {
		if size < unit {
			break
		}
		size, suffix = size/unit, next
	}
	return fmt.Sprintf("%.1f %s", size, suffix)
}
