package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// errNoBus means that this session has no message bus, or keeps it secret.
var errNoBus = errors.New("no session bus: DBUS_SESSION_BUS_ADDRESS is not set and $XDG_RUNTIME_DIR/bus does not exist")

// sessionBusAddress finds the session bus. It is read anew for every
// connection. The D-Bus library's own search is not used: where it finds
// nothing it launches a bus that nobody else is on and that outlives us.
func sessionBusAddress() (string, error) {
	// A list separated by semicolons (D-Bus Specification, Server Addresses).
	list := slices.DeleteFunc(strings.Split(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), ";"), func(a string) bool {
		return strings.TrimSpace(a) == "" || strings.HasPrefix(a, "autolaunch:")
	})
	if len(list) > 0 {
		return strings.Join(list, ";"), nil
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		path := filepath.Join(dir, "bus")
		if info, err := os.Stat(path); err == nil && info.Mode().Type() == os.ModeSocket {
			return "unix:path=" + dbus.EscapeBusAddressValue(path), nil
		}
	}
	return "", errNoBus
}

// connect makes a connection of our own to the session bus, and has ready
// prepare it. ctx, and 5 s, bound that; life, which end ends, the connection.
// What ready was given is the caller's to close, also after an error.
func connect(ctx, life context.Context, end func(), h dbus.SignalHandler, ready func(context.Context, *dbus.Conn) error) error {
	address, err := sessionBusAddress()
	if err != nil {
		return err
	}
	// The library's handshake takes no context, but ends with its connection.
	ctx, done := context.WithTimeout(ctx, busTimeout)
	defer done()
	stop := context.AfterFunc(ctx, end)
	conn, err := dbus.Connect(address, dbus.WithContext(life), dbus.WithSignalHandler(h))
	if err == nil {
		err = ready(ctx, conn)
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("connecting to the session bus: %w", err)
	}
	return nil
}
