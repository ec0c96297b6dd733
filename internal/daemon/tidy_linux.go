package daemon

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// tidy gives back what starting took and waiting does not need: memory, and
// the pages of the program itself. The kernel maps these in large pieces, with
// much in them that only a start or a window runs; what is used again comes
// back from the file's cache at once.
func tidy() {
	debug.FreeOSMemory()
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var may string
		// Pages that can be run and not written are as they are in the file.
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &may); n == 3 && may == "r-xp" && strings.Contains(lines.Text(), "/") {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED) // or they stay
		}
	}
}
