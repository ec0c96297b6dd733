//go:build unix

package daemon

import (
	"fmt"
	"os"
	"syscall"
)

// checkFolder refuses a folder that another user could change: whoever may
// write there can put another database, log or socket in the place of ours,
// although these are readable by this user alone. Root knows what it does: in
// a container the folder often is somebody else's.
func checkFolder(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	owner := -1
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		owner = int(stat.Uid)
	}
	if reason := exposed(info.Mode(), owner, os.Geteuid()); reason != "" {
		return &os.PathError{Op: "using Bellwire's folder", Path: path, Err: fmt.Errorf("%s", reason)}
	}
	return nil
}

// exposed says why a folder of owner's with this mode is not for user alone
// to change; empty when it is. Write permission of a group is left to who gave
// it: on many systems everybody has a group of their own.
func exposed(mode os.FileMode, owner, user int) string {
	switch {
	case mode.Perm()&0o002 != 0:
		return "every user of this machine may write to it"
	case user != 0 && owner != user && owner != 0:
		return fmt.Sprintf("it belongs to user %d", owner)
	default:
		return ""
	}
}
