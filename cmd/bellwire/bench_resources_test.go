//go:build linux

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

const (
	// idleTime is how long a contender is watched while nothing is published:
	// the time between two keep-alives of /calm, so that each feed has one.
	idleTime = 6 * time.Second
	// loadTime is how long it is watched under load.
	loadTime = 4 * time.Second
	// loadEvery is the time between two events, whichever feed they are of.
	loadEvery = 100 * time.Millisecond
	// loadHosts is how many addresses the server has. Browsers open six
	// connections to one.
	loadHosts = 20
	// riseEvery is how often it is looked whether a contender has run.
	riseEvery = 20 * time.Millisecond
	// browserPlain is how many streams a browser gets over HTTP/1.1: it has
	// 256 connections at the most, whatever the hosts. More go over HTTP/2.
	browserPlain = 6 * loadHosts
)

// BenchmarkResources is what it costs to hold event streams of a real nginx,
// which sends each a keep-alive every six seconds: memory, context switches of
// all threads and processor time of all processes; while nothing is published,
// and with ten events a second in all, spread over the feeds.
//
// Bellwire is the desktop build as it is released, with its tray in a panel and
// a notification service; it stores, indexes and notifies. The others keep the
// last message of each stream and do nothing else: Node.js with the module
// eventsource, and one page in a Chromium without a window. Chromium has no
// sandbox where root runs it, no extensions and no background services.
//
// wakeups/s counts every switch of every thread, of which one rise of a process
// from its rest has several: in Go that of the thread that waits in epoll, of
// the runtime's monitor, which every system call wakes from its own rest to
// look again after 20 microseconds until all is quiet, and sometimes of a
// second thread that waits in the first one's stead. On a busy machine, where
// threads wait for a processor meanwhile, the monitor naps more often. In two
// minutes with ten feeds, seen with perf: 534 switches, 280 of them the
// monitor's, in 78 rises more than a millisecond apart; 200 keep-alives had
// come, several at a time. rises/s is that, as far as it can be seen by looking
// whether anything has run every [riseEvery]: no more than 25 are ever seen.
//
// Contenders of one size hold their streams at the same time, each from a server
// of its own, and are watched one after the other.
//
// Memory shared by processes is counted in each for MB-RSS and divided among
// them for MB-PSS. feeds-held is how many streams the server says are open.
func BenchmarkResources(b *testing.B) {
	for _, feeds := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint("feeds=", feeds), func(b *testing.B) {
			all := []*contender{startBellwire(b, feeds), startNode(b, feeds), startChromium(b, feeds)}
			for _, c := range all {
				c.hold(b)
			}
			began := time.Now()
			// Bellwire, which takes longest to settle, comes last.
			slices.SortFunc(all, func(x, y *contender) int { return cmp.Compare(x.settle, y.settle) })
			for _, c := range all {
				b.Run("by="+c.name, func(b *testing.B) {
					<-time.After(c.settle - time.Since(began))
					b.Run("load=idle", func(b *testing.B) { c.watch(b, idleTime, false) })
					b.Run("load=10eps", func(b *testing.B) { c.watch(b, loadTime, true) })
				})
			}
		})
	}
}

// A contender holds streams.
type contender struct {
	name string
	pid  int
	// settle is how long it takes to be at rest after its start.
	settle time.Duration
	// received is how many events have come.
	received func(b *testing.B) int

	server *nchantest.Server
	feeds  int
	held   int // streams
	sent   int // events
}

// channel is the n-th feed's.
func channel(n int) string { return fmt.Sprint("r", n) }

// hold waits until all streams are open. A browser may have fewer.
func (c *contender) hold(b *testing.B) {
	b.Helper()
	if polled(b, func() bool { c.held = c.server.Subscribers(b); return c.held >= c.feeds }) && c.held == c.feeds {
		return
	}
	b.Fatalf("%d of %d streams are open", c.held, c.feeds)
}

// watch measures for a while, and sees that everything has come.
func (c *contender) watch(b *testing.B, long time.Duration, load bool) {
	for b.Loop() {
		pids := family(b, c.pid)
		before, began := workOf(b, pids), time.Now()
		if load {
			c.publish(b, long)
		} else {
			b.ReportMetric(risen(b, pids, long), "rises/s")
		}
		sum, took := done(before, workOf(b, pids)), time.Since(began).Seconds()
		resident, shared := memoryOf(b, pids)
		b.ReportMetric(float64(resident)/1e6, "MB-RSS")
		b.ReportMetric(float64(shared)/1e6, "MB-PSS")
		b.ReportMetric(float64(sum.switches)/took, "wakeups/s")
		b.ReportMetric(sum.ran.Seconds()*1000/took, "cpu-ms/s")
	}
	b.ReportMetric(float64(c.feeds)/idleTime.Seconds(), "heartbeats/s")
	b.ReportMetric(float64(c.server.Subscribers(b)), "feeds-held")
	b.ReportMetric(0, "ns/op")
	if !load {
		return
	}
	got := 0
	if !polled(b, func() bool { got = c.received(b); return got >= c.sent }) || got != c.sent {
		b.Fatalf("%d events of %d have come", got, c.sent)
	}
}

// risen is how often a second processes begin to do something after a look that
// found nothing done since the one before.
func risen(b *testing.B, pids []int, long time.Duration) float64 {
	b.Helper()
	tick := time.NewTicker(riseEvery)
	defer tick.Stop()
	rises, up, before, began := 0, false, ranOf(b, pids), time.Now()
	for time.Since(began) < long {
		<-tick.C
		ran := ranOf(b, pids)
		if ran != before && !up {
			rises++
		}
		up, before = ran != before, ran
	}
	return float64(rises) / time.Since(began).Seconds()
}

// publish sends events for a while.
func (c *contender) publish(b *testing.B, long time.Duration) {
	tick := time.NewTicker(loadEvery)
	defer tick.Stop()
	for range long / loadEvery {
		<-tick.C
		c.server.Publish(b, channel(c.sent%c.feeds), "", fmt.Sprintf(`{"title":"event %d","body":"What a server has to say about it, in a line or two."}`, c.sent))
		c.sent++
	}
}

func startBellwire(b *testing.B, feeds int) *contender {
	server := nchantest.StartWide(b, loadHosts)
	bus := notifytest.Bus(b)
	notifytest.Record(b, bus)
	panel := notifytest.XfcePanel(b, bus, false)
	home := b.TempDir()
	p := newProgram(b, "DISPLAY="+panel.Display, "DBUS_SESSION_BUS_ADDRESS="+bus.Address,
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home)
	p.bin = releaseBinary(b, desktopBuild)
	p.start("--notifier", "freedesktop")
	client := p.client()
	for i := range feeds {
		feed := control.NewFeed{URL: server.URLOf(i, "/calm/"+channel(i)), Name: fmt.Sprint("feed ", i), Transport: subscriptions.TransportSSE}
		if _, err := client.AddFeed(b.Context(), feed); err != nil {
			b.Fatal(err)
		}
	}
	p.awaitPolled(func() bool { return strings.Contains(p.run("status"), "\nTray: shown\n") }, "the tray icon")
	return &contender{
		name: "bellwire", pid: p.cmd.Process.Pid, server: server, feeds: feeds,
		// With its third keep-alive, 18 s after its beginning, a stream has
		// told how often they come, which is stored; and ten seconds after
		// that, when nothing else has happened, the daemon tidies up.
		settle: 30 * time.Second,
		received: func(b *testing.B) int {
			s, err := client.Status(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			return int(s.Events)
		},
	}
}

func startNode(b *testing.B, feeds int) *contender {
	server := nchantest.StartWide(b, loadHosts)
	var urls []string
	for i := range feeds {
		urls = append(urls, server.URLOf(i, "/calm/"+channel(i)))
	}
	addresses, err := json.Marshal(urls)
	file := filepath.Join(b.TempDir(), "addresses")
	if err == nil {
		err = os.WriteFile(file, addresses, 0o600)
	}
	script, err2 := filepath.Abs("testdata/bench/resources.mjs")
	if err != nil || err2 != nil {
		b.Fatal(err, err2)
	}
	c := scriptContender(b, server, "node", feeds, nil)
	cmd := exec.Command("node", script, c.told, file)
	cmd.Dir = benchFolder // where its modules are
	return c.run(b, cmd)
}

func startChromium(b *testing.B, feeds int) *contender {
	server := nchantest.StartWide(b, loadHosts)
	var urls []string
	for i := range feeds {
		if feeds <= browserPlain {
			urls = append(urls, server.URLOf(i, "/calm/"+channel(i)))
		} else {
			urls = append(urls, server.SecureURLOf(i, "/calm/"+channel(i)))
		}
	}
	c := scriptContender(b, server, "chromium", feeds, urls)
	args := []string{
		"--headless=new", "--user-data-dir=" + b.TempDir(), "--no-first-run", "--no-default-browser-check", "--disable-extensions",
		"--disable-component-update", "--disable-background-networking", "--disable-sync", "--disable-breakpad", "--disable-gpu",
		"--ignore-certificate-errors",
	}
	if os.Getuid() == 0 {
		args = append(args, "--no-sandbox")
	}
	cmd := exec.Command("chromium", append(args, strings.TrimSuffix(c.told, "told"))...)
	cmd.Env = append(os.Environ(), "DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=disabled:")
	c.settle = 5 * time.Second
	return c.run(b, cmd)
}

// scripted is a contender that tells how many events have come when it
// receives "report".
type scripted struct {
	contender
	told  string // the address that it tells
	count atomic.Int64
}

// scriptContender serves what a page needs: itself and its addresses.
func scriptContender(b *testing.B, server *nchantest.Server, name string, feeds int, urls []string) *scripted {
	c := &scripted{contender: contender{name: name, server: server, feeds: feeds}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/bench/resources.html") })
	mux.HandleFunc("GET /addresses", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(urls) })
	mux.HandleFunc("POST /told", func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(io.LimitReader(r.Body, 20))
		if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			c.count.Store(n)
		}
	})
	page := httptest.NewServer(mux)
	b.Cleanup(page.Close)
	c.told = page.URL + "/told"
	c.settle = 2 * time.Second
	c.received = func(b *testing.B) int {
		server.Publish(b, channel(0), "", "report")
		return int(c.count.Load())
	}
	return c
}

// run starts it, in a group of processes that ends with the benchmark.
func (c *scripted) run(b *testing.B, cmd *exec.Cmd) *contender {
	b.Helper()
	said := &strings.Builder{}
	cmd.Stderr, cmd.SysProcAttr = said, &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if b.Failed() {
			b.Logf("it said:\n%s", said)
		}
	})
	c.pid = cmd.Process.Pid
	return &c.contender
}
