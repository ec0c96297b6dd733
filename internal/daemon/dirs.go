package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"
)

// Dirs says where Bellwire keeps its files. All are absolute.
type Dirs struct {
	Data    string // the database
	State   string // the log
	Runtime string // the socket
	Config  string // what a person writes; not made
}

// FindDirs returns the places for dir, or the user's own (the XDG base
// directories and their like on other systems) when dir is empty. It makes
// nothing.
func FindDirs(dir string) (Dirs, error) {
	if dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return Dirs{}, err
		}
		return Dirs{Data: abs, State: abs, Runtime: abs, Config: abs}, nil
	}
	d := Dirs{
		Data:    filepath.Join(xdg.DataHome, "bellwire"),
		State:   filepath.Join(xdg.StateHome, "bellwire"),
		Runtime: filepath.Join(xdg.RuntimeDir, "bellwire"),
		Config:  filepath.Join(xdg.ConfigHome, "bellwire"),
	}
	// A runtime directory is a promise of the session; without one (cron, a
	// bare ssh) the state directory does.
	if info, err := os.Stat(xdg.RuntimeDir); err != nil || !info.IsDir() {
		d.Runtime = d.State
	}
	return d, nil
}

// Make makes the folders, for this user only. One that is there already is an
// error where other users may change it.
func (d Dirs) Make() error {
	for _, dir := range []string{d.Data, d.State, d.Runtime} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("making Bellwire's folder: %w", err)
		}
		if err := checkFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

// Lock takes the folders as a daemon does, until the lock is closed.
// [ErrRunning] where somebody has them.
func (d Dirs) Lock() (io.Closer, error) {
	if err := d.Make(); err != nil {
		return nil, err
	}
	lock, err := lockFolder(d.lock(), nil)
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// endedStep is how often Ended looks.
const endedStep = 20 * time.Millisecond

// Ended waits until no daemon has the folders, or until ctx ends.
func (d Dirs) Ended(ctx context.Context) error {
	lock := flock.New(d.lock(), flock.SetFlag(os.O_RDONLY))
	_, err := lock.TryRLockContext(ctx, endedStep)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, lock.Close())
}

// Database is the path of the database.
func (d Dirs) Database() string { return filepath.Join(d.Data, "bellwire.db") }

// Socket is the path of the control API's socket.
func (d Dirs) Socket() string { return filepath.Join(d.Runtime, "bellwire.sock") }

// Log is the path of the log.
func (d Dirs) Log() string { return filepath.Join(d.State, "bellwire.log") }

// Presets is the folder of a person's own presets.
func (d Dirs) Presets() string { return filepath.Join(d.Config, "presets") }

func (d Dirs) lock() string    { return filepath.Join(d.Data, "bellwire.lock") }
func (d Dirs) secrets() string { return filepath.Join(d.Data, "secrets.json") }
func (d Dirs) icon() string    { return filepath.Join(d.Data, "bellwire.png") }
