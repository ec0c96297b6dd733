//go:build linux && !headless

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/application"
	"bellwire/internal/control"
	"bellwire/notify/notifytest"

	"github.com/godbus/dbus/v5"
)

const (
	applicationPath   = "/io/bellwire/Bellwire"
	applicationMember = "org.freedesktop.Application."
)

// ofUser makes p a program in its user's own folders, on a session of its own.
func (p *program) ofUser(b *notifytest.MessageBus, display string) {
	p.t.Helper()
	home := filepath.Dir(p.dir)
	p.env = append(
		p.env, "BELLWIRE_DIR=", "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_DATA_HOME="+home, "XDG_STATE_HOME="+home,
		"XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "DBUS_SESSION_BUS_ADDRESS="+b.Address, "DISPLAY="+display)
	p.dir = filepath.Join(home, "bellwire")
}

// ask does what a desktop's menu does.
func ask(t *testing.T, conn *dbus.Conn, member string, args ...any) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args = append(args, map[string]dbus.Variant{"activation-token": dbus.MakeVariant("token")})
	return conn.Object(application.ID, applicationPath).CallWithContext(ctx, applicationMember+member, 0, args...).Err
}

// awaitPaused waits until notifications are paused for about an hour.
func (p *program) awaitPaused(ctx context.Context) {
	p.t.Helper()
	p.awaitPolled(func() bool {
		s, err := p.client().Status(ctx)
		left := time.Until(s.PausedUntil)
		return err == nil && left > 50*time.Minute && left <= time.Hour
	}, "a pause of an hour")
}

// The bus starts Bellwire when its menu entry is chosen, and that opens the
// window; the action pauses.
func TestTheBusStartsBellwire(t *testing.T) {
	b := notifytest.Bus(t)
	notifytest.Record(t, b)
	p := newProgram(t)
	p.ofUser(b, notifytest.Xvfb(t))
	bin, err := exec.LookPath(p.bin)
	if err != nil {
		t.Fatal(err)
	}
	// The bus starts it with its own environment.
	script := "#!/bin/sh\n"
	for _, v := range p.env[len(os.Environ()):] {
		script += "export '" + v + "'\n"
	}
	script += fmt.Sprintf("echo $$ >%s/pid\nexec %s start --service 2>>%s\n", filepath.Dir(p.dir), bin, p.log.Name())
	starter := filepath.Join(filepath.Dir(p.dir), "starter")
	if err := os.WriteFile(starter, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	entry, err := os.ReadFile("../../packaging/linux/dbus/io.bellwire.Bellwire.service")
	if err != nil {
		t.Fatal(err)
	}
	service := strings.Replace(string(entry), "/usr/bin/bellwire start --service", starter, 1)
	if service == string(entry) {
		t.Fatalf("the service is not started as a service: %s", entry)
	}
	if err := os.WriteFile(filepath.Join(b.Services, application.ID+".service"), []byte(service), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Reload(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	conn := b.Connect(t)
	if err := ask(t, conn, "ActivateAction", "pause", []dbus.Variant{}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = p.client().Quit(context.Background())
		p.awaitPolled(func() bool {
			_, err := p.client().Status(context.Background())
			return err != nil
		}, "the end")
	}()
	p.awaitPaused(ctx)
	if open, err := p.client().Show(ctx, control.Show{}); err != nil || open {
		t.Errorf("a pause opens the window: %v, %v", open, err)
	}
	if err := ask(t, conn, "Activate"); err != nil {
		t.Fatal(err)
	}
	p.awaitWindow(ctx)
	if err := ask(t, conn, "ActivateAction", "add-feed", []dbus.Variant{}); err != nil {
		t.Fatal(err)
	}
}

// A daemon without a session does not answer on the bus; who is started for
// the menu does so in its place, and does not stay.
func TestTheBusStartsAStandIn(t *testing.T) {
	b := notifytest.Bus(t)
	p := newProgram(t)
	p.ofUser(b, notifytest.Xvfb(t))
	p.start("--headless", "--notifier", "none")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn := b.Connect(t)
	has := func() (has bool) {
		err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, application.ID).Store(&has)
		return err == nil && has
	}
	if has() {
		t.Error("a headless daemon has the name")
	}
	cmd := exec.CommandContext(ctx, p.bin, "start", "--service")
	cmd.Env, cmd.Stderr = p.env, p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.awaitPolled(has, "the stand-in")
	if err := ask(t, conn, "ActivateAction", "pause", []dbus.Variant{}); err != nil {
		t.Fatal(err)
	}
	p.awaitPaused(ctx)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// start --open opens the window of a daemon that it has just started, and of
// one that runs.
func TestStartOpens(t *testing.T) {
	b := notifytest.Bus(t)
	notifytest.Record(t, b)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+b.Address, "DISPLAY="+notifytest.Xvfb(t))
	home := filepath.Dir(p.dir)
	p.env = append(p.env, "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	p.start("--headless", "--notifier", "none")
	p.run("add", "http://127.0.0.1:1/", "--transport", "sse")
	p.stop(syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p.launch("start", "--open", "--pause")
	p.awaitWindow(ctx)
	p.awaitPaused(ctx)
	p.run("unmute")
	p.run("start", "--pause")
	p.awaitPaused(ctx)
	p.run("start", "--add")
	p.awaitWindow(ctx)
}
