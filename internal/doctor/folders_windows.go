package doctor

import (
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// modesMatter says that a file's mode tells who may open it: lists do.
const modesMatter = false

func owner(fs.FileInfo) (name string, mine bool) { return "", true }

func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

func isFull(err error) bool { return errors.Is(err, windows.ERROR_DISK_FULL) }

// network is the kind of a network file system; empty for a disk.
func network(path string) string {
	root, err := windows.UTF16PtrFromString(mountOf(path))
	if err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return "network drive"
	}
	return ""
}

// mountOf is the drive of a path.
func mountOf(path string) string { return filepath.VolumeName(path) + `\` }

// space is how many bytes, and whether files, are left.
func space(path string) (free, files uint64, id string, err error) {
	p, err := windows.UTF16PtrFromString(path)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(p, &free, nil, nil)
	}
	return free, 1, mountOf(path), err
}
