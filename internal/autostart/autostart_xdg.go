//go:build !windows && !darwin

package autostart

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// configHome is where the person's own settings are. Inside a Flatpak it is
// the host's, which the sandbox may read.
func configHome() (string, error) {
	name := "XDG_CONFIG_HOME"
	if sandbox() != "" {
		name = "HOST_XDG_CONFIG_HOME"
	}
	if dir := os.Getenv(name); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".config"), err
}

// file is the entry of the Desktop Application Autostart Specification.
func (p Program) file() (string, error) {
	dir, err := configHome()
	return filepath.Join(dir, "autostart", cmp.Or(sandbox(), p.label())+".desktop"), err
}

// systemFile is the entry for all users, which the person's own with the same
// name replaces; empty where there is none.
func (p Program) systemFile() string {
	dirs := os.Getenv("XDG_CONFIG_DIRS")
	if dirs == "" {
		dirs = "/etc/xdg"
	}
	for _, dir := range filepath.SplitList(dirs) {
		path := filepath.Join(dir, "autostart", p.label()+".desktop")
		if filepath.IsAbs(dir) && exists(path) {
			return path
		}
	}
	return ""
}

// formerFile is where the entry was before it was called as its menu entry.
func (p Program) formerFile() (string, error) {
	dir, err := configHome()
	return filepath.Join(dir, "autostart", p.ID+".desktop"), err
}

// entry is what we write.
func (p Program) entry() entry {
	return entry{
		group,
		"Type=Application",
		"Name=" + escape(p.Name),
		"Comment=" + escape(p.About),
		"TryExec=" + escape(p.Argv[0]),
		"Exec=" + execLine(p.Argv),
		"Icon=" + escape(p.label()),
		"Terminal=false",
		"X-GNOME-Autostart-enabled=true",
	}
}

// read is the entry as it is, or the former one; nil where there is neither.
func (p Program) read() (path string, e entry, err error) {
	path, err = p.file()
	if err != nil {
		return "", nil, err
	}
	e, err = readFile(path)
	if e == nil && err == nil && sandbox() == "" {
		former, _ := p.formerFile()
		e, err = readFile(former)
	}
	return path, e, err
}

// readFile is the entry in a file; nil where there is none.
func readFile(path string) (entry, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readEntry(string(text)), nil
}

// look is how things are.
func (p Program) look() (Status, error) {
	_, e, err := p.read()
	if err != nil {
		return Status{}, err
	}
	if e != nil {
		return p.judge(e), nil
	}
	path := p.systemFile()
	if path == "" || sandbox() != "" {
		return Status{}, nil
	}
	e, err = readFile(path)
	if err != nil || e == nil {
		return Status{}, err
	}
	s := p.judge(e)
	if s.On && s.Reason == "" {
		s.Reason, s.Detail = SystemWide, path
	}
	return s, nil
}

// judge reports whether a desktop would start what e says, and whether that is
// p.
func (p Program) judge(e entry) Status {
	if e.is("Hidden", true) {
		return Status{Reason: Hidden}
	}
	if e.is("X-GNOME-Autostart-enabled", false) {
		return Status{Reason: SwitchedOff}
	}
	if desktop := os.Getenv("XDG_CURRENT_DESKTOP"); !e.isFor(desktop) {
		return Status{Reason: NotHere, Detail: desktop}
	}
	line, _ := e.get("Exec")
	argv, err := splitExec(line)
	if err != nil {
		return Status{Reason: Broken}
	}
	command := strings.Join(argv, " ")
	if id := sandbox(); id != "" { // what is outside cannot be looked for
		if slices.Contains(argv, id) {
			return Status{On: true, Reason: InPortal}
		}
		return Status{On: true, Reason: OtherProgram, Detail: command}
	}
	if try, ok := e.get("TryExec"); ok && try != "" && !runs(unescape(try)) {
		return Status{Reason: Gone, Detail: unescape(try)}
	}
	if !runs(argv[0]) {
		return Status{Reason: Gone, Detail: argv[0]}
	}
	if len(p.Argv) > 0 && !p.startedBy(argv) {
		return Status{On: true, Reason: OtherProgram, Detail: command}
	}
	return Status{On: true}
}

// startedBy reports whether a command is p's, by whatever name its program is
// called.
func (p Program) startedBy(argv []string) bool {
	if !slices.Equal(argv[1:], p.Argv[1:]) {
		return false
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return false
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(p.Argv[0])
	return path == p.Argv[0] || errA == nil && errB == nil && os.SameFile(a, b)
}

// isFor reports whether e is for a desktop, by the names that
// XDG_CURRENT_DESKTOP lists.
func (e entry) isFor(desktop string) bool {
	if desktop == "" && sandbox() != "" {
		return true // who is outside knows
	}
	here := strings.Split(desktop, ":")
	if listed, there := e.names("OnlyShowIn", here); there && !listed {
		return false
	}
	listed, _ := e.names("NotShowIn", here)
	return !listed
}

// names reports whether a list has one of the names.
func (e entry) names(key string, names []string) (listed, there bool) {
	value, there := e.get(key)
	return slices.ContainsFunc(strings.Split(value, ";"), func(s string) bool { return s != "" && slices.Contains(names, s) }), there
}

// runs reports whether a program is where it is said to be.
func runs(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// set leaves what somebody has changed in the entry as it is, as far as that
// can be.
func (p Program) set(on bool) error {
	if sandbox() != "" {
		return p.askPortal(on)
	}
	path, e, err := p.read()
	if err != nil {
		return err
	}
	if err := p.put(path, e, on); err != nil {
		return err
	}
	former, err := p.formerFile()
	if err == nil && former != path {
		if err = os.Remove(former); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return err
}

// put writes what is to be in path, where e has been.
func (p Program) put(path string, e entry, on bool) error {
	ours := e == nil || e.String() == p.entry().String()
	forAll := p.systemFile() != ""
	switch {
	case !on && forAll: // one of this name of our own replaces it
		if e == nil {
			e = p.entry()
		}
		return write(path, []byte(e.with("Hidden", "true").String()))
	case !on && ours:
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	case !on:
		return write(path, []byte(e.with("Hidden", "true").String()))
	case ours:
		return write(path, []byte(p.entry().String()))
	}
	changed := e.with("X-GNOME-Autostart-enabled", "true")
	if changed.is("Hidden", true) {
		changed = changed.with("Hidden", "false")
	}
	if !p.judge(changed).On { // it is of another place, or broken
		changed = p.entry()
	}
	return write(path, []byte(changed.String()))
}
