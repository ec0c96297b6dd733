package upgrade

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Of a folder only the names in it are watched, and whom they belong to: with
// what is written to its files, as fsnotify has it, every download and every
// log beside the program would wake the daemon. Of the program's file what is
// written to it is watched.
const (
	folderEvents = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_ATTRIB |
		unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
	fileEvents = unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_DONT_FOLLOW
)

// maxEvents is how much is read at once, in bytes. The kernel wants room for
// the longest name.
const maxEvents = 16 << 10

// A watcher tells of changes in the folders of a way (inotify(7)). All but
// read is of one goroutine.
type watcher struct {
	events chan event
	lost   chan error // nothing comes: an overflow is an event

	fd      int
	file    *os.File // the same; reading it waits without a thread
	closing chan struct{}
	way     way
	folders map[string]int // watches by path
	files   map[string]int
}

// An event is what the kernel tells.
type event struct {
	watch int
	mask  uint32
	name  string // in the folder
}

func newWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	w := &watcher{
		events: make(chan event), fd: fd, file: os.NewFile(uintptr(fd), "inotify"), closing: make(chan struct{}),
		folders: map[string]int{}, files: map[string]int{},
	}
	go w.read()
	return w, nil
}

// close waits until nothing is read any more.
func (w *watcher) close() {
	close(w.closing)
	_ = w.file.Close() // it was read only
	for range w.events {
	}
}

// read hands on what the kernel tells until w is closed.
func (w *watcher) read() {
	defer close(w.events)
	buf := make([]byte, maxEvents)
	for {
		n, err := w.file.Read(buf)
		if err != nil {
			return
		}
		for rest := buf[:n]; len(rest) >= unix.SizeofInotifyEvent; {
			end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(rest[12:]))
			name, _, _ := bytes.Cut(rest[unix.SizeofInotifyEvent:end], []byte{0})
			e := event{int(int32(binary.NativeEndian.Uint32(rest))), binary.NativeEndian.Uint32(rest[4:]), string(name)}
			rest = rest[end:]
			select {
			case w.events <- e:
			case <-w.closing:
				return
			}
		}
	}
}

// follow makes w watch the folders of the way and the files in them that are
// on it, and no others.
func (w *watcher) follow(to way) error {
	w.way = to
	folders, files := map[string]int{}, map[string]int{}
	for dir, names := range to {
		if err := w.watch(folders, dir, folderEvents); err != nil {
			return err
		}
		for _, name := range names {
			if err := w.watchFile(files, filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	before := []map[string]int{w.folders, w.files}
	w.folders, w.files = folders, files
	for _, watches := range before {
		for _, watch := range watches {
			w.forget(watch)
		}
	}
	return nil
}

// watch adds path to the watches. Adding one again is nothing, unless it is
// another one by now; that there is none is no error.
func (w *watcher) watch(watches map[string]int, path string, events uint32) error {
	watch, err := unix.InotifyAddWatch(w.fd, path, events)
	switch {
	case err == nil:
		watches[path] = watch
	case !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR):
		return &os.PathError{Op: "inotify_add_watch", Path: path, Err: err}
	}
	return nil
}

// watchFile adds a file to the watches; that a program may be run but not read
// is no error.
func (w *watcher) watchFile(watches map[string]int, path string) error {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	if err := w.watch(watches, path, fileEvents); !errors.Is(err, unix.EACCES) {
		return err
	}
	return nil
}

// forget ends a watch unless something on the way still has it, under the same
// name or another.
func (w *watcher) forget(watch int) {
	for _, watches := range []map[string]int{w.folders, w.files} {
		for _, still := range watches {
			if still == watch {
				return
			}
		}
	}
	_, _ = unix.InotifyRmWatch(w.fd, uint32(watch)) // what it watched may be gone
}

// concerns reports whether the event is of something on the way. A file that
// has come under a name on it is watched from then on: it may still be written.
func (w *watcher) concerns(e event) bool {
	if e.mask&unix.IN_Q_OVERFLOW != 0 {
		return true // events were lost
	}
	if e.mask&unix.IN_IGNORED != 0 {
		return false // the watch has ended: why was told before
	}
	for dir, watch := range w.folders {
		switch {
		case watch != e.watch:
		case e.name == "":
			return true // the folder itself
		case w.way.names(dir, e.name):
			w.replaced(filepath.Join(dir, e.name))
			return true
		}
	}
	for _, watch := range w.files {
		if watch == e.watch {
			return true
		}
	}
	return false
}

// replaced watches the file that is at path now.
func (w *watcher) replaced(path string) {
	before, there := w.files[path]
	delete(w.files, path)
	_ = w.watchFile(w.files, path) // follow tries again, and tells
	if there {
		w.forget(before)
	}
}
