//go:build !windows

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// become makes this process another program: the process id stays, which
// service managers and sessions go by. Every other file of this process is
// closed by that. It returns only when that has failed.
func become(program, name string, args []string, h handover, lock *os.File) error {
	if lock != nil {
		// No program that is started meanwhile may have the lock as well: it
		// would keep the folder.
		syscall.ForkLock.Lock()
		defer syscall.ForkLock.Unlock()
		if _, err := unix.FcntlInt(lock.Fd(), unix.F_SETFD, 0); err != nil {
			return err
		}
		defer func() { _, _ = unix.FcntlInt(lock.Fd(), unix.F_SETFD, unix.FD_CLOEXEC) }()
	}
	err := syscall.Exec(program, append([]string{name}, args...), h.environ())
	return &os.PathError{Op: "starting", Path: program, Err: err}
}

// inherited is an open file of the process before this one.
func inherited(fd uintptr) *os.File {
	if _, err := unix.FcntlInt(fd, unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
		return nil // it is not open
	}
	return os.NewFile(fd, "the lock of Bellwire's folder")
}
