package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A folder is one of Bellwire's, and what is in it.
type folder struct{ name, path string }

// folders are those of o, each once.
func (o *Options) folders() (all []folder) {
	for _, f := range []folder{{"data folder", o.Data}, {"state folder", o.State}, {"runtime folder", o.Runtime}} {
		if f.path != "" && !slices.ContainsFunc(all, func(g folder) bool { return g.path == f.path }) {
			all = append(all, f)
		}
	}
	return all
}

// see names the check that tells why nothing in the folder of path can be
// used; empty where that can be.
func (o *Options) see(path string) string {
	for _, dir := range o.folders() {
		if dir.path != filepath.Dir(path) {
			continue
		}
		info, err := os.Stat(dir.path)
		if err == nil {
			if _, mine := owner(info); !mine {
				return "See " + dir.name
			}
			_, err = os.Stat(dir.path + "/.") // may it be searched?
		}
		if errors.Is(err, fs.ErrPermission) {
			return "See " + dir.name
		}
	}
	return ""
}

func lookFolders(_ context.Context, o *Options) (found []Finding) {
	for _, dir := range o.folders() {
		f := lookFolder(o, dir.path)
		f.Name = dir.name
		found = append(found, f)
	}
	if info, err := os.Stat(o.Secrets); err == nil && looseMode(info) {
		f := failure("Keep it to yourself:"+run+"chmod 600 "+Word(o.Secrets), "%s can be read by others (mode %04o)", o.Secrets, info.Mode().Perm())
		f.Name = "secrets"
		found = append(found, f)
	}
	return found
}

// looseMode reports whether a mode lets others in, where modes mean that.
func looseMode(info fs.FileInfo) bool { return modesMatter && info.Mode().Perm()&0o077 != 0 }

func lookFolder(o *Options, path string) Finding {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := o.probe(existing(path)); err != nil {
			return o.unmakeable(path, err)
		}
		return good("%s is made when Bellwire starts", path)
	case err != nil:
		return o.unwritable(path, err)
	case !info.IsDir():
		return failure("Put the file aside:"+run+here().renamed+Word(path)+" "+Word(path+".old"), "%s is no folder", path)
	}
	if user, mine := owner(info); !mine {
		return failure("Make it yours:"+run+"sudo chown -R \"$(id -un)\": "+Word(path), "%s belongs to another user (%s)", path, user)
	}
	if err := o.probe(path); err != nil {
		return o.unwritable(path, err)
	}
	if looseMode(info) {
		return warning("Keep it to yourself:"+run+"chmod 700 "+Word(path), "%s can be looked into by others (mode %04o)", path, info.Mode().Perm())
	}
	if kind := network(path); kind != "" {
		return warning("Copy it to a new folder, DIR, on a disk of this machine, and use that:"+run+o.quit()+here().copied+Word(path)+" DIR; bellwire --dir DIR",
			"%s is on a network file system (%s), where a database can be damaged", path, kind)
	}
	return good("%s is yours alone and writable", path)
}

// existing is the closest folder above path that is there.
func existing(path string) string {
	for {
		above := filepath.Dir(path)
		if _, err := os.Stat(above); err == nil || above == path {
			return above
		}
		path = above
	}
}

// probeSize is what a probe writes: a page of the database.
const probeSize = 4096

// probe writes a file into a folder, and removes it.
func probe(path string) error {
	f, err := os.CreateTemp(path, ".bellwire-doctor-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeSize))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// unwritable is a folder that cannot be written to.
func (o *Options) unwritable(path string, err error) Finding {
	info, statErr := os.Stat(path)
	mine := statErr == nil
	if mine {
		_, mine = owner(info)
	}
	do := here().mayWrite(Word(path), mine)
	switch {
	case isReadOnly(err):
		at := mountOf(path)
		return failure(here().writable(Word(at), o.quit()+"bellwire --dir DIR"),
			"%s is on a file system that is read-only (%s)", path, at)
	case isFull(err):
		return failure("See disk space", "%s takes nothing more: its disk is full", path)
	}
	if !modesMatter {
		do = "Give yourself the right to write there, in the folder's properties; or use another folder: bellwire --dir DIR"
	}
	return failure(do, "%s cannot be written to: %v", path, reason(err))
}

// unmakeable is a folder that is not there and cannot be made.
func (o *Options) unmakeable(path string, err error) Finding {
	above := existing(path)
	if isReadOnly(err) || isFull(err) || !modesMatter {
		return o.unwritable(above, err)
	}
	return failure("Make it, and make it yours:"+run+"sudo mkdir -p "+Word(path)+"; sudo chown \"$(id -un)\": "+Word(path)+"; chmod 700 "+Word(path),
		"%s cannot be made: %s cannot be written to: %v", path, above, reason(err))
}

// reason is an error without the name of the probe.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// What is left of a disk, in bytes, when it is time to say so, and when it is
// late.
const (
	spaceLow  = 500e6
	spaceGone = 20e6
)

func lookDisk(_ context.Context, o *Options) (found []Finding) {
	seen := map[string]bool{}
	for _, dir := range o.folders() {
		path := dir.path
		if _, err := os.Stat(path); err != nil {
			path = existing(path)
		}
		free, files, id, err := o.look(path)
		if err != nil || seen[id] {
			continue
		}
		seen[id] = true
		at := mountOf(path)
		do := "Look what takes it, and delete what you can spare:" + run + here().space(Word(at))
		f := good("%s free on %s", size(free), at)
		of := at
		if at != path {
			of += ", the disk of " + path
		}
		switch {
		case files == 0:
			f = failure("Look what has so many, and delete what you can spare:"+run+"du -x --inodes "+Word(at)+" 2>/dev/null | sort -n | tail -20", "no more files can be made on %s", of)
		case free < spaceGone:
			f = failure(do, "%s free on %s: nothing more is received before there is room", size(free), of)
		case free < spaceLow:
			f = warning(do, "%s free on %s", size(free), of)
		}
		found = append(found, f)
	}
	return found
}
