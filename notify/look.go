package notify

import (
	"context"
	"errors"
	"slices"

	"github.com/godbus/dbus/v5"
)

// ErrNoBus means that this session has no message bus, or keeps it secret.
var ErrNoBus = errNoBus

// SessionBus is the address of the session bus as DBUS_SESSION_BUS_ADDRESS or
// $XDG_RUNTIME_DIR tells it, never one that would have to be launched. The
// error is [ErrNoBus].
func SessionBus() (address string, err error) { return sessionBusAddress() }

// Sandboxed reports whether this process runs in a Flatpak or is a snap's
// program, and so speaks with the notification portal.
func Sandboxed() bool { return sandboxed("/") }

// A Service is what takes notifications on a session bus, as it was found.
type Service struct {
	// Running says that somebody owns the name; Activatable that the bus
	// starts somebody for the next notification.
	Running, Activatable bool
	// PID is the process that owns the name; 0 where the bus does not tell.
	PID uint32
	// Name, Vendor, Version and Spec are what the service tells of itself;
	// Capabilities what it can do (Desktop Notifications Specification 1.2,
	// §9.1). Their text is as it came.
	Name, Vendor, Version, Spec string
	Capabilities                []string
	// Hung says that it runs and did not answer within the context.
	Hung bool
	// DND says who asks not to disturb; empty: nobody, or nobody tells.
	DND string
}

// Look finds out on conn who takes notifications. It starts nobody and shows
// nothing. ctx bounds it: a service that does not answer is told as Hung. The
// error is the bus's own.
func Look(ctx context.Context, conn *dbus.Conn) (s Service, err error) {
	var names []string
	if err := conn.BusObject().CallWithContext(ctx, busIface+".ListActivatableNames", 0).Store(&names); err != nil {
		return s, err
	}
	s.Activatable = slices.Contains(names, freedesktopProtocol.name)
	var owner string
	err = conn.BusObject().CallWithContext(ctx, busIface+".GetNameOwner", 0, freedesktopProtocol.name).Store(&owner)
	if isError(err, busName+".Error.NameHasNoOwner") {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Running = true
	_ = conn.BusObject().CallWithContext(ctx, busIface+".GetConnectionUnixProcessID", 0, owner).Store(&s.PID)
	peer := conn.Object(owner, freedesktopProtocol.path)
	err = errors.Join(
		peer.CallWithContext(ctx, freedesktopIface+".GetServerInformation", dbus.FlagNoAutoStart).Store(&s.Name, &s.Vendor, &s.Version, &s.Spec),
		peer.CallWithContext(ctx, freedesktopIface+".GetCapabilities", dbus.FlagNoAutoStart).Store(&s.Capabilities),
	)
	if ctx.Err() != nil {
		s.Hung = true
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.DND = lookDND(ctx, conn)
	return s, nil
}
