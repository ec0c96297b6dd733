//go:build linux

package main

import (
	"context"
	"testing"
	"time"

	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"

	"github.com/godbus/dbus/v5"
)

// A feed that would wait for seconds more tries at once when the machine
// wakes, when its network is there again, and when a person says so.
func TestWakeEndsTheWait(t *testing.T) {
	bus := notifytest.Bus(t)
	system := bus.Connect(t)
	for _, name := range []string{"org.freedesktop.login1", "org.freedesktop.NetworkManager"} {
		if _, err := system.RequestName(name, 0); err != nil {
			t.Fatal(err)
		}
	}
	emit := func(path, name string, arg any) {
		t.Helper()
		if err := system.Emit(dbus.ObjectPath(path), name, arg); err != nil {
			t.Fatal(err)
		}
	}
	server := nchantest.Start(t)
	p := newProgram(t, "DBUS_SYSTEM_BUS_ADDRESS="+bus.Address)
	p.start("--headless", "--notifier", "none")
	id := p.run("add", server.URL("/sse/wake"), "--name", "wake")
	p.awaitState(id, subscriptions.StateOpen)
	for _, tc := range []struct {
		name string
		wake func()
	}{
		{"sleep", func() {
			emit("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep", false)
		}},
		{"network", func() {
			emit("/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager.StateChanged", uint32(70))
		}},
		{"by hand", func() { p.run("reconnect", id) }},
		{"all by hand", func() { p.run("reconnect") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p.t = t
			// A wait that is over before a slow machine has got so far says
			// nothing; the next one is longer. Without a wake none ends early.
			for wait := 3 * time.Second; !p.wakes(server, id, wait, tc.wake); wait *= 2 {
				if wait > 30*time.Second {
					t.Fatal("every wait went to its end, as without a wake")
				}
			}
		})
	}
}

// wakes has a feed wait for more than the given time, while its server is
// away. It reports whether that wait ended early, by wake.
func (p *program) wakes(server *nchantest.Server, id string, wait time.Duration, wake func()) bool {
	p.t.Helper()
	server.Stop()
	var due time.Time
	p.await(func(ctx context.Context, c *controlClient) bool {
		feeds, err := c.Feeds(ctx)
		if err != nil || len(feeds) != 1 {
			return false
		}
		due = feeds[0].Next
		return feeds[0].State == subscriptions.StateWaiting && time.Until(due) > wait
	}, "a wait of more than %s", wait)
	server.Restart()
	wake()
	p.awaitState(id, subscriptions.StateOpen)
	entries, err := p.client().FeedLog(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	for i, e := range entries[:len(entries)-1] {
		if e.Next.Equal(due) {
			return entries[i+1].At.Before(due)
		}
	}
	p.t.Fatalf("the log does not tell of the wait until %s", due)
	return false
}
