//go:build linux && !headless

package main

import (
	"testing"

	"bellwire/notify/notifytest"
)

func TestFirstRun(t *testing.T) {
	bus := notifytest.Bus(t)
	display := notifytest.XvfbOf(t, "1400x900x24")
	home := t.TempDir()
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "DISPLAY="+display, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	p.start("--notifier", "freedesktop")
	w := p.window(display)
	w.shot("first")
	w.click("Add feed")
	w.find("Address")
	w.write("http://x")
	w.find("http://x")
	w.shot("second")
}
