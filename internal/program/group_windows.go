package program

import (
	"os/exec"
	"syscall"
)

// ownGroup shows no console window.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true} }
