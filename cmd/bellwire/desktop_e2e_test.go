//go:build linux && !headless

package main

import (
	"context"
	"syscall"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// On a desktop, a click on a notification without a link opens the window, a
// process of its own that survives the daemon's end and goes on with the next
// one.
func TestClickOpensTheWindow(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	recorder := notifytest.Record(t, bus)
	display := notifytest.Xvfb(t)
	home := t.TempDir()
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	p.start("--notifier", "freedesktop")
	id := p.run("add", server.URL("/sse/window"), "--name", "window")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "window", 1)
	server.Publish(t, "window", "", "no link in here")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	shown, err := recorder.Wait(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if open, err := p.client().Show(ctx, control.Show{}); err != nil || open {
		t.Fatalf("a window before the click: %v, %v", open, err)
	}
	awaitShown(t, p) // it knows by now which notification that is
	if err := recorder.Invoke(shown[0].ID, "default"); err != nil {
		t.Fatal(err)
	}
	p.awaitWindow(ctx)
	// A second launch brings that window to the front and ends.
	p.run("window")
	p.run()

	p.stop(syscall.SIGKILL)
	p.start("--notifier", "freedesktop")
	p.awaitWindow(ctx)
}
