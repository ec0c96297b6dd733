//go:build !windows

package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"syscall"
)

// modesMatter says that a file's mode tells who may open it.
const modesMatter = true

// owner is whose a file is, and whether that is us.
func owner(info fs.FileInfo) (name string, mine bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) == os.Geteuid() {
		return "", true
	}
	if u, err := user.LookupId(fmt.Sprint(st.Uid)); err == nil {
		return u.Username, false
	}
	return fmt.Sprint(st.Uid), false
}

func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
