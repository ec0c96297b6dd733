//go:build linux && !headless

package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/notify/notifytest"
	"bellwire/ui/icon"

	"github.com/godbus/dbus/v5"
)

// Where no panel shows icons, a person who starts Bellwire for the first time
// sees its window, and the status says why there is no icon. It appears with
// a panel, and tells of a pause that begins elsewhere.
func TestDesktopWithoutATray(t *testing.T) {
	bus := notifytest.Bus(t)
	notifytest.Record(t, bus)
	home := t.TempDir()
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "DISPLAY="+notifytest.Xvfb(t), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tray := func(want string) {
		t.Helper()
		p.awaitPolled(func() bool { return strings.Contains(p.run("status"), "\nTray: "+want+"\n") }, "the tray to be %s", want)
	}

	p.launch()
	p.awaitWindow(ctx)
	tray("none (no panel shows tray icons)")
	p.run() // a second start

	panel := notifytest.XfcePanel(t, bus, false)
	tray("shown")
	conn := bus.Connect(t)
	name := fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", p.cmd.Process.Pid)
	shows := func(s icon.State) {
		t.Helper()
		want := alphas(t, s)
		p.awaitPolled(func() bool { return bytes.Equal(shownAlphas(t, conn, name), want) }, "the icon to be %s", s)
	}
	shows(icon.Quiet)
	for _, c := range []struct {
		until time.Time
		want  icon.State
	}{{control.Forever, icon.Paused}, {time.Time{}, icon.Quiet}} {
		if err := p.client().PauseNotifications(ctx, c.until); err != nil {
			t.Fatal(err)
		}
		shows(c.want)
	}

	panel.Stop(t)
	tray("none (no panel shows tray icons)")
	panel.Start(t)
	tray("shown")
	if n := strings.Count(p.said(), "no panel shows tray icons"); n != 1 {
		t.Errorf("the log says %d times that there is no panel", n)
	}
	if strings.Contains(p.said(), "systray error") {
		t.Error("the log has a library's words")
	}
}

// alphas is the shape of a tray icon.
func alphas(t *testing.T, s icon.State) (shape []byte) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(icon.Tray(s, icon.AnyPanel)))
	if err != nil {
		t.Fatal(err)
	}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			_, _, _, a := img.At(x, y).RGBA()
			shape = append(shape, byte(a>>8))
		}
	}
	return shape
}

// shownAlphas is the shape of the icon on the bus.
func shownAlphas(t *testing.T, conn *dbus.Conn, name string) (shape []byte) {
	t.Helper()
	var icons []struct {
		Width, Height int32
		ARGB          []byte
	}
	v, err := conn.Object(name, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.IconPixmap")
	if err == nil {
		err = v.Store(&icons)
	}
	if err != nil || len(icons) != 1 {
		t.Fatalf("%d icons, %v", len(icons), err)
	}
	for i := 0; i < len(icons[0].ARGB); i += 4 {
		shape = append(shape, icons[0].ARGB[i])
	}
	return shape
}
