//go:build linux

package main

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// startRounds is how often a daemon is started; the middle one counts.
const startRounds = 9

// BenchmarkStart is the time from the execution of the daemon, with feeds in
// its database, to its first feed's connection, and until each feed has made
// one: when the kernel's listener hands them over, on the same machine. Every
// feed is of an origin of its own (a port each), since attempts at one origin
// begin 10 ms apart on purpose. The desktop build has a display, a message bus
// and a notification service; its tray finds no panel.
func BenchmarkStart(b *testing.B) {
	for _, build := range []string{desktopBuild, headlessBuild} {
		for _, feeds := range []int{10, 1000} {
			b.Run(fmt.Sprintf("build=%s/feeds=%d", build, feeds), func(b *testing.B) { benchmarkStart(b, build, feeds) })
		}
	}
}

func benchmarkStart(b *testing.B, build string, feeds int) {
	args := []string{"--headless", "--notifier", "none"}
	var env []string
	if build == desktopBuild {
		bus := notifytest.Bus(b)
		notifytest.Record(b, bus)
		env = []string{"DISPLAY=" + notifytest.Xvfb(b), "DBUS_SESSION_BUS_ADDRESS=" + bus.Address}
		args = []string{"--notifier", "freedesktop"}
	}
	at := newArrivals(b, feeds)
	p := newProgram(b, env...)
	p.bin = releaseBinary(b, build)
	p.start(args...)
	for i, l := range at.listeners {
		feed := control.NewFeed{URL: "http://" + l.Addr().String() + "/", Name: fmt.Sprint("feed ", i), Transport: subscriptions.TransportSSE}
		if _, err := p.client().AddFeed(b.Context(), feed); err != nil {
			b.Fatal(err)
		}
	}
	p.awaitOpen(feeds)
	p.stop(syscall.SIGTERM)

	var first, all []time.Duration
	for b.Loop() {
		for range startRounds {
			at.expect()
			began := time.Now()
			p.execute(append([]string{"run"}, args...)...)
			a, z := at.await(b)
			first, all = append(first, a.Sub(began)), append(all, z.Sub(began))
			p.stop(syscall.SIGTERM)
		}
	}
	b.ReportMetric(milliseconds(median(first)), "ms-first")
	b.ReportMetric(milliseconds(median(all)), "ms-all")
	b.ReportMetric(0, "ns/op")
}

// median of values, which it sorts.
func median(values []time.Duration) time.Duration {
	slices.Sort(values)
	return values[len(values)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// arrivals are servers of one silent event stream each, and when somebody
// first came to each of them.
type arrivals struct {
	listeners []net.Listener

	mu   sync.Mutex
	came map[net.Listener]time.Time
	all  chan struct{} // closed when somebody has come to each
}

func newArrivals(b *testing.B, n int) *arrivals {
	b.Helper()
	a := &arrivals{came: make(map[net.Listener]time.Time), all: make(chan struct{})}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})}
	var serving sync.WaitGroup
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		a.listeners = append(a.listeners, l)
		serving.Go(func() { _ = server.Serve(&arriving{l, a}) }) // until it is closed
	}
	b.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	return a
}

// expect forgets who has come.
func (a *arrivals) expect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.came)
	a.all = make(chan struct{})
}

// await waits until somebody has come to each, and says when the first and the
// last came.
func (a *arrivals) await(b *testing.B) (first, last time.Time) {
	b.Helper()
	a.mu.Lock()
	all := a.all
	a.mu.Unlock()
	select {
	case <-all:
	case <-time.After(patience):
		b.Fatal("not every feed has connected")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, at := range a.came {
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	return first, last
}

func (a *arrivals) note(l net.Listener) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, again := a.came[l]; again {
		return
	}
	a.came[l] = now
	if len(a.came) == len(a.listeners) {
		close(a.all)
	}
}

// arriving is a listener that notes when somebody comes.
type arriving struct {
	net.Listener
	to *arrivals
}

func (l *arriving) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.to.note(l.Listener)
	}
	return c, err
}
