package notify

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Names are the names [Open] knows.
func Names() []string {
	return []string{"auto", "freedesktop", "portal", "wintoast", "usernotifications", "beeep", "terminal", "none"}
}

// Open makes a backend ready. "auto" takes the desktop's own way: on Windows
// wintoast and on macOS usernotifications, or beeep where these cannot be had;
// in a Flatpak or a snap the portal, elsewhere freedesktop where the session
// bus has a notification service, can start one, or (with [Options.Desktop])
// will have one, else the terminal. The logger is told why. ctx bounds Open
// alone.
func Open(ctx context.Context, name string, o Options) (Backend, error) {
	switch name {
	case "auto":
		return openAuto(ctx, o)
	case "freedesktop":
		return opened(openDesktopBus(ctx, name, freedesktopProtocol, o))
	case "portal":
		return opened(openDesktopBus(ctx, name, portalProtocol, o))
	case "wintoast":
		return openWintoast(ctx, o)
	case "usernotifications":
		return openUserNotifications(ctx, o)
	case "beeep":
		return openBeeep(runtime.GOOS, o)
	case "terminal":
		return openTerminal(o), nil
	case "none":
		return discard{}, nil
	}
	return nil, fmt.Errorf("unknown notification backend %q: choose one of %s", name, strings.Join(Names(), ", "))
}

func openAuto(ctx context.Context, o Options) (Backend, error) {
	switch runtime.GOOS {
	case "windows":
		return openOr(ctx, openWintoast, o)
	case "darwin":
		return openOr(ctx, openUserNotifications, o)
	}
	if sandboxed("/") {
		b, err := openDesktopBus(ctx, "portal", portalProtocol, o)
		if err == nil {
			if err = b.ready(ctx); err == nil {
				return b, nil
			}
			_ = b.Close()
		}
		o.logger().Info("no notification portal in this sandbox", "because", err)
	}
	b, err := openDesktopBus(ctx, "freedesktop", freedesktopProtocol, o)
	if err == nil {
		if err = b.available(ctx); err == nil {
			return b, nil
		}
		if o.Desktop {
			o.logger().Warn("no notification service yet: notifications wait for it", "because", err)
			return b, nil
		}
		_ = b.Close()
	}
	o.logger().Info("notifications go to the terminal", "because", err)
	return openTerminal(o), nil
}

// openOr takes the desktop's own way, or beeep where there is none.
func openOr(ctx context.Context, own func(context.Context, Options) (Backend, error), o Options) (Backend, error) {
	b, err := own(ctx, o)
	if err == nil {
		return b, nil
	}
	o.logger().Info("notifications are shown without clicks", "because", err)
	return openBeeep(runtime.GOOS, o)
}

// opened makes the interface of an opened backend, which is nil with an error.
func opened(b *desktopBus, err error) (Backend, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}

// discard is the backend "none": events are history and nothing else.
type discard struct{}

func (discard) Name() string                             { return "none" }
func (discard) Show(context.Context, Notification) error { return nil }
func (discard) Close() error                             { return nil }

func openTerminal(o Options) *terminal {
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	return &terminal{out: o.Stdout, calls: newSolo()}
}
