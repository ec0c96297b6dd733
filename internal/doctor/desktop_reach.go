//go:build !windows && !darwin

package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	"bellwire/notify"
	"bellwire/subscriptions"

	"github.com/godbus/dbus/v5"
)

// ReachDisplay connects to the X server that DISPLAY names (X(7), "Display names"),
// and says why that fails.
func ReachDisplay(ctx context.Context, display string) error {
	return reachX(ctx, &Options{Dial: new(net.Dialer).DialContext}, display)
}

// reachX connects to the X server that DISPLAY names (X(7), "Display names").
func reachX(ctx context.Context, o *Options, display string) error {
	host, number, ok := strings.Cut(display, ":")
	if i := strings.LastIndexByte(display, ':'); ok && i != len(host) { // an IPv6 address, or DECnet
		host, number = display[:i], display[i+1:]
	}
	number, _, _ = strings.Cut(number, ".")
	if filepath.IsAbs(display) { // macOS, and some nested servers
		return o.reach(ctx, "unix", display)
	}
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return errors.New("it is no name of a display")
	}
	if host != "" && host != "unix" {
		var n int
		_, _ = fmt.Sscan(number, &n)
		host = strings.Trim(host, "[]")
		if o.Offline && !isHere(host) {
			return errOffline
		}
		return o.reach(ctx, "tcp", net.JoinHostPort(host, fmt.Sprint(6000+n)))
	}
	path := "/tmp/.X11-unix/X" + number
	err := o.reach(ctx, "unix", path)
	if err != nil && o.reach(ctx, "unix", "@"+path) == nil { // Linux's abstract names
		return nil
	}
	return err
}

func (o *Options) reach(ctx context.Context, network, address string) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	conn, err := o.Dial(ctx, network, address)
	if err != nil {
		return subscriptions.Terse(err)
	}
	return conn.Close()
}

// errOffline is another machine, which is not to be asked.
var errOffline = errors.New("it is on another machine, which was not asked (--offline)")

// isHere reports whether a host is this machine, without asking anybody: ssh
// calls the display that it forwards localhost.
func isHere(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// busHere reports whether a bus is on this machine (D-Bus Specification,
// "Server Addresses"): only those of tcp are not, and those that may be
// anything.
func busHere(address string) bool {
	for one := range strings.SplitSeq(address, ";") {
		kind, rest, _ := strings.Cut(one, ":")
		if kind != "tcp" && kind != "nonce-tcp" {
			continue
		}
		for pair := range strings.SplitSeq(rest, ",") {
			if host, ok := strings.CutPrefix(pair, "host="); ok && !isHere(host) {
				return false
			}
		}
	}
	return true
}

// dialBus makes a connection of our own to the session bus, within askLimit.
// The bus has answered hello then.
func dialBus(ctx context.Context, o *Options) (conn *dbus.Conn, address string, err error) {
	address, err = notify.SessionBus()
	if err != nil {
		return nil, "", err
	}
	if o.Offline && !busHere(address) {
		return nil, address, errOffline
	}
	life, cancel := context.WithCancel(ctx)
	patience := time.AfterFunc(askLimit, cancel)
	conn, err = dbus.Connect(address, dbus.WithContext(life))
	if err == nil && !patience.Stop() {
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		return nil, address, err
	}
	go func() { <-conn.Context().Done(); cancel() }()
	return conn, address, nil
}

// onBus asks something of the session bus. The second result says that there
// is none, which another check tells.
func onBus(ctx context.Context, o *Options, ask func(context.Context, *dbus.Conn) error) (err error, none bool) {
	conn, _, err := dialBus(ctx, o)
	if err != nil {
		return nil, true
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	return ask(ctx, conn), false
}
