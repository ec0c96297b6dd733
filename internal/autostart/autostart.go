package autostart

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Program is what starts at login. All of it is required.
type Program struct {
	// ID names the entry among others: bellwire. On Linux the entry's file is
	// called by the application's id, io.bellwire.Bellwire, as its menu entry.
	ID string
	// Name and About are for people.
	Name, About string
	// Argv is the program's absolute path, and its arguments. Empty: this
	// program must not start by itself.
	Argv []string

	stays bool // for tests: the program's folder is not emptied
}

// Status is whether a program starts at login.
type Status struct {
	On bool
	// Unavailable says why that cannot be changed from here; empty: it can.
	Unavailable string
	// Reason is what there is to know besides; empty for nothing, or where the
	// system does not tell.
	Reason Reason
	// Detail is what Reason is about: a command or a file.
	Detail string
}

// A Reason is why something does not start although there is an entry, or
// what is to be known of one that does.
type Reason string

// All reasons. The first three are of entries that start something.
const (
	OtherProgram Reason = "other-program" // the entry starts another command: Detail
	SystemWide   Reason = "system-wide"   // the entry is everybody's: Detail is its file
	InPortal     Reason = "portal"        // the desktop keeps the entry for a sandbox
	Hidden       Reason = "hidden"        // Hidden=true: switched off by hand or by the desktop
	SwitchedOff  Reason = "switched-off"  // the desktop's own switch is off
	NotHere      Reason = "not-here"      // the entry is not for this desktop: Detail is its name
	Gone         Reason = "gone"          // its program is not there: Detail
	Broken       Reason = "broken"        // the entry has no command that can be read
)

// Why is Reason in words; empty for none.
func (s Status) Why() string {
	switch s.Reason {
	case OtherProgram:
		return "the entry starts another command than this Bellwire: " + s.Detail
	case SystemWide:
		return "by the entry for all users, " + s.Detail
	case InPortal:
		return "the desktop starts it, since it runs in a sandbox"
	case Hidden:
		return "the entry is hidden (Hidden=true), by hand or by the desktop's settings"
	case SwitchedOff:
		return "switched off in the desktop's settings"
	case NotHere:
		return "the entry is not for this desktop (" + s.Detail + ")"
	case Gone:
		return "the program that the entry starts is not there: " + s.Detail
	case Broken:
		return "the entry has no command that can be read"
	}
	return ""
}

// ErrUnavailable is why [Program.Set] does nothing; the text after it is
// [Status.Unavailable].
var ErrUnavailable = errors.New("starting at login cannot be changed from here")

// Status is how things are now.
func (p Program) Status() (Status, error) {
	p = p.outside()
	s, err := p.look()
	s.Unavailable = p.unavailable()
	return s, err
}

// Set makes the program start at login or not, and tells how it is then.
func (p Program) Set(on bool) (Status, error) {
	p = p.outside()
	if why := p.unavailable(); why != "" {
		return Status{Unavailable: why}, fmt.Errorf("%w: %s", ErrUnavailable, why)
	}
	if err := p.set(on); err != nil {
		return Status{}, fmt.Errorf("changing what starts at login: %w", err)
	}
	return p.Status()
}

// outside is p as it is called from outside of an AppImage, whose inside is
// at another place each time.
func (p Program) outside() Program {
	image := os.Getenv("APPIMAGE")
	if len(p.Argv) > 0 && filepath.IsAbs(image) && strings.Contains(p.Argv[0], string(filepath.Separator)+".mount_") {
		p.Argv = append([]string{image}, p.Argv[1:]...)
	}
	return p
}

// unavailable says why p cannot be started at login from here; empty: it can.
func (p Program) unavailable() string {
	switch {
	case len(p.Argv) == 0:
		return "this " + p.name() + " was started without a desktop, or to try it out"
	case os.Getenv("SNAP_NAME") != "":
		return "inside a snap the desktop's own settings decide what starts at login"
	case !filepath.IsAbs(p.Argv[0]):
		return "it is not known where the program is"
	case !p.stays && sandbox() == "" && isTemporary(p.Argv[0]):
		return p.Argv[0] + " is in a folder for temporary files; install the program first"
	}
	return ""
}

func (p Program) name() string {
	if p.Name == "" {
		return "program"
	}
	return p.Name
}

// isTemporary reports whether a program will soon be gone: one that go run
// built, one that macOS runs from a copy, or one in a folder that is emptied.
func isTemporary(path string) bool {
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		if strings.HasPrefix(part, "go-build") || part == "AppTranslocation" {
			return true
		}
	}
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
