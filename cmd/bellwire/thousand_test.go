//go:build linux

package main

import (
	"fmt"
	"slices"
	"syscall"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"
)

// TestManyFeedsReopen is BenchmarkReconnect in small: all feeds come back and have
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
