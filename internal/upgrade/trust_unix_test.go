//go:build unix

package upgrade

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What another user could have put there is not even asked for its version.
func TestWhatOthersCanWriteIsNotRun(t *testing.T) {
	for name, expose := range map[string]func(t *testing.T, dir, path string){
		"the program":            func(t *testing.T, _, path string) { chmod(t, path, 0o777) },
		"its folder":             func(t *testing.T, dir, _ string) { chmod(t, dir, 0o777) },
		"a folder on the way":    func(t *testing.T, dir, _ string) { chmod(t, filepath.Dir(dir), 0o777) },
		"where its link leads":   nil,
		"another user's program": func(t *testing.T, _, path string) { chown(t, path) },
		"another user's folder":  func(t *testing.T, dir, _ string) { chown(t, dir) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := folder(t, root, "opt", "app")
			path, ran := filepath.Join(dir, "bellwire"), filepath.Join(root, "ran")
			if err := os.WriteFile(path, []byte("#!/bin/sh\ntouch "+ran+"\necho 1\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			if expose == nil {
				chmod(t, dir, 0o777)
				link(t, path, filepath.Join(root, "linked"))
				path = filepath.Join(root, "linked")
			} else {
				expose(t, dir, path)
			}
			p := &Program{path: path}
			f := p.Look(t.Context(), 1)
			if f.State != Broken || !strings.Contains(f.Problem, "every user") && !strings.Contains(f.Problem, "belongs to user") {
				t.Errorf("it is found to be %+v", f)
			}
			if _, err := p.Try(t.Context(), 1); err == nil {
				t.Error("it was tried")
			}
			if _, err := os.Stat(ran); !errors.Is(err, fs.ErrNotExist) {
				t.Error("it was run", err)
			}
		})
	}
}

// Whoever owns what runs can change it anyway; in the folder for temporary
// files nobody can but the owner.
func TestWhatOthersCannotWriteIsRun(t *testing.T) {
	root := t.TempDir()
	dir := folder(t, root, "tmp")
	if err := os.Chmod(dir, os.ModeSticky|0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "bellwire")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := &Program{path: path}
	if f := p.Look(t.Context(), 1); f != (Finding{State: Ready, Version: "1"}) {
		t.Errorf("%+v", f)
	}
	chown(t, path)
	p = &Program{path: path, owner: 65533}
	if version, err := p.Try(t.Context(), 1); version != "1" {
		t.Error(version, err)
	}
}

// Opening one of these would wait for ever, and the daemon could not end.
func TestWhatIsNoFileIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire")
	if err := syscall.Mkfifo(path, 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	p.path = path
	found := make(chan Finding, 1)
	go func() { found <- p.Look(t.Context(), 1) }()
	select {
	case f := <-found:
		if f.State != Broken {
			t.Errorf("%+v", f)
		}
	case <-time.After(deadline):
		t.Error("it is still opened")
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func chown(t *testing.T, path string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	if err := os.Chown(path, 65533, -1); err != nil {
		t.Fatal(err)
	}
}

// Nobody has to be root to see that what belongs to none of the owners is
// refused.
func TestWhatBelongsToOthersIsExposed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire")
	if err := os.WriteFile(path, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := exposed(path, info, []int{os.Geteuid()}); err != nil {
		t.Error(err)
	}
	if err := exposed(path, info, []int{os.Geteuid() + 1}); err == nil {
		t.Error("another user's is not refused")
	}
}
