package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	busName  = "org.freedesktop.DBus"
	busIface = "org.freedesktop.DBus"
)

// errNoService means that nobody on the bus shows notifications.
var errNoService = errors.New("no notification service is running on the session bus, and none can be started")

// A protocol is a service of the session bus that shows notifications, and
// how one speaks with it.
type protocol struct {
	name  string          // on the bus
	path  dbus.ObjectPath // of the one object
	iface string
	// meet prepares to speak with one owner of the name. tell must not wait.
	meet func(o Options, tell func(report)) dialect
}

// A dialect speaks a protocol with one owner of its name and remembers what
// it learned of that one. peer is where to call it.
type dialect interface {
	// greet asks what the service can do. It is called first, and once.
	greet(ctx context.Context, peer dbus.BusObject) error
	// notify hands n over and waits for the answer, one at a time.
	notify(ctx context.Context, peer dbus.BusObject, n Notification) error
	// heard takes a signal that the service has sent, with arguments of any
	// type. It must not wait.
	heard(member string, args []any)
}

// A busConn is one private connection to the session bus. It knows who owns
// the protocol's name and listens to that owner alone.
type busConn struct {
	protocol
	conn   *dbus.Conn
	cancel context.CancelFunc
	o      Options
	tell   func(report) // must not wait

	mu sync.Mutex
	// changes counts the name's changes of owner; latest is the last one.
	changes uint64
	latest  string
	server  *server // nil until asked for
}

// dialBus connects. ctx bounds that, life the connection.
func dialBus(ctx, life context.Context, p protocol, o Options, tell func(report)) (*busConn, error) {
	c := &busConn{protocol: p, o: o, tell: tell}
	life, c.cancel = context.WithCancel(life)
	err := connect(ctx, life, c.cancel, c, func(ctx context.Context, conn *dbus.Conn) error {
		c.conn = conn
		return c.listen(ctx)
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *busConn) close() {
	c.cancel()
	if c.conn != nil {
		_ = c.conn.Close()
	}
}

// listen asks the bus for the signals of the service, and for changes of its
// owner.
func (c *busConn) listen(ctx context.Context) error {
	err := c.conn.AddMatchSignalContext(ctx,
		dbus.WithMatchSender(busName), dbus.WithMatchInterface(busIface),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, c.name))
	if err != nil {
		return err
	}
	return c.conn.AddMatchSignalContext(ctx,
		dbus.WithMatchSender(c.name), dbus.WithMatchInterface(c.iface))
}

// available reports whether the service runs or can be started.
func (c *busConn) available(ctx context.Context) error {
	if _, err := c.owner(ctx); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	var names []string
	if err := c.conn.BusObject().CallWithContext(ctx, busIface+".ListActivatableNames", 0).Store(&names); err != nil {
		return fmt.Errorf("asking the session bus for services: %w", err)
	}
	if !slices.Contains(names, c.name) {
		return errNoService
	}
	return nil
}

// service is the current owner of the name, started where there is none.
func (c *busConn) service(ctx context.Context) (*server, error) {
	for {
		c.mu.Lock()
		s, changes := c.server, c.changes
		c.mu.Unlock()
		if s != nil {
			return s, nil
		}
		owner, err := c.owner(ctx)
		if isError(err, busName+".Error.NameHasNoOwner") {
			owner, err = c.start(ctx)
		}
		if err != nil {
			return nil, err
		}
		s, err = newServer(ctx, c, owner)
		if err != nil && !errors.Is(err, errGone) {
			return nil, err
		}
		c.mu.Lock()
		current := changes == c.changes || c.latest == owner
		if current && err == nil {
			c.server = s
		}
		c.mu.Unlock()
		if current {
			return s, err
		}
		if s != nil {
			s.cancel() // its successor is there already
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

func (c *busConn) owner(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	var owner string
	err := c.conn.BusObject().CallWithContext(ctx, busIface+".GetNameOwner", 0, c.name).Store(&owner)
	if err != nil {
		return "", fmt.Errorf("asking the session bus for the notification service: %w", err)
	}
	return owner, nil
}

// start asks the bus to start the service.
func (c *busConn) start(ctx context.Context) (string, error) {
	var reply uint32
	err := c.conn.BusObject().CallWithContext(ctx, busIface+".StartServiceByName", 0, c.name, uint32(0)).Store(&reply)
	if isError(err, busName+".Error.ServiceUnknown") {
		return "", errNoService
	}
	if err != nil {
		return "", fmt.Errorf("starting the notification service: %w", err)
	}
	return c.owner(ctx)
}

// forget drops s, if it still is the one in use.
func (c *busConn) forget(s *server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == s {
		c.server = nil
	}
	s.cancel()
}

// DeliverSignal implements [dbus.SignalHandler]. The connection's reader
// calls it, one signal at a time, and waits: it must not block. The bus
// delivers signals addressed to us from anybody, so that the sender is checked
// here.
func (c *busConn) DeliverSignal(iface, member string, s *dbus.Signal) {
	if iface == busIface && member == "NameOwnerChanged" && s.Sender == busName {
		c.ownerChanged(s.Body)
		return
	}
	if iface != c.iface || s.Path != c.path {
		return
	}
	c.mu.Lock()
	server := c.server
	c.mu.Unlock()
	if server != nil && s.Sender == server.owner {
		server.dialect.heard(member, s.Body)
	}
}

func (c *busConn) ownerChanged(body []any) {
	if len(body) != 3 || body[0] != c.name {
		return
	}
	owner, ok := body[2].(string)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	c.latest = owner
	if c.server != nil && c.server.owner != owner {
		c.server.retire()
		c.server = nil
	}
}

// isError reports whether err is the D-Bus error of that name.
func isError(err error, name string) bool {
	e, ok := errors.AsType[dbus.Error](err)
	return ok && e.Name == name
}
