package upgrade

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long nothing must happen to the program before it is
// looked at: a file is written in many steps, and a package manager makes,
// renames and removes several.
const settleTime = time.Second

// maxLinks is how many links are followed, as on Linux.
const maxLinks = 40

// Watch calls changed once at the beginning and then whenever the program, or
// a link on the way to it, has changed and rested for a second; until ctx ends.
// It is woken only by changes in the folders that hold them. An error says that
// the system does not tell of changes.
func (p *Program) Watch(ctx context.Context, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	way := trail(p.path, nil)
	if err := follow(w, way); err != nil {
		return err
	}
	changed()
	settled := time.NewTimer(0)
	if !settled.Stop() {
		<-settled.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.Events:
			if ok && way.concerns(e.Name) {
				settled.Reset(settleTime)
			}
		case <-w.Errors: // events were lost
			settled.Reset(settleTime)
		case <-settled.C:
			way = trail(p.path, nil)
			if err := follow(w, way); err != nil {
				return err
			}
			changed()
		}
	}
}

// A way is what leads to a program: the names that matter, by the folder they
// are in.
type way map[string][]string

func (w way) add(dir, name string) { w[dir] = append(w[dir], name) }

// concerns reports whether an event of path does. A folder's own end does,
// too.
func (w way) concerns(path string) bool {
	path = filepath.Clean(path)
	if _, folder := w[path]; folder {
		return true
	}
	base := filepath.Base(path)
	for _, name := range w[filepath.Dir(path)] {
		if strings.EqualFold(name, base) {
			return true
		}
	}
	return false
}

// trail follows the links of path. Where something is missing, it ends in the
// folder in which that would appear. passed is called with everything on the
// way but the root, links as such; nil for nobody.
func trail(path string, passed func(path string, info fs.FileInfo)) way {
	w := way{}
	root := filepath.VolumeName(path) + string(filepath.Separator)
	dir, rest := root, parts(path)
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			dir = filepath.Dir(dir)
			continue
		}
		full := filepath.Join(dir, name)
		info, err := os.Lstat(full)
		if err != nil || len(rest) == 0 {
			w.add(dir, name)
		}
		if err != nil {
			return w
		}
		if passed != nil {
			passed(full, info)
		}
		if info.Mode()&os.ModeSymlink == 0 {
			dir = full
			continue
		}
		target, err := os.Readlink(full)
		if links++; err != nil || links > maxLinks {
			return w
		}
		if len(rest) > 0 {
			w.add(dir, name)
		}
		if filepath.IsAbs(target) {
			dir = root
		}
		rest = append(parts(target), rest...)
	}
	return w
}

// parts are the names in a path, without those that say nothing.
func parts(path string) (names []string) {
	path = filepath.ToSlash(path[len(filepath.VolumeName(path)):])
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && name != "." {
			names = append(names, name)
		}
	}
	return names
}

// follow makes w watch the folders of the way, and no others.
func follow(w *fsnotify.Watcher, to way) error {
	for _, dir := range w.WatchList() {
		if _, wanted := to[filepath.Clean(dir)]; !wanted {
			_ = w.Remove(dir) // it may be gone
		}
	}
	for dir := range to {
		// Adding a folder again is nothing, unless it is another one by now.
		if err := w.Add(dir); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
