package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// networks are the types of file systems of other machines (statfs(2)).
var networks = map[int64]string{
	unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.SMB2_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "SMB",
	unix.CEPH_SUPER_MAGIC: "Ceph", unix.AFS_SUPER_MAGIC: "AFS", unix.CODA_SUPER_MAGIC: "Coda", unix.V9FS_MAGIC: "9P",
}

// network is the kind of a network file system; empty for a disk.
func network(path string) string {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return ""
	}
	return networks[int64(s.Type)]
}

// space is how many bytes and files are left. A file system that does not
// count its files has one more.
func space(path string) (free, files uint64, id string, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, "", err
	}
	files = s.Ffree
	if s.Files == 0 {
		files = 1
	}
	return s.Bavail * uint64(s.Bsize), files, fmt.Sprint(s.Fsid) + mountOf(path), nil
}

// mountOf is where the file system of a path is mounted (proc(5),
// /proc/PID/mountinfo).
func mountOf(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return path
	}
	best := ""
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		at := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(fields[4])
		if rel, err := filepath.Rel(at, path); err == nil && filepath.IsLocal(rel) && len(at) >= len(best) {
			best = at
		}
	}
	if best == "" {
		return path
	}
	return best
}
