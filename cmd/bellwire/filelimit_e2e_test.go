//go:build linux

package main

import (
	"testing"

	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// A limit of the size of files (ulimit -f) is a disk that is full, and no
// reason to die: what cannot be stored is waited for.
func TestFileSizeLimit(t *testing.T) {
	server := nchantest.Start(t)
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	id := p.run("add", server.URL("/sse/limit"), "--name", "limit")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "limit", 1)
	server.Publish(t, "limit", "", numbered(0, 10)...)
	p.awaitRows(id, 10)

	limit := func(size uint64) {
		t.Helper()
		if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil); err != nil {
			t.Fatal(err)
		}
	}
	limit(0)
	server.Publish(t, "limit", "", numbered(10, 10)...)
	p.awaitPolled(func() bool {
		feeds, err := p.client().Feeds(t.Context())
		return err == nil && feeds[0].Code == subscriptions.CodeStorage
	}, "the feed to say that it cannot store")
	limit(unix.RLIM_INFINITY)
	p.awaitRows(id, 20)
	if diff := cmp.Diff(numbered(0, 20), raws(p.history(id))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}
