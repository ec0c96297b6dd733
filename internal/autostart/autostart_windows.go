package autostart

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	runKey = `Software\Microsoft\Windows\CurrentVersion\Run`
	// approvedKey is where the task manager and the settings note what people
	// have switched off there.
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

// look is how things are.
func (p Program) look() (Status, error) {
	line, err := p.entry()
	if err != nil {
		return Status{}, gone(err)
	}
	argv, err := windows.DecomposeCommandLine(line)
	if err != nil || len(argv) == 0 || argv[0] == "" {
		return Status{Reason: Broken}, nil
	}
	if !exists(argv[0]) {
		return Status{Reason: Gone, Detail: argv[0]}, nil
	}
	on, err := p.approved()
	switch {
	case err != nil:
		return Status{}, err
	case !on:
		return Status{Reason: SwitchedOff}, nil
	case len(p.Argv) > 0 && !p.startedBy(argv):
		return Status{On: true, Reason: OtherProgram, Detail: line}, nil
	}
	return Status{On: true}, nil
}

// startedBy reports whether a command is p's, whose path may be written in
// other letters.
func (p Program) startedBy(argv []string) bool {
	return strings.EqualFold(filepath.Clean(argv[0]), filepath.Clean(p.Argv[0])) && slices.Equal(argv[1:], p.Argv[1:])
}

// sandbox is the id of the sandbox that this process runs in: none here.
func sandbox() string { return "" }

// entry is the command that is started at login; registry.ErrNotExist where
// there is none.
func (p Program) entry() (string, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return "", err
	}
	defer k.Close()
	line, _, err := k.GetStringValue(p.ID)
	return line, err
}

// approved reports whether nobody has switched the entry off.
func (p Program) approved() (bool, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer k.Close()
	value, _, err := k.GetBinaryValue(p.ID)
	if errors.Is(err, registry.ErrNotExist) {
		return true, nil
	}
	return err == nil && !switchedOff(value), err
}

func (p Program) set(on bool) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer k.Close()
	if on {
		err = k.SetStringValue(p.ID, windows.ComposeCommandLine(p.Argv))
	} else {
		err = gone(k.DeleteValue(p.ID))
	}
	if err != nil {
		return err
	}
	// What was switched off there is wanted now, or is not there any more.
	approved, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE)
	if err != nil {
		return gone(err)
	}
	defer approved.Close()
	return gone(approved.DeleteValue(p.ID))
}

// gone is err, unless it says that something was not there.
func gone(err error) error {
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	return err
}
