//go:build !windows && !darwin

package autostart

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// file is the entry of the Desktop Application Autostart Specification.
func (p Program) file() (string, error) {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "autostart", p.ID+".desktop"), nil
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

// read is the entry as it is; nil where there is none.
func (p Program) read() (path string, e entry, err error) {
	path, err = p.file()
	if err != nil {
		return "", nil, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil
	}
	return path, readEntry(string(text)), err
}

func (p Program) isOn() (bool, error) {
	_, e, err := p.read()
	return e.starts(), err
}

// starts reports whether a desktop would start what e says.
func (e entry) starts() bool {
	if e == nil || e.is("Hidden", true) || e.is("X-GNOME-Autostart-enabled", false) {
		return false
	}
	here := strings.Split(os.Getenv("XDG_CURRENT_DESKTOP"), ":")
	if listed, there := e.names("OnlyShowIn", here); there && !listed {
		return false
	}
	if listed, _ := e.names("NotShowIn", here); listed {
		return false
	}
	if try, ok := e.get("TryExec"); ok && try != "" && !runs(unescape(try)) {
		return false
	}
	line, _ := e.get("Exec")
	argv, err := splitExec(line)
	return err == nil && runs(argv[0])
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
	path, e, err := p.read()
	if err != nil {
		return err
	}
	ours := e == nil || e.String() == p.entry().String()
	switch {
	case !on && e == nil:
		return nil
	case !on && ours:
		return os.Remove(path)
	case !on:
		return write(path, []byte(e.with("Hidden", "true").String()))
	case ours:
		return write(path, []byte(p.entry().String()))
	}
	changed := e.with("X-GNOME-Autostart-enabled", "true")
	if changed.is("Hidden", true) {
		changed = changed.with("Hidden", "false")
	}
	if !changed.starts() { // it is of another place, or broken
		changed = p.entry()
	}
	return write(path, []byte(changed.String()))
}
