//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"strings"
	"time"

	"bellwire/ui/icon"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// watcher is the bus name of what collects tray icons, the panel's or the
// desktop's (StatusNotifierItem specification, "StatusNotifierWatcher").
const watcher = "org.kde.StatusNotifierWatcher"

// askTimeout bounds a question to the desktop.
const askTimeout = 5 * time.Second

// probe reports whether a panel shows icons already. It fails when there is
// no session bus, and never starts one.
func probe(ctx context.Context) (host bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	conn, err := connect(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if host, err = hasHost(ctx, conn); err != nil {
		return false, err
	}
	// Systray takes the shared connection; now that it exists, nothing is
	// launched for it.
	_, err = dbus.SessionBus()
	return host, err
}

func answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	conn, err := connect(ctx)
	if err != nil {
		return err
	}
	return conn.Close()
}

// connect makes a connection of our own to the session bus: systray closes
// the shared one.
func connect(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// hasHost reports whether there is a watcher, and something that shows what it
// collects. A watcher that does not tell is its own panel.
func hasHost(ctx context.Context, conn *dbus.Conn) (host bool, err error) {
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&host)
	if err != nil || !host {
		return false, err
	}
	var v dbus.Variant
	err = conn.Object(watcher, "/StatusNotifierWatcher").CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
		dbus.FlagNoAutoStart, watcher, "IsStatusNotifierHostRegistered").Store(&v)
	if told, ok := v.Value().(bool); err == nil && ok {
		return told, nil
	}
	return true, ctx.Err()
}

// lateAfter is when a panel is surely told to systray by the bus.
const lateAfter = 2 * time.Second

// registerLate registers the icon once more, where no panel was there at
// first. Systray tries, and only then asks the bus to tell it of panels: one
// that comes in between, as at login, would never get the icon. From the same
// connection it is the same registration again, which panels take once.
func registerLate(ctx context.Context) error {
	select {
	case <-time.After(lateAfter):
	case <-ctx.Done():
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	conn, err := dbus.SessionBus() // systray's own
	if err != nil {
		return err
	}
	var there bool
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&there)
	if err != nil || !there {
		return err
	}
	return conn.Object(watcher, "/StatusNotifierWatcher").
		CallWithContext(ctx, watcher+".RegisterStatusNotifierItem", 0, "/StatusNotifierItem").Err
}

// prepare sets what systray reads when it registers.
func prepare() {
	systray.SetTitle("Bellwire")
	systray.SetTooltip("Bellwire")
	setIcon(icon.Quiet, icon.AnyPanel)
}

// run shows the icon until ctx ends: build makes the menu, begin begins to
// change it. Systray.Run would have both at once, and what is changed while
// systray still prepares its properties would never be seen.
func run(ctx context.Context, build, begin func()) {
	built := make(chan struct{})
	start, end := systray.RunWithExternalLoop(func() { defer close(built); build() }, nil)
	start()
	select {
	case <-built:
		begin()
		<-ctx.Done()
	case <-ctx.Done(): // it does not build without a bus
	}
	end()
}

func setIcon(s icon.State, p icon.Panel) { systray.SetIcon(icon.Tray(s, p)) }

// escape keeps underscores in a label from becoming mnemonics
// (com.canonical.dbusmenu, property "label").
func escape(label string) string { return strings.ReplaceAll(label, "_", "__") }
