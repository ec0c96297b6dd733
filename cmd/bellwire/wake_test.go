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
			server.Stop()
			var due time.Time
			p.await(func(ctx context.Context, c *controlClient) bool {
				feeds, err := c.Feeds(ctx)
				if err != nil || len(feeds) != 1 {
					return false
				}
				due = feeds[0].Next
				return feeds[0].State == subscriptions.StateWaiting && time.Until(due) > 3*time.Second
			}, "a long wait")
			server.Restart()
			tc.wake()
			p.awaitState(id, subscriptions.StateOpen)
			entries, err := p.client().FeedLog(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range entries {
				if e.Next.Equal(due) && !entries[i+1].At.Before(due) {
					t.Errorf("waited until %s, as without a wake", due)
				}
			}
		})
	}
}
