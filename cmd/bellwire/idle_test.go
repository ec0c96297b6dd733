//go:build linux && !headless

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// idleTime is how long the daemon is watched.
const idleTime = 30 * time.Second

// BenchmarkIdle watches the real desktop build for half a minute with two
// feeds whose server sends no keep-alives: on a desktop of its own, with the
// tray in a panel. It tells wake-ups a second
// (context switches of all its threads) and memory: all that is resident, and
// of it what is the daemon's alone, the rest being the executable's pages.
func BenchmarkIdle(b *testing.B) {
	bin := filepath.Join(b.TempDir(), "bellwire")
	if out, err := exec.Command("go", "build", "-tags", "gles", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	server := nchantest.Start(b)
	bus := notifytest.Bus(b)
	notifytest.Record(b, bus)
	panel := notifytest.XfcePanel(b, bus, false)
	home := b.TempDir()
	env := []string{"DISPLAY=" + panel.Display, "DBUS_SESSION_BUS_ADDRESS=" + bus.Address, "HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home, "XDG_DATA_HOME=" + home}
	p := newProgram(b, env...)
	p.bin = bin
	p.start("--notifier", "freedesktop")
	for _, n := range []string{"a", "b"} {
		p.awaitState(p.run("add", server.URL("/both/"+n+"/x"), "--name", n), subscriptions.StateOpen)
	}
	server.AwaitSubscribers(b, "x", 2)
	for i := range 10 {
		server.Publish(b, "a", "", fmt.Sprintf(`{"title":"event %d"}`, i))
	}
	p.awaitRows("a", 10)
	p.awaitPolled(func() bool { return strings.Contains(p.run("status"), "\nTray: shown\n") }, "the tray icon")

	pid := p.cmd.Process.Pid
	for b.Loop() {
		settle := time.After(15 * time.Second) // idle connections are let go of after 10 s
		<-settle
		before := contextSwitches(b, pid)
		<-time.After(idleTime)
		b.ReportMetric(float64(contextSwitches(b, pid)-before)/idleTime.Seconds(), "wakeups/s")
		for unit, field := range map[string]string{"MB-RSS": "VmRSS", "MB-anon": "RssAnon"} {
			b.ReportMetric(float64(statusField(b, fmt.Sprintf("/proc/%d/status", pid), field))/1024, unit)
		}
	}
	p.stop(syscall.SIGTERM)
}

// contextSwitches counts those of every thread of a process.
func contextSwitches(tb testing.TB, pid int) (n int) {
	tb.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(tasks) == 0 {
		tb.Fatalf("no threads of process %d: %v", pid, err)
	}
	for _, task := range tasks {
		n += statusField(tb, task, "voluntary_ctxt_switches") + statusField(tb, task, "nonvoluntary_ctxt_switches")
	}
	return n
}
