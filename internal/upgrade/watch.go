package upgrade

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// settleTime is how long nothing must happen to the program before it is
// looked at: a file is written in many steps, and a package manager makes,
// renames and removes several.
const settleTime = time.Second

// maxLinks is how many links are followed, as on Linux.
const maxLinks = 40

// errDeaf is a system that has told of changes, and does so no longer.
var errDeaf = errors.New("the system does not tell of changes any more")

// Watch calls changed once at the beginning and then whenever the program, or
// a link on the way to it, has changed and rested for a second; until ctx ends.
// It is woken by names that come and go in the folders that hold them; what is
// written to other files there does not wake it on Linux. An error says that
// the system does not tell of changes.
func (p *Program) Watch(ctx context.Context, changed func()) error {
	w, err := newWatcher()
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.follow(trail(p.path, nil)); err != nil {
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
		case e, ok := <-w.events:
			if !ok {
				return errDeaf
			}
			if p.heard != nil {
				p.heard()
			}
			if w.concerns(e) {
				settled.Reset(settleTime)
			}
		case <-w.lost:
			settled.Reset(settleTime)
		case <-settled.C:
			if err := w.follow(trail(p.path, nil)); err != nil {
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
	return w.names(filepath.Dir(path), filepath.Base(path))
}

// names reports whether the name in the folder is on the way.
func (w way) names(dir, name string) bool {
	return slices.ContainsFunc(w[dir], func(on string) bool { return strings.EqualFold(on, name) })
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
