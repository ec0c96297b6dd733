//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The builds that are released, as benchmarks name them.
const (
	desktopBuild  = "desktop"
	headlessBuild = "headless"
)

// benchFolder is where what benchmarks need is kept: the released programs
// and the modules of Node.js.
var benchFolder = filepath.Join("..", "..", "build", "bench")

// releases build the program as it is released, each once a process: stripped,
// and with a window position independent and hardened as distributions want
// it. What differs is that it draws with GLES, which compiles in a third of
// the time; a daemon draws nothing.
var releases = map[string]func() (string, error){
	desktopBuild: sync.OnceValues(func() (string, error) {
		return release(desktopBuild, []string{
			"CGO_ENABLED=1", "CGO_LDFLAGS=-O2 -g", "CGO_CFLAGS=-O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2",
		}, "-tags", "gles", "-buildmode=pie", "-ldflags", "-s -w -linkmode=external '-extldflags=-Wl,-z,relro,-z,now'")
	}),
	headlessBuild: sync.OnceValues(func() (string, error) {
		return release(headlessBuild, []string{"CGO_ENABLED=0"}, "-tags", "headless", "-ldflags", "-s -w")
	}),
}

func release(name string, env []string, args ...string) (string, error) {
	return goBuild("bellwire-"+name, ".", append([]string{"-buildvcs=false"}, args...), env...)
}

// goBuild builds a package of this module for benchmarks and returns the
// program's path.
func goBuild(name, pkg string, args []string, env ...string) (string, error) {
	path, err := filepath.Abs(filepath.Join(benchFolder, name))
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", slices.Concat([]string{"build", "-trimpath", "-o", path}, args, []string{pkg})...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}

// releaseBinary is the path of a released program. Where BELLWIRE_BINARY names
// one, that is measured instead, to compare two.
func releaseBinary(tb testing.TB, build string) string {
	tb.Helper()
	if path := os.Getenv("BELLWIRE_BINARY"); path != "" {
		return path
	}
	path, err := releases[build]()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// BenchmarkSize is how much room the released programs take on a disk.
func BenchmarkSize(b *testing.B) {
	for _, build := range []string{desktopBuild, headlessBuild} {
		b.Run("build="+build, func(b *testing.B) {
			info, err := os.Stat(releaseBinary(b, build))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				continue
			}
			b.ReportMetric(float64(info.Size())/1e6, "MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpuTime is what a process has used of the processor, in user and system
// mode, to the 10 ms.
func cpuTime(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		tb.Fatal(err)
	}
	// Behind the name, which may hold anything: utime and stime are fields 14
	// and 15 (proc(5)), in ticks of 10 ms.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			tb.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
