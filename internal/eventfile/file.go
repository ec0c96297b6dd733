package eventfile

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"bellwire/subscriptions"
)

// WriteFile writes events into a file for its owner alone (mode 0600), whole
// or not at all, and tells how many. Where there is a file already it is
// replaced with force; otherwise the error wraps [fs.ErrExist].
func WriteFile(path string, f Format, force bool, events iter.Seq2[subscriptions.Event, error]) (n int, err error) {
	if !force {
		if _, err := os.Lstat(path); err == nil {
			return 0, &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-") // mode 0600
	if err != nil {
		return 0, err
	}
	defer os.Remove(tmp.Name()) // nothing after the rename
	n, err = Write(tmp, f, events)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return n, err
	}
	return n, os.Rename(tmp.Name(), path)
}
