//go:build linux

package application

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
)

const patience = 3 * time.Minute

// served is an application on a bus, and what was done.
func served(t *testing.T, b *notifytest.MessageBus) (done chan [2]string, ended chan error, stop func()) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
	ctx, cancel := context.WithCancel(t.Context())
	done, ended = make(chan [2]string, 1000), make(chan error, 1)
	conn := b.Connect(t)
	if err := conn.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, ID)); err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 10)
	conn.Signal(signals)
	go func() {
		ended <- Serve(ctx, Options{
			Do:     func(_ context.Context, action, token string) { done <- [2]string{action, token} },
			Logger: slog.New(slog.DiscardHandler),
		})
	}()
	select {
	case <-signals:
	case err := <-ended:
		t.Fatal(err)
	case <-time.After(patience):
		t.Fatal("it does not take its name")
	}
	return done, ended, cancel
}

func want(t *testing.T, done chan [2]string, action, token string) {
	t.Helper()
	select {
	case got := <-done:
		if got != [2]string{action, token} {
			t.Errorf("did %q, want %q with %q", got, action, token)
		}
	case <-time.After(patience):
		t.Fatalf("%s was not done", action)
	}
}

func TestApplication(t *testing.T) {
	b := notifytest.Bus(t)
	done, ended, stop := served(t, b)
	peer := b.Connect(t).Object(ID, path)
	platform := func(name string, v any) map[string]dbus.Variant {
		return map[string]dbus.Variant{name: dbus.MakeVariant(v)}
	}
	none := []dbus.Variant{}
	for name, c := range map[string]struct {
		member        string
		args          []any
		action, token string
	}{
		"activate":            {"Activate", []any{platform("activation-token", "t-1")}, Open, "t-1"},
		"by its older name":   {"Activate", []any{platform("desktop-startup-id", "x_TIME9")}, Open, "x_TIME9"},
		"files":               {"Open", []any{[]string{"https://example.org/"}, platform("x", 1)}, Open, ""},
		"add":                 {"ActivateAction", []any{"add-feed", none, platform("activation-token", "t")}, AddFeed, "t"},
		"pause":               {"ActivateAction", []any{"pause", none, platform("x", "y")}, Pause, ""},
		"open":                {"ActivateAction", []any{"open", none, platform("x", "y")}, Open, ""},
		"with a parameter":    {"ActivateAction", []any{"pause", []dbus.Variant{dbus.MakeVariant("rm")}, platform("x", "y")}, Pause, ""},
		"a token of lines":    {"Activate", []any{platform("activation-token", "a\nPATH=/x")}, Open, ""},
		"a token of a number": {"Activate", []any{platform("activation-token", uint64(7))}, Open, ""},
		"a token without end": {"Activate", []any{platform("activation-token", strings.Repeat("a", 1<<20))}, Open, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if err := peer.Call(iface+"."+c.member, 0, c.args...).Err; err != nil {
				t.Fatal(err)
			}
			want(t, done, c.action, c.token)
		})
	}
	for name, call := range map[string][]any{
		"an unknown action": {"ActivateAction", "quit", none, platform("x", "y")},
		"no arguments":      {"Activate"},
		"wrong types":       {"ActivateAction", 7, "x", "y"},
		"no such method":    {"Quit"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := peer.Call(iface+"."+call[0].(string), 0, call[1:]...).Err; err == nil {
				t.Error("it was taken")
			}
		})
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// However many calls there are, little is done, and there are answers.
func TestFlood(t *testing.T) {
	b := notifytest.Bus(t)
	done, ended, _ := served(t, b)
	conn := b.Connect(t)
	peer := conn.Object(ID, path)
	const calls = 2000
	began := time.Now()
	answers := make(chan *dbus.Call, calls)
	for range calls {
		peer.Go(iface+".Activate", 0, answers, map[string]dbus.Variant{"activation-token": dbus.MakeVariant("t")})
	}
	answered := 0
	for range calls {
		if c := <-answers; c.Err == nil { // the bus has a limit of its own
			answered++
		}
	}
	if answered == 0 {
		t.Error("nobody is answered")
	}
	if most := int(time.Since(began)/pause) + 2; len(done) > most {
		t.Errorf("%d actions were done, want at most %d", len(done), most)
	}
	b.Stop(t) // the session ends
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNoBus(t *testing.T) {
	o := Options{Do: func(context.Context, string, string) { t.Error("did something") }, Logger: slog.New(slog.DiscardHandler)}
	for _, address := range []string{"", "disabled:", "unix:path=/nowhere/bus"} {
		t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if err := Serve(t.Context(), o); err == nil {
			t.Errorf("%q: no error", address)
		}
	}
}

func TestTaken(t *testing.T) {
	b := notifytest.Bus(t)
	if _, err := b.Connect(t).RequestName(ID, 0); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
	err := Serve(t.Context(), Options{Logger: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, ErrTaken) {
		t.Errorf("got %v", err)
	}
}

// Who waits has the name as soon as it is free, as after a restart.
func TestWaitsForTheName(t *testing.T) {
	b := notifytest.Bus(t)
	before := b.Connect(t)
	if _, err := before.RequestName(ID, 0); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done, ended := make(chan [2]string, 1), make(chan error, 1)
	waits := make(chan struct{}, 10)
	go func() {
		ended <- Serve(ctx, Options{
			Wait:   true,
			Do:     func(_ context.Context, action, token string) { done <- [2]string{action, token} },
			Logger: slog.New(slog.NewTextHandler(told(waits), nil)),
		})
	}()
	select {
	case <-waits:
	case err := <-ended:
		t.Fatal(err)
	case <-time.After(patience):
		t.Fatal("it does not wait")
	}
	if _, err := before.ReleaseName(ID); err != nil {
		t.Fatal(err)
	}
	if err := b.Connect(t).Object(ID, path).Call(iface+".Activate", 0, map[string]dbus.Variant{}).Err; err != nil {
		t.Fatal(err)
	}
	want(t, done, Open, "")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// told hears of what is logged.
type told chan struct{}

func (c told) Write(b []byte) (int, error) {
	c <- struct{}{}
	return len(b), nil
}
