//go:build linux

package tray_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/icon"

	"github.com/godbus/dbus/v5"
)

func TestMenu(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.until("shown true")

	want := []string{
		"1 live · 1 needs you · 1 unread", "■ Stocks: no__access",
		"● build__411 passed with more · ci", "\u2003\u2005部署完成 🚀 · ci", "",
		"Pause notifications", "Add feed…", "Open Bellwire", "",
		"Settings…", "Start at login", "", "Quit Bellwire",
	}
	d.menuWhen(name, want, func(items []item) bool {
		return slices.Equal(labels(items), want) && !items[0].enabled
	})
	// The first answer of all leaves submenus out.
	pauses := []string{"For 30 minutes", "For 1 hour", "Until tomorrow, 8:00", "Until I resume", "Resume notifications"}
	items := d.menuWhen(name, pauses, func(items []item) bool {
		return slices.Equal(labels(find(items, "Pause notifications").children), pauses)
	})
	if find(items, "Resume notifications").enabled {
		t.Error("what is not paused can be resumed")
	}

	for _, c := range []struct{ label, want string }{
		{"■ Stocks: no__access", "open --status --feed stocks"},
		{"● build__411 passed with more · ci", "open --event 9"},
		{"\u2003\u2005部署完成 🚀 · ci", "open --event 7"},
		{"Open Bellwire", "open "},
		{"Add feed…", "open --add"},
		{"Settings…", "open --settings"},
		{"For 30 minutes", "pause 30m0s"},
		{"For 1 hour", "pause 1h0m0s"},
		{"Until tomorrow, 8:00", "pause "},
		{"Until I resume", "pause forever"},
		{"Resume notifications", "resume"},
		{"Quit Bellwire", "quit"},
	} {
		d.click(name, c.label)
		if line := d.until(c.want); strings.HasPrefix(c.want, "open") && line != c.want {
			t.Errorf("%q said %q, want %q", c.label, line, c.want)
		}
	}
	var tip struct {
		Icon   string
		Pixmap []pixmap
		Title  string
		Text   string
	}
	if d.property(name, "ToolTip", &tip); tip.Title != "Bellwire · 1 live · 1 needs you · 1 unread" {
		t.Errorf("the tooltip is %q", tip.Title)
	}

	d.order(order{Events: []subscriptions.Event{{Seq: 12, Kind: subscriptions.KindEvent, Title: "new & shiny"}}})
	d.click(name, "● new & shiny")
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

// What goes away leaves the menu, and what comes back returns.
func TestMenuFollows(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.menuWith(name, "■ Stocks: no__access")

	blocked := control.Feed{ID: "a", Name: "a", Status: subscriptions.Status{State: subscriptions.StateBlocked}}
	other := blocked
	other.ID = "b"
	d.order(order{Status: &control.Status{Feeds: []control.Feed{blocked, other}}})
	d.click(name, "■ 2 feeds need you")
	if line := d.until("open"); line != "open --status" {
		t.Errorf("two troubles open %q", line)
	}
	d.order(order{Status: &control.Status{}, Events: []subscriptions.Event{}})
	want := []string{"No feeds yet", "", "Pause notifications", "Add feed…", "Open Bellwire", "", "Settings…", "Start at login", "", "Quit Bellwire"}
	d.menuWhen(name, want, func(items []item) bool { return slices.Equal(labels(items), want) })

	d.order(order{Events: []subscriptions.Event{{Seq: 3, Kind: subscriptions.KindEvent, Title: "again", Read: true}}})
	d.click(name, "again")
	d.until("open --event 3")
	d.order(order{Status: &control.Status{PausedUntil: control.Forever}})
	d.menuWhen(name, "a pause", func(items []item) bool {
		it := find(items, "Resume notifications")
		return it != nil && it.enabled
	})
}

// An upgrade can be finished from the menu, and what stands in its way is told
// by the window.
func TestUpgrade(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.order(order{Status: &control.Status{Version: "0.1.0", Upgrade: &control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"}}})
	const label = "Restart Bellwire to finish the upgrade to 0.2.0"
	d.menuWith(name, label)
	d.click(name, label)
	d.until("restart")
	d.order(order{Refuse: true})
	d.click(name, label)
	d.until("restart")
	if line := d.until("open"); line != "open " {
		t.Errorf("a failure opens %q", line)
	}
	d.order(order{Status: &control.Status{Version: "0.2.0"}})
	d.menuWhen(name, "no upgrade", func(items []item) bool { return find(items, label) == nil })
}

func TestAutostart(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	ticked := func(want string) {
		t.Helper()
		d.menuWhen(name, "the tick "+want, func(items []item) bool {
			it := find(items, "Start at login")
			return it != nil && it.tick == want && it.enabled
		})
	}
	ticked("off")
	d.click(name, "Start at login")
	d.until("autostart true")
	ticked("on")
	d.click(name, "Start at login")
	d.until("autostart false")
	ticked("off")

	// Changed elsewhere: seen at the latest when the menu opens.
	d.order(order{Autostart: &control.Autostart{On: true}})
	ticked("on")

	// What fails is told, and the panel, which has ticked by itself, too.
	d.order(order{Refuse: true})
	signals := make(chan *dbus.Signal, 256)
	d.conn.Signal(signals)
	d.click(name, "Start at login")
	d.until("autostart false")
	if line := d.until("open"); line != "open --settings" {
		t.Errorf("a failure opens %q", line)
	}
	for told := false; !told; {
		select {
		case s := <-signals:
			told = s.Name == "com.canonical.dbusmenu.ItemsPropertiesUpdated"
		case <-time.After(deadline):
			t.Fatal("the panel was not told again")
		}
	}
	ticked("on")

	d.order(order{Autostart: &control.Autostart{Unavailable: "a package manager decides"}})
	d.menuWhen(name, "no start at login", func(items []item) bool {
		it := find(items, "Start at login")
		return it != nil && !it.enabled && it.tick == "off"
	})
}

// The menu looks again when it opens.
func TestOpenedMenuLooksAgain(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.menuWith(name, "Start at login")
	for range 3 { // the first look may still have been under way
		d.event(name, 0, "opened")
		d.until("status asked")
	}
}

func TestIcon(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	live := []control.Feed{{ID: "ci", Status: subscriptions.Status{State: subscriptions.StateOpen}}}
	blocked := []control.Feed{{ID: "ci", Status: subscriptions.Status{State: subscriptions.StateBlocked}}}
	d.awaitIcon(name, icon.Trouble, icon.AnyPanel)
	for _, c := range []struct {
		says control.Status
		want icon.State
	}{
		{control.Status{Feeds: live}, icon.Quiet},
		{control.Status{Feeds: live, Unread: 1}, icon.Unread},
		{control.Status{Feeds: blocked, Unread: 1}, icon.Trouble},
		{control.Status{Feeds: blocked, PausedUntil: control.Forever}, icon.Paused},
		{control.Status{Feeds: live}, icon.Quiet},
	} {
		d.order(order{Status: &c.says})
		d.awaitIcon(name, c.want, icon.AnyPanel)
	}
	// A pause ends by itself: nobody tells the tray.
	soon := control.Status{Feeds: live, Unread: 1, PausedUntil: time.Now().Add(4 * time.Second)}
	d.order(order{Status: &soon})
	d.awaitIcon(name, icon.Paused, icon.AnyPanel)
	d.awaitIcon(name, icon.Unread, icon.AnyPanel)
}

// The icon is drawn for the desktop's colours, as soon as somebody tells them.
func TestIconFollowsTheDesktop(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.awaitIcon(name, icon.Trouble, icon.AnyPanel)
	settings := d.settings(1)
	d.awaitIcon(name, icon.Trouble, icon.DarkPanel)
	for _, c := range []struct {
		scheme uint32
		want   icon.Panel
	}{{2, icon.LightPanel}, {1, icon.DarkPanel}, {0, icon.AnyPanel}, {2, icon.LightPanel}, {77, icon.AnyPanel}, {1, icon.DarkPanel}} {
		settings.set(c.scheme)
		d.awaitIcon(name, icon.Trouble, c.want)
	}
	// Somebody else's signal changes nothing, nor does what nobody answers for.
	stranger := d.bus.Connect(t)
	if err := stranger.Emit(settingsPath, settingsIface+".SettingChanged", "org.freedesktop.appearance", "color-scheme", dbus.MakeVariant(uint32(2))); err != nil {
		t.Fatal(err)
	}
	settings.end()
	d.awaitIcon(name, icon.Trouble, icon.AnyPanel)
}

// An older portal knows only Read, which wraps the answer twice.
func TestIconFollowsAnOlderDesktop(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.older = true
	d.settings(2)
	d.start()
	d.awaitIcon(d.registered(), icon.Trouble, icon.LightPanel)
}

// A storm of updates must not become a storm on the bus.
func TestUpdatesAreCoalesced(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.menuWith(name, "■ Stocks: no__access")
	const storm = 2000
	for i := range storm {
		d.order(order{Events: []subscriptions.Event{{Seq: int64(100 + i), Kind: subscriptions.KindEvent, Title: fmt.Sprint("event ", i), Read: true}}})
	}
	d.menuWith(name, fmt.Sprint("\u2003\u2005event ", storm-1))
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

// What the daemon tells again without anything new is not told to the panel.
func TestNothingNewIsNotTold(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	name := d.registered()
	d.menuWith(name, "Start at login")
	d.awaitIcon(name, icon.Trouble, icon.AnyPanel)
	d.menuWhen(name, "submenus", func(items []item) bool { return find(items, "Until I resume") != nil })
	asked := func() {
		t.Helper()
		d.order(order{})
		d.until("status asked")
	}
	asked() // all that was under way is through once it asks again
	asked()
	signals := make(chan *dbus.Signal, 256)
	d.conn.Signal(signals)
	for range 3 {
		asked()
	}
	d.order(order{Status: &control.Status{}})
	d.menuWith(name, "No feeds yet")
	for len(signals) > 0 {
		s := <-signals
		if strings.HasPrefix(s.Name, "com.canonical.dbusmenu.ItemsPropertiesUpdated") {
			updates, ok := s.Body[0].([][]any)
			if !ok || len(updates) != 1 {
				t.Fatalf("a strange signal %v", s.Body)
			}
			props, _ := updates[0][1].(map[string]dbus.Variant)
			if label := props["label"].Value(); label != "No feeds yet" {
				t.Errorf("the first thing told is %v", props)
			}
			return
		}
		if s.Name == "org.kde.StatusNotifierItem.NewToolTip" {
			t.Errorf("told before anything was new: %v", s.Name)
		}
	}
	t.Error("nothing was told")
}

func TestPanelAppearsLater(t *testing.T) {
	d := newDesktop(t)
	d.start()
	d.until("no panel shows tray icons yet")
	d.until("shown false")
	d.until("following")
	d.watch()
	name := d.registered()
	d.until("shown true")
	d.menuWith(name, "■ Stocks: no__access")
}

// A watcher may be there without any panel that shows what it collects.
func TestWatcherWithoutAPanel(t *testing.T) {
	d := newDesktop(t)
	hosts := d.watchWithout()
	d.start()
	d.until("shown false")
	d.until("following")
	hosts()
	d.until("shown true")
}

// A session bus that ends takes the icon with it, and nothing else: the
// tray's process is the daemon.
func TestSessionBusEnds(t *testing.T) {
	d := newDesktop(t)
	d.watch()
	d.start()
	d.menuWith(d.registered(), "■ Stocks: no__access")
	d.bus.Stop(t)
	for _, says := range []control.Status{{}, {Unread: 1}, {PausedUntil: control.Forever}} {
		d.order(order{Status: &says})
	}
	d.until("returned: the session bus")
}

func TestNoSessionBus(t *testing.T) {
	d := &desktop{t: t, lines: make(chan string, 16), addr: "unix:path=" + t.TempDir() + "/nobody"}
	d.start()
	d.until("no tray")
}
