package window

import (
	"errors"
	"testing"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2/test"
)

func TestWelcome(t *testing.T) {
	h := open(t, newFake(), Options{})
	h.until("the welcome", func() bool { return h.welcome != nil && h.panes.page == h.welcome.Container })
	h.welcome.address.SetText("  https://example.org/events ")
	h.welcome.address.OnSubmitted("")
	if h.page != page(h.add) || h.add.address.Text != "https://example.org/events" {
		t.Errorf("the page to add a feed has %q", h.add.address.Text)
	}
	if h.typed("/more"); h.add.address.Text != "https://example.org/events/more" {
		t.Errorf("typing on makes the address %q", h.add.address.Text)
	}
	h.closePage()
	if h.panes.page != h.welcome.Container {
		t.Error("back does not lead to the welcome")
	}
	test.Tap(h.welcome.bring)
	if h.page == nil || h.page != page(h.pages.settings) {
		t.Error("no import")
	}
}

func TestDemoFromTheWelcome(t *testing.T) {
	h := open(t, newFake(), Options{})
	h.until("the welcome", func() bool { return h.welcome != nil })
	h.fake.with(func() { h.fake.failure = errors.New("no port is free") })
	test.Tap(h.welcome.demo)
	h.until("it fails", func() bool { return h.notices.bars[noticeTrouble].Visible() })
	h.fake.with(func() {
		h.fake.failure = nil
		h.fake.status.Feeds = []control.Feed{feedIn("demo", "Demo deploys", subscriptions.StateOpen)}
	})
	test.Tap(h.welcome.demo)
	bar := h.notices.bars[noticeDemo]
	h.until("it says that this is a demo", bar.Visible)
	if h.panes.page != nil {
		t.Error("the welcome covers the demo")
	}
	h.fake.with(func() { h.fake.status.Feeds = nil })
	test.Tap(bar.button)
	h.until("it is gone", func() bool { return h.fake.has("demo false") && !h.status.Demo && h.panes.page == h.welcome.Container })
	if bar.Visible() {
		t.Error("it still says so")
	}
}

// A daemon that goes and comes back takes nothing with it: what is selected,
// what was typed, and the page in view stay.
func TestDaemonGoesAndComesBack(t *testing.T) {
	h := open(t, wellKnown(), Options{StartDaemon: func() error { return nil }})
	h.loaded()
	h.typed("j")
	h.read(5)
	h.openAdd()
	h.add.address.SetText("https://half.example")
	rows := len(h.events.hist.rows)
	h.fake.cut <- struct{}{}
	h.until("the loss shows", func() bool { return h.notices.bars[noticeDown].Visible() })
	if got := h.notices.bars[noticeDown].button.Text; got != "Start it again" {
		t.Errorf("offers %q", got)
	}
	h.until("it is back", func() bool { return h.notices.bars[noticeBack].Visible() })
	if h.notices.bars[noticeDown].Visible() || h.page != page(h.add) || h.add.address.Text != "https://half.example" {
		t.Error("the page is not as it was")
	}
	h.advance(backFor)
	if h.notices.bars[noticeBack].Visible() {
		t.Error("it says so for ever")
	}
	h.closePage()
	if h.events.list.selected != 5 || len(h.events.hist.rows) != rows {
		t.Errorf("selected %d, %d rows of %d", h.events.list.selected, len(h.events.hist.rows), rows)
	}
	h.arrive(subscriptions.Event{Title: "after", Feed: "ci", Received: noon})
	h.until("events go on", h.events.pill.Visible) // an event is being read
	h.events.toTop()
	h.until("the new one is there", func() bool { return h.events.hist.rows[0].title == "after" })
	if len(h.events.hist.rows) != rows+1 || h.events.list.selected != 5 {
		t.Errorf("%d rows of %d, selected %d", len(h.events.hist.rows), rows+1, h.events.list.selected)
	}
}
