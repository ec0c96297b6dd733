//go:build !windows && !darwin

package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bellwire/notify"
	"bellwire/secrets"
	"bellwire/subscriptions"

	"github.com/godbus/dbus/v5"
)

// askLimit bounds a question to a service of the desktop, so that there is
// time left to say that it does not answer.
const askLimit = 3 * time.Second

func desktopChecks() []check {
	return []check{
		{groupDesktop, "display", lookDisplay},
		{groupDesktop, "session bus", lookBus},
		{groupDesktop, "tray", lookTray},
		{groupDesktop, "notifications", lookNotifications},
		{groupDesktop, "keyring", lookKeyring},
	}
}

func lookDisplay(ctx context.Context, o *Options) []Finding {
	x, wayland := os.Getenv("DISPLAY"), os.Getenv("WAYLAND_DISPLAY")
	switch {
	case o.Server:
		return []Finding{good("none is wanted")}
	case x == "" && wayland == "":
		return []Finding{warning("On a desktop, type this in a terminal there:"+run+o.quit()+o.Program+"\non a server, this:"+run+o.quit()+o.Program+" run --headless",
			"neither DISPLAY nor WAYLAND_DISPLAY is set: no window, no tray icon")}
	}
	var found []string
	if wayland != "" {
		path := wayland
		if !filepath.IsAbs(path) {
			path = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), path)
		}
		if err := o.reach(ctx, "unix", path); err != nil {
			return []Finding{failure(newSession(o), "WAYLAND_DISPLAY is %s, and nobody is there: %v", wayland, err)}
		}
		found = append(found, "Wayland "+wayland)
	}
	if x == "" { // the window is an X11 program
		return []Finding{failure("Install Xwayland, switch it on in your compositor and log in again (Debian):"+run+"sudo apt install xwayland",
			"%s, but DISPLAY is not set: the window needs X11, which Xwayland provides", found[0])}
	}
	err := reachX(ctx, o, x)
	if errors.Is(err, errOffline) {
		return []Finding{good("%s, on another machine, which was not asked (--offline)", strings.Join(append(found, "X11 "+x), ", "))}
	}
	if err != nil {
		return []Finding{failure(newSession(o), "DISPLAY is %s, and no X server is there: %v", x, err)}
	}
	return []Finding{good("%s", strings.Join(append(found, "X11 "+x), ", "))}
}

// newSession is what to do where variables name a session that is gone.
func newSession(o *Options) string {
	return "It is of a session that is gone. In a terminal of the one that you see:" + run + o.quit() + o.Program
}

func lookBus(ctx context.Context, o *Options) []Finding {
	conn, address, err := dialBus(ctx, o)
	own := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
	switch {
	case err == nil:
		defer conn.Close()
		return []Finding{good("answers at %s", address)}
	case errors.Is(err, errOffline):
		return []Finding{good("%s, on another machine, which was not asked (--offline)", address)}
	case o.Server && errors.Is(err, notify.ErrNoBus):
		return []Finding{good("none, and none is needed")}
	case errors.Is(err, notify.ErrNoBus):
		return []Finding{o.unlessBare("Until you log in again:"+run+o.quit()+"dbus-run-session -- "+o.start()+"\nFor good (Debian), and log in again:"+run+"sudo apt install dbus-user-session",
			"%v: no notifications, no tray icon, no keyring", err)}
	case filepath.IsAbs(own) && address != "unix:path="+own && o.reach(ctx, "unix", own) == nil:
		return []Finding{failure("In this terminal:"+run+"export DBUS_SESSION_BUS_ADDRESS=unix:path="+Word(own)+"; "+o.quit()+o.start(),
			"nobody answers at %s, which DBUS_SESSION_BUS_ADDRESS names: %v", address, subscriptions.Terse(err))}
	}
	return []Finding{failure("Log out and in again; or start Bellwire with a bus of its own:"+run+o.quit()+"dbus-run-session -- "+o.start(),
		"nobody answers at %s: %v", address, subscriptions.Terse(err))}
}

// unlessBare is a failure where there is a display, and with it a person who
// waits for notifications; on a bare terminal it may be as it should.
func (o *Options) unlessBare(do, format string, args ...any) Finding {
	f := failure(do, format, args...)
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		f.Status = Warn
	}
	return f
}

// trayWatcher collects tray icons (StatusNotifierItem specification,
// "StatusNotifierWatcher").
const trayWatcher = "org.kde.StatusNotifierWatcher"

func lookTray(ctx context.Context, o *Options) []Finding {
	if o.Server {
		return []Finding{good("none is wanted")}
	}
	var there, host bool
	err, none := onBus(ctx, o, func(ctx context.Context, conn *dbus.Conn) error {
		err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, trayWatcher).Store(&there)
		if err != nil || !there {
			return err
		}
		var v dbus.Variant
		err = conn.Object(trayWatcher, "/StatusNotifierWatcher").CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
			dbus.FlagNoAutoStart, trayWatcher, "IsStatusNotifierHostRegistered").Store(&v)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		told, ok := v.Value().(bool)
		host = told || err != nil || !ok // one that does not tell is its own panel
		return nil
	})
	do := trayAdvice(os.Getenv("XDG_CURRENT_DESKTOP")) + "\nWithout one, this opens the window:" + run + o.Program
	switch {
	case none:
		return []Finding{warning("See session bus", "without a session bus there is none")}
	case err != nil:
		return []Finding{failure("Log out and in again", "the panel does not answer: %v", subscriptions.Terse(err))}
	case !there:
		return []Finding{warning(do, "no panel here shows tray icons (nobody is %s)", trayWatcher)}
	case !host:
		return []Finding{warning(do, "%s is there, but no panel shows what it collects", trayWatcher)}
	}
	return []Finding{good("a panel shows tray icons")}
}

// trayAdvice is how each desktop gets a place for tray icons.
func trayAdvice(desktop string) string {
	has := func(name string) bool { return slices.Contains(strings.Split(strings.ToUpper(desktop), ":"), name) }
	switch {
	case has("GNOME"):
		return "Install this (Debian), log in again, and switch AppIndicator on in the program Extensions:" + run + "sudo apt install gnome-shell-extension-appindicator"
	case has("XFCE"):
		return "Right-click the panel, choose Panel, Add New Items, and add the Status Tray Plugin; where there is no panel:" + run + "xfce4-panel &"
	case has("KDE"):
		return "Right-click the panel, choose Add Widgets, and add System Tray"
	case has("LXQT"):
		return "Right-click the panel, choose Manage Widgets, and add the Status Notifier Plugin"
	case has("SWAY") || has("HYPRLAND") || has("WLROOTS"):
		return `Run waybar, with "tray" among its modules (Debian):` + run + "sudo apt install waybar; waybar &"
	}
	return "Start a panel with a status tray, for example (Debian):" + run + "sudo apt install xfce4-panel; xfce4-panel &"
}

func lookNotifications(ctx context.Context, o *Options) []Finding {
	var found []Finding
	if o.Daemon != nil && o.Daemon.NotifierError != "" {
		found = append(found, failure("Try it:"+run+o.Program+" notify-test", "the last trouble of %s: %s", o.Daemon.Notifier, o.Daemon.NotifierError))
	}
	if o.Daemon != nil && (o.Daemon.Notifier == "terminal" || o.Daemon.Notifier == "none") {
		return append(found, o.withoutDesktop())
	}
	if notify.Sandboxed() {
		return append(found, good("through the portal of this sandbox"))
	}
	var s notify.Service
	err, none := onBus(ctx, o, func(ctx context.Context, conn *dbus.Conn) (err error) {
		s, err = notify.Look(ctx, conn)
		return err
	})
	switch {
	case none && o.Server:
		return append(found, good("they would be written to standard output"))
	case none:
		return append(found, o.unlessBare("See session bus", "without a session bus they are written to standard output"))
	case err != nil:
		return append(found, failure("Log out and in again", "the service cannot be asked: %v", subscriptions.Terse(err)))
	}
	return append(found, serviceFindings(o, s)...)
}

// withoutDesktop is about a daemon that shows no notifications on a desktop.
func (o *Options) withoutDesktop() Finding {
	words := "they are written to standard output (terminal)"
	if o.Daemon.Notifier == "none" {
		words = "none are shown: events are only kept in history"
	}
	if o.Server {
		return good("%s", words)
	}
	return warning("To see them on the desktop, in a terminal there:"+run+o.quit()+o.Program, "%s", words)
}

// serviceFindings are about the service on the session bus.
func serviceFindings(o *Options, s notify.Service) []Finding {
	switch {
	case !s.Running && s.Activatable:
		return []Finding{good("none runs now; the bus starts one for the next notification (freedesktop)")}
	case !s.Running:
		return []Finding{failure(serviceAdvice(os.Getenv("XDG_CURRENT_DESKTOP"), os.Getenv("WAYLAND_DISPLAY") != ""),
			"nobody on the session bus shows notifications, and nobody can be started: they wait")}
	case s.Hung:
		do := "Log out and in again"
		if s.PID > 0 {
			do = fmt.Sprintf("End it:"+run+"kill -KILL %d", s.PID)
			if name := processName(int(s.PID)); s.Activatable {
				do += "\nThe next notification starts it again."
			} else if name != "" {
				do += "; " + Word(name) + " &"
			}
		}
		return []Finding{failure(do, "the notification service (process %d, %s) does not answer: notifications wait", s.PID, processName(int(s.PID)))}
	}
	found := []Finding{good("%s %s of %s (freedesktop): %s", s.Name, s.Version, s.Vendor, strings.Join(s.Capabilities, ", "))}
	if len(s.Capabilities) > 0 && !slices.Contains(s.Capabilities, "actions") {
		found[0] = warning("Use another service to have buttons and clicks, for example (Debian):"+run+"sudo apt install dunst", "%s; it has no actions, so that a click does nothing", found[0].Found)
	}
	if s.DND != "" {
		f := warning(dndAdvice(s.DND), "on, says %s: notifications wait until it is off, unless %s notifications says otherwise", s.DND, o.Program)
		f.Name = "do not disturb"
		found = append(found, f)
	}
	return found
}

// serviceAdvice is how a desktop gets a notification service.
func serviceAdvice(desktop string, wayland bool) string {
	switch {
	case strings.Contains(strings.ToUpper(desktop), "XFCE"):
		return "Install one, and log in again (Debian):" + run + "sudo apt install xfce4-notifyd"
	case strings.Contains(strings.ToUpper(desktop), "LXQT"):
		return "Install and start one (Debian):" + run + "sudo apt install lxqt-notificationd; lxqt-notificationd &"
	case strings.Contains(strings.ToUpper(desktop), "MATE"):
		return "Install one, and log in again (Debian):" + run + "sudo apt install mate-notification-daemon"
	case wayland:
		return "Install and start one (Debian):" + run + "sudo apt install mako-notifier; mako &"
	}
	return "Install and start one (Debian):" + run + "sudo apt install dunst; dunst &"
}

func dndAdvice(by string) string {
	switch by {
	case "dunst":
		return "End that:" + run + "dunstctl set-paused false"
	case "xfce":
		return "End that:" + run + "xfconf-query -c xfce4-notifyd -p /do-not-disturb -s false"
	}
	return "Click the bell in the panel and end do not disturb"
}

// processName is a program's name as the system has it; empty where it does
// not tell.
func processName(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return ""
	}
	return oneLine(string(b), maxFound)
}

func lookKeyring(ctx context.Context, o *Options) []Finding {
	var state secrets.KeyringState
	err, none := onBus(ctx, o, func(ctx context.Context, conn *dbus.Conn) (err error) {
		state, err = secrets.LookKeyring(ctx, conn)
		return err
	})
	waiting := o.keyringFeeds()
	file := "new secrets are kept in " + o.Secrets + ", a file that only you can read"
	switch {
	case err != nil:
		return []Finding{failure("Log out and in again", "the keyring does not answer: %v", subscriptions.Terse(err))}
	case (none || state == secrets.KeyringNone) && waiting > 0:
		return []Finding{failure(keyringAdvice(none), "there is none, and %s have their secrets in it", many(waiting, "feed"))}
	case none && o.Server:
		return []Finding{good("none: %s", file)}
	case none:
		return []Finding{warning("See session bus", "without a session bus there is none: %s", file)}
	}
	locked := "the next secret asks you to unlock it"
	if waiting > 0 {
		locked = "secrets of " + many(waiting, "feed") + " are in it"
	}
	switch state {
	case secrets.KeyringNone:
		if o.Server {
			return []Finding{good("none: %s", file)}
		}
		return []Finding{warning(keyringAdvice(false), "there is none: %s", file)}
	case secrets.KeyringLocked:
		return []Finding{warning("In the program Passwords and Keys, unlock Login (Debian: sudo apt install seahorse); or type this, then your login password, then Ctrl-D twice:"+run+"gnome-keyring-daemon --replace --unlock --components=secrets",
			"it is locked: %s", locked)}
	case secrets.KeyringEmpty:
		return []Finding{good("it runs and is empty: the first secret asks you to choose a password for it")}
	case secrets.KeyringStarts:
		return []Finding{good("not running; it is started when it is needed")}
	}
	return []Finding{good("unlocked")}
}

func keyringAdvice(noBus bool) string {
	if noBus {
		return "See session bus"
	}
	return "A file is no fault. To have a keyring, install one and log in again (Debian):" + run + "sudo apt install gnome-keyring libpam-gnome-keyring"
}

// keyringFeeds counts the feeds whose secrets are in the keyring.
func (o *Options) keyringFeeds() int {
	n := 0
	for _, f := range o.Feeds {
		if slices.ContainsFunc(f.Auth, func(c subscriptions.Credential) bool {
			kind, _ := c.Secret.Split()
			return kind == "keyring"
		}) {
			n++
		}
	}
	return n
}
