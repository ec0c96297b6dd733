//go:build linux

package clocktest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bellwire/internal/clocktest"
)

func TestClock(t *testing.T) {
	const pkg = "bellwire/internal/clocktest/testdata/clock"
	for name, args := range map[string][]string{
		"plain":         nil,
		"race detector": {"-race"},
		"trimmed":       {"-trimpath"},
	} {
		t.Run(name, func(t *testing.T) {
			bin := filepath.Join(t.TempDir(), "clock")
			clocktest.Build(t, pkg, bin, args...)
			clock := clocktest.New(t)
			read := run(t, bin, clock.Env())
			day := 24 * time.Hour
			began := time.Now()
			_, before := read()
			for _, offset := range []time.Duration{0, time.Hour, -time.Hour, 3*365*day + 999999999, -20 * 365 * day, -time.Nanosecond, 0} {
				clock.Set(offset)
				early := time.Now()
				wall, runs := read()
				late := time.Now()
				if moved := wall.Add(-offset); moved.Before(early.Round(0)) || moved.After(late.Round(0)) {
					t.Errorf("the offset is %v; the clock says %v between %v and %v", offset, wall, early, late)
				}
				if passed := runs - before; passed < 0 || passed > late.Sub(began) {
					t.Errorf("the offset is %v; %v passed of %v", offset, passed, late.Sub(began))
				}
				began, before = early, runs
			}
		})
	}
	t.Run("without a clock", func(t *testing.T) {
		bin := filepath.Join(t.TempDir(), "clock")
		clocktest.Build(t, pkg, bin)
		early := time.Now().Round(0)
		wall, _ := run(t, bin)()
		if late := time.Now().Round(0); wall.Before(early) || wall.After(late) {
			t.Errorf("the clock says %v between %v and %v", wall, early, late)
		}
	})
}

// run starts the program clock, which reads its clock at each call.
func run(t *testing.T, bin string, env ...string) func() (wall time.Time, runs time.Duration) {
	t.Helper()
	cmd := exec.Command(bin)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	lines := bufio.NewScanner(out)
	return func() (time.Time, time.Duration) {
		t.Helper()
		fmt.Fprintln(in)
		if !lines.Scan() {
			t.Fatalf("the program ended: %v", lines.Err())
		}
		var wall, runs int64
		if _, err := fmt.Sscan(lines.Text(), &wall, &runs); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		return time.Unix(0, wall), time.Duration(runs)
	}
}
