//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	// displayTime is how long an X server may take to accept a connection.
	displayTime = 5 * time.Second
	// x11Port is that of the display 0.
	x11Port = 6000
)

// checkDisplay says why no window can be opened, before Fyne finds out: where
// there is no X server it ends in a panic. Wayland desktops have one for
// programs like ours, XWayland.
func checkDisplay(ctx context.Context) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return nil
	}
	const use = "Use the command line: bellwire feeds, bellwire history, bellwire tail"
	name := os.Getenv("DISPLAY")
	switch {
	case name == "" && os.Getenv("WAYLAND_DISPLAY") != "":
		return withHint(errors.New("there is no X11 display to open a window on (DISPLAY is not set)"), "Under Wayland the window needs XWayland: install it (on Debian: xwayland), and log in anew. "+use)
	case name == "":
		return withHint(errors.New("there is no display to open a window on"), use)
	}
	if err := reachDisplay(ctx, name); err != nil {
		return withHint(fmt.Errorf("the display %q cannot be reached: %w", name, err), "Start it from your desktop, where DISPLAY names a display that is there. "+use)
	}
	return nil
}

// reachDisplay connects to the X server that name is of (X(7), "Display
// names"). A name of another form is left to the library to understand.
func reachDisplay(ctx context.Context, name string) error {
	i := strings.LastIndexByte(name, ':')
	if i < 0 || strings.HasPrefix(name, "/") {
		return nil
	}
	digits, _, _ := strings.Cut(name[i+1:], ".")
	n, err := strconv.ParseUint(digits, 10, 15)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, displayTime)
	defer cancel()
	dial := func(network, address string) error {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return err
		}
		return c.Close()
	}
	if host := name[:i]; host != "" && host != "unix" {
		return dial("tcp", net.JoinHostPort(strings.Trim(host, "[]"), strconv.FormatUint(x11Port+n, 10)))
	}
	path := "/tmp/.X11-unix/X" + strconv.FormatUint(n, 10)
	if runtime.GOOS == "linux" && dial("unix", "@"+path) == nil {
		return nil // the socket without a file, which sandboxes may hide
	}
	return dial("unix", path)
}
