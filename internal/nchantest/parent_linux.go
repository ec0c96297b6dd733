package nchantest

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes nginx shut down when the test process dies before its
// cleanup: at a panic, or at go test's own time limit.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
