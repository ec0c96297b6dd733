package main

import (
	"os"
	"path/filepath"
	"strings"
)

// executable is the program that Bellwire starts for what stays: the daemon,
// the window, the entry at login. On Windows the command line may be
// bellwire.com, which would open a console; bellwire.exe beside it does not.
func executable() (string, error) {
	name, err := os.Executable()
	return withoutConsole(name), err
}

func withoutConsole(name string) string {
	ext := filepath.Ext(name)
	if !strings.EqualFold(ext, ".com") {
		return name
	}
	beside := strings.TrimSuffix(name, ext) + ".exe"
	if info, err := os.Stat(beside); err != nil || !info.Mode().IsRegular() {
		return name
	}
	return beside
}
