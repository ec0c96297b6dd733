//go:build linux

package tray_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/tray"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"
)

// Systray runs once a process and on the process's own session bus, so the
// tests run it in a child: this very binary with roleEnv set. The child obeys
// orders on its standard input and reports on its standard output.
const roleEnv = "BELLWIRE_TRAY_TEST"

// deadline bounds every wait; nothing asserts on it.
const deadline = 3 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(roleEnv) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// An order tells the child what the daemon now says.
type order struct {
	Event *subscriptions.Event // nil: feeds have changed
}

func child() int {
	ctx, cancel := context.WithCancel(context.Background())
	f := &fake{orders: make(chan order)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer cancel()
		in := bufio.NewScanner(os.Stdin)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			var o order
			if json.Unmarshal(in.Bytes(), &o) != nil {
				return
			}
			select {
			case f.orders <- o:
			case <-ctx.Done():
				return
			}
		}
	}()
	err := tray.Run(ctx, tray.Options{
		Client: f,
		Open:   func(args ...string) { report("open " + strings.Join(args, " ")) },
		Quit:   func() { report("quit") },
		Logger: slog.New(slog.NewTextHandler(os.Stdout, nil)),
	})
	if errors.Is(err, tray.ErrNoTray) {
		report("no tray")
		return 0
	}
	<-ended
	if err == nil {
		for range 20 { // each look takes about a second
			if err = goleak.Find(goleak.IgnoreTopFunction("fyne.io/systray.stayRegistered")); err == nil {
				break
			}
		}
	}
	report(fmt.Sprintf("ended: %v", err))
	return 0
}

func report(line string) { fmt.Println(line) }

// fake is a daemon that says what it was ordered to say.
type fake struct {
	orders chan order
}

func (f *fake) Status(context.Context) (control.Status, error) {
	report("status asked")
	return control.Status{
		Feeds: []control.Feed{
			{Status: subscriptions.Status{State: subscriptions.StateOpen}},
			{Status: subscriptions.Status{State: subscriptions.StateBlocked}},
		},
		Unread: 1,
	}, nil
}

func (f *fake) History(context.Context, control.Query) ([]subscriptions.Event, error) {
	return []subscriptions.Event{
		{Seq: 9, Kind: subscriptions.KindEvent, Title: "build_411 passed\nwith more"},
		{Seq: 8, Kind: subscriptions.KindGap, Title: "gap"},
		{Seq: 7, Kind: subscriptions.KindEvent, Title: "部署完成 🚀"},
	}, nil
}

func (f *fake) Events(ctx context.Context, o control.EventsOptions) iter.Seq2[control.Update, error] {
	return func(yield func(control.Update, error) bool) {
		report(fmt.Sprintf("events after %d", o.After))
		for {
			select {
			case <-ctx.Done():
				yield(control.Update{}, ctx.Err())
				return
			case o := <-f.orders:
				u := control.Update{Kind: control.UpdateFeeds}
				if o.Event != nil {
					u = control.Update{Kind: control.UpdateEvent, Event: *o.Event}
				}
				if !yield(u, nil) {
					return
				}
			}
		}
	}
}

func (f *fake) PauseNotifications(_ context.Context, until time.Time) error {
	d := time.Until(until)
	report(fmt.Sprintf("pause %v %v", until.IsZero(), d.Round(time.Minute)))
	return nil
}

// A desktop is a private session bus, the fake panel on it and the child.
type desktop struct {
	t     *testing.T
	addr  string
	conn  *dbus.Conn
	items chan string // bus names that registered
	lines chan string
	stdin io.WriteCloser
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	// Not t.TempDir: a socket's path is limited.
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:dir="+dir)
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Process.Kill(); _ = bus.Wait() })
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	d := &desktop{t: t, addr: strings.TrimSpace(addr), items: make(chan string, 16), lines: make(chan string, 1024)}
	if d.conn, err = dbus.Connect(d.addr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.conn.Close() })
	return d
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
	var seen []string
	timeout := time.After(deadline)
	for {
		select {
		case line, ok := <-d.lines:
			if !ok {
				d.t.Fatalf("the tray ended without saying %q, but %q", want, seen)
			}
			if strings.Contains(line, want) {
				return line
			}
			seen = append(seen, line)
		case <-timeout:
			d.t.Fatalf("the tray did not say %q, but %q", want, seen)
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

// An item is one entry of the menu as the panel sees it.
type item struct {
	id       int32
	label    string
	enabled  bool
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
	v, err := d.conn.Object(name, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.Menu")
	if err != nil {
		d.t.Fatal(err)
	}
	if err := v.Store(&path); err != nil {
		d.t.Fatal(err)
	}
	var revision uint32
	var root layout
	err = d.conn.Object(name, path).Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
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
	signals := make(chan *dbus.Signal, 256)
	d.conn.Signal(signals)
	defer d.conn.RemoveSignal(signals)
	if err := d.conn.AddMatchSignal(dbus.WithMatchInterface("com.canonical.dbusmenu")); err != nil {
		d.t.Fatal(err)
	}
	timeout := time.After(deadline)
	for {
		items := d.menu(name)
		if ok(items) {
			return items
		}
		select {
		case <-signals:
		case <-timeout:
			d.t.Fatalf("the menu is\n%q, want\n%q", labels(items), want)
		}
	}
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
	it := find(d.menuWith(name, label), label)
	call := d.conn.Object(name, "/StatusNotifierItem/menu").Call("com.canonical.dbusmenu.Event", 0, it.id, "clicked", dbus.MakeVariant(0), uint32(0))
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

func TestMenu(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.until("events after 9")

	want := []string{
		"1 live · 1 needs you", "", "build__411 passed with more", "部署完成 🚀",
		"History…", "Add feed…", "", "Pause notifications", "", "Quit Bellwire",
	}
	d.menuWhen(name, want, func(items []item) bool {
		return slices.Equal(labels(items), want) && !items[0].enabled
	})

	for _, c := range []struct{ label, want string }{
		{"build__411 passed with more", "open --event 9"},
		{"部署完成 🚀", "open --event 7"},
		{"History…", "open "},
		{"Add feed…", "open --add"},
		{"For 30 minutes", "pause false 30m0s"},
		{"For 1 hour", "pause false 1h0m0s"},
		{"Until tomorrow, 8:00", "pause false"},
		{"Resume notifications", "pause true"},
		{"Quit Bellwire", "quit"},
	} {
		d.click(name, c.label)
		d.until(c.want)
	}

	d.order(order{Event: &subscriptions.Event{Seq: 12, Kind: subscriptions.KindEvent, Title: "new & shiny"}})
	d.menuWith(name, "new & shiny")
	d.click(name, "new & shiny")
	d.until("open --event 12")

	if call := d.conn.Object(name, "/StatusNotifierItem").Call("org.kde.StatusNotifierItem.Activate", 0, 0, 0); call.Err != nil {
		t.Error(call.Err)
	}
	d.until("open ")

	d.stdin.Close()
	if line := d.until("ended:"); line != "ended: <nil>" {
		t.Error(line)
	}
}

// A storm of updates must not become a storm on the bus.
func TestUpdatesAreCoalesced(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.menuWith(name, "1 live · 1 needs you")
	const storm = 2000
	for i := range storm {
		d.order(order{Event: &subscriptions.Event{Seq: int64(100 + i), Kind: subscriptions.KindEvent, Title: fmt.Sprint("event ", i)}})
	}
	d.menuWith(name, fmt.Sprint("event ", storm-1))
	d.stdin.Close()
	asked := 0
	for line := range d.lines {
		if line == "status asked" {
			asked++
		}
	}
	if asked > storm/10 {
		t.Errorf("asked for the status %d times for %d updates", asked, storm)
	}
}

func TestPanelAppearsLater(t *testing.T) {
	d := newDesktop(t)
	d.start()
	d.until("no panel shows tray icons yet")
	d.until("events after 9")
	d.watch()
	name := d.registered()
	d.menuWith(name, "1 live · 1 needs you")
}

func TestNoSessionBus(t *testing.T) {
	d := &desktop{t: t, lines: make(chan string, 16), addr: "unix:path=" + t.TempDir() + "/nobody"}
	d.start()
	d.until("no tray")
}
