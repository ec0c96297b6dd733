//go:build linux

package tray_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"bellwire/notify/notifytest"
	"bellwire/ui/icon"

	"github.com/godbus/dbus/v5"
)

// A desktop is a private session bus, the fake panel on it and the child.
type desktop struct {
	t     *testing.T
	bus   *notifytest.MessageBus
	addr  string
	conn  *dbus.Conn
	items chan string // bus names that registered
	lines chan string
	stdin io.WriteCloser
	older bool // its portal is
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	bus := notifytest.Bus(t)
	return &desktop{
		t: t, bus: bus, addr: bus.Address, conn: bus.Connect(t),
		items: make(chan string, 16), lines: make(chan string, 1024),
	}
}

// watch makes d's connection the panel.
func (d *desktop) watch() {
	d.t.Helper()
	if err := d.conn.Export(panel(d.items), "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher"); err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.conn.RequestName("org.kde.StatusNotifierWatcher", dbus.NameFlagDoNotQueue); err != nil {
		d.t.Fatal(err)
	}
}

type panel chan<- string

func (p panel) RegisterStatusNotifierItem(sender dbus.Sender, _ string) *dbus.Error {
	p <- string(sender)
	return nil
}

// start runs the child with the given additional environment.
func (d *desktop) start(env ...string) {
	d.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"=1", "LC_ALL=en_US.UTF-8", "DBUS_SESSION_BUS_ADDRESS="+d.addr)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	var err error
	if d.stdin, err = cmd.StdinPipe(); err != nil {
		d.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for in := bufio.NewScanner(out); in.Scan(); {
			d.lines <- in.Text()
		}
		close(d.lines)
	}()
	d.t.Cleanup(func() { d.stdin.Close(); _ = cmd.Process.Kill(); <-done; _ = cmd.Wait() })
}

// until reads the child's reports up to one that contains want.
func (d *desktop) until(want string) string {
	d.t.Helper()
	line, seen := d.within(deadline, want)
	if line == "" {
		d.t.Fatalf("the tray did not say %q, but %q", want, seen)
	}
	return line
}

// within is until, for a time; empty where it did not come, with what did.
func (d *desktop) within(limit time.Duration, want string) (line string, seen []string) {
	d.t.Helper()
	timeout := time.After(limit)
	for {
		select {
		case line, ok := <-d.lines:
			if !ok {
				d.t.Fatalf("the tray ended without saying %q, but %q", want, seen)
			}
			if strings.Contains(line, want) {
				return line, seen
			}
			seen = append(seen, line)
		case <-timeout:
			return "", seen
		}
	}
}

func (d *desktop) registered() string {
	d.t.Helper()
	select {
	case name := <-d.items:
		return name
	case <-time.After(deadline):
		d.t.Fatal("the tray did not register")
		return ""
	}
}

// item is the bus name of the icon, where a real panel is the watcher.
func (d *desktop) item() string {
	d.t.Helper()
	var names []string
	if err := d.conn.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		d.t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "org.kde.StatusNotifierItem-") {
			return name
		}
	}
	d.t.Fatal("nothing on the bus is a tray icon")
	return ""
}

// An item is one entry of the menu as the panel sees it.
type item struct {
	id       int32
	label    string
	enabled  bool
	tick     string // "": no checkbox, else "on" or "off"
	children []item
}

type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

func (d *desktop) menu(name string) []item {
	d.t.Helper()
	var path dbus.ObjectPath
	d.property(name, "Menu", &path)
	var revision uint32
	var root layout
	err := d.conn.Object(name, path).Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
	if err != nil {
		d.t.Fatal(err)
	}
	return itemsOf(d.t, root.Children)
}

func itemsOf(t *testing.T, children []dbus.Variant) []item {
	t.Helper()
	var items []item
	for _, child := range children {
		var l layout
		if err := child.Store(&l); err != nil {
			t.Fatal(err)
		}
		if v, ok := l.Props["visible"]; ok && v.Value() == false {
			continue
		}
		it := item{id: l.ID, enabled: true}
		it.label, _ = l.Props["label"].Value().(string)
		if v, ok := l.Props["enabled"].Value().(bool); ok {
			it.enabled = v
		}
		if l.Props["toggle-type"].Value() == "checkmark" {
			it.tick = "off"
			if l.Props["toggle-state"].Value() == int32(1) {
				it.tick = "on"
			}
		}
		it.children = itemsOf(t, l.Children)
		items = append(items, it)
	}
	return items
}

func labels(items []item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.label)
	}
	return out
}

// menuWith waits for the menu to hold a label.
func (d *desktop) menuWith(name, label string) []item {
	d.t.Helper()
	return d.menuWhen(name, label, func(items []item) bool { return find(items, label) != nil })
}

// menuWhen waits for the menu to be as wanted, woken by its own signals:
// systray tells of every line by itself, so a menu is seen half made.
func (d *desktop) menuWhen(name string, want any, ok func([]item) bool) []item {
	d.t.Helper()
	var items []item
	d.await("com.canonical.dbusmenu", func() bool {
		items = d.menu(name)
		return ok(items)
	}, func() string { return fmt.Sprintf("the menu is\n%q, want\n%q", labels(items), want) })
	return items
}

// await looks again at every signal of an interface until what is wanted is
// seen.
func (d *desktop) await(iface string, seen func() bool, otherwise func() string) {
	d.t.Helper()
	signals := make(chan *dbus.Signal, 256)
	d.conn.Signal(signals)
	defer d.conn.RemoveSignal(signals)
	if err := d.conn.AddMatchSignal(dbus.WithMatchInterface(iface)); err != nil {
		d.t.Fatal(err)
	}
	timeout := time.After(deadline)
	for !seen() {
		select {
		case <-signals:
		case <-timeout:
			d.t.Fatal(otherwise())
		}
	}
}

// property is one of the tray icon's.
func (d *desktop) property(name, property string, to any) {
	d.t.Helper()
	v, err := d.conn.Object(name, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem." + property)
	if err == nil {
		err = v.Store(to)
	}
	if err != nil {
		d.t.Fatalf("%s: %v", property, err)
	}
}

// pixmap is an icon on the bus: its pixels as ARGB, 32 bits each.
type pixmap struct {
	Width, Height int32
	ARGB          []byte
}

// awaitIcon waits until the icon is the one for a state and a panel.
func (d *desktop) awaitIcon(name string, s icon.State, p icon.Panel) {
	d.t.Helper()
	want := icon.Tray(s, p)
	var is string
	d.await("org.kde.StatusNotifierItem", func() bool {
		var shown []pixmap
		d.property(name, "IconPixmap", &shown)
		is = whichIcon(d.t, shown)
		return is == whichIcon(d.t, []pixmap{argb(d.t, want)})
	}, func() string { return fmt.Sprintf("the icon is %s, want %s for %s", is, s, p) })
}

// whichIcon names an icon.
func whichIcon(t *testing.T, shown []pixmap) string {
	t.Helper()
	if len(shown) != 1 {
		return fmt.Sprintf("%d icons", len(shown))
	}
	for _, p := range icon.Panels {
		for _, s := range icon.States {
			if bytes.Equal(argb(t, icon.Tray(s, p)).ARGB, shown[0].ARGB) {
				return fmt.Sprintf("%s for %s", s, p)
			}
		}
	}
	return "a strange icon"
}

func argb(t *testing.T, picture []byte) pixmap {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	p := pixmap{Width: int32(img.Bounds().Dx()), Height: int32(img.Bounds().Dy())}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, a := img.At(x, y).RGBA()
			p.ARGB = append(p.ARGB, byte(a), byte(r), byte(g), byte(b))
		}
	}
	return p
}

func find(items []item, label string) *item {
	for i := range items {
		if items[i].label == label {
			return &items[i]
		}
		if it := find(items[i].children, label); it != nil {
			return it
		}
	}
	return nil
}

func (d *desktop) click(name, label string) {
	d.t.Helper()
	d.event(name, find(d.menuWith(name, label), label).id, "clicked")
}

// event tells the menu what a panel tells it.
func (d *desktop) event(name string, id int32, what string) {
	d.t.Helper()
	call := d.conn.Object(name, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.Event", 0, id, what, dbus.MakeVariant(0), uint32(0))
	if call.Err != nil {
		d.t.Fatal(call.Err)
	}
}

func (d *desktop) order(o order) {
	d.t.Helper()
	if err := json.NewEncoder(d.stdin).Encode(o); err != nil {
		d.t.Fatal(err)
	}
}
