package notifytest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// An XfceService is a real xfce4-notifyd on a private bus and a private X
// display, with a pointer.
type XfceService struct {
	// Display is the X display, as for DISPLAY.
	Display string

	bus *MessageBus
	cmd *exec.Cmd
	env []string
}

// xfceSettings keep notifications where they are until somebody closes them.
const xfceSettings = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-notifyd" version="1.0">
  <property name="do-fadeout" type="bool" value="false"/>
  <property name="do-slideout" type="bool" value="false"/>
  <property name="initial-opacity" type="double" value="1.0"/>
  <property name="notify-location" type="uint" value="0"/>
  <property name="notification-log" type="bool" value="false"/>
</channel>
`

// Xfce starts Xvfb and xfce4-notifyd on b. Both end with the test.
func Xfce(t testing.TB, b *MessageBus) *XfceService {
	t.Helper()
	program(t, "xdotool")
	home := t.TempDir()
	x := &XfceService{bus: b, Display: Xvfb(t)}
	folders := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home}
	x.env = append(os.Environ(), "DISPLAY="+x.Display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS="+b.Address,
		"NO_AT_BRIDGE=1", "GSETTINGS_BACKEND=memory", "GTK_THEME=Adwaita")
	x.env = append(x.env, folders...)
	xfconf(t, b, folders, home, "xfce4-notifyd", xfceSettings)
	x.start(t)
	t.Cleanup(func() { end(x.cmd) })
	return x
}

// xfconf makes the bus start Xfce's settings daemon, in folders whose
// configuration is in home, with settings for one channel.
func xfconf(t testing.TB, b *MessageBus, folders []string, home, channel, settings string) {
	t.Helper()
	channels := filepath.Join(home, "xfce4", "xfconf", "xfce-perchannel-xml")
	if err := os.MkdirAll(channels, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(channels, channel+".xml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	service := "[D-BUS Service]\nName=org.xfce.Xfconf\nExec=/usr/bin/env " + strings.Join(folders, " ") + " " +
		besides(t, "xfconf", "xfce4/xfconf/xfconfd") + "\n"
	if err := os.WriteFile(filepath.Join(b.Services, "xfconf.service"), []byte(service), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Reload(t)
}

// Process is the running daemon, for tests that stop it with a signal.
func (x *XfceService) Process() *os.Process { return x.cmd.Process }

// Windows are the notifications on the screen.
func (x *XfceService) Windows(t testing.TB) []string {
	t.Helper()
	// It fails where there is none.
	out, _ := x.xdotool(t, "search", "--onlyvisible", "--class", "xfce4-notifyd").Output()
	return strings.Fields(string(out))
}

// Click clicks on a button of the only notification, which has that many;
// the first is 0. It returns when the notification has left the screen.
func (x *XfceService) Click(t testing.TB, button, buttons int) {
	t.Helper()
	x.clickAway(t, func(width, height int) (left, top int) {
		return width * (2*button + 1) / (2 * buttons), height - 30
	})
}

// ClickBody clicks on the text of the only notification, and returns when
// that has left the screen.
func (x *XfceService) ClickBody(t testing.TB) {
	t.Helper()
	x.clickAway(t, func(width, _ int) (left, top int) { return width / 2, 20 })
}

// clickAway clicks until the notification is gone: a window that has just
// come may move once more, or not listen yet.
func (x *XfceService) clickAway(t testing.TB, at func(width, height int) (left, top int)) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for clicked := false; ; {
		windows := x.Windows(t)
		if len(windows) == 0 && clicked {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no click made the notification go: windows %v", windows)
		}
		if len(windows) == 0 {
			continue
		}
		out, err := x.xdotool(t, "getwindowgeometry", "--shell", windows[0]).Output()
		if err != nil {
			continue // it has gone meanwhile
		}
		var width, height int
		for line := range strings.Lines(string(out)) {
			_, _ = fmt.Sscanf(line, "WIDTH=%d", &width)
			_, _ = fmt.Sscanf(line, "HEIGHT=%d", &height)
		}
		left, top := at(width, height)
		err = x.xdotool(t, "mousemove", "--window", windows[0], strconv.Itoa(left), strconv.Itoa(top), "click", "1").Run()
		clicked = clicked || err == nil
	}
}

// xdotool is a command for the display; it is killed where the X server hangs.
func (x *XfceService) xdotool(t testing.TB, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), program(t, "xdotool"), args...)
	cmd.Env = x.env
	return cmd
}

// besides finds a program that is in no PATH, in the folder of libraries.
func besides(t testing.TB, pkg, path string) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/*/", "/usr/lib/", "/usr/libexec/"} {
		if found, _ := filepath.Glob(pattern + path); len(found) > 0 {
			return found[0]
		}
	}
	t.Fatalf("%s is not installed: run `make deps`", pkg)
	return ""
}

func (x *XfceService) start(t testing.TB) {
	t.Helper()
	x.cmd = exec.Command(besides(t, "xfce4-notifyd", "xfce4/notifyd/xfce4-notifyd"))
	x.cmd.Env = x.env
	awaitOwner(t, x.bus, x.cmd)
}

// awaitOwner starts cmd and returns when it owns the notification service's
// name.
func awaitOwner(t testing.TB, b *MessageBus, cmd *exec.Cmd) {
	t.Helper()
	watch := b.Connect(t)
	defer watch.Close()
	signals := make(chan *dbus.Signal, 16)
	watch.Signal(signals)
	if err := watch.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for {
		select {
		case s := <-signals:
			if s.Name == "org.freedesktop.DBus.NameOwnerChanged" && len(s.Body) == 3 && s.Body[2] != "" {
				return
			}
		case <-ctx.Done():
			t.Fatalf("%s did not take its name on the bus", cmd.Path)
		}
	}
}
