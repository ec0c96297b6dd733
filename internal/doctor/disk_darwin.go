package doctor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// network is the kind of a network file system; empty for a disk.
func network(path string) string {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil || s.Flags&unix.MNT_LOCAL != 0 {
		return ""
	}
	return unix.ByteSliceToString(s.Fstypename[:])
}

// space is how many bytes and files are left.
func space(path string) (free, files uint64, id string, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, "", err
	}
	return s.Bavail * uint64(s.Bsize), s.Ffree, fmt.Sprint(s.Fsid), nil
}

// mountOf is where the file system of a path is mounted.
func mountOf(path string) string {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return path
	}
	return unix.ByteSliceToString(s.Mntonname[:])
}
