//go:build linux && !headless

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bellwire/notify/notifytest"
)

// Where Bellwire cannot start and there is no terminal, a window says why. Who
// has started it, maybe a script, waits neither for that nor for its output.
func TestAFailureToStartIsShownAndKeepsNobodyWaiting(t *testing.T) {
	for _, args := range [][]string{{"run"}, {}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			display := notifytest.Xvfb(t)
			p := newProgram(t, "DISPLAY="+display)
			if err := os.MkdirAll(p.dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(p.dir, "bellwire.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
			p.fails(args)
			s := &screen{t: t, display: display}
			p.awaitPolled(func() bool { return s.try("search", "--onlyvisible", "--name", "^Bellwire$") }, "the window")
			p.picture(display, "failure")
			p.awaitPolled(func() bool {
				// It may be gone before the key is let go.
				_ = s.try("search", "--onlyvisible", "--name", "^Bellwire$", "windowfocus", "key", "Escape")
				return !s.try("search", "--onlyvisible", "--name", "^Bellwire$")
			}, "the window's end")
		})
	}
	t.Run("of a service", func(t *testing.T) {
		display := notifytest.Xvfb(t)
		p := newProgram(t, "DISPLAY="+display, "NOTIFY_SOCKET=/nowhere")
		if err := os.MkdirAll(filepath.Join(p.dir, "bellwire.db"), 0o700); err != nil {
			t.Fatal(err)
		}
		p.fails([]string{"run"})
	})
	t.Run("without an X server", func(t *testing.T) {
		p := newProgram(t, "DISPLAY=:32001")
		if err := os.MkdirAll(p.dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(p.dir, "bellwire.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		p.fails([]string{"run"})
	})
}

// fails runs a command that has to fail with the exit code 1 and nothing worse,
// and that leaves nobody who holds its output open.
func (p *program) fails(args []string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.bin, args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil || cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(out), "error: ") || strings.Contains(string(out), "panic") {
		p.t.Fatalf("%v, %v\n%s", err, ctx.Err(), out)
	}
}
