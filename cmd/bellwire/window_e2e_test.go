//go:build linux && !headless

package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// Neither process takes anything with it: a window goes on with the next
// daemon, a daemon without its window, and every event is there once.
func TestKilledBesideEachOther(t *testing.T) {
	server := nchantest.Start(t)
	display := notifytest.XvfbOf(t, "1400x900x24")
	home := t.TempDir()
	p := newProgram(t, "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	p.start("--notifier", "none")
	id := p.run("add", server.URL("/sse/kill"), "--name", "killed", "--transport", "sse")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "kill", 1)
	sent := 0
	publish := func() string {
		sent++
		title := fmt.Sprintf("event number %d", sent)
		server.Publish(t, "kill", "", fmt.Sprintf(`{"title":%q}`, title))
		p.awaitRows(id, sent)
		return title
	}
	w := p.window(display)
	w.find(publish())

	p.stop(syscall.SIGKILL)
	w.find("Bellwire is not running")
	server.Publish(t, "kill", "", `{"title":"event number 2"}`) // which nobody hears
	sent = 2
	p.start("--notifier", "none")
	p.awaitRows(id, 2)
	w.find("event number 2")
	w.find(publish())

	w.end(syscall.SIGKILL)
	publish()
	w = p.window(display)
	w.until("each event once", func(spots []spot) bool {
		for n := 1; n <= sent; n++ {
			rows := 0
			for _, at := range spots {
				if strings.HasPrefix(at.Text, fmt.Sprintf("event number %d", n)) {
					rows++
				}
			}
			if rows != 1 {
				return false
			}
		}
		return true
	})
	if rows := p.history(id); len(rows) != sent {
		t.Errorf("%d rows, want %d", len(rows), sent)
	}
}
