//go:build !windows

package notify

import (
	"context"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	// dndFirst is how long WatchDND waits for the first answer.
	dndFirst = 3 * time.Second
	// dndAnswer bounds the wait for all sources. Nobody waits for it but us.
	dndAnswer = 30 * time.Second
	// dndRedial is the shortest time between two attempts to find the bus;
	// there are none while nothing is to be shown.
	dndRedial = 3 * time.Second

	propsIface = "org.freedesktop.DBus.Properties"
	dunstIface = "org.dunstproject.cmd0"

	xfconfName    = "org.xfce.Xfconf" // also the interface
	xfconfPath    = dbus.ObjectPath("/org/xfce/Xfconf")
	xfconfChannel = "xfce4-notifyd"
	xfconfDND     = "/do-not-disturb"
	xfceServer    = "Xfce Notify Daemon" // as GetServerInformation tells it
)

// watchBus asks the session bus, as Linux and BSD do.
func (d *DND) watchBus(ctx context.Context) {
	wanted := make(chan struct{}, 1)
	d.ask = func() {
		select {
		case wanted <- struct{}{}:
		default:
		}
	}
	first := make(chan struct{})
	d.done.Go(func() {
		told := sync.OnceFunc(func() { close(first) })
		for ctx.Err() == nil {
			err := d.listen(ctx, told, wanted)
			told()
			d.set("")
			if ctx.Err() != nil {
				return
			}
			d.log.Debug("do not disturb is not known", "because", err)
			if !pause(ctx, dndRedial) {
				return
			}
			select { // a bus that may never come costs nothing
			case <-wanted:
			case <-ctx.Done():
			}
		}
	})
	patience := time.NewTimer(dndFirst)
	defer patience.Stop()
	select {
	case <-first:
	case <-patience.C:
	case <-ctx.Done():
	}
}

// listen follows one connection until it ends.
func (d *DND) listen(ctx context.Context, told func(), wanted <-chan struct{}) error {
	b, err := dialDND(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	for {
		d.set(b.read(ctx))
		told()
		for again := true; again; {
			select {
			case <-b.news:
				again = false
			case <-wanted: // we are listening already
			case <-b.conn.Context().Done():
				return dbus.ErrClosed
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// A dndBus is one private connection. A signal only says that something may
// have changed: what it is now is asked for, so that no order of messages and
// no stranger can make us believe anything.
type dndBus struct {
	conn   *dbus.Conn
	cancel context.CancelFunc
	news   chan struct{} // holds a token while something may have changed

	mu    sync.Mutex
	owner map[string]string // who has spoken to us last under these names
}

func dialDND(ctx context.Context) (*dndBus, error) {
	b := &dndBus{news: make(chan struct{}, 1), owner: map[string]string{}}
	life, cancel := context.WithCancel(ctx)
	b.cancel = cancel
	err := connect(ctx, life, cancel, b, func(ctx context.Context, conn *dbus.Conn) error {
		b.conn = conn
		return b.match(ctx)
	})
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *dndBus) close() {
	b.cancel()
	if b.conn != nil {
		_ = b.conn.Close()
	}
}

// match asks the bus for the signals.
func (b *dndBus) match(ctx context.Context) error {
	changes := func(name string) []dbus.MatchOption {
		return []dbus.MatchOption{
			dbus.WithMatchSender(busName), dbus.WithMatchInterface(busIface),
			dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name),
		}
	}
	properties := func(iface string) []dbus.MatchOption {
		return []dbus.MatchOption{
			dbus.WithMatchSender(freedesktopProtocol.name), dbus.WithMatchObjectPath(freedesktopProtocol.path),
			dbus.WithMatchInterface(propsIface), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, iface),
		}
	}
	for _, rule := range [][]dbus.MatchOption{
		changes(freedesktopProtocol.name), changes(xfconfName), properties(freedesktopIface), properties(dunstIface),
		{
			dbus.WithMatchSender(xfconfName), dbus.WithMatchObjectPath(xfconfPath),
			dbus.WithMatchInterface(xfconfName), dbus.WithMatchArg(0, xfconfChannel), dbus.WithMatchArg(1, xfconfDND),
		},
	} {
		if err := b.conn.AddMatchSignalContext(ctx, rule...); err != nil {
			return err
		}
	}
	return nil
}

// DeliverSignal implements [dbus.SignalHandler]. The connection's reader
// calls it, one signal at a time, and waits: it must not block.
func (b *dndBus) DeliverSignal(iface, member string, s *dbus.Signal) {
	if !b.concerns(iface, member, s) {
		return
	}
	select {
	case b.news <- struct{}{}:
	default:
	}
}

func (b *dndBus) concerns(iface, member string, s *dbus.Signal) bool {
	if iface == busIface {
		return member == "NameOwnerChanged" && s.Sender == busName
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	from := func(name string) bool { return s.Sender != "" && s.Sender == b.owner[name] }
	switch iface {
	case xfconfName:
		return from(xfconfName)
	case propsIface:
		return from(freedesktopProtocol.name) && member == "PropertiesChanged" && mentions(s.Body, "Inhibited", "paused")
	}
	return false
}

// mentions reports whether the arguments of PropertiesChanged (D-Bus
// Specification, org.freedesktop.DBus.Properties) name one of the properties:
// others change with every notification.
func mentions(body []any, properties ...string) bool {
	if len(body) != 3 {
		return false
	}
	changed, _ := body[1].(map[string]dbus.Variant)
	invalid, _ := body[2].([]string)
	for _, p := range properties {
		if _, ok := changed[p]; ok {
			return true
		}
		for _, name := range invalid {
			if name == p {
				return true
			}
		}
	}
	return false
}

// read asks everybody who may know, and starts nobody. It returns who says
// that it is on; empty for nobody.
func (b *dndBus) read(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, dndAnswer)
	defer cancel()
	service, xfconf := b.ownerOf(ctx, freedesktopProtocol.name), b.ownerOf(ctx, xfconfName)
	var plasma, dunst, xfce bool
	var all sync.WaitGroup
	if service != "" {
		all.Go(func() { plasma = b.property(ctx, service, freedesktopIface, "Inhibited") })
		all.Go(func() { dunst = b.property(ctx, service, dunstIface, "paused") })
	}
	if xfconf != "" {
		all.Go(func() { xfce = b.isXfce(ctx, service) && b.xfconf(ctx, xfconf) })
	}
	all.Wait()
	switch {
	case plasma:
		return "plasma"
	case dunst:
		return "dunst"
	case xfce:
		return "xfce"
	}
	return ""
}

// ownerOf is the unique name behind name, and remembered; empty for none.
func (b *dndBus) ownerOf(ctx context.Context, name string) string {
	var owner string
	err := b.conn.BusObject().CallWithContext(ctx, busIface+".GetNameOwner", dbus.FlagNoAutoStart, name).Store(&owner)
	if err != nil {
		owner = ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.owner[name] = owner
	return owner
}

// property reads one that is true or false. Whoever has none by that name
// says false.
func (b *dndBus) property(ctx context.Context, owner, iface, name string) bool {
	var value dbus.Variant
	err := b.conn.Object(owner, freedesktopProtocol.path).CallWithContext(ctx, propsIface+".Get", dbus.FlagNoAutoStart, iface, name).Store(&value)
	on, ok := value.Value().(bool)
	return err == nil && ok && on
}

// isXfce reports whether xfce4-notifyd shows notifications, or will: it leaves
// when it has had nothing to do, and is started for the next one. Where
// another service shows them, what is set for Xfce means nothing.
func (b *dndBus) isXfce(ctx context.Context, service string) bool {
	if service == "" {
		return true
	}
	var name, vendor, version, spec string
	err := b.conn.Object(service, freedesktopProtocol.path).CallWithContext(ctx, freedesktopIface+".GetServerInformation", dbus.FlagNoAutoStart).
		Store(&name, &vendor, &version, &spec)
	return err == nil && name == xfceServer
}

// xfconf reads Xfce's setting.
func (b *dndBus) xfconf(ctx context.Context, owner string) bool {
	var value dbus.Variant
	err := b.conn.Object(owner, xfconfPath).CallWithContext(ctx, xfconfName+".GetProperty", dbus.FlagNoAutoStart, xfconfChannel, xfconfDND).Store(&value)
	on, ok := value.Value().(bool)
	return err == nil && ok && on
}
