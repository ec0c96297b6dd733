//go:build linux

package tray_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// screenshots is the name of a folder to which the tests write what a person
// sees; nowhere, where it is empty.
const screenshots = "BELLWIRE_SCREENSHOTS"

// In a real panel: the icon and its colours, the menu by pointer and
// keyboard, and a panel that comes back.
func TestPanel(t *testing.T) {
	for name, c := range map[string]struct {
		scheme      uint32
		square, dot color.RGBA
	}{
		"light": {2, color.RGBA{0xDC, 0x26, 0x26, 0xFF}, color.RGBA{0x0F, 0x76, 0x6E, 0xFF}},
		"dark":  {1, color.RGBA{0xF8, 0x71, 0x71, 0xFF}, color.RGBA{0x2D, 0xD4, 0xBF, 0xFF}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesktop(t)
			d.settings(c.scheme)
			panel := notifytest.XfcePanel(t, d.bus, c.scheme == 1)
			d.start()
			d.order(plenty())

			at := awaitColour(t, panel, c.square)
			d.until("shown true")
			d.menuWith(d.item(), "● Deploy 412 failed · ci")
			if line := chooseSecond(t, d, panel, at, name); line != "open --event 42" {
				t.Errorf("the second line: %q", line)
			}
			await(t, panel, "the menu's end", func(img *image.RGBA) bool { return !menuIsOpen(img) })
			panel.Click(t, at, 1)
			if line := d.until("open"); line != "open " {
				t.Errorf("a click on the icon: %q", line)
			}

			upgraded := plenty()
			upgraded.Status.Version = "0.1.0"
			upgraded.Status.Upgrade = &control.Upgrade{State: control.UpgradeReady, Version: "0.2.0"}
			d.order(upgraded)
			d.menuWith(d.item(), "Restart Bellwire to finish the upgrade to 0.2.0")
			panel.Click(t, at, 3)
			await(t, panel, "the menu of an upgrade", menuIsOpen)
			shoot(t, panel, name+"-upgrade")
			panel.Xdotool(t, "key", "Escape")
			await(t, panel, "the menu's end", func(img *image.RGBA) bool { return !menuIsOpen(img) })

			d.order(order{Status: &control.Status{
				Feeds:  []control.Feed{{Status: subscriptions.Status{State: subscriptions.StateOpen}}},
				Unread: 3,
			}})
			awaitColour(t, panel, c.dot)
			shoot(t, panel, name+"-unread")

			panel.Stop(t)
			d.until("shown false")
			await(t, panel, "the panel's end", func(img *image.RGBA) bool { return colourAt(img, c.dot) == image.Point{} })
			panel.Start(t)
			d.until("shown true")
			awaitColour(t, panel, c.dot)
		})
	}
}

// keysMay is how long keys may take to be obeyed.
const keysMay = 30 * time.Second

// chooseSecond opens the menu and chooses its second line by keys; the first is
// what needs the user, as the status is disabled. A panel on a busy machine
// shows its menu before it takes keys: a person presses them again.
func chooseSecond(t *testing.T, d *desktop, panel *notifytest.Panel, at image.Point, name string) string {
	t.Helper()
	for range 5 {
		panel.Click(t, at, 3)
		await(t, panel, "the menu", menuIsOpen)
		shoot(t, panel, name+"-menu")
		for _, key := range []string{"Down", "Down", "Return"} {
			panel.Xdotool(t, "key", key)
		}
		if line, _ := d.within(keysMay, "open"); line != "" {
			return line
		}
		panel.Xdotool(t, "key", "Escape")
		await(t, panel, "the menu's end", func(img *image.RGBA) bool { return !menuIsOpen(img) })
	}
	t.Fatal("the menu obeys no keys")
	return ""
}

// plenty is a day like any other.
func plenty() order {
	feed := func(name string, s subscriptions.Status) control.Feed {
		return control.Feed{ID: name, Name: name, Status: s}
	}
	live := subscriptions.Status{State: subscriptions.StateOpen}
	event := func(seq int64, feed, title string, read bool) subscriptions.Event {
		return subscriptions.Event{Seq: seq, Feed: feed, Kind: subscriptions.KindEvent, Title: title, Read: read}
	}
	return order{
		Status: &control.Status{
			Feeds: []control.Feed{
				feed("ci", live), feed("home", live), feed("backups", live),
				feed("stocks", subscriptions.Status{State: subscriptions.StateBlocked, Code: subscriptions.CodeUnauthorized}),
			},
			Unread: 2,
		},
		Events: []subscriptions.Event{
			event(42, "ci", "Deploy 412 failed", false),
			event(41, "home", "The washing machine is done", false),
			event(40, "ci", "Build 411 passed", true),
			event(39, "backups", "Nightly backup: 12.4 GB in 6 min", true),
			event(38, "home", "前门打开了", true),
		},
		Autostart: &control.Autostart{On: true},
	}
}

// await looks at the screen, which nothing tells of, until it is as wanted.
func await(t *testing.T, p *notifytest.Panel, what string, seen func(*image.RGBA) bool) {
	t.Helper()
	timeout, tick := time.After(deadline), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for !seen(p.Screen(t)) {
		select {
		case <-tick.C:
		case <-timeout:
			shoot(t, p, "failed")
			t.Fatalf("not on the screen: %s", what)
		}
	}
}

// awaitColour waits until the panel has a colour, and tells where.
func awaitColour(t *testing.T, p *notifytest.Panel, c color.RGBA) (at image.Point) {
	t.Helper()
	await(t, p, "the icon's badge", func(img *image.RGBA) bool {
		at = colourAt(img, c)
		return at != image.Point{}
	})
	return at
}

// panelHeight is that of the panel with its border, in pixels.
const panelHeight = 36

// colourAt is the middle of the panel's pixels of a colour; zero for none.
func colourAt(img *image.RGBA, c color.RGBA) image.Point {
	n, sum := 0, image.Point{}
	for y := range panelHeight {
		for x := range img.Bounds().Dx() {
			if img.RGBAAt(x, y) == c {
				n++
				sum = sum.Add(image.Pt(x, y))
			}
		}
	}
	if n < 9 {
		return image.Point{}
	}
	return sum.Div(n)
}

// menuIsOpen reports whether there is something large below the panel, where
// the screen is black.
func menuIsOpen(img *image.RGBA) bool {
	n := 0
	for y := panelHeight; y < img.Bounds().Dy(); y++ {
		for x := range img.Bounds().Dx() {
			if img.RGBAAt(x, y) != (color.RGBA{A: 0xFF}) {
				n++
			}
		}
	}
	return n > 20_000
}

// shoot writes what is on the screen, where somebody wants to look at it.
func shoot(t *testing.T, p *notifytest.Panel, name string) {
	t.Helper()
	folder := os.Getenv(screenshots)
	if folder == "" {
		return
	}
	f, err := os.Create(filepath.Join(folder, "tray-"+name+".png"))
	if err == nil {
		err = png.Encode(f, p.Screen(t))
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Error(err)
	}
}
