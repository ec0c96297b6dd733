//go:build linux

package clocktest

import (
	"embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// added is what Build adds to a package main.
//
//go:embed testdata/overlay
var added embed.FS

// Build builds the command pkg, an import path as "bellwire/cmd/bellwire", as
// the file out, with a clock that a Clock moves. The tags, the race detector
// and cgo are as in the test's own build, so that pkg's imports are in Go's
// cache already and only pkg itself is compiled, and linked; args are more
// arguments to go build, and win. Without a Clock's Env the program has the
// usual clock.
//
// The test is skipped on a processor other than amd64.
func Build(t testing.TB, pkg, out string, args ...string) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skipf("a clock that jumps is made for amd64, not %s", runtime.GOARCH)
	}
	folder, err := exec.Command("go", "list", "-e", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		t.Fatalf("looking for %s: %v", pkg, err)
	}
	temp := t.TempDir()
	replace := map[string]string{}
	for _, name := range []string{"clock.go", "clock_amd64.s"} {
		source, err := added.ReadFile("testdata/overlay/" + name)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(temp, name)
		if err := os.WriteFile(file, source, 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(strings.TrimSpace(string(folder)), "clocktest_"+name)] = file
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(temp, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	like, env := own()
	build := exec.Command("go", slices.Concat([]string{"build", "-overlay", file, "-o", out}, like, args, []string{pkg})...)
	build.Env = append(os.Environ(), env...)
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, said)
	}
}

// own is how this very program was built.
func own() (args, env []string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, nil
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "-tags", "-race":
			args = append(args, s.Key+"="+s.Value)
		case "CGO_ENABLED":
			env = append(env, s.Key+"="+s.Value)
		}
	}
	return args, env
}

// A Clock moves the wall clock of all programs that run with its Env and come
// from Build. Its methods may be called by several goroutines.
type Clock struct {
	path   string
	offset *atomic.Int64
}

// New makes a clock that is right, until the test ends.
func New(t testing.TB) *Clock {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "clock"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(8); err != nil {
		t.Fatal(err)
	}
	shared, err := syscall.Mmap(int(f.Fd()), 0, 8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(shared); err != nil {
			t.Error(err)
		}
	})
	return &Clock{f.Name(), (*atomic.Int64)(unsafe.Pointer(&shared[0]))}
}

// Env is what a program needs in its environment to follow the clock.
func (c *Clock) Env() string { return "BELLWIRE_TEST_CLOCK=" + c.path }

// Set moves the clock to offset from the right time, at once; a negative
// offset is the past. The time has to stay between 1970 and 2262.
func (c *Clock) Set(offset time.Duration) { c.offset.Store(int64(offset)) }
