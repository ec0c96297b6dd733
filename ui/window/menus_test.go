package window

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"testing"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

func labels(items []*fyne.MenuItem) (all []string) {
	for _, i := range items {
		if !i.IsSeparator {
			all = append(all, i.Label)
		}
	}
	return all
}

func nothingToExport(string, string, iter.Seq2[subscriptions.Event, error]) (int, error) {
	return 0, nil
}

func TestMenusOfTheDetail(t *testing.T) {
	h := open(t, plenty(), Options{Export: nothingToExport})
	h.loaded()
	h.selectEvent(5)
	h.read(5)
	items := h.detail.menuItems()
	if d := cmp.Diff([]string{"Copy", "Mute “ci”", "Export…", "Delete"}, labels(items)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Text", "Link", "Raw payload"}, labels(items[0].ChildMenu.Items)); d != "" {
		t.Error(d)
	}
	items[0].ChildMenu.Items[2].Action()
	if got := fyne.CurrentApp().Clipboard().Content(); got != h.detail.event.Raw {
		t.Errorf("copied %q", got)
	}
	if d := cmp.Diff([]string{"Mute for 1 hour", "Mute for 8 hours", "Mute until tomorrow, 8:00", "Mute until I unmute"}, labels(items[1].ChildMenu.Items)); d != "" {
		t.Error(d)
	}
	items[1].ChildMenu.Items[2].Action()
	h.until("it is muted", func() bool { return h.fake.has("mute ci 2025-06-04 08:00:00") })
	h.selectEvent(2) // a gap has no payload
	h.shows(2)
	if d := cmp.Diff([]string{"Text"}, labels(h.detail.menuItems()[0].ChildMenu.Items)); d != "" {
		t.Error(d)
	}
}

func TestFieldsAreCopied(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.selectEvent(5)
	h.read(5)
	d := h.detail.fields
	d.toggle()
	if n := len(d.rows.Objects); n != 4 {
		t.Fatalf("%d fields", n)
	}
	first, author := d.rows.Objects[0].(*fieldRow), d.rows.Objects[2].(*fieldRow)
	test.Tap(first)
	test.Tap(author)
	if got := fyne.CurrentApp().Clipboard().Content(); got != "Ana" || !author.copied || first.copied {
		t.Errorf("copied %q", got)
	}
	test.Tap(h.detail.raw.copy)
	if got := fyne.CurrentApp().Clipboard().Content(); got != h.detail.event.Raw || h.detail.raw.copy.Text != "Copied" {
		t.Errorf("copied %q", got)
	}
}

func TestTheFullTimeOnHover(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	r := h.events.list.body.rows[1]
	at := func(x, y float32) {
		r.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}})
	}
	at(50, 15)
	if h.tips.text != "" {
		t.Errorf("says %q of the title", h.tips.text)
	}
	at(r.Size().Width-30, 15)
	if h.tips.text != "Today, 11:59:00" {
		t.Errorf("says %q", h.tips.text)
	}
	at(r.Size().Width-30, 40)
	if h.tips.text != "" {
		t.Errorf("still says %q", h.tips.text)
	}
}

func TestExportCanBeCancelled(t *testing.T) {
	dir := t.TempDir()
	ended := make(chan error, 1)
	f := plenty()
	f.fill(5000, noon)
	h := open(t, f, Options{Export: func(_, _ string, events iter.Seq2[subscriptions.Event, error]) (int, error) {
		for {
			for _, err := range events {
				if err != nil {
					ended <- err
					return 0, err
				}
			}
		}
	}})
	h.loaded()
	h.openExport(nil)
	p := h.export
	p.entry.SetText(filepath.Join(dir, "x.json"))
	p.start()
	h.advance(progressAfter)
	if !p.bar.Visible() {
		t.Error("nothing tells that it goes on")
	}
	test.Tap(p.cancel)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended by %v", err)
	}
	h.until("it says so", func() bool { return p.done.Visible() })
	if p.done.Text != "Cancelled. No file was written." || p.bar.Visible() || h.page != p {
		t.Errorf("says %q", p.done.Text)
	}
	test.Tap(p.cancel)
	if h.page != nil {
		t.Error("the page stays")
	}
}
