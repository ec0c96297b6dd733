//go:build linux && !headless

package main

import (
	"os/exec"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// inSession is a program of a desktop session: one with a display, if a poor
// one, and a bus.
func inSession(t *testing.T, bus *notifytest.MessageBus) *program {
	t.Helper()
	return newProgram(t, "DISPLAY=:4242", "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
}

// Nobody ends what a person has started when they log out: with its session
// Bellwire ends by itself, or the next one would find no tray and no
// notifications.
func TestTheSessionEnds(t *testing.T) {
	bus := notifytest.Bus(t)
	p := inSession(t, bus)
	p.start()
	p.awaitPolled(func() bool {
		s, err := p.client().Status(t.Context())
		return err == nil && s.Tray == control.TrayNoPanel
	}, "the tray")
	bus.Stop(t)
	_ = p.cmd.Wait() // its code is the race detector's, where systray races
	p.cmd = nil
	if said := p.said(); !strings.Contains(said, "the session has ended, and bellwire with it") {
		t.Error("it ended otherwise")
	}
}

// Somebody who logs out and in at once gets a Bellwire of the new session, and
// nothing is lost or told twice on the way.
func TestTheNextSession(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	recorder := notifytest.Record(t, bus)
	p := inSession(t, bus)
	p.start()
	id := p.run("add", server.URL("/sse/next"), "--name", "Next")
	p.live(server, id, "next", recorder)
	awaitShown(t, p)
	old := p.cmd
	next := notifytest.Bus(t)
	again := notifytest.Record(t, next)
	bus.Stop(t)
	p.env = append(p.env, "DBUS_SESSION_BUS_ADDRESS="+next.Address)
	server.Publish(t, "next", "", `{"title":"between"}`)
	p.cmd = exec.Command(p.bin, "run") // as at login
	p.cmd.Env, p.cmd.Stderr, p.cmd.Stdout = p.env, p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = old.Wait()
	p.awaitPolled(func() bool {
		s, err := p.client().Status(t.Context())
		return err == nil && s.PID == p.cmd.Process.Pid && s.Tray == control.TrayNoPanel
	}, "the new one")
	p.awaitState(id, subscriptions.StateOpen)
	server.Publish(t, "next", "", `{"title":"after"}`)
	p.awaitRows(id, 3)
	awaitShown(t, p)
	got := tell(again.Notifications())
	if first := tell(recorder.Notifications()); got.events() != 2 || first.events() != 1 {
		t.Errorf("told of %v, then of %v", first, got)
	}
}
