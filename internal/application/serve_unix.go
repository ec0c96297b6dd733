//go:build linux || freebsd || openbsd || netbsd || dragonfly

package application

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
)

const (
	iface = "org.freedesktop.Application"
	path  = dbus.ObjectPath("/io/bellwire/Bellwire")
	// busTimeout bounds connecting to the bus and taking the name.
	busTimeout = 5 * time.Second
)

// description is what tools such as gdbus and D-Feet ask for.
const description = introspect.IntrospectDeclarationString + `<node>
  <interface name="org.freedesktop.Application">
    <method name="Activate">
      <arg type="a{sv}" name="platform_data" direction="in"/>
    </method>
    <method name="Open">
      <arg type="as" name="uris" direction="in"/>
      <arg type="a{sv}" name="platform_data" direction="in"/>
    </method>
    <method name="ActivateAction">
      <arg type="s" name="action_name" direction="in"/>
      <arg type="av" name="parameter" direction="in"/>
      <arg type="a{sv}" name="platform_data" direction="in"/>
    </method>
  </interface>
</node>
`

// Serve answers on a connection of its own to the session bus until ctx ends,
// the bus goes away, or nothing was asked for o.Idle. An error says why it
// does not answer at all; [ErrTaken] when another program does.
func Serve(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q := newQueue()
	conn, err := connect(ctx, cancel, &object{q}, o)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Ends with the connection: a bus that went away has ended the session.
	q.run(conn.Context(), o.Idle, func(ctx context.Context, action, token string) {
		o.Logger.Debug("the desktop asks for an action", "action", action)
		o.Do(ctx, action, token)
	})
	return nil
}

// connect takes the name on a new connection, with the object there before it
// can be called. cancel ends the connection.
func connect(ctx context.Context, cancel func(), called *object, o Options) (_ *dbus.Conn, err error) {
	// The library's handshake takes no context, but ends with its connection.
	within := time.AfterFunc(busTimeout, cancel)
	defer within.Stop()
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("there is no session bus: %w", err)
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	if err := conn.Auth(nil); err != nil {
		return nil, fmt.Errorf("connecting to the session bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		return nil, fmt.Errorf("connecting to the session bus: %w", err)
	}
	if err := conn.Export(called, path, iface); err != nil {
		return nil, err
	}
	if err := conn.Export(introspect.Introspectable(description), path, "org.freedesktop.DBus.Introspectable"); err != nil {
		return nil, err
	}
	flags := dbus.NameFlagDoNotQueue
	if o.Wait {
		flags = 0
	}
	reply, err := conn.RequestName(ID, flags)
	switch {
	case err != nil:
		return nil, fmt.Errorf("taking a name on the session bus: %w", err)
	case reply == dbus.RequestNameReplyInQueue:
		o.Logger.Warn("the desktop's menu does not reach this Bellwire until another program leaves", "error", ErrTaken)
	case reply != dbus.RequestNameReplyPrimaryOwner:
		return nil, ErrTaken
	}
	return conn, nil
}

// object is what the bus can call. Its methods only put things in line: an
// answer never waits for a window.
type object struct{ q *queue }

// Activate opens the window.
func (o *object) Activate(platform map[string]dbus.Variant) *dbus.Error {
	o.q.put(Open, token(platform))
	return nil
}

// Open is for files, of which Bellwire opens none: the window does.
func (o *object) Open(_ []string, platform map[string]dbus.Variant) *dbus.Error {
	return o.Activate(platform)
}

// ActivateAction does an action of the desktop entry. None has parameters.
func (o *object) ActivateAction(name string, _ []dbus.Variant, platform map[string]dbus.Variant) *dbus.Error {
	if !o.q.put(name, token(platform)) {
		return dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"there is no such action"})
	}
	return nil
}

// token is what lets a window come to the front, by its two names.
func token(platform map[string]dbus.Variant) string {
	for _, name := range []string{"activation-token", "desktop-startup-id"} {
		if s, ok := platform[name].Value().(string); ok && s != "" {
			return cleanToken(s)
		}
	}
	return ""
}
