// Package notifytest gives tests a desktop of their own: a private message
// bus, a notification service that records what it is told and misbehaves on
// request, a portal that does so too, and a real dunst and xfce4-notifyd under
// Xvfb.
//
// It must not know the package it helps to test: everything here is what the
// other end of the wire sees. Programs it needs are never optional; a test
// without them fails.
package notifytest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// A MessageBus is a private dbus-daemon without any activatable service.
type MessageBus struct {
	// Address is what belongs into DBUS_SESSION_BUS_ADDRESS.
	Address string
	// Services is an empty folder in which a test may put D-Bus service
	// files before it calls [MessageBus.Reload].
	Services string

	config string
	cmd    *exec.Cmd
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%s</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// Bus starts a message bus that ends with the test.
func Bus(t testing.TB) *MessageBus {
	t.Helper()
	// Not t.TempDir: a socket's path is limited to 107 bytes.
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b := &MessageBus{
		Address:  "unix:path=" + filepath.Join(dir, "bus"),
		Services: filepath.Join(dir, "services"),
		config:   filepath.Join(dir, "bus.conf"),
	}
	if err := os.Mkdir(b.Services, 0o700); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(busConfig, filepath.Join(dir, "bus"), b.Services)
	if err := os.WriteFile(b.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Start(t)
	t.Cleanup(func() { b.Stop(t) })
	return b
}

// Start starts a stopped bus again, at the same address.
func (b *MessageBus) Start(t testing.TB) {
	t.Helper()
	cmd := exec.Command(program(t, "dbus-daemon"), "--config-file="+b.config, "--nofork", "--nopidfile", "--print-address")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b.cmd = cmd
	// The address comes once the socket accepts connections.
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, b.Address) {
		t.Fatalf("dbus-daemon said %q, %v", line, err)
	}
}

// Stop ends the bus and with it every connection. It may be stopped already.
func (b *MessageBus) Stop(t testing.TB) {
	t.Helper()
	if b.cmd == nil {
		return
	}
	end(b.cmd)
	b.cmd = nil
	os.Remove(strings.TrimPrefix(b.Address, "unix:path="))
}

// Reload makes the bus read [MessageBus.Services] again.
func (b *MessageBus) Reload(t testing.TB) {
	t.Helper()
	conn := b.Connect(t)
	defer conn.Close()
	if err := conn.BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err; err != nil {
		t.Fatal(err)
	}
}

// Process is the running daemon, for tests that stop it with a signal.
func (b *MessageBus) Process() *os.Process { return b.cmd.Process }

// Connect makes a connection of the test's own, such as a stranger's. The
// caller closes it; the test's end does so too.
func (b *MessageBus) Connect(t testing.TB) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// program finds an executable or fails the test.
func program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: run `make deps`", name)
	}
	return path
}

// end kills a child and waits for it. A stopped one (SIGSTOP) dies as well.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
