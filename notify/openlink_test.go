//go:build !windows

package notify

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fakeOpener puts a script in the place of the desktop's program.
func fakeOpener(t *testing.T, script string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	name := filepath.Join(dir, opener(runtime.GOOS, "")[0])
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("OUT", filepath.Join(dir, "out"))
	return dir
}

func TestOpenLink(t *testing.T) {
	dir := fakeOpener(t, `for a in "$@"; do printf '%s\n' "$a"; done >"$OUT"; printf '%s\n' "$XDG_ACTIVATION_TOKEN" >>"$OUT"; echo noise; echo noise >&2`)
	a := Activation{Link: "https://example.org/$(touch x);a&b", Token: "token-1"}
	if err := a.OpenLink(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out"))
	if want := "https://example.org/$%28touch%20x%29;a&b\ntoken-1\n"; err != nil || string(got) != want {
		t.Errorf("the program got %q, %v", got, err)
	}
}

func TestOpenLinkRefuses(t *testing.T) {
	dir := fakeOpener(t, `touch "$OUT"`)
	if err := OpenLink(t.Context(), "file:///etc/passwd"); !errors.Is(err, errLink) {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("it was opened")
	}
}

func TestOpenLinkFails(t *testing.T) {
	fakeOpener(t, "exit 4")
	if err := OpenLink(t.Context(), "https://example.org/"); err == nil || !strings.Contains(err.Error(), "exit status 4") {
		t.Errorf("a program that fails: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := OpenLink(t.Context(), "https://example.org/"); err == nil {
		t.Error("no program, no error")
	}
}
