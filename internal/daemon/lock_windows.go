package daemon

import (
	"fmt"
	"os"

	"github.com/gofrs/flock"
)

// A folderLock keeps other daemons away from a folder.
type folderLock struct{ *flock.Flock }

// lockFolder takes the lock at path. [ErrRunning] when somebody else has it.
func lockFolder(path string, _ *os.File) (*folderLock, error) {
	lock := flock.New(path, flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking Bellwire's folder: %w", err)
	}
	if !locked {
		return nil, ErrRunning
	}
	return &folderLock{lock}, nil
}

// HandOver keeps the folder's lock for the program that this one becomes,
// which cannot be done here: it is nil.
func (a *App) HandOver() *os.File { return nil }
