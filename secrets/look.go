package secrets

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// KeyringState is how a Secret Service does.
type KeyringState string

const (
	// KeyringOpen can keep and give secrets now.
	KeyringOpen KeyringState = "open"
	// KeyringLocked waits for a person to unlock it.
	KeyringLocked KeyringState = "locked"
	// KeyringStarts is not running; the bus starts it when it is needed.
	KeyringStarts KeyringState = "starts when needed"
	// KeyringEmpty runs, but has no collection yet: the first secret asks a
	// person to make one.
	KeyringEmpty KeyringState = "empty"
	// KeyringNone is not there: secrets go to a file.
	KeyringNone KeyringState = "none"
)

const (
	secretName    = "org.freedesktop.secrets"
	secretPath    = dbus.ObjectPath("/org/freedesktop/secrets")
	secretService = "org.freedesktop.Secret.Service"
	loginPath     = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	propertyGet   = "org.freedesktop.DBus.Properties.Get"
)

// LookKeyring finds out on conn, a session bus, how the Secret Service does
// (Secret Service API 0.2). It starts nothing, unlocks nothing and so never
// prompts. The error is a service's that does not answer within ctx, or the
// bus's.
func LookKeyring(ctx context.Context, conn *dbus.Conn) (KeyringState, error) {
	bus := conn.BusObject()
	var there bool
	if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, secretName).Store(&there); err != nil {
		return "", err
	}
	if !there {
		var names []string
		if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&names); err != nil {
			return "", err
		}
		for _, name := range names {
			if name == secretName {
				return KeyringStarts, nil
			}
		}
		return KeyringNone, nil
	}
	collection, err := usedCollection(ctx, conn)
	if err != nil || collection == "/" {
		return KeyringEmpty, err
	}
	var v dbus.Variant
	err = conn.Object(secretName, collection).CallWithContext(ctx, propertyGet, dbus.FlagNoAutoStart, "org.freedesktop.Secret.Collection", "Locked").Store(&v)
	if locked, _ := v.Value().(bool); err != nil || locked {
		return KeyringLocked, err
	}
	return KeyringOpen, nil
}

// usedCollection is where the library keeps secrets: the login collection, or
// the default one; "/" where there is neither.
func usedCollection(ctx context.Context, conn *dbus.Conn) (dbus.ObjectPath, error) {
	service := conn.Object(secretName, secretPath)
	var v dbus.Variant
	if err := service.CallWithContext(ctx, propertyGet, dbus.FlagNoAutoStart, secretService, "Collections").Store(&v); err != nil {
		return "/", err
	}
	all, _ := v.Value().([]dbus.ObjectPath)
	for _, path := range all {
		if path == loginPath {
			return path, nil
		}
	}
	path := dbus.ObjectPath("/")
	err := service.CallWithContext(ctx, secretService+".ReadAlias", dbus.FlagNoAutoStart, "default").Store(&path)
	return path, err
}
