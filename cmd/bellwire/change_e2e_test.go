//go:build linux

package main

import (
	"os"
	"path/filepath"
	"testing"

	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// A feed that is changed while its server goes on sending loses nothing, gets
// nothing twice, and keeps its history.
func TestChangedFeedResumes(t *testing.T) {
	server := nchantest.Start(t)
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	id := p.run("add", server.URL("/sse/changed"), "--name", "Before")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "changed", 1)
	server.Publish(t, "changed", "", numbered(0, 20)...)
	p.awaitRows(id, 20)

	published := make(chan struct{})
	go func() { // mid-stream: events are on their way at every change
		defer close(published)
		server.Publish(t, "changed", "", numbered(20, 100)...)
	}()
	p.run("set", id, "--name", "After", "--header", "X-Trace: 1")
	file := filepath.Join(t.TempDir(), "feeds.yaml")
	p.run("export", file)
	p.run("set", id, "--max-attempts", "9")
	p.run("apply", file, "--yes") // back to what it was
	<-published
	server.Publish(t, "changed", "", numbered(120, 10)...)

	want := numbered(0, 130)
	p.awaitRows(id, len(want))
	if diff := cmp.Diff(want, raws(p.history(id))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(b), p.run("export")+"\n"); diff != "" {
		t.Errorf("the feed is not what the file says:\n%s", diff)
	}
}
