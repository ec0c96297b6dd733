//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"bellwire/internal/doctor"
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
	if err := doctor.ReachDisplay(ctx, name); err != nil {
		return withHint(fmt.Errorf("the display %q cannot be reached: %w", name, err), "Start it from your desktop, where DISPLAY names a display that is there. "+use)
	}
	return nil
}
