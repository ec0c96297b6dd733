//go:build !linux

package upgrade

import (
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// A watcher tells of changes in the folders of a way.
type watcher struct {
	events <-chan fsnotify.Event
	lost   <-chan error // events were
	way    way

	w *fsnotify.Watcher
}

func newWatcher() (*watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return &watcher{events: w.Events, lost: w.Errors, w: w}, nil
}

func (w *watcher) close() { _ = w.w.Close() }

// follow makes w watch the folders of the way, and no others.
func (w *watcher) follow(to way) error {
	w.way = to
	for _, dir := range w.w.WatchList() {
		if _, wanted := to[filepath.Clean(dir)]; !wanted {
			_ = w.w.Remove(dir) // it may be gone
		}
	}
	for dir := range to {
		// Adding a folder again is nothing, unless it is another one by now.
		if err := w.w.Add(dir); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// concerns reports whether the event is of something on the way.
func (w *watcher) concerns(e fsnotify.Event) bool { return w.way.concerns(e.Name) }
