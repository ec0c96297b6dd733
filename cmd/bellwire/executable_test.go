package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhatStaysHasNoConsole(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"both.com", "both.exe", "alone.com", "odd.com"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "odd.exe"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"both.com":  "both.exe",
		"both.exe":  "both.exe",
		"alone.com": "alone.com",
		"odd.com":   "odd.com",
		"bellwire":  "bellwire",
	} {
		if got := filepath.Base(withoutConsole(filepath.Join(dir, name))); got != want {
			t.Errorf("%s starts %s, want %s", name, got, want)
		}
	}
}
