package main

import (
	"os"
	"os/exec"
)

// become starts another program beside this one, which has to end then: it has
// let go of everything already.
func become(program, _ string, args []string, h handover, _ *os.File) error {
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, os.Stdout, os.Stderr, h.environ()
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

func inherited(uintptr) *os.File { return nil }
