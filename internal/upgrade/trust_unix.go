//go:build unix

package upgrade

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// trusted refuses a program that another user could have put there: who may
// write to it, or to a folder on the way to it, must not decide what this user
// runs. Root and whoever owns what runs already decide it anyway. Write
// permission of a group is left to who gave it.
func (p *Program) trusted() (err error) {
	owners := []int{0, os.Geteuid(), p.owner}
	trail(p.path, func(path string, info fs.FileInfo) {
		if err == nil {
			err = exposed(path, info, owners)
		}
	})
	return err
}

// exposed is why what is at path is not for the owners alone to change.
func exposed(path string, info fs.FileInfo, owners []int) error {
	if owner := ownerOf(info); !slices.Contains(owners, owner) {
		return fmt.Errorf("it may not be Bellwire: %s belongs to user %d", path, owner)
	}
	// In a folder for temporary files nobody changes what is another's.
	if own := info.Mode()&fs.ModeSymlink != 0 || info.IsDir() && info.Mode()&fs.ModeSticky != 0; !own && info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("it may not be Bellwire: every user of this machine may write to %s", path)
	}
	return nil
}

// ownerOf is root where the system does not tell.
func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return 0
}
