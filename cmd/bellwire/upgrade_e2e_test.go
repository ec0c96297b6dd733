//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// versions builds the real program twice, with tags.
func versions(t *testing.T, tags string) (older, newer string) {
	t.Helper()
	dir := t.TempDir()
	build := func(version string) string {
		bin := filepath.Join(dir, version)
		cmd := exec.Command("go", "build", "-tags", tags, "-ldflags", "-X main.version="+version, "-o", bin, ".")
		if tags == "headless" {
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", version, err, out)
		}
		return bin
	}
	return build("0.1.0"), build("0.2.0")
}

// put installs a program at path as package managers do: written beside it,
// and renamed.
func put(t testing.TB, program, path string) {
	t.Helper()
	from, err := os.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// putScript installs a program that says what a script says.
func putScript(t *testing.T, path, script string) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(source, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, source, path)
}

// awaitUpgrade waits until the daemon tells of what is installed, in the live
// stream; nil of nothing.
func (p *program) awaitUpgrade(want *control.Upgrade) {
	p.t.Helper()
	var got *control.Upgrade
	p.await(func(ctx context.Context, c *control.Client) bool {
		s, err := c.Status(ctx)
		got = s.Upgrade
		return err == nil && cmp.Equal(got, want)
	}, "an upgrade %+v", want)
}

// refused runs a command that has to fail, and returns what it says.
func (p *program) refused(args ...string) string {
	p.t.Helper()
	cmd := exec.Command(p.bin, args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if err == nil {
		p.t.Fatalf("bellwire %v did not fail: %s", args, out)
	}
	return string(out)
}

func (p *program) status() control.Status {
	p.t.Helper()
	s, err := p.client().Status(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// A program that is replaced while it runs is noticed, in each of the ways in
// which programs are installed, and what cannot be started is told and never
// takes the place of what runs.
func TestUpgrade(t *testing.T) {
	older, newer := versions(t, "headless")
	ready := func(path string) *control.Upgrade {
		return &control.Upgrade{State: control.UpgradeReady, Version: "0.2.0", Path: path}
	}
	start := func(t *testing.T) (p *program, path string) {
		p = newProgram(t)
		path = filepath.Join(t.TempDir(), "bellwire")
		put(t, older, path)
		p.bin = path
		p.start("--headless", "--notifier", "none")
		return p, path
	}
	restart := func(t *testing.T, p *program) {
		t.Helper()
		before := p.status()
		if said := p.run("restart"); said != "Bellwire 0.1.0 has been restarted and is now 0.2.0." {
			t.Errorf("restart said %q", said)
		}
		after := p.status()
		if after.Version != "0.2.0" || after.PID != before.PID || after.Upgrade != nil {
			t.Errorf("after the restart: %s, process %d (was %d), %+v", after.Version, after.PID, before.PID, after.Upgrade)
		}
		arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", after.PID))
		if want := strings.Join([]string{p.bin, "run", "--headless", "--notifier", "none", ""}, "\x00"); string(arguments) != want {
			t.Errorf("arguments %q, want %q, %v", arguments, want, err)
		}
	}

	t.Run("renamed", func(t *testing.T) {
		p, path := start(t)
		p.awaitUpgrade(nil)
		put(t, newer, path)
		p.awaitUpgrade(ready(path))
		if said := p.run("status"); !strings.Contains(said, "\nUpgrade: 0.2.0 is installed; finish the upgrade with: bellwire restart\n") {
			t.Errorf("status says\n%s", said)
		}
		put(t, older, path) // after all
		p.awaitUpgrade(nil)
		put(t, newer, path)
		p.awaitUpgrade(ready(path))
		restart(t, p)
	})

	t.Run("rewritten", func(t *testing.T) {
		p, path := start(t)
		content, err := os.ReadFile(newer)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(content[:len(content)/2]); err != nil {
			t.Fatal(err)
		}
		p.awaitUpgrade(&control.Upgrade{State: control.UpgradeBroken, Problem: path + ": permission denied", Path: path})
		if _, err := f.Write(content[len(content)/2:]); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
		p.awaitUpgrade(ready(path))
		restart(t, p)
	})

	t.Run("a link is switched", func(t *testing.T) {
		p, dir := newProgram(t), t.TempDir()
		for version, program := range map[string]string{"1": older, "2": newer} {
			if err := os.MkdirAll(filepath.Join(dir, version), 0o755); err != nil {
				t.Fatal(err)
			}
			put(t, program, filepath.Join(dir, version, "bellwire"))
		}
		current, bin := filepath.Join(dir, "current"), filepath.Join(dir, "bin")
		for link, to := range map[string]string{current: "1", bin: "current/bellwire"} {
			if err := os.Symlink(to, link); err != nil {
				t.Fatal(err)
			}
		}
		p.bin = bin
		p.start("--headless", "--notifier", "none")
		if err := os.Symlink("2", current+".new"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(current+".new", current); err != nil {
			t.Fatal(err)
		}
		p.awaitUpgrade(ready(bin))
		restart(t, p)
	})

	t.Run("broken, too old, removed", func(t *testing.T) {
		p, path := start(t)
		putScript(t, path, "echo it lacks a library >&2; exit 127\n")
		p.awaitUpgrade(&control.Upgrade{State: control.UpgradeBroken, Problem: "exit status 127: it lacks a library", Path: path})
		p.bin = older
		if said := p.refused("restart"); !strings.Contains(said, "error: Bellwire 0.1.0 goes on running: the program at "+path) || !strings.Contains(said, "it lacks a library") {
			t.Errorf("restart says\n%s", said)
		}
		putScript(t, path, `case $1 in --version) echo 0.0.9;; schema) echo 1;; *) exit 1;; esac`+"\n")
		p.awaitPolled(func() bool {
			u := p.status().Upgrade
			return u != nil && strings.HasPrefix(u.Problem, "it is 0.0.9, which is too old for the database")
		}, "the old program")
		p.refused("restart")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		p.awaitUpgrade(&control.Upgrade{State: control.UpgradeRemoved, Path: path})
		p.refused("restart")
		put(t, older, path)
		p.awaitUpgrade(nil)
		if s := p.status(); s.Version != "0.1.0" || s.PID != p.cmd.Process.Pid {
			t.Errorf("now %s runs as %d", s.Version, s.PID)
		}
		p.bin = path
		if said := p.run("restart"); said != "Bellwire 0.1.0 has been restarted." {
			t.Errorf("restart of the same program says %q", said)
		}
	})

	t.Run("ends when it has taken over", func(t *testing.T) {
		p, path := start(t)
		putScript(t, path, `case $1 in --version) echo 0.3.0;; schema) echo 99999;; *) echo no >&2; exit 1;; esac`+"\n")
		p.bin = older
		if said := p.refused("restart"); !strings.Contains(said, "bellwire has ended and could not start again") {
			t.Errorf("restart says\n%s", said)
		}
		p.bin = newer // what is committed is there
		p.stop(syscall.SIGTERM)
		p.start("--headless", "--notifier", "none")
	})
}

// Nothing is lost, told twice or left open by restarts while events come.
func TestRestartUnderLoad(t *testing.T) {
	older, newer := versions(t, "headless")
	server := nchantest.Start(t)
	p := newProgram(t)
	p.bin = filepath.Join(t.TempDir(), "bellwire")
	put(t, older, p.bin)
	p.start("--headless")
	id := p.run("add", server.URL("/sse/load"), "--name", "load", "--transport", "sse")
	p.awaitState(id, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "load", 1)
	files := func() int {
		open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		return len(open)
	}

	stop, sent := make(chan struct{}), make(chan []string)
	go func() {
		var all []string
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				sent <- all
				return
			case <-tick.C:
				text := fmt.Sprintf("event %d.", len(all)+1)
				server.Publish(t, "load", "", text)
				all = append(all, text)
			}
		}
	}()
	p.awaitRows(id, 50)
	before := 0
	for i, program := range []string{newer, older, newer} {
		put(t, program, p.bin)
		// A second start at any moment of it is told that there is one.
		restarted, others := make(chan struct{}), make(chan string)
		go func() {
			defer close(others)
			for {
				select {
				case <-restarted:
					return
				default:
				}
				other := exec.Command(newer, "run", "--headless", "--notifier", "none", "--for", "1m")
				other.Env = p.env
				if said, err := other.CombinedOutput(); err == nil || !strings.Contains(string(said), "bellwire is running already") {
					others <- fmt.Sprintf("%v: %s", err, said)
				}
			}
		}()
		p.run("restart")
		close(restarted)
		for said := range others {
			t.Errorf("a second start during restart %d: %s", i+1, said)
		}
		if pid := p.status().PID; pid != p.cmd.Process.Pid {
			t.Errorf("after restart %d process %d runs, not %d", i+1, pid, p.cmd.Process.Pid)
		}
		p.awaitRows(id, 50+(i+1)*50)
		p.awaitState(id, subscriptions.StateOpen)
		if n := files(); before == 0 {
			before = n
		} else if n > before+3 { // a request may be under way
			t.Errorf("%d open files after restart %d, %d after the first", n, i+1, before)
		}
	}
	close(stop)
	want := <-sent
	p.awaitRows(id, len(want))
	if d := cmp.Diff(want, raws(p.history(id))); d != "" {
		t.Errorf("history (-want +got):\n%s", d)
	}
	p.awaitPolled(func() bool { return p.status().Held == 0 }, "all notifications")
	said := strings.Fields(p.said())
	for n := range want {
		text := fmt.Sprint(n+1, ".")
		count := 0
		for i, w := range said {
			if w == text && i > 0 && said[i-1] == "event" {
				count++
			}
		}
		if count > 1 {
			t.Errorf("event %s was told %d times", text, count)
		}
	}
}

// A restart goes on with what the daemon was asked for at its start.
func TestRestartKeepsTheDemo(t *testing.T) {
	p := newProgram(t)
	p.cmd = exec.Command(p.bin, "run", "--headless", "--notifier", "none", "--demo", "--for", "1h")
	home := t.TempDir()
	p.cmd.Env = append(slices.DeleteFunc(slices.Clone(p.env), func(v string) bool { return strings.HasPrefix(v, "BELLWIRE_DIR=") }), "TMPDIR="+home)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	folders := func() []string {
		found, err := filepath.Glob(filepath.Join(home, "bellwire-demo-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	p.awaitPolled(func() bool { return len(folders()) == 1 }, "the demo's folder")
	before := folders()
	p.env = append(p.env, "BELLWIRE_DIR="+before[0])
	p.run("status", "--wait", patience.String())
	p.run("restart")
	if d := cmp.Diff(before, folders()); d != "" {
		t.Error(d)
	}
	p.dir = before[0]
	if s := p.status(); !s.Demo || len(s.Feeds) == 0 || s.PID != p.cmd.Process.Pid {
		t.Errorf("after the restart: %+v", s)
	}
	p.stop(syscall.SIGTERM)
	if left := folders(); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestHandover(t *testing.T) {
	if h := takeHandover(); h != nil || h.lock() != nil {
		t.Fatalf("%+v", h)
	}
	want := handover{From: "0.1.0", Lock: 3, Children: []int{7}, Ends: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Demo: "/d"}
	environ := want.environ()
	name, value, _ := strings.Cut(environ[len(environ)-1], "=")
	t.Setenv(name, value)
	if got := takeHandover(); got == nil || !cmp.Equal(*got, want) {
		t.Errorf("%+v", got)
	}
	if _, left := os.LookupEnv(name); left {
		t.Error("the next process sees it")
	}
	t.Setenv(name, "{")
	if h := takeHandover(); h != nil {
		t.Errorf("%+v", h)
	}
	h := &handover{Lock: 4000}
	if f := h.lock(); f != nil {
		t.Error("a lock that nobody has opened")
	}
}
