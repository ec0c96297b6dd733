//go:build !windows && !darwin

package autostart

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	portalName    = "org.freedesktop.portal.Desktop"
	portalPath    = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	portalIface   = "org.freedesktop.portal.Background"
	requestIface  = "org.freedesktop.portal.Request"
	requestPrefix = "/org/freedesktop/portal/desktop/request/"
)

// portalTimeout bounds the portal's answer; it may ask the person.
var portalTimeout = time.Minute

// flatpakInfo is in every Flatpak.
var flatpakInfo = "/.flatpak-info"

// sandbox is the application's id inside a Flatpak; empty outside.
func sandbox() string {
	if id := os.Getenv("FLATPAK_ID"); id != "" {
		return filepath.Base(id)
	}
	f, err := os.Open(flatpakInfo)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if id, ok := strings.CutPrefix(lines.Text(), "name="); ok && id != "" {
			return filepath.Base(id)
		}
	}
	return ""
}

var errRefused = errors.New("the desktop has refused it")

// askPortal asks the background portal, by which a sandbox starts at login.
func (p Program) askPortal(on bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), portalTimeout)
	defer cancel()
	// A connection of our own, which ends with ctx.
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("there is no session bus: %w", err)
	}
	defer conn.Close()
	if err := errors.Join(conn.Auth(nil), conn.Hello()); err != nil {
		return fmt.Errorf("connecting to the session bus: %w", err)
	}
	granted, err := p.request(ctx, conn, on)
	switch {
	case ctx.Err() != nil:
		return errors.New("the desktop's portal does not answer")
	case err != nil:
		return fmt.Errorf("asking the desktop's portal: %w", err)
	case on && !granted:
		return errRefused
	}
	return nil
}

// request makes the request and waits for its response.
func (p Program) request(ctx context.Context, conn *dbus.Conn, on bool) (granted bool, err error) {
	token := "bellwire" + rand.Text()
	sender := strings.ReplaceAll(strings.TrimPrefix(conn.Names()[0], ":"), ".", "_")
	handle := dbus.ObjectPath(requestPrefix + sender + "/" + token)
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	// Before the call: the response may come before its answer.
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(portalName), dbus.WithMatchInterface(requestIface), dbus.WithMatchObjectPath(handle))
	if err != nil {
		return false, err
	}
	// The portal's own command starts the sandbox around this one.
	command := append([]string{filepath.Base(p.Argv[0])}, p.Argv[1:]...)
	options := map[string]dbus.Variant{
		"handle_token": dbus.MakeVariant(token),
		"reason":       dbus.MakeVariant(p.About),
		"autostart":    dbus.MakeVariant(on),
		"commandline":  dbus.MakeVariant(command),
	}
	portal := conn.Object(portalName, portalPath)
	var answered dbus.ObjectPath
	if err := portal.CallWithContext(ctx, portalIface+".RequestBackground", 0, "", options).Store(&answered); err != nil {
		return false, err
	}
	if answered != handle {
		return false, fmt.Errorf("it answers for another request")
	}
	var owner string
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, portalName).Store(&owner); err != nil {
		return false, err
	}
	for {
		select {
		case s, ok := <-signals:
			if !ok {
				return false, dbus.ErrClosed
			}
			if s.Sender == owner && s.Path == handle && s.Name == requestIface+".Response" {
				return response(s.Body)
			}
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// response reads the arguments of a Response, which may be of any type.
func response(body []any) (granted bool, err error) {
	if len(body) != 2 {
		return false, errors.New("its response cannot be read")
	}
	code, isCode := body[0].(uint32)
	results, isResults := body[1].(map[string]dbus.Variant)
	if !isCode || !isResults {
		return false, errors.New("its response cannot be read")
	}
	if code != 0 {
		return false, errRefused
	}
	granted, _ = results["autostart"].Value().(bool)
	return granted, nil
}
