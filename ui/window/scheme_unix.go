//go:build linux || freebsd || openbsd || netbsd

package window

import (
	"context"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

// schemeTimeout bounds how long the desktop is asked before there is a window.
const schemeTimeout = 500 * time.Millisecond

// askDesktop reports whether the desktop says what it prefers, light or dark
// (org.freedesktop.portal.Settings). Where it does not, Fyne would be dark.
//
// Fyne asks as well, and would launch a bus of its own where there is none:
// then it is told that there is none.
func askDesktop(ctx context.Context) (says bool) {
	ctx, cancel := context.WithTimeout(ctx, schemeTimeout)
	defer cancel()
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		os.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
		return false
	}
	defer conn.Close()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return false
	}
	portal := conn.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
	return portal.CallWithContext(ctx, "org.freedesktop.portal.Settings.Read", 0, "org.freedesktop.appearance", "color-scheme").Err == nil
}
