//go:build linux && !headless

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/storage"
	"bellwire/subscriptions"
)

// BenchmarkMillion is a window on a million events: from the start of its
// process until the first page is there, beside an empty Fyne window, and the
// frames it draws a second while it scrolls, at rest and while ten thousand
// events arrive.
func BenchmarkMillion(b *testing.B) {
	const rows, storm = 1_000_000, 10_000
	server := nchantest.Start(b)
	display := notifytest.XvfbOf(b, "1400x900x24")
	home := b.TempDir()
	p := newProgram(b, "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	fill(b, filepath.Join(p.dir, "bellwire.db"), rows)
	p.start("--notifier", "none")
	p.awaitPolled(func() bool { // a search waits for the index, and gives up on a busy machine
		cmd := exec.Command(p.bin, "history", "--limit", "1", "nothing")
		cmd.Env = p.env
		return cmd.Run() == nil
	}, "the search index to be whole")
	id := p.run("add", server.URL("/sse/storm"), "--name", "Storm", "--transport", "sse")
	server.AwaitSubscribers(b, "storm", 1)
	until := func(text string, env ...string) (*screen, time.Duration) {
		begun := time.Now()
		w := p.startWindow(display, env)
		for !slices.ContainsFunc(w.look(), func(at spot) bool { return strings.Contains(at.Text, text) }) {
			if time.Since(begun) > patience {
				b.Fatalf("%q was never shown", text)
			}
		}
		return w, time.Since(begun)
	}
	var page, empty []time.Duration
	var rate float64
	for b.Loop() {
		w, took := until("deploy 999999")
		page = append(page, took)
		w.ask("scroll", &rate)
		w.end(syscall.SIGTERM)
		w, took = until("empty", emptyEnv+"=1")
		empty = append(empty, took)
		w.end(syscall.SIGTERM)
	}
	w := p.startWindow(display, nil)
	w.find("deploy 999999")
	go server.Publish(b, "storm", "", numbered(0, storm)...)
	p.awaitRows(id, storm/10)
	var inStorm float64
	w.ask("scroll", &inStorm)
	p.awaitRows(id, storm)
	w.end(syscall.SIGTERM)

	slices.Sort(page)
	slices.Sort(empty)
	b.ReportMetric(float64(page[len(page)/2].Milliseconds()), "ms-first-page")
	b.ReportMetric(float64(empty[len(empty)/2].Milliseconds()), "ms-empty-window")
	b.ReportMetric(rate, "frames/s")
	b.ReportMetric(inStorm, "frames/s-in-storm")
	b.ReportMetric(0, "ns/op")
}

// fill makes a history of n events of ten feeds over the last year.
func fill(b *testing.B, path string, n int) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.Fatal(err)
	}
	db, err := storage.Open(b.Context(), path, storage.Options{})
	if err != nil {
		b.Fatal(err)
	}
	const feeds, batch = 10, 500
	for i := range feeds {
		if err := db.AddFeed(b.Context(), subscriptions.Feed{ID: fmt.Sprint("feed", i), Name: fmt.Sprint("Feed ", i), URL: "http://127.0.0.1:1/", Transport: subscriptions.TransportSSE, Paused: true}); err != nil {
			b.Fatal(err)
		}
	}
	first := time.Now().Add(-time.Duration(n) * 30 * time.Second)
	for i := 0; i < n; i += batch {
		events := make([]subscriptions.Event, batch)
		for k := range events {
			events[k] = subscriptions.Event{
				Kind: subscriptions.KindEvent, Title: fmt.Sprintf("deploy %d finished on host%d", i+k, (i+k)%97),
				Body: "service billing went to " + strings.Repeat("revision ", 5), Raw: fmt.Sprintf(`{"id":%d,"host":"host%d"}`, i+k, (i+k)%97),
				Priority: 3, Read: (i+k)%1000 != 0, Silent: true, Received: first.Add(time.Duration(i+k) * 30 * time.Second),
			}
		}
		if _, err := db.Ingest(b.Context(), subscriptions.Batch{Feed: fmt.Sprint("feed", i/batch%feeds), Events: events}); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
}
