//go:build !windows && !plan9 && !js && !wasip1

package program

import (
	"os/exec"
	"syscall"
)

// ownGroup lets what the program started die with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
