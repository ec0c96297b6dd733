//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"context"
	"fmt"

	"bellwire/ui/icon"

	"github.com/godbus/dbus/v5"
)

// The desktop's settings (XDG Desktop Portal, org.freedesktop.portal.Settings).
const (
	portal         = "org.freedesktop.portal.Desktop"
	portalPath     = "/org/freedesktop/portal/desktop"
	portalSettings = "org.freedesktop.portal.Settings"
	appearance     = "org.freedesktop.appearance"
	colorScheme    = "color-scheme"
)

// watchDesktop tells what the desktop is like, now and after every change,
// until ctx ends. Nothing is started to be asked, and nothing is asked again
// without a signal; what a signal says is not believed but asked for.
func watchDesktop(ctx context.Context, tell func(desktop)) error {
	conn, err := connect(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBusGone, err) // it was there a moment ago
	}
	defer conn.Close()
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		ownerOf(watcher),
		ownerOf(portal),
		{dbus.WithMatchSender(watcher), dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostRegistered")},
		{dbus.WithMatchSender(watcher), dbus.WithMatchInterface(watcher), dbus.WithMatchMember("StatusNotifierHostUnregistered")},
		{
			dbus.WithMatchSender(portal), dbus.WithMatchInterface(portalSettings), dbus.WithMatchMember("SettingChanged"),
			dbus.WithMatchArg(0, appearance), dbus.WithMatchArg(1, colorScheme),
		},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); !conn.Connected() {
			return ErrBusGone
		} else if err != nil {
			return err
		}
	}
	for {
		d, err := look(ctx, conn)
		switch {
		case !conn.Connected():
			return ErrBusGone
		case err != nil:
			return err
		}
		tell(d)
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-signals:
			if !ok {
				return ErrBusGone
			}
		}
	}
}

// ownerOf matches that a name on the bus has a new owner.
func ownerOf(name string) []dbus.MatchOption {
	return []dbus.MatchOption{
		dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name),
	}
}

// look asks what the desktop is like. It fails when the bus is gone.
func look(ctx context.Context, conn *dbus.Conn) (d desktop, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if d.host, err = hasHost(ctx, conn); err != nil {
		return d, err
	}
	d.panel = panelOf(ask(ctx, conn))
	return d, nil
}

// ask asks for the colour scheme; nil where nobody answers.
func ask(ctx context.Context, conn *dbus.Conn) any {
	// ReadOne is newer; Read wraps the answer once more.
	for _, method := range []string{"ReadOne", "Read"} {
		var v dbus.Variant
		call := conn.Object(portal, portalPath).CallWithContext(ctx, portalSettings+"."+method, dbus.FlagNoAutoStart, appearance, colorScheme)
		if call.Store(&v) != nil {
			continue
		}
		value := v.Value()
		if inner, ok := value.(dbus.Variant); ok {
			value = inner.Value()
		}
		return value
	}
	return nil
}

// panelOf is the panel that goes with a colour scheme: 1 prefers dark, 2
// light; anything else says nothing.
func panelOf(scheme any) icon.Panel {
	switch scheme {
	case uint32(1):
		return icon.DarkPanel
	case uint32(2):
		return icon.LightPanel
	}
	return icon.AnyPanel
}
