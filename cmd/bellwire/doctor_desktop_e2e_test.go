//go:build linux && !headless

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"bellwire/internal/doctor"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/secrets/secretstest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// No display: what is advised is to be called where there is one.
func TestDoctorWithoutDisplay(t *testing.T) {
	p := newProgram(t)
	f := finding(t, p.examine(), "display", doctor.Warn)
	if !strings.HasPrefix(f.Do, "On a desktop, type this in a terminal there:\n  bellwire --dir ") {
		t.Errorf("it says %+v", f)
	}
	gone := p.with("DISPLAY=:4711")
	finding(t, gone.examine(), "display", doctor.Fail)
	desktop := p.with("DISPLAY=" + notifytest.Xvfb(t))
	finding(t, desktop.examine(), "display", doctor.OK)

	// One that was started without a display says so wherever it is asked.
	p.start("--notifier", "none")
	f = finding(t, desktop.examine(), "display", doctor.Warn)
	desktop.obey(command(t, f, `On a desktop, type this in a terminal there:\n  (bellwire --dir \S+ quit); bellwire`))
	p.stop(syscall.SIGTERM)
	desktop.start("--notifier", "none")
	t.Cleanup(func() { desktop.stop(syscall.SIGTERM) })
	finding(t, p.examine(), "display", doctor.OK)
}

// Without a session bus: what is advised gives Bellwire one, and the doctor,
// which is called from outside, sees it there.
func TestDoctorWithoutBus(t *testing.T) {
	p := newProgram(t, "XDG_RUNTIME_DIR=", "DISPLAY="+notifytest.Xvfb(t))
	f := finding(t, p.examine(), "session bus", doctor.Fail)
	line := command(t, f, `Until you log in again:\n  (dbus-run-session -- bellwire --dir \S+)\n`)
	cmd := exec.Command("sh", "-c", "exec "+line)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	p.groups = append(p.groups, cmd)
	p.run("status", "--wait", patience.String())
	r := p.examine()
	finding(t, r, "session bus", doctor.OK)
	if f := finding(t, r, "daemon", doctor.OK); !strings.Contains(f.Found, "elsewhere") {
		t.Errorf("it is not said whose environment that is: %s", f.Found)
	}
	p.run("quit")
}

// No tray: a panel shows icons once it is there.
func TestDoctorWithoutTray(t *testing.T) {
	bus := notifytest.Bus(t)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "DISPLAY="+notifytest.Xvfb(t), "XDG_CURRENT_DESKTOP=XFCE")
	f := finding(t, p.examine(), "tray", doctor.Warn)
	command(t, f, `where there is no panel:\n  (xfce4-panel) &\n`)
	notifytest.XfcePanel(t, bus, false)
	p.awaitPolled(func() bool {
		for _, f := range p.examine().Findings {
			if f.Name == "tray" {
				return f.Status == doctor.OK
			}
		}
		return false
	}, "the panel to show tray icons")
}

// No notification service, one that hangs, and one that is told not to
// disturb: what is advised is typed.
func TestDoctorNotifications(t *testing.T) {
	bus := notifytest.Bus(t)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "DISPLAY="+notifytest.Xvfb(t), "XDG_CURRENT_DESKTOP=i3")
	f := finding(t, p.examine(), "notifications", doctor.Fail)
	if f.Do != "Install and start one (Debian):\n  sudo apt install dunst; dunst &" {
		t.Errorf("it says %+v", f)
	}
	dunst := notifytest.Dunst(t, bus)
	finding(t, p.examine(), "notifications", doctor.OK)

	dunst.Ctl(t, "set-paused", "true")
	f = finding(t, p.examine(), "do not disturb", doctor.Warn)
	p.obey(command(t, f, `\n  (dunstctl set-paused false)$`))
	for _, f := range p.examine().Findings {
		if f.Name == "do not disturb" {
			t.Errorf("still: %+v", f)
		}
	}

	if err := dunst.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	f = finding(t, p.examine(), "notifications", doctor.Fail)
	pid := strconv.Itoa(dunst.Process().Pid)
	p.obey(command(t, f, `^End it:\n  (kill -KILL `+pid+`); dunst &$`))
	dunst.Kill()
	dunst.Start(t)
	finding(t, p.examine(), "notifications", doctor.OK)
}

// No keyring, and one that is locked.
func TestDoctorKeyring(t *testing.T) {
	bus := notifytest.Bus(t)
	notifytest.Record(t, bus)
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	f := finding(t, p.examine(), "keyring", doctor.Warn)
	if !strings.Contains(f.Found, "secrets.json") || !strings.Contains(f.Do, "sudo apt install gnome-keyring") {
		t.Errorf("it says %+v", f)
	}
	home, err := os.MkdirTemp("", "kr") // its socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	session := p.with("HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home)
	unlocked := func() bool {
		for _, f := range session.examine().Findings {
			if f.Name == "keyring" && f.Found == "unlocked" {
				return true
			}
		}
		return false
	}
	session.obey("printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1") // as logging in does
	p.awaitPolled(unlocked, "the keyring")
	secretstest.Lock(t, bus.Address)
	f = finding(t, session.examine(), "keyring", doctor.Warn)
	session.obey("printf password | " + command(t, f, `:\n  (gnome-keyring-daemon --replace --unlock --components=secrets)$`) + " >/dev/null 2>&1")
	p.awaitPolled(unlocked, "the keyring to be unlocked")
}

// What a system in good order looks like.
func TestDoctorHealthy(t *testing.T) {
	server := nchantest.Start(t)
	bus := notifytest.Bus(t)
	notifytest.Record(t, bus)
	secretstest.Keyring(t, bus.Address)
	panel := notifytest.XfcePanel(t, bus, false)
	home := t.TempDir()
	p := newProgram(t, "DBUS_SESSION_BUS_ADDRESS="+bus.Address, "DISPLAY="+panel.Display, "TZ=UTC", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home)
	p.start()
	p.awaitState(p.run("add", server.URL("/sse/deploys"), "--name", "deploys"), subscriptions.StateOpen)
	p.awaitPolled(func() bool { r := p.examine(); return r.Warnings+r.Failures == 0 }, "a system in good order")
	path := filepath.Join("testdata", "doctor-healthy.txt")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(normal(p, p.run("doctor"))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	polled(t, func() bool { // a machine under load may be too slow for a check
		cmd := exec.Command(p.bin, "doctor")
		cmd.Env = p.env
		out, err := cmd.Output()
		got = normal(p, strings.TrimSpace(string(out)))
		return err == nil && got == string(want)
	})
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}

// normal is a report with what differs from run to run replaced.
func normal(p *program, report string) string {
	report = strings.ReplaceAll(report, p.dir, "DIR")
	for expression, with := range map[string]string{
		`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`: "TIME",
		`process \d+`:                    "process PID",
		`Bellwire dev \(.*\)`:            "Bellwire VERSION (BUILD)",
		`unix:path=\S+`:                  "ADDRESS",
		`X11 :\d+`:                       "X11 :N",
		`\d+ files may`:                  "N files may",
		`[\d.]+ (kB|MB|GB)`:              "SIZE",
		`free on (/\S*|DIR)`:             "free on MOUNT", // or the folder, in a root that is no mount
		`be changed from here: .*`:       "be changed from here: REASON",
	} {
		report = regexp.MustCompile(expression).ReplaceAllString(report, with)
	}
	return report + "\n"
}
