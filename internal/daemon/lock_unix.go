//go:build !windows

package daemon

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A folderLock keeps other daemons away from a folder. It is a lock of
// flock(2): it belongs to the open file, which a program can hand to the one
// it becomes, so that there is no moment in which nobody has it.
type folderLock struct{ file *os.File }

// lockFolder takes the lock at path, or goes on with the one that was handed
// over where that is the same file. [ErrRunning] when somebody else has it.
func lockFolder(path string, handed *os.File) (*folderLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking Bellwire's folder: %w", err)
	}
	if handed != nil {
		if sameFile(f, handed) {
			f, handed = handed, f
		}
		handed.Close()
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		f.Close()
		return nil, ErrRunning
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("locking Bellwire's folder: %w", err)
	}
	return &folderLock{f}, nil
}

func sameFile(a, b *os.File) bool {
	is, err := a.Stat()
	if err != nil {
		return false
	}
	other, err := b.Stat()
	return err == nil && os.SameFile(is, other)
}

// Close gives the folder back.
func (l *folderLock) Close() error { return l.file.Close() }

// HandOver keeps the folder's lock beyond Close, for the program that this one
// becomes. Call it between Run and Close; nil where a lock cannot be handed
// over.
func (a *App) HandOver() *os.File {
	f := a.lock.file
	a.lock = nil
	return f
}
