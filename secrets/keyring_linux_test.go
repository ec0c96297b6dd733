package secrets

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/notify/notifytest"
	"bellwire/secrets/secretstest"
	"bellwire/subscriptions"

	"github.com/godbus/dbus/v5"
)

func TestRealKeyring(t *testing.T) {
	bus := notifytest.Bus(t)
	secretstest.Keyring(t, bus.Address)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	s, log := newStore(t, self(t, "keyring")...)
	ctx := t.Context()
	for _, value := range []string{"päss wörd", strings.Repeat("x", subscriptions.MaxSecret)} {
		ref, err := s.Put(ctx, "deploys", value)
		if err != nil || !strings.HasPrefix(string(ref), "keyring:deploys-") {
			t.Fatalf("kept as %q, %v\n%s", ref, err, log)
		}
		if got, err := s.get(ctx, ref); got != value || err != nil {
			t.Errorf("got %.20q, %v", got, err)
		}
		auth := []subscriptions.Credential{{Secret: ref}}
		if err := s.Remove(ctx, auth); err != nil {
			t.Error(err)
		}
		if _, err := s.get(ctx, ref); !errors.Is(err, errNotFound) {
			t.Errorf("removed: %v", err)
		}
		if err := s.Remove(ctx, auth); err != nil {
			t.Errorf("removed twice: %v", err)
		}
	}
	if _, err := os.Stat(s.file.path); err == nil {
		t.Error("there is a file besides")
	}
}

// A keyring that nobody unlocks needs a person, and is not asked all the time.
func TestLockedKeyring(t *testing.T) {
	bus := notifytest.Bus(t)
	secretstest.Keyring(t, bus.Address)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	s, _ := newStore(t, self(t, "keyring")...)
	ref, err := s.Put(t.Context(), "x", "y")
	if err != nil {
		t.Fatal(err)
	}
	secretstest.Lock(t, bus.Address)
	if _, err := s.get(t.Context(), ref); err == nil || class(err) != subscriptions.NeedsUser {
		t.Errorf("error %v of class %s", err, class(err))
	}
}

// A bus without any keyring is told in words, and may get one later.
func TestBusWithoutKeyring(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", notifytest.Bus(t).Address)
	s, _ := newStore(t, self(t, "keyring")...)
	_, err := s.get(t.Context(), "keyring:x")
	if !errors.Is(err, errNoKeyring) || class(err) != subscriptions.Transient {
		t.Errorf("error %v", err)
	}
	ref, err := s.Put(t.Context(), "x", "y")
	if err != nil || !strings.HasPrefix(string(ref), "stored:") {
		t.Errorf("kept as %q, %v", ref, err)
	}
}

// Where a session has no variable for it, its bus is found in its folder.
func TestBusInTheRuntimeFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "run, dir=")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", dir)
	got, err := sessionBus()
	if want := "unix:path=" + dbus.EscapeBusAddressValue(dir+"/bus"); got != want || err != nil {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
