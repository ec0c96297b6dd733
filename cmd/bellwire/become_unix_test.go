//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A lock that was to be handed over and was not is no child's: one that
// outlives this process would keep the folder.
func TestALockThatIsNotHandedOverIsNotInherited(t *testing.T) {
	dir := t.TempDir()
	lock, err := os.Create(filepath.Join(dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := become(filepath.Join(dir, "no program"), "bellwire", nil, handover{}, lock); err == nil {
		t.Fatal("no error")
	}
	flags, err := unix.FcntlInt(lock.Fd(), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags are %d, %v", flags, err)
	}
}
