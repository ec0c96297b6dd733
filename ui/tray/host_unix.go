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

// probe reports whether a panel collects icons already. It fails when there
// is no session bus, and never starts one.
func probe(ctx context.Context) (host bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if err := conn.Auth(nil); err != nil {
		return false, err
	}
	if err := conn.Hello(); err != nil {
		return false, err
	}
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&host)
	if err != nil {
		return false, err
	}
	// Systray takes the shared connection; now that it exists, nothing is
	// launched for it.
	_, err = dbus.SessionBus()
	return host, err
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
	var host bool
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&host)
	if err != nil || !host {
		return err
	}
	return conn.Object(watcher, "/StatusNotifierWatcher").
		CallWithContext(ctx, watcher+".RegisterStatusNotifierItem", 0, "/StatusNotifierItem").Err
}

// prepare sets what systray reads when it registers.
func prepare() {
	systray.SetTitle("Bellwire")
	systray.SetTooltip("Bellwire")
	systray.SetIcon(icon.TrayQuiet)
}

// nativeIcon is a PNG in the form systray wants here.
func nativeIcon(png []byte) []byte { return png }

// escape keeps underscores in a label from becoming mnemonics
// (com.canonical.dbusmenu, property "label").
func escape(label string) string { return strings.ReplaceAll(label, "_", "__") }
