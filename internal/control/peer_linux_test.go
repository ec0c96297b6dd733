package control

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

const askAs = "BELLWIRE_TEST_ASK"

func TestAllowed(t *testing.T) {
	for name, tc := range map[string]struct {
		peer, user int
		want       bool
	}{
		"the same user": {1000, 1000, true},
		"root":          {0, 1000, true},
		"another user":  {1001, 1000, false},
		"not root":      {1000, 0, false},
	} {
		if err := allowed(tc.peer, tc.user); (err == nil) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A socket that another user has put where Bellwire's is expected is told
// nothing: what is meant for the daemon may hold secrets. It takes root to be
// two users.
func TestAnotherUsersDaemonIsToldNothing(t *testing.T) {
	if path := os.Getenv(askAs); path != "" {
		_, err := NewClient(path).Status(t.Context())
		if e, ok := errors.AsType[*Error](err); !ok || e.Status != http.StatusForbidden {
			t.Errorf("%v", err)
		}
		return
	}
	if os.Getuid() != 0 {
		t.Log("not root: only the rule is tested, by TestAllowed")
		return
	}
	dir, err := os.MkdirTemp("", "bw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	heard := make(chan string, 1)
	// Listened on by one user, asked by another: root's own would be trusted.
	l := listenAs(t, path, 65533)
	go func() {
		defer close(heard)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b := make([]byte, 1)
		if n, _ := c.Read(b); n > 0 {
			heard <- "something"
		}
	}()
	exe := filepath.Join(dir, "test")
	if b, err := os.ReadFile(os.Args[0]); err != nil {
		t.Fatal(err)
	} else if err := os.WriteFile(exe, b, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{dir, exe} {
		if err := os.Chmod(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run", "^TestAnotherUsersDaemonIsToldNothing$")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), askAs+"="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	l.Close()
	if what := <-heard; what != "" {
		t.Errorf("the other user was told %s", what)
	}
}

// listenAs listens as another user: the credentials that a peer sees are those
// of the thread that called listen(2).
func listenAs(t *testing.T, path string, uid int) net.Listener {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := asUser(uid, func() error { return syscall.Listen(fd, 4) }); err != nil {
		t.Fatal(err)
	}
	l, err := net.FileListener(f)
	if err != nil {
		t.Fatal(fmt.Errorf("a listener of another user: %w", err))
	}
	return l
}

// asUser does something in a thread of another effective user's, which ends
// with it.
func asUser(uid int, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); errno != 0 {
			done <- errno
			return
		}
		done <- do()
	}()
	return <-done
}
