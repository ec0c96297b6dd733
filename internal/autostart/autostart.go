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
	// ID names the entry among others: bellwire.
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
}

// ErrUnavailable is why [Program.Set] does nothing; the text after it is
// [Status.Unavailable].
var ErrUnavailable = errors.New("starting at login cannot be changed from here")

// Status is how things are now.
func (p Program) Status() (Status, error) {
	p = p.outside()
	if why := p.unavailable(); why != "" {
		return Status{Unavailable: why}, nil
	}
	on, err := p.isOn()
	return Status{On: on}, err
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
	case os.Getenv("FLATPAK_ID") != "" || exists("/.flatpak-info"):
		return "inside a Flatpak the desktop's own settings decide what starts at login"
	case os.Getenv("SNAP_NAME") != "":
		return "inside a snap the desktop's own settings decide what starts at login"
	case !filepath.IsAbs(p.Argv[0]):
		return "it is not known where the program is"
	case !p.stays && isTemporary(p.Argv[0]):
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
