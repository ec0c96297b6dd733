//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"
)

// BenchmarkGateway runs a team on one machine: two real servers (nginx with
// nchan: the streams, and the engine), one gateway, and so many desktops, each
// a daemon of the released headless build with a folder and a database of its
// own. It tells
//   - events/s: 2,000 events (1,000 with 10 desktops, 200 with 50), from the
//     publication of the first until the last is committed on every desktop;
//     events/s-gateway: 2,000 until the last is at the engine, with no desktop
//     running
//   - ms-median and ms-p99, at ten events a second: from the publication of an
//     event until the last desktop has committed it and told a reader of its
//     live stream, of which each has one, as a tray is
//   - cpu-ms/s at that rate, and memory after it, of the gateway and of a
//     desktop (PSS shares the program's pages among all that run here; RSS does
//     not), and of the engine's worker
//   - B/event: what the engine writes for one event to one desktop, in its TCP
//     connection
//   - ms-reconnect: every connection breaks and the engine cannot be reached for
//     two seconds, as when one with a buffer on disk restarts; from its return
//     until every desktop is connected again
//   - ms-morning: from starting all desktops at once until each has committed
//     the 2,000 events that came while it was off
//
// Disk and processors are shared by all of them here, and by nobody elsewhere;
// and the desktops reach the engine through a proxy in this process, which can
// break their connections. A restart of this engine itself is no subject: nchan
// 1.3.6 keeps messages in memory, and its worker then fails an assertion
// (spool.c:479) again and again while several readers resume at one forgotten
// message.
func BenchmarkGateway(b *testing.B) {
	bin := releaseBinary(b, headlessBuild)
	for _, desktops := range []int{1, 10, 50} {
		b.Run(fmt.Sprintf("desktops=%d", desktops), func(b *testing.B) {
			for b.Loop() {
				benchTeam(b, bin, desktops)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// away is how long the engine cannot be reached.
const away = 2 * time.Second

// burst is how many events each of the two streams says at once: a working
// day's, together.
const burst = 1000

func benchTeam(b *testing.B, bin string, desktops int) {
	engine := nchantest.Start(b)
	w := newTeam(b, bin, "", engine)
	defer w.end()
	proxy := faultproxy.Start(b, engine.Addr())
	w.join(proxy.URL("http", ""), desktops)
	w.publish(1) // the first
	w.awaitAll()

	// Every desktop commits on the same disk here: many get fewer.
	live := burst / max(1, desktops/5)
	began := time.Now()
	w.publish(live)
	w.awaitAll()
	b.ReportMetric(2*float64(live)/time.Since(began).Seconds(), "events/s")

	w.measureSteady(b)

	proxy.Refuse()
	proxy.Reset()
	<-time.After(away)
	back := time.Now()
	proxy.Accept()
	for _, p := range w.desktops {
		p.awaitReconnect()
	}
	b.ReportMetric(ms(time.Since(back)), "ms-reconnect")
	w.publish(1)
	w.awaitAll()

	for _, p := range w.desktops {
		p.stop(syscall.SIGTERM)
	}
	before := w.inEngine()
	began = time.Now()
	w.publish(burst)
	w.awaitInEngine(before + 2*burst)
	b.ReportMetric(2*burst/time.Since(began).Seconds(), "events/s-gateway")
	began = time.Now()
	for _, p := range w.desktops {
		p.launchQuietly()
	}
	w.awaitAll()
	b.ReportMetric(ms(time.Since(began)), "ms-morning")
	w.check(w.desktops[:min(5, desktops)])
}

// awaitReconnect waits until a program's feeds have lost their connections
// and are connected again.
func (p *program) awaitReconnect() {
	p.t.Helper()
	p.awaitPolled(func() bool {
		feeds, err := p.client().Feeds(p.t.Context())
		return err == nil && !slices.ContainsFunc(feeds, func(f control.Feed) bool { return f.Reconnects == 0 || f.State != subscriptions.StateOpen })
	}, "feeds to be connected again")
}

// end stops what the next size must not share the machine with.
func (w *team) end() {
	for _, p := range append(w.desktops, w.gateway) {
		p.stop(syscall.SIGTERM)
	}
	w.engine.Stop()
	w.upstream.Stop()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// measureSteady sends ten events a second for ten seconds.
func (w *team) measureSteady(b *testing.B) {
	const events, every = 100, 100 * time.Millisecond
	size := w.tap(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	arrivals := make(chan arrival, events*len(w.desktops)) // nobody waits
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	for _, p := range w.desktops {
		c, ready := p.client(), make(chan struct{})
		readers.Go(func() { listen(ctx, c, ready, arrivals) })
		select {
		case <-ready:
		case <-time.After(patience):
			b.Fatal("the live stream does not answer")
		}
	}
	cpu := w.cpu(b)
	sent := make(map[int]time.Time, events)
	first := w.sent[0]
	tick := time.NewTicker(every)
	defer tick.Stop()
	began := time.Now()
	for n := range events {
		<-tick.C
		sent[first+n] = time.Now()
		w.upstream.Publish(b, upstreams[0], "", teamEvent(upstreams[0], first+n))
		w.sent[0]++
	}
	last := make(map[int]time.Time, events)
	for range events * len(w.desktops) {
		select {
		case a := <-arrivals:
			if a.at.After(last[a.n]) {
				last[a.n] = a.at
			}
		case <-time.After(patience):
			b.Fatal("an event does not arrive")
		}
	}
	took := time.Since(began).Seconds()
	now := w.cpu(b)
	b.ReportMetric((now.gateway-cpu.gateway)/took, "cpu-ms/s-gateway")
	b.ReportMetric((now.desktop-cpu.desktop)/took, "cpu-ms/s-desktop")
	b.ReportMetric((now.engine-cpu.engine)/took, "cpu-ms/s-engine")
	var waits []time.Duration
	for n, at := range last {
		waits = append(waits, at.Sub(sent[n]))
	}
	slices.Sort(waits)
	b.ReportMetric(ms(waits[len(waits)/2]), "ms-median")
	b.ReportMetric(ms(waits[len(waits)*99/100]), "ms-p99")
	b.ReportMetric(float64(size(events))/events, "B/event")
	w.memory(b)
}

// An arrival is an event that one desktop has committed.
type arrival struct {
	n  int
	at time.Time
}

// listen reads a desktop's live stream. ready is closed when nothing is missed.
func listen(ctx context.Context, c *control.Client, ready chan struct{}, arrivals chan<- arrival) {
	for u, err := range c.Events(ctx, control.EventsOptions{After: control.Live}) {
		if err != nil {
			return
		}
		if ready != nil {
			close(ready)
			ready = nil
		}
		if u.Kind != control.UpdateEvent {
			continue
		}
		var e struct{ Data struct{ N int } }
		if json.Unmarshal([]byte(u.Event.Raw), &e) == nil {
			arrivals <- arrival{e.Data.N, time.Now()}
		}
	}
}

// tap subscribes to the engine beside the desktops, without a word of HTTP
// understood. What it returns waits for so many events and tells their bytes:
// of the body, with its chunks, and a keep-alive each two seconds.
func (w *team) tap(b *testing.B) (size func(events int) int64) {
	b.Helper()
	conn, err := net.Dial("tcp", w.engine.Addr())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /sse/team HTTP/1.1\r\nHost: engine\r\nAccept: text/event-stream\r\n\r\n")
	r := bufio.NewReader(conn)
	line := func() string {
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		text, err := r.ReadString('\n')
		if err != nil {
			b.Fatalf("the engine's stream: %v", err)
		}
		return text
	}
	for line() != "\r\n" { // its head
	}
	w.engine.AwaitSubscribers(b, "team", len(w.desktops)+1)
	return func(events int) (n int64) {
		defer conn.Close()
		for seen := 0; seen < events; {
			text := line()
			n += int64(len(text))
			if strings.HasPrefix(text, "data: ") {
				seen++
			}
		}
		return n
	}
}

// used is processor time, in ms.
type used struct{ gateway, desktop, engine float64 }

// cpu is what the gateway, a desktop in the mean and the engine have used.
func (w *team) cpu(b *testing.B) (u used) {
	for _, p := range w.desktops {
		u.desktop += ms(cpuTime(b, p.cmd.Process.Pid)) / float64(len(w.desktops))
	}
	u.gateway, u.engine = ms(cpuTime(b, w.gateway.cmd.Process.Pid)), ms(cpuTime(b, w.engine.PID()))
	return u
}

// memory reports what the gateway, a desktop in the mean and the engine hold.
func (w *team) memory(b *testing.B) {
	mb := func(pid int, field string) float64 {
		return float64(statusField(b, fmt.Sprintf("/proc/%d/smaps_rollup", pid), field)) / 1024
	}
	for _, field := range []string{"Pss", "Rss"} {
		desktop := 0.0
		for _, p := range w.desktops {
			desktop += mb(p.cmd.Process.Pid, field) / float64(len(w.desktops))
		}
		unit := "MB-" + strings.ToUpper(field)
		b.ReportMetric(mb(w.gateway.cmd.Process.Pid, field), unit+"-gateway")
		b.ReportMetric(desktop, unit+"-desktop")
		b.ReportMetric(mb(w.engine.PID(), field), unit+"-engine")
	}
}
