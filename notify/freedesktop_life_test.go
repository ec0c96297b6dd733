//go:build !windows && !darwin

package notify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
)

func TestFreedesktopServiceComesAndGoes(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	d.show(t, r, note(1))
	d.show(t, r, note(2))
	if n := r.CapabilityCalls(); n != 1 {
		t.Errorf("capabilities asked %d times", n)
	}
	r.Leave()
	d.catchUp(t)
	if err := d.Show(soon(t), note(3)); !errors.Is(err, errNoService) || errors.Is(err, ErrRejected) {
		t.Errorf("without a service: %v", err)
	}
	r.SetCapabilities("body")
	r.Own(t)
	n := note(1)
	n.Body = "<b>"
	got := d.show(t, r, n)
	if got.ReplacesID != 0 {
		t.Errorf("an id of the old service's is replaced: %d", got.ReplacesID)
	}
	if len(got.Actions) != 0 || got.Body != "<b>" || r.CapabilityCalls() != 2 {
		t.Errorf("the new service's capabilities are not used: %+v", got)
	}
	// Another takes the name while the first still is there.
	second := notifytest.Record(t, bus)
	d.catchUp(t)
	if got := d.show(t, second, note(5)); got.Summary != "title 5" {
		t.Errorf("the new owner got %+v", got)
	}
	if err := r.Invoke(got.ID, "default"); err != nil {
		t.Fatal(err)
	}
	d.noClick(t, second)
}

func TestFreedesktopBusComesAndGoes(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	d.show(t, r, note(1))
	bus.Stop(t)
	if err := d.Show(soon(t), note(2)); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("without a bus: %v", err)
	}
	bus.Start(t)
	if err := d.Show(soon(t), note(2)); !errors.Is(err, errNoService) {
		t.Errorf("on the new bus: %v", err)
	}
	r.Leave()
	r.Own(t)
	if got := d.show(t, r, note(2)); got.Summary != "title 2" {
		t.Errorf("got %+v", got)
	}
}

func TestFreedesktopHangingService(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	d.show(t, r, note(1))
	r.Hang()
	// The test ends the wait, once the call is with the service.
	giveUp := func(n Notification, calls int) error {
		ctx, cancel := context.WithCancel(soon(t))
		go func() { _ = r.WaitCalls(ctx, calls); cancel() }()
		return d.Show(ctx, n)
	}
	if err := giveUp(note(2), 2); !errors.Is(err, context.Canceled) {
		t.Fatalf("a hanging service: %v", err)
	}
	if err := d.Show(soon(t), note(3)); !errors.Is(err, errBusy) {
		t.Errorf("another one meanwhile: %v", err)
	}
	r.Release()
	got := d.show(t, r, note(2))
	if all := r.Notifications(); len(all) != 2 {
		t.Errorf("shown twice: %+v", all)
	}
	if err := r.Invoke(got.ID, "default"); err != nil {
		t.Fatal(err)
	}
	if a := d.click(t); a.Seq != 2 {
		t.Errorf("click %+v", a)
	}
	// One that never answers must not keep Close.
	r.Hang()
	if err := giveUp(note(4), 3); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFreedesktopHangingServiceIsReplaced(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	d.show(t, r, note(1))
	r.Hang()
	shown := make(chan error, 1)
	go func() { shown <- d.Show(soon(t), note(2)) }()
	if err := r.WaitCalls(soon(t), 2); err != nil {
		t.Fatal(err)
	}
	second := notifytest.Record(t, bus)
	if err := <-shown; err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("the service lost its name: %v", err)
	}
	if got := d.show(t, second, note(2)); got.Summary != "title 2" {
		t.Errorf("got %+v", got)
	}
}

func TestFreedesktopDeadlyNotification(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	for i := 1; ; i++ {
		r.Hang("Notify")
		shown := make(chan error, 1)
		go func() { shown <- d.Show(soon(t), note(1)) }()
		if err := r.WaitCalls(soon(t), i); err != nil {
			t.Fatal(err)
		}
		r.Leave()
		err := <-shown
		r.Release()
		r.Own(t)
		if err == nil {
			t.Fatal("a dead service has taken it")
		}
		if errors.Is(err, ErrRejected) != (i == maxDeaths) {
			t.Errorf("death %d: %v", i, err)
		}
		if i == maxDeaths {
			break
		}
	}
	if err := d.Show(soon(t), note(2)); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

func TestFreedesktopErrors(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	for name, rejected := range map[string]bool{
		"org.freedesktop.DBus.Error.InvalidArgs":                           true,
		"org.freedesktop.DBus.Error.LimitsExceeded":                        true,
		"org.freedesktop.DBus.Error.Failed":                                false,
		"org.freedesktop.DBus.Error.UnknownMethod":                         false,
		"org.freedesktop.Notifications.Error.ExcessNotificationGeneration": false,
	} {
		r.Refuse(dbus.NewError(name, []any{"no"}))
		if err := d.Show(soon(t), note(1)); err == nil || errors.Is(err, ErrRejected) != rejected {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.Refuse(nil)
	d.show(t, r, note(1))
}

func TestFreedesktopFrozenBus(t *testing.T) {
	bus := notifytest.Bus(t)
	notifytest.Record(t, bus)
	d := openDesk(t, bus)
	if err := bus.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if err := d.Show(ctx, note(1)); err == nil {
			t.Error("a frozen bus has taken it")
		}
	})
	cancel()
	done.Wait()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := bus.Process().Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

func TestFreedesktopConcurrentUse(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	var all sync.WaitGroup
	for i := range int64(50) {
		all.Go(func() {
			if err := d.Show(soon(t), note(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(r.Notifications()); n != 50 {
		t.Errorf("%d shown", n)
	}
}

func TestFreedesktopStartsService(t *testing.T) {
	bus := notifytest.Bus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	ctx := soon(t)

	b, err := Open(ctx, "auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Name() != "terminal" {
		t.Errorf("without a service auto is %s", b.Name())
	}
	b.Close()

	// A service file makes the name activatable; the program itself fails.
	file := filepath.Join(bus.Services, "org.freedesktop.Notifications.service")
	if err := os.WriteFile(file, []byte("[D-BUS Service]\nName=org.freedesktop.Notifications\nExec=/bin/false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bus.Reload(t)
	if b, err = Open(ctx, "auto", Options{}); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if b.Name() != "freedesktop" {
		t.Errorf("with a service auto is %s", b.Name())
	}
	if err := b.Show(ctx, note(1)); err == nil || errors.Is(err, ErrRejected) || !strings.Contains(err.Error(), "starting the notification service") {
		t.Errorf("a service that does not start: %v", err)
	}
}

func TestOpen(t *testing.T) {
	empty := t.TempDir()
	launched := filepath.Join(empty, "launched")
	script := "#!/bin/sh\ntouch " + launched + "\n"
	if err := os.WriteFile(filepath.Join(empty, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", empty)
	t.Setenv("XDG_RUNTIME_DIR", empty)
	for _, address := range []string{"", "autolaunch:", "autolaunch:scope=user;"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if _, err := Open(t.Context(), "freedesktop", Options{}); !errors.Is(err, errNoBus) {
			t.Errorf("address %q: %v", address, err)
		}
		b, err := Open(t.Context(), "auto", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if b.Name() != "terminal" {
			t.Errorf("address %q: auto is %s", address, b.Name())
		}
	}
	if _, err := os.Stat(launched); err == nil {
		t.Error("a bus was launched")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
	if _, err := Open(t.Context(), "freedesktop", Options{}); err == nil {
		t.Error("a bus that is not there was opened")
	}
	_, err := Open(t.Context(), "growl", Options{})
	for _, name := range Names() {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("an unknown name: %v", err)
		}
	}
}

func TestFreedesktopFindsBusInRuntimeDir(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", filepath.Dir(strings.TrimPrefix(bus.Address, "unix:path=")))
	b, err := Open(t.Context(), "auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Show(soon(t), note(1)); err != nil || len(r.Notifications()) != 1 {
		t.Errorf("%s: %v", b.Name(), err)
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		t.Error("the environment was changed")
	}
}

func TestFreedesktopFrozenBusDoesNotKeepOpen(t *testing.T) {
	bus := notifytest.Bus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	if err := bus.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opened := make(chan error, 1)
	go func() {
		_, err := Open(ctx, "freedesktop", Options{})
		opened <- err
	}()
	cancel()
	if err := <-opened; err == nil {
		t.Error("a frozen bus was opened")
	}
}

func TestFreedesktopCloseEndsEveryWait(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	r.Hang()
	d := openDesk(t, bus)
	shown := make(chan error, 1)
	go func() { shown <- d.Show(soon(t), note(1)) }() // waits for the capabilities
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-shown; err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("a closed backend: %v", err)
	}
	if err := d.Show(soon(t), note(2)); err == nil || errors.Is(err, ErrRejected) {
		t.Errorf("a closed backend: %v", err)
	}
}

// A bus that ends is not the notification's fault.
func TestFreedesktopBusDiesAgainAndAgain(t *testing.T) {
	bus := notifytest.Bus(t)
	r := notifytest.Record(t, bus)
	d := openDesk(t, bus)
	for i := range maxDeaths + 1 {
		r.Hang("Notify")
		shown := make(chan error, 1)
		go func() { shown <- d.Show(soon(t), note(1)) }()
		if err := r.WaitCalls(soon(t), i+1); err != nil {
			t.Fatal(err)
		}
		bus.Stop(t)
		if err := <-shown; err == nil || errors.Is(err, ErrRejected) {
			t.Errorf("time %d: %v", i, err)
		}
		r.Release()
		r.Leave()
		bus.Start(t)
		r.Own(t)
	}
	d.show(t, r, note(1))
}
