//go:build linux

package main

import (
	"syscall"
	"testing"

	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// Polled feeds lose nothing and repeat nothing, killed in the middle of a
// stream and over a restart of the server.
func TestPolledKilledAndServerRestarted(t *testing.T) {
	for _, kind := range []struct {
		name string
		args []string
	}{
		{"longpoll", []string{"--transport", "longpoll"}},
		{"poll", []string{"--transport", "poll", "--interval", "1s"}},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			server := nchantest.Start(t)
			p := newProgram(t)
			p.start("--headless", "--notifier", "none")
			server.Publish(t, "x", "", numbered(0, 5)...)
			id := p.run(append([]string{"add", server.URL("/" + kind.name + "/x")}, kind.args...)...)
			p.awaitState(id, subscriptions.StateOpen)
			p.awaitRows(id, 5)
			published := make(chan struct{})
			go func() { // events are on their way when it dies
				defer close(published)
				server.Publish(t, "x", "", numbered(5, 200)...)
			}()
			p.awaitRows(id, 55)
			p.stop(syscall.SIGKILL)
			<-published
			server.Publish(t, "x", "", numbered(205, 50)...)
			p.start("--headless", "--notifier", "none")
			p.awaitRows(id, 255)

			nextSecond(t) // see TestServerRestarted
			server.Restart()
			server.Publish(t, "x", "", numbered(255, 20)...)
			p.awaitRows(id, 275)
			if diff := cmp.Diff(numbered(0, 275), raws(p.history(id))); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		})
	}
}
