//go:build !windows && !darwin

package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/internal/autostart"
	"bellwire/internal/control"
)

func TestAutostart(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	a, _ := open(t, shortDir(t))
	client := control.NewClient(a.cfg.Dirs.Socket())
	s, err := client.Autostart(t.Context())
	if err != nil || s.On || s.Unavailable == "" {
		t.Errorf("nothing to start: %+v, %v", s, err)
	}
	_, err = client.SetAutostart(t.Context(), true)
	wantStatus(t, err, 409)

	sh, err := filepath.EvalSymlinks("/bin/sh") // a program that is no temporary one
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t, shortDir(t))
	cfg.Autostart = autostart.Program{ID: "bellwire", Name: "Bellwire", About: "x", Argv: []string{sh, "run"}}
	b, _ := running(t, cfg)
	client = control.NewClient(b.cfg.Dirs.Socket())
	for _, on := range []bool{true, false} {
		set, err := client.SetAutostart(t.Context(), on)
		if err != nil || set.On != on {
			t.Errorf("%+v, %v", set, err)
		}
		if now, err := client.Autostart(t.Context()); err != nil || now != set {
			t.Errorf("%+v, %v", now, err)
		}
		text, err := os.ReadFile(filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "autostart", "io.bellwire.Bellwire.desktop"))
		if (err == nil) != on || on && !strings.Contains(string(text), "Exec="+sh+" run\n") {
			t.Errorf("%s, %v", text, err)
		}
	}
}
