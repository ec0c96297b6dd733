//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// benchDir is where benchmarks build what they run, kept from run to run.
const benchDir = "../../build/bench"

var releases sync.Map // of tags: func() (string, error)

// releaseBinary is the program as it is released with the given build tags,
// built once: headless without cgo, for desktops with it. Where
// BELLWIRE_BINARY names one, that is measured instead, to compare two.
func releaseBinary(b *testing.B, tags string) string {
	b.Helper()
	if bin := os.Getenv("BELLWIRE_BINARY"); bin != "" {
		return bin
	}
	build, _ := releases.LoadOrStore(tags, sync.OnceValues(func() (string, error) {
		bin, err := filepath.Abs(filepath.Join(benchDir, "bellwire-"+strings.ReplaceAll(tags, ",", "-")))
		if err != nil {
			return "", err
		}
		cmd := exec.Command("go", "build", "-trimpath", "-tags", tags, "-o", bin, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
		if strings.Contains(tags, "headless") {
			cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building with %s: %w\n%s", tags, err, out)
		}
		return bin, nil
	}))
	bin, err := build.(func() (string, error))()
	if err != nil {
		b.Fatal(err)
	}
	return bin
}
