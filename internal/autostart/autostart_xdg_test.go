//go:build !windows && !darwin

package autostart

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// installed is a program, and where its entry is.
func installed(t *testing.T, script string) (p Program, entry string) {
	t.Helper()
	home := filepath.Join(t.TempDir(), `home with a $ and "`)
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("XDG_CURRENT_DESKTOP", "XFCE")
	t.Setenv("XDG_CONFIG_DIRS", filepath.Join(home, "etc"))
	for _, name := range []string{"FLATPAK_ID", "SNAP_NAME", "APPIMAGE"} {
		t.Setenv(name, "")
	}
	program := filepath.Join(home, "bell wire")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	p = Program{ID: "bellwire", Name: "Bellwire", About: "Notifications", Argv: []string{program, "--dir", home + "/a % b", "run"}, stays: true}
	return p, filepath.Join(home, "config", "autostart", "io.bellwire.Bellwire.desktop")
}

func wantOn(t *testing.T, p Program, on bool) {
	t.Helper()
	s, err := p.Status()
	if err != nil || s.On != on || s.Unavailable != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestOnAndOff(t *testing.T) {
	p, file := installed(t, "")
	wantOn(t, p, false)
	for range 2 {
		if s, err := p.Set(true); err != nil || !s.On {
			t.Errorf("%+v, %v", s, err)
		}
	}
	for range 2 {
		if s, err := p.Set(false); err != nil || s.On {
			t.Errorf("%+v, %v", s, err)
		}
		if exists(file) {
			t.Error("our own entry is left behind")
		}
	}
}

// The entry is what GLib, and with it GNOME, starts.
func TestDesktopsStartIt(t *testing.T) {
	gio, err := exec.LookPath("gio")
	if err != nil {
		t.Fatalf("%v; scripts/deps test installs it", err)
	}
	p, file := installed(t, `printf '%s\n' "$@" >"${0%/*}/told.tmp"; mv "${0%/*}/told.tmp" "${0%/*}/told"`)
	if _, err := p.Set(true); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, gio, "launch", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	told := filepath.Join(filepath.Dir(p.Argv[0]), "told")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !exists(told) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("it was not started")
		}
	}
	got, err := os.ReadFile(told)
	if want := strings.Join(p.Argv[1:], "\n") + "\n"; err != nil || string(got) != want {
		t.Errorf("it was started with %q, want %q (%v)", got, want, err)
	}
}

// What somebody has changed is told as it is, and left.
func TestEditedEntries(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(entry) entry
		on   bool
		why  Reason
	}{
		"hidden":              {func(e entry) entry { return e.with("Hidden", "true") }, false, Hidden},
		"switched off":        {func(e entry) entry { return e.with("X-GNOME-Autostart-enabled", "false") }, false, SwitchedOff},
		"for another desktop": {func(e entry) entry { return e.with("OnlyShowIn", "GNOME;") }, false, NotHere},
		"for this one":        {func(e entry) entry { return e.with("OnlyShowIn", "GNOME;XFCE;") }, true, ""},
		"not for this one":    {func(e entry) entry { return e.with("NotShowIn", "XFCE;") }, false, NotHere},
		"late":                {func(e entry) entry { return e.with("Exec", `sh -c "sleep 9; bellwire run"`) }, true, OtherProgram},
		"gone":                {func(e entry) entry { return e.with("Exec", "/gone/bellwire run") }, false, Gone},
		"gone, as tried":      {func(e entry) entry { return e.with("TryExec", "/gone/bellwire") }, false, Gone},
		"no Exec":             {func(entry) entry { return entry{group, "Name=x"} }, false, Broken},
		"nothing":             {func(entry) entry { return entry{""} }, false, Broken},
	} {
		t.Run(name, func(t *testing.T) {
			p, file := installed(t, "")
			edited := test.edit(p.entry()).with("X-Mine", "yes")
			if err := write(file, []byte(edited.String())); err != nil {
				t.Fatal(err)
			}
			wantOn(t, p, test.on)
			if s, err := p.Status(); err != nil || s.Reason != test.why || (s.Why() == "") != (test.why == "") {
				t.Errorf("%+v, %v", s, err)
			}
			if s, err := p.Set(true); err != nil || !s.On {
				t.Errorf("on: %+v, %v", s, err)
			}
			if test.on {
				text, err := os.ReadFile(file)
				if e := readEntry(string(text)); err != nil || !e.is("X-Mine", false) || e.is("Hidden", true) {
					t.Errorf("it has become %s", text)
				}
			}
			if s, err := p.Set(false); err != nil || s.On {
				t.Errorf("off: %+v, %v", s, err)
			}
		})
	}
}

func TestUnavailable(t *testing.T) {
	p, _ := installed(t, "")
	for name, test := range map[string]struct {
		argv []string
		env  string
	}{
		"for a trial":    {nil, ""},
		"in a snap":      {p.Argv, "SNAP_NAME"},
		"of go run":      {[]string{"/home/me/.cache/go-build12/b001/exe/bellwire"}, ""},
		"temporary":      {[]string{filepath.Join(os.TempDir(), "x", "bellwire")}, ""},
		"somewhere":      {[]string{"bellwire"}, ""},
		"an app's guest": {[]string{"/private/var/folders/x/AppTranslocation/y/bellwire"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if test.env != "" {
				t.Setenv(test.env, "bellwire")
			}
			p := p
			p.Argv, p.stays = test.argv, false
			s, err := p.Set(true)
			if s.Unavailable == "" || s.On || !errors.Is(err, ErrUnavailable) {
				t.Errorf("%+v, %v", s, err)
			}
			if s, err := p.Status(); s.Unavailable == "" || err != nil {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
	t.Setenv("APPIMAGE", p.Argv[0])
	p.Argv = []string{"/tmp/.mount_BellXY/usr/bin/bellwire", "run"}
	if why := p.outside().unavailable(); why != "" {
		t.Errorf("an AppImage is not available: %s", why)
	}
}

// A link into somebody's dotfiles stays one.
func TestLinksStay(t *testing.T) {
	p, file := installed(t, "")
	real := filepath.Join(filepath.Dir(p.Argv[0]), "dotfile")
	err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(real, nil, 0o600), os.Symlink(real, file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Set(true); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(real); err != nil || len(text) == 0 {
		t.Errorf("%q, %v", text, err)
	}
}

// The entry for all users starts it, and is replaced by one's own to end that.
func TestEntryForAllUsers(t *testing.T) {
	p, file := installed(t, "")
	all := filepath.Join(os.Getenv("XDG_CONFIG_DIRS"), "autostart", filepath.Base(file))
	if err := write(all, []byte(p.entry().String())); err != nil {
		t.Fatal(err)
	}
	want := Status{On: true, Reason: SystemWide, Detail: all}
	if s, err := p.Status(); err != nil || s != want {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := p.Set(false); err != nil || s != (Status{Reason: Hidden}) {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := p.Set(true); err != nil || s != (Status{On: true}) {
		t.Errorf("%+v, %v", s, err)
	}
}

// An entry of the former name is taken over, with what was changed in it.
func TestFormerName(t *testing.T) {
	p, file := installed(t, "")
	former := filepath.Join(filepath.Dir(file), "bellwire.desktop")
	put := func() {
		t.Helper()
		if err := write(former, []byte(p.entry().with("X-Mine", "yes").String())); err != nil {
			t.Fatal(err)
		}
	}
	put()
	wantOn(t, p, true)
	if _, err := p.Set(true); err != nil {
		t.Fatal(err)
	}
	if e, err := readFile(file); err != nil || exists(former) || !strings.Contains(e.String(), "X-Mine=yes") {
		t.Errorf("%s, %v", e, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	put()
	if s, err := p.Set(false); err != nil || s.On || exists(former) {
		t.Errorf("%+v, %v", s, err)
	}
}

// Another place of the same program is told.
func TestMovedProgram(t *testing.T) {
	p, _ := installed(t, "")
	if _, err := p.Set(true); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(p.Argv[0]), "link")
	if err := os.Symlink(p.Argv[0], link); err != nil {
		t.Fatal(err)
	}
	q := p
	q.Argv = append([]string{link}, p.Argv[1:]...)
	if s, err := q.Status(); err != nil || s != (Status{On: true}) {
		t.Errorf("by a link: %+v, %v", s, err)
	}
	q.Argv = append([]string{"/bin/sh"}, p.Argv[1:]...)
	if s, err := q.Status(); err != nil || !s.On || s.Reason != OtherProgram || !strings.HasPrefix(s.Detail, p.Argv[0]) {
		t.Errorf("another: %+v, %v", s, err)
	}
}
