package window

import (
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// offered are the buttons that are shown.
func (h *harness) offered() (buttons []*widget.Button) {
	for _, row := range h.detail.offers.list.Objects {
		buttons = append(buttons, row.(*fyne.Container).Objects[0].(*widget.Button))
	}
	return buttons
}

// declaring is a daemon whose newest event declares the actions.
func declaring(actions ...subscriptions.Action) *fake {
	f := plenty()
	f.status.Feeds[0].URL = "wss://***@ci.example.org/stream"
	f.events[4].Actions = actions
	return f
}

func TestOffers(t *testing.T) {
	f := declaring(
		subscriptions.Action{Label: "Retry " + strings.Repeat("very ", 6) + "hard", URL: "https://ci.example.org/retry", Method: "POST"},
		subscriptions.Action{Label: "Look", URL: "https://elsewhere.example/"},
	)
	var opened []string
	h := open(t, f, Options{OpenLink: func(l string) error { opened = append(opened, l); return nil }})
	h.loaded()
	h.typed("j")
	h.read(5)
	b := h.offered()
	if len(b) != 2 || len([]rune(b[0].Text)) != maxOffer || b[1].Text != "Look" || !h.detail.offers.Visible() {
		t.Fatalf("%d buttons", len(b))
	}
	test.Tap(b[1])
	if len(opened) != 1 || opened[0] != "https://elsewhere.example/" {
		t.Errorf("opened %q", opened)
	}
	test.Tap(b[0])
	if !b[0].Disabled() {
		t.Error("it can be sent twice at once")
	}
	h.until("it is sent", func() bool { return !b[0].Disabled() })
	if !f.has("act 5 1") || b[0].Icon == nil || h.notices.bars[noticeTrouble].Visible() {
		t.Errorf("%v", f.calls)
	}
	h.detail.show(h.detail.event)
	if now := h.offered(); len(now) != 2 || now[0] != b[0] {
		t.Error("showing it again makes the buttons anew")
	}
	f.with(func() {
		f.failure = &control.Error{Status: 500, Message: "the server answered 500 Internal Server Error"}
	})
	test.Tap(b[0])
	h.until("it failed", func() bool { return !b[0].Disabled() })
	if got := h.notices.bars[noticeTrouble].text.Text; got != "The server answered 500 Internal Server Error." || b[0].Icon != nil {
		t.Errorf("says %q", got)
	}
	f.with(func() { f.failure = nil })
	h.typed("j")
	h.read(4)
	if len(h.offered()) != 0 || h.detail.offers.Visible() {
		t.Error("another event has its buttons")
	}
}

// What the feed does not allow, or nobody could have declared, is no button.
func TestNoOffers(t *testing.T) {
	f := declaring(
		subscriptions.Action{Label: "x", URL: "https://elsewhere.example/", Method: "POST"},
		subscriptions.Action{Label: "x", URL: "file:///etc/passwd"},
	)
	h := open(t, f, Options{})
	h.loaded()
	h.typed("j")
	h.read(5)
	if n := len(h.offered()); n != 0 || h.detail.offers.Visible() {
		t.Errorf("%d buttons", n)
	}
}
