//go:build unix

// Package secretstest gives tests a real keyring of their own. It must not
// know the package it helps to test.
package secretstest

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// patience bounds the wait for the keyring.
const patience = 20 * time.Second

// Keyring starts gnome-keyring, unlocked and empty, on the message bus at
// address; it ends with the test.
func Keyring(t testing.TB, address string) {
	t.Helper()
	start(t, address, "--unlock")
	await(t, address)
}

func start(t testing.TB, address string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("gnome-keyring-daemon")
	if err != nil {
		t.Fatalf("this test needs gnome-keyring: run make deps: %v", err)
	}
	home, err := os.MkdirTemp("", "kr") // its socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	cmd := exec.Command(path, append([]string{"--foreground", "--components=secrets", "--control-directory=" + home}, args...)...)
	cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+address, "HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home, "DISPLAY=")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("password"), io.Discard, io.Discard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
	})
}

// await waits until the keyring has its name on the bus.
func await(t testing.TB, address string) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, "org.freedesktop.secrets")); err != nil {
		t.Fatal(err)
	}
	changed := make(chan *dbus.Signal, 16)
	conn.Signal(changed)
	var there bool
	if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		return
	}
	select {
	case <-changed:
	case <-time.After(patience):
		t.Fatal("the keyring does not start")
	}
}

// Lock locks the keyring; the bus of a test has no prompter that could unlock
// it again.
func Lock(t testing.TB, address string) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err = conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}).Store(&locked, &prompt)
	if err != nil || len(locked) != 1 {
		t.Fatal(locked, err)
	}
}
