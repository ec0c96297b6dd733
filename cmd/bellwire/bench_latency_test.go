//go:build linux

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// BenchmarkLatency sends a hundred events, ten a second, and tells how long
// each takes from the server's write to the desktop's Notify call, and how
// much of the processor all processes of the contender use for one. The
// message bus and the notification service are the same for all, and not in
// it.
//
// Bellwire is the released program: it stores each event with its cursor
// (synchronous=FULL) before anybody is told, drops what it has had before,
// resumes after a lost connection or a restart, and applies the policy. The
// shell script is curl, a loop and notify-send; it stores nothing, knows no
// duplicates, and ends with its connection. The Node.js script is the modules
// eventsource and node-notifier; it reconnects, and resumes while it runs, and
// neither stores nor drops anything. Both peers start a notify-send for each
// event, which connects to the bus anew.
//
// Where Bellwire's own time goes (median of each step, two busy cores): 0.06
// ms to decode what was read, 0.2 ms in the transaction, 0.5 ms in its commit,
// which is one fsync, 0.05 ms until the worker is awake, 0.1 ms to read what is
// owed, 0.2 ms for the policy and to write the call: 1.5 ms together. The rest
// is TCP before and the message bus behind, 0.7 ms to the service's answer.
// What was shown is committed after that, with an fsync of its own.
func BenchmarkLatency(b *testing.B) {
	b.Run("by=bellwire", func(b *testing.B) { measureLatency(b, startTold) })
	b.Run("by=shell", func(b *testing.B) {
		measureLatency(b, func(b *testing.B, url string, bus *notifytest.MessageBus) int {
			return startScript(b, bus, "sh", filepath.Join("testdata", "bench", "notify.sh"), url)
		})
	})
	b.Run("by=node", func(b *testing.B) {
		measureLatency(b, func(b *testing.B, url string, bus *notifytest.MessageBus) int {
			return startScript(b, bus, "node", besideModules(b, "notify.mjs"), url)
		})
	})
}

// measureLatency measures the contender that start starts, and whose process
// group it returns.
func measureLatency(b *testing.B, start func(*testing.B, string, *notifytest.MessageBus) int) {
	const events = 100
	payloads := make(chan string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		for {
			_ = http.NewResponseController(w).Flush()
			select {
			case p := <-payloads:
				fmt.Fprintf(w, "data: %s\n\n", p)
			case <-r.Context().Done():
				return
			}
		}
	}))
	b.Cleanup(server.Close) // after the contender, whose connection it waits for
	bus := notifytest.Bus(b)
	recorder := notifytest.Record(b, bus)
	group := start(b, server.URL, bus)

	var sent []time.Time
	publish := func() {
		n := len(sent)
		sent = append(sent, time.Now())
		payloads <- fmt.Sprintf(`{"title":"event %d","body":"What a server has to say about event %d, in a line or two."}`, n, n)
	}
	await := func() []notifytest.Notification {
		shown, err := recorder.Wait(b.Context(), len(sent))
		if err != nil {
			b.Fatal(err)
		}
		return shown
	}
	publish() // not counted: it waits for the connection, and comes with its beginning
	await()
	before := groupCPU(b, group)
	for b.Loop() {
		tick := time.NewTicker(100 * time.Millisecond)
		for range events {
			<-tick.C
			publish()
		}
		tick.Stop()
		await()
	}
	used := groupCPU(b, group) - before

	var took []time.Duration
	number := regexp.MustCompile(`event (\d+)`)
	for _, n := range await() {
		// The shell script shows what came, as its body.
		m := number.FindStringSubmatch(n.Summary + "\n" + n.Body)
		if m == nil {
			b.Fatalf("a notification of no event: %+v", n)
		}
		if i, _ := strconv.Atoi(m[1]); i > 0 {
			took = append(took, n.Received.Sub(sent[i]))
		}
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[len(took)/2]), "ms-median")
	b.ReportMetric(ms(took[len(took)*99/100]), "ms-p99")
	b.ReportMetric(ms(used)/float64(len(took)), "cpu-ms/event")
	b.ReportMetric(0, "ns/op")
}

// startTold starts the released program with one feed that is not held
// back by how many notifications there may be.
func startTold(b *testing.B, url string, bus *notifytest.MessageBus) (group int) {
	p := newProgram(b, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	p.bin = releaseBinary(b, headlessBuild)
	p.start("--headless", "--notifier", "freedesktop")
	if err := p.client().SetPreferences(b.Context(), subscriptions.Preferences{Burst: subscriptions.MaxBurst, Every: 1}); err != nil {
		b.Fatal(err)
	}
	f, err := p.client().AddFeed(b.Context(), control.NewFeed{
		URL: url, Name: "latency", Transport: subscriptions.TransportSSE,
		Settings: subscriptions.Settings{Notify: subscriptions.Notify{Burst: subscriptions.MaxBurst, Every: 1}},
	})
	if err != nil {
		b.Fatal(err)
	}
	p.awaitState(f.ID, subscriptions.StateOpen)
	return p.cmd.Process.Pid
}

// startScript starts a peer in a process group of its own.
func startScript(b *testing.B, bus *notifytest.MessageBus, name string, args ...string) (group int) {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

// besideModules copies a script to the folder where its modules are, beside
// which Node.js looks for them.
func besideModules(b *testing.B, script string) string {
	b.Helper()
	if _, err := os.Stat(filepath.Join(benchFolder, "node_modules")); err != nil {
		b.Fatalf("the modules of the peers are not there, which scripts/deps bench installs: %v", err)
	}
	source, err := os.ReadFile(filepath.Join("testdata", "bench", script))
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(benchFolder, script)
	if err := os.WriteFile(path, source, 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}

// groupCPU is what all processes of a group have used of the processor until
// now, and their children that have ended.
func groupCPU(tb testing.TB, group int) (used time.Duration) {
	tb.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		tb.Fatal(err)
	}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended, and its parent has the time
		}
		// Behind the name, which may hold anything, from field 3 on: pgrp is
		// field 5, utime, stime, cutime and cstime are 14 to 17 (proc(5)), in
		// ticks of 10 ms.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if fields[2] != strconv.Itoa(group) {
			continue
		}
		for _, f := range fields[11:15] {
			ticks, err := strconv.Atoi(f)
			if err != nil {
				tb.Fatal(err)
			}
			used += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return used
}
