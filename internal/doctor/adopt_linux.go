package doctor

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// adopted are the variables that decide what a daemon finds around it.
var adopted = []string{
	"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "TZ",
}

var errNotOurs = errors.New("the process is not Bellwire's, or is not to be looked into")

// Adopt gives this process the environment of the daemon pid, as far as it
// matters here: a command typed elsewhere, as over ssh, sees another desktop.
// elsewhere says that it differed, headless that the daemon was told to do
// without a desktop. It is to be called before anything else is looked at.
func Adopt(pid int) (elsewhere, headless bool, err error) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if !sameProgram(proc) {
		return false, false, errNotOurs // of another name space of processes, for one
	}
	text, err := os.ReadFile(filepath.Join(proc, "environ"))
	if err != nil {
		return false, false, err
	}
	theirs := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\x00") {
		if name, value, ok := strings.Cut(line, "="); ok {
			theirs[name] = value // the last one, as programs read it
		}
	}
	for _, name := range adopted {
		mine, set := os.LookupEnv(name)
		value, has := theirs[name]
		switch {
		case has && (!set || mine != value):
			elsewhere = elsewhere || mine != value
			err = errors.Join(err, os.Setenv(name, value))
		case !has && set:
			elsewhere = elsewhere || mine != ""
			err = errors.Join(err, os.Unsetenv(name))
		}
	}
	args, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
	return elsewhere, slices.Contains(strings.Split(string(args), "\x00"), "--headless"), err
}

// sameProgram reports whether a process runs a program of our name: an
// upgrade has put another one at its place.
func sameProgram(proc string) bool {
	theirs, err := os.Readlink(filepath.Join(proc, "exe"))
	if err != nil {
		return false
	}
	mine, err := os.Readlink("/proc/self/exe")
	return err == nil && filepath.Base(mine) == filepath.Base(strings.TrimSuffix(theirs, " (deleted)"))
}

// Holder is the process that has a socket, whether it answers or not; 0 where
// nobody has it.
func Holder(socket string) int {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Net: "unix", Name: socket})
	if err != nil {
		return 0
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	_ = raw.Control(func(fd uintptr) {
		if cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			pid = int(cred.Pid)
		}
	})
	return pid
}
