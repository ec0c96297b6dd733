package autostart

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// The entry is one of the test's own, of the person who runs it.
func TestRunKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "My Programs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	here, there := filepath.Join(dir, "bellwire.exe"), filepath.Join(dir, "other.exe")
	for _, name := range []string{here, there} {
		if err := os.WriteFile(name, nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p := Program{ID: "bellwire-test-" + filepath.Base(filepath.Dir(dir)), Name: "Bellwire", About: "a test", Argv: []string{here, "run"}, stays: true}
	t.Cleanup(func() {
		if _, err := p.Set(false); err != nil {
			t.Error(err)
		}
	})
	entry := func(line string) {
		t.Helper()
		k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		if err := k.SetStringValue(p.ID, line); err != nil {
			t.Fatal(err)
		}
	}
	// approve is what the task manager writes.
	approve := func(first byte) {
		t.Helper()
		k, _, err := registry.CreateKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		if err := k.SetBinaryValue(p.ID, append([]byte{first}, make([]byte, 11)...)); err != nil {
			t.Fatal(err)
		}
	}
	is := func(what string, want Status) {
		t.Helper()
		got, err := p.Status()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	set := func(on bool) {
		t.Helper()
		if _, err := p.Set(on); err != nil {
			t.Fatal(err)
		}
	}

	is("nothing", Status{})
	set(true)
	is("on", Status{On: true})
	approve(3)
	is("switched off", Status{Reason: SwitchedOff})
	approve(2)
	is("switched on again", Status{On: true})
	approve(3)
	set(true)
	is("on in spite of the switch", Status{On: true})
	line := windows.ComposeCommandLine([]string{there, "run"})
	entry(line)
	is("another program", Status{On: true, Reason: OtherProgram, Detail: line})
	if err := os.Remove(there); err != nil {
		t.Fatal(err)
	}
	is("a program that is gone", Status{Reason: Gone, Detail: there})
	entry("")
	is("no command", Status{Reason: Broken})
	set(false)
	is("off", Status{})
}
