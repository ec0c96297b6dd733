//go:build linux && !headless

package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// A window on a display that is not there used to end in a panic.
func TestCheckDisplay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	there := fmt.Sprintf("127.0.0.1:%d.0", l.Addr().(*net.TCPAddr).Port-6000)
	for name, tc := range map[string]struct {
		display, wayland, want string
	}{
		"none":              {"", "", "no display"},
		"Wayland without X": {"", "wayland-0", "no X11 display"},
		"not there":         {":32001", "", `":32001" cannot be reached`},
		"not there, long":   {"unix:32001.0", "", "cannot be reached"},
		"a socket":          {"/somewhere/org.x:0", "", "cannot be reached"},
		"no name":           {"screen", "", "no name of a display"},
		"over the network":  {there, "", ""},
	} {
		t.Setenv("DISPLAY", tc.display)
		t.Setenv("WAYLAND_DISPLAY", tc.wayland)
		err := checkDisplay(t.Context())
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
