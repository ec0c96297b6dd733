//go:build linux

package tray_test

import (
	"sync/atomic"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	settingsName  = "org.freedesktop.portal.Desktop"
	settingsPath  = "/org/freedesktop/portal/desktop"
	settingsIface = "org.freedesktop.portal.Settings"
)

// settings is a desktop that tells its colour scheme.
type settings struct {
	d      *desktop
	conn   *dbus.Conn
	scheme atomic.Uint32
}

// settings makes a portal that says scheme.
func (d *desktop) settings(scheme uint32) *settings {
	d.t.Helper()
	s := &settings{d: d, conn: d.bus.Connect(d.t)}
	s.scheme.Store(scheme)
	methods := map[string]any{"Read": func(namespace, key string) (dbus.Variant, *dbus.Error) {
		v, err := s.read(namespace, key)
		return dbus.MakeVariant(v), err
	}}
	if !d.older {
		methods["ReadOne"] = s.read
	}
	if err := s.conn.ExportMethodTable(methods, settingsPath, settingsIface); err != nil {
		d.t.Fatal(err)
	}
	if _, err := s.conn.RequestName(settingsName, dbus.NameFlagDoNotQueue); err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (s *settings) read(namespace, key string) (dbus.Variant, *dbus.Error) {
	if namespace != "org.freedesktop.appearance" || key != "color-scheme" {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.portal.Error.NotFound", nil)
	}
	return dbus.MakeVariant(s.scheme.Load()), nil
}

// set changes the scheme and tells of it.
func (s *settings) set(scheme uint32) {
	s.d.t.Helper()
	s.scheme.Store(scheme)
	err := s.conn.Emit(settingsPath, settingsIface+".SettingChanged", "org.freedesktop.appearance", "color-scheme", dbus.MakeVariant(scheme))
	if err != nil {
		s.d.t.Fatal(err)
	}
}

// end makes the portal leave the bus.
func (s *settings) end() { s.conn.Close() }

// watchWithout makes d's connection a watcher that no panel listens to, until
// hosts is called.
func (d *desktop) watchWithout() (hosts func()) {
	d.t.Helper()
	const iface, path = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
	props, err := prop.Export(d.conn, path, prop.Map{iface: {"IsStatusNotifierHostRegistered": {Value: false}}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.watch()
	return func() {
		props.SetMust(iface, "IsStatusNotifierHostRegistered", true)
		if err := d.conn.Emit(path, iface+".StatusNotifierHostRegistered"); err != nil {
			d.t.Fatal(err)
		}
	}
}
