//go:build linux

package main

import (
	"path/filepath"
	"testing"
	"time"

	"bellwire/internal/clocktest"
	"bellwire/internal/nchantest"
)

// The wall clock of a running daemon jumps, ahead and back: the feed stays as
// it is, and each event is dated by the clock of its moment.
func TestClockJumps(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "bellwire")
	clocktest.Build(t, "bellwire/cmd/bellwire", bin)
	clock := clocktest.New(t)
	server := nchantest.Start(t)
	p := newProgram(t, clock.Env())
	p.bin = bin
	p.start("--headless", "--notifier", "none")
	id := p.run("add", server.URL("/sse/clock"), "--name", "Clock", "--transport", "sse")
	server.AwaitSubscribers(t, "clock", 1)
	for i, offset := range []time.Duration{0, 400 * 24 * time.Hour, -3 * time.Hour, 0} {
		clock.Set(offset)
		early := time.Now().Add(offset)
		server.Publish(t, "clock", "", numbered(i, 1)...)
		p.awaitRows(id, i+1)
		late := time.Now().Add(offset)
		rows := p.history(id)
		// What history says is in whole microseconds.
		if got := rows[len(rows)-1].Received; got.Before(early.Truncate(time.Microsecond)) || got.After(late) {
			t.Errorf("the offset is %v; event %d is of %v, sent and seen between %v and %v", offset, i, got, early, late)
		}
	}
}
