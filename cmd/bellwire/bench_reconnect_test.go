//go:build linux

package main

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"
)

// BenchmarkReconnect has a thousand feeds, half of either kind, at one server,
// which restarts and is away for ten seconds. It tells how soon after its
// return all are open again, how hard the server was knocked at meanwhile, how
// fast five events for each then come, from the first publication to the last
// commit, and the memory. Attempts at one server begin 10 ms apart, so that
// opening a thousand feeds takes ten seconds at least.
func BenchmarkReconnect(b *testing.B) {
	const feeds, each, away = 1000, 5, 10 * time.Second
	b.Run(fmt.Sprint("feeds=", feeds), func(b *testing.B) {
		f := &fleet{}
		f.start(b, releaseBinary(b, headlessBuild), feeds)
		published := 0
		for b.Loop() {
			_, open := memoryOf(b, []int{f.cmd.Process.Pid})
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
			f.publish(b, published, each)
			published += each
			f.awaitRowsOfAll(published)
			b.ReportMetric(each*feeds/time.Since(began).Seconds(), "events/s")
			_, after := memoryOf(b, []int{f.cmd.Process.Pid})
			b.ReportMetric(float64(open)/1e6, "MB-PSS-open")
			b.ReportMetric(float64(after)/1e6, "MB-PSS-after")
		}
		b.ReportMetric(0, "ns/op")
		f.stop(syscall.SIGTERM)
	})
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
