//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"
)

// Benchmark1000Feeds has a thousand feeds, half of either kind, at one
// server, which restarts and is away for two seconds. It tells how soon all
// are open again, how hard the server was knocked at meanwhile, and the
// memory. After a longer absence the backoff's ceiling decides: it doubles
// with every attempt in vain.
func Benchmark1000Feeds(b *testing.B) {
	const feeds, outage = 1000, 2 * time.Second
	bin := filepath.Join(b.TempDir(), "bellwire")
	build := exec.Command("go", "build", "-tags", "headless", "-o", bin, ".")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	server := nchantest.Start(b)
	proxy := faultproxy.Start(b, server.Addr()) // counts attempts; the program sees a server that accepts and drops
	p := newProgram(b)
	p.bin = bin
	p.start("--headless", "--notifier", "none")
	began := time.Now()
	for i := range feeds {
		f := control.NewFeed{URL: proxy.URL("http", "/sse/all"), Name: fmt.Sprintf("feed %d", i)}
		if i%2 == 1 {
			f.URL, f.Subprotocols = proxy.URL("ws", "/ws/all"), []string{"ws+meta.nchan"}
		}
		if _, err := p.client().AddFeed(b.Context(), f); err != nil {
			b.Fatal(err)
		}
	}
	p.awaitOpen(feeds)
	added := time.Since(began)
	rss := func() float64 {
		return float64(statusField(b, fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), "VmRSS")) / 1024
	}
	for b.Loop() {
		b.ReportMetric(added.Seconds(), "s-to-add")
		b.ReportMetric(rss(), "MB-open")
		before := len(proxy.Accepted())
		server.Stop()
		<-time.After(outage)
		server.Restart()
		back := time.Now()
		p.awaitOpen(feeds)
		b.ReportMetric(time.Since(back).Seconds(), "s-to-reopen")
		attempts := proxy.Accepted()[before:]
		b.ReportMetric(float64(len(attempts))/feeds, "attempts/feed")
		b.ReportMetric(float64(busiest(attempts)), "attempts/s-peak")

		nextSecond(b)
		server.AwaitSubscribers(b, "all", feeds)
		began := time.Now()
		server.Publish(b, "all", "", numbered(0, 5)...)
		p.awaitPolled(func() bool { s, err := p.client().Status(b.Context()); return err == nil && s.Events >= 5*feeds }, "every event")
		b.ReportMetric(time.Since(began).Seconds(), "s-for-5000-events")
		b.ReportMetric(rss(), "MB-after")
	}
	p.stop(syscall.SIGTERM)
}

// awaitOpen waits until n feeds are open.
func (p *program) awaitOpen(n int) {
	p.t.Helper()
	p.awaitPolled(func() bool {
		feeds, err := p.client().Feeds(p.t.Context())
		open := 0
		for _, f := range feeds {
			if f.State == subscriptions.StateOpen {
				open++
			}
		}
		return err == nil && open >= n
	}, "%d feeds to be open", n)
}

// busiest is the most moments within one second.
func busiest(at []time.Time) (most int) {
	slices.SortFunc(at, time.Time.Compare)
	first := 0
	for i := range at {
		for at[i].Sub(at[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
