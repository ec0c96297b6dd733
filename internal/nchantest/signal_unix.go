//go:build unix

package nchantest

import (
	"os"
	"syscall"
)

func suspend(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

func resume(p *os.Process) error { return p.Signal(syscall.SIGCONT) }

// terminate is nginx's fast shutdown: the master ends its workers.
func terminate(p *os.Process) { _ = p.Signal(syscall.SIGTERM) }
