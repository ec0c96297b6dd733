package autostart

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// file is the launch agent's; launchd reads it at the next login.
func (p Program) file() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, "Library", "LaunchAgents", p.label()+".plist"), nil
}

// look is how things are.
func (p Program) look() (Status, error) {
	on, err := p.isOn()
	return Status{On: on}, err
}

// sandbox is the id of the sandbox that this process runs in: none here.
func sandbox() string { return "" }

func (p Program) isOn() (bool, error) {
	path, err := p.file()
	if err != nil {
		return false, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a, err := readAgent(text)
	return err == nil && a.starts(exists), nil
}

func (p Program) set(on bool) error {
	path, err := p.file()
	if err != nil {
		return err
	}
	if on {
		return write(path, p.agent())
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
