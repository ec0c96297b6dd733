//go:build linux

package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// ids are the ids from one to another; gaps are told by their kind.
func ids(from, to int) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

func messageIDs(rows []row) (out []string) {
	for _, r := range rows {
		if r.Kind == string(subscriptions.KindEvent) {
			out = append(out, r.MessageID)
		} else {
			out = append(out, r.Kind)
		}
	}
	return out
}

// A server whose stream cannot replay is followed through lost connections
// and through deaths of the daemon by what its REST API remembers: every
// event once, in order, and no gap. Where it remembers nothing, that is said.
func TestBackfillFromGotify(t *testing.T) {
	server := newGotify(t)
	server.publish(5) // which were before the feed was
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	id := server.add(p)
	p.awaitState(id, subscriptions.StateOpen)

	// Connections end while messages are on their way. From here on some come
	// both ways.
	server.setBusy(true)
	for range 4 {
		last := server.publish(20)
		server.hangUp()
		last = max(last, server.publish(10))
		p.awaitRows(id, last-5)
	}
	received := server.publish(10)
	p.awaitRows(id, received-5)

	// The daemon dies, and the message it stands at is deleted. There is more
	// than a page to fetch.
	p.stop(syscall.SIGKILL)
	server.remove(func(id int) bool { return id == received || id%17 == 0 && id <= received })
	server.publish(450)
	p.start("--headless", "--notifier", "none")
	last := server.publish(30)
	p.awaitRows(id, last-5)

	// It dies while messages are on their way.
	published := make(chan struct{})
	go func() {
		defer close(published)
		for range 30 {
			server.publish(10)
		}
	}()
	p.awaitRows(id, last-5+50)
	p.stop(syscall.SIGKILL)
	<-published
	last = server.publish(1)
	p.start("--headless", "--notifier", "none")
	p.awaitRows(id, last-5)
	server.setBusy(false)
	last = server.publish(1)
	p.awaitRows(id, last-5)
	if diff := cmp.Diff(ids(6, last), messageIDs(p.history(id))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}

	// The server has forgotten everything.
	p.stop(syscall.SIGKILL)
	server.remove(func(int) bool { return true })
	p.start("--headless", "--notifier", "none")
	p.awaitRows(id, last-5+1)
	after := server.publish(3)
	p.awaitRows(id, after-5+1)
	want := append(append(ids(6, last), "gap"), ids(last+1, after)...)
	if diff := cmp.Diff(want, messageIDs(p.history(id))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}

	var feeds []struct {
		Resume subscriptions.Resume `json:"resume"`
	}
	shown := p.run("feeds", "--json")
	if err := json.Unmarshal([]byte(shown), &feeds); err != nil {
		t.Fatal(err)
	}
	wantResume := subscriptions.Resume{By: subscriptions.ResumeByBackfill, Field: "id", Backfill: subscriptions.Backfill{
		URL: "message?limit=200", Order: subscriptions.BackfillBackwards, Param: "since", Items: "messages",
	}}
	if diff := cmp.Diff(wantResume, feeds[0].Resume); diff != "" || strings.Contains(shown, gotifyKey) {
		t.Errorf("feeds --json: %s\n%s", shown, diff)
	}
}
