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
// server, which restarts and is away for a while. It tells how soon all are
// open again, how hard the server was knocked at meanwhile, and the memory.
func Benchmark1000Feeds(b *testing.B) {
	const feeds = 1000
	bin := filepath.Join(b.TempDir(), "bellwire")
	build := exec.Command("go", "build", "-tags", "headless", "-o", bin, ".")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	for _, away := range []time.Duration{2 * time.Second, 10 * time.Second, time.Minute} {
		b.Run(away.String(), func(b *testing.B) {
			f := &fleet{}
			began := time.Now()
			f.start(b, bin, feeds)
			added := time.Since(began)
			rss := func() float64 {
				return float64(statusField(b, fmt.Sprintf("/proc/%d/status", f.cmd.Process.Pid), "VmRSS")) / 1024
			}
			for b.Loop() {
				b.ReportMetric(added.Seconds(), "s-to-add")
				b.ReportMetric(rss(), "MB-open")
				before := len(f.proxy.Accepted())
				f.server.Stop()
				<-time.After(away)
				f.server.Restart()
				back := time.Now()
				f.awaitOpen(feeds)
				b.ReportMetric(time.Since(back).Seconds(), "s-to-reopen")
				attempts := f.proxy.Accepted()[before:]
				b.ReportMetric(float64(len(attempts))/feeds, "attempts/feed")
				b.ReportMetric(float64(busiest(attempts)), "attempts/s-peak")

				nextSecond(b)
				f.server.AwaitSubscribers(b, "all", feeds)
				began := time.Now()
				f.publish(b, 0, 5)
				f.awaitRowsOfAll(5)
				b.ReportMetric(time.Since(began).Seconds(), "s-for-5000-events")
				b.ReportMetric(rss(), "MB-after")
			}
			f.stop(syscall.SIGTERM)
		})
	}
}

// TestManyFeedsReopen is the benchmark in small: all feeds come back and have
// everything that was sent meanwhile. How their attempts are spread is for
// tests with a clock of their own.
func TestManyFeedsReopen(t *testing.T) {
	const feeds = 100
	f := &fleet{}
	f.start(t, "bellwire", feeds)
	f.publish(t, 0, 5)
	f.awaitRowsOfAll(5)
	// The proxy goes, and not the server: a restarted nchan has forgotten what
	// it would replay.
	f.proxy.Refuse()
	f.proxy.Reset()
	f.awaitTrouble(feeds)
	nextSecond(t)
	f.publish(t, 5, 5)
	f.proxy.Accept()
	f.awaitRowsOfAll(10)
	f.awaitOpen(feeds)

	want := numbered(0, 10)
	for _, feed := range f.feeds() {
		events, err := f.client().History(t.Context(), control.Query{Feed: feed.ID, OldestFirst: true})
		var got []string
		for _, e := range events {
			got = append(got, e.Raw)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("feed %s: %q, %v", feed.ID, got, err)
		}
		if feed.Reconnects == 0 || feed.Gaps != 0 || feed.LastError == "" || feed.LastErrorAt.IsZero() {
			t.Errorf("feed %s: %+v", feed.ID, feed.Status)
		}
	}
	// After a restart all of them ask at once.
	f.stop(syscall.SIGTERM)
	f.program.start("--headless", "--notifier", "none")
	f.awaitOpen(feeds)
}

// A fleet is a program with many feeds, half of either kind, of one server.
type fleet struct {
	*program
	server *nchantest.Server
	proxy  *faultproxy.Proxy // counts attempts; the program sees a server that accepts and drops
	count  int
}

// start returns when n feeds are open.
func (f *fleet) start(tb testing.TB, bin string, n int) {
	tb.Helper()
	f.count = n
	f.server = nchantest.Start(tb)
	f.proxy = faultproxy.Start(tb, f.server.Addr())
	f.program = newProgram(tb)
	f.bin = bin
	f.program.start("--headless", "--notifier", "none")
	for i := range n {
		n := control.NewFeed{URL: f.proxy.URL("http", "/sse/all"), Name: fmt.Sprintf("feed %d", i)}
		if i%2 == 1 {
			n.URL, n.Subprotocols = f.proxy.URL("ws", "/ws/all"), []string{"ws+meta.nchan"}
		}
		if _, err := f.client().AddFeed(tb.Context(), n); err != nil {
			tb.Fatal(err)
		}
	}
	f.awaitOpen(n)
	f.server.AwaitSubscribers(tb, "all", n)
}

// publish sends n events to all feeds, the first with the given number.
func (f *fleet) publish(tb testing.TB, first, n int) {
	tb.Helper()
	f.server.Publish(tb, "all", "", numbered(first, n)...)
}

// awaitRowsOfAll waits until the feeds together have n rows each.
func (f *fleet) awaitRowsOfAll(n int) {
	f.t.Helper()
	f.awaitPolled(func() bool {
		s, err := f.client().Status(f.t.Context())
		return err == nil && s.Events >= int64(n*f.count)
	}, "every event")
}

func (f *fleet) feeds() []control.Feed {
	f.t.Helper()
	feeds, err := f.client().Feeds(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return feeds
}

// awaitTrouble waits until n feeds have lost their connection.
func (f *fleet) awaitTrouble(n int) {
	f.t.Helper()
	f.awaitPolled(func() bool {
		troubled := 0
		for _, feed := range f.feeds() {
			if feed.LastError != "" {
				troubled++
			}
		}
		return troubled == n
	}, "%d feeds to have trouble", n)
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
