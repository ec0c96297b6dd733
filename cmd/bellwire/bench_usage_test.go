//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// family is a process and everything that descends from it.
func family(tb testing.TB, pid int) []int {
	tb.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		tb.Fatal(err)
	}
	children := make(map[int][]int)
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		var state string
		var parent int
		_, rest, _ := bytes.Cut(stat, []byte(") "))
		if _, err := fmt.Sscan(string(rest), &state, &parent); err != nil {
			tb.Fatalf("%s: %v", path, err)
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			tb.Fatal(err)
		}
		children[parent] = append(children[parent], child)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// work is what a thread has done since it began.
type work struct {
	ran      time.Duration
	switches int // of context
}

// workOf is what every thread of some processes has done, by its number. What
// has ended meanwhile is not in it.
func workOf(tb testing.TB, pids []int) map[string]work {
	tb.Helper()
	all := make(map[string]work)
	for _, pid := range pids {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
		if err != nil {
			tb.Fatal(err)
		}
		for _, task := range tasks {
			status, err := os.ReadFile(task + "/status")
			if err != nil {
				continue
			}
			// The time on a processor in nanoseconds: stat has it in
			// hundredths of a second.
			spent, err := os.ReadFile(task + "/schedstat")
			if err != nil {
				continue
			}
			var w work
			if _, err := fmt.Sscan(string(spent), &w.ran); err != nil {
				tb.Fatalf("%s: %v", task, err)
			}
			for _, n := range switchesLine.FindAllSubmatch(status, -1) {
				count, _ := strconv.Atoi(string(n[1]))
				w.switches += count
			}
			all[filepath.Base(task)] = w
		}
	}
	return all
}

// ranOf is how long all threads of some processes have been on a processor.
func ranOf(tb testing.TB, pids []int) (sum time.Duration) {
	tb.Helper()
	for _, pid := range pids {
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			continue // it has ended
		}
		for _, task := range tasks {
			spent, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", pid, task.Name()))
			if err != nil {
				continue
			}
			ran, _, _ := strings.Cut(string(spent), " ")
			n, err := strconv.ParseInt(ran, 10, 64)
			if err != nil {
				tb.Fatalf("task %s: %v", task.Name(), err)
			}
			sum += time.Duration(n)
		}
	}
	return sum
}

var switchesLine = regexp.MustCompile(`(?m)^(?:non)?voluntary_ctxt_switches:\s+(\d+)`)

// done is what was done between two looks, by those that were there at the
// second.
func done(before, after map[string]work) (sum work) {
	for thread, w := range after {
		sum.ran += w.ran - before[thread].ran
		sum.switches += w.switches - before[thread].switches
	}
	return sum
}

// memoryOf is what is resident of some processes, in bytes: all of each, and
// with what several processes share divided among these.
func memoryOf(tb testing.TB, pids []int) (resident, shared int) {
	tb.Helper()
	for _, pid := range pids {
		rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue // it has ended
		}
		for line := range strings.Lines(string(rollup)) {
			var n int
			if _, err := fmt.Sscanf(line, "Rss: %d", &n); err == nil {
				resident += n << 10
			}
			if _, err := fmt.Sscanf(line, "Pss: %d", &n); err == nil {
				shared += n << 10
			}
		}
	}
	return resident, shared
}
