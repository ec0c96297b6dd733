//go:build linux && !headless

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// On a desktop an upgrade takes the tray icon and an open window along: both
// are there afterwards, and of the new version.
func TestUpgradeOnADesktop(t *testing.T) {
	older, newer := versions(t, "gles")
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	notifytest.Record(t, bus)
	panel := notifytest.XfcePanel(t, bus, false)
	home := t.TempDir()
	p := newProgram(t, "DISPLAY="+panel.Display, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home)
	p.bin = filepath.Join(t.TempDir(), "bellwire")
	put(t, older, p.bin)
	p.launch() // which opens the window: there is no feed
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p.awaitWindow(ctx)
	feed := p.run("add", server.URL("/sse/desk"), "--name", "desk", "--transport", "sse")
	p.awaitState(feed, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "desk", 1)
	server.Publish(t, "desk", "", `{"title":"before"}`)
	p.awaitRows(feed, 1)
	shown := func() {
		t.Helper()
		p.awaitPolled(func() bool { return p.status().Tray == control.TrayShown }, "the tray icon")
	}
	shown()
	window := p.windowOf(p.cmd.Process.Pid)

	put(t, newer, p.bin)
	p.awaitUpgrade(&control.Upgrade{State: control.UpgradeReady, Version: "0.2.0", Path: p.bin})
	p.run("window", "--status")
	p.picture(panel.Display, "offered")
	// This program has nothing built in that tells where its buttons are.
	before := &screen{t: t, display: panel.Display}
	id := strings.Fields(before.xdotool("search", "--onlyvisible", "--pid", fmt.Sprint(window)))[0]
	before.xdotool("windowmove", id, "0", "40")
	before.xdotool("windowsize", id, "1000", "700")
	p.picture(panel.Display, "smaller")
	p.awaitPolled(func() bool {
		before.try("mousemove", "--window", id, "930", "75", "click", "1") // Restart Bellwire, in the line below the search
		now, err := p.client().Status(ctx)
		return err == nil && now.Version == "0.2.0"
	}, "the restart that the window offers")
	shown()
	p.awaitPolled(func() bool {
		exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", window))
		return err == nil && exe == p.bin
	}, "the window to be the new one")
	p.awaitWindow(ctx)
	p.awaitPolled(func() bool {
		return (&screen{t: t, display: panel.Display}).try("search", "--onlyvisible", "--pid", fmt.Sprint(window))
	}, "the new window on the screen")
	server.AwaitSubscribers(t, "desk", 1)
	server.Publish(t, "desk", "", `{"title":"after"}`)
	p.awaitRows(feed, 2)
	after := &screen{t: t, display: panel.Display}
	if ids := strings.Fields(after.xdotool("search", "--onlyvisible", "--pid", fmt.Sprint(window))); len(ids) > 0 {
		after.xdotool("windowmove", ids[0], "0", "40")
	}
	p.picture(panel.Display, "restarted")
	if s := p.status(); s.PID != p.cmd.Process.Pid || s.Upgrade != nil {
		t.Errorf("process %d, was %d; %+v", s.PID, p.cmd.Process.Pid, s.Upgrade)
	}
	if again := p.windowOf(p.cmd.Process.Pid); again != window {
		t.Errorf("another window: process %d, was %d", again, window)
	}
	// The window is a child of the process before; it is waited for all the
	// same.
	p.closeWindow(window)
	p.awaitPolled(func() bool {
		_, err := os.Stat(fmt.Sprintf("/proc/%d", window))
		return os.IsNotExist(err)
	}, "the end of the window's process")
}

// windowOf is the process of the window that a daemon has opened.
func (p *program) windowOf(daemon int) (pid int) {
	p.t.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(daemon), "-f", " window").Output()
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Sscan(strings.TrimSpace(string(out)), &pid); err != nil {
		p.t.Fatalf("processes %q: %v", out, err)
	}
	return pid
}

// closeWindow ends a window as the end of a session does.
func (p *program) closeWindow(pid int) {
	p.t.Helper()
	process, err := os.FindProcess(pid)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
}

// picture keeps what a display shows in the folder that upgradePictures names.
func (p *program) picture(display, name string) {
	dir := os.Getenv(upgradePictures)
	if dir == "" {
		return
	}
	<-time.After(3 * time.Second) // it has been drawn by then, mostly
	cmd := exec.Command("import", "-display", display, "-window", "root", filepath.Join(dir, name+".png"))
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Errorf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// upgradePictures names a folder for pictures of an upgrade, to be looked at.
const upgradePictures = "BELLWIRE_UPGRADE_PICTURES"
