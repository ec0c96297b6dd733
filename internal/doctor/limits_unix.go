//go:build linux || darwin

package doctor

import (
	"context"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// What Bellwire itself needs of open files, and what each feed does: a
// connection, the one that takes its place, and a forward's.
const (
	filesOwn  = 64
	filesFeed = 3
)

func lookLimits(_ context.Context, o *Options) []Finding {
	limit := openFiles(o)
	if limit == 0 {
		return nil
	}
	if need := filesOwn + filesFeed*uint64(len(o.Feeds)); limit < need {
		return []Finding{failure("In the shell that starts Bellwire:"+run+"ulimit -n 4096; "+o.quit()+o.start()+"\nor in its systemd unit: LimitNOFILE=4096",
			"%d files may be open at once, and %s need up to %d", limit, many(len(o.Feeds), "feed"), need)}
	}
	return []Finding{good("%d files may be open at once", limit)}
}

// openFiles is how many files the daemon may have open, or would have; 0
// where that is not known. Go raises the soft limit to the hard one.
func openFiles(o *Options) uint64 {
	if o.Daemon != nil {
		if text, err := os.ReadFile("/proc/" + strconv.Itoa(o.Daemon.PID) + "/limits"); err == nil {
			for line := range strings.Lines(string(text)) {
				if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
					n, _ := strconv.ParseUint(strings.Fields(rest + " 0")[0], 10, 64)
					return n
				}
			}
		}
	}
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	return max(r.Cur, r.Max)
}
