//go:build !windows && !darwin

package notify

import (
	"testing"

	"bellwire/notify/notifytest"
)

func TestXfceButtons(t *testing.T) {
	bus := notifytest.Bus(t)
	xfce := notifytest.Xfce(t, bus)
	d := openDesk(t, bus)
	n := note(1)
	n.Title, n.Body, n.Image = hostileTitle, hostileBody, writePNG(t, 300, 200)
	n.Buttons = []Button{{"do-1", "Retry <b>& 重试"}, {ButtonRead, "Mark as read"}, {ButtonMute, "Mute 1 h"}}
	for i, button := range []string{ButtonOpen, "do-1", ButtonRead, ButtonMute} {
		if err := d.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
		xfce.Click(t, i, 4)
		want := Activation{Seq: 1, Feed: "deploys", Link: "https://example.org/", Button: button}
		if a := d.click(t); a != want {
			t.Errorf("button %d: %+v, want %+v", i, a, want)
		}
	}
}

// A click on the body only closes here.
func TestXfceEndings(t *testing.T) {
	bus := notifytest.Bus(t)
	xfce := notifytest.Xfce(t, bus)
	d := openDesk(t, bus)
	for _, body := range []string{"first", "second"} {
		n := note(1)
		n.Body = body
		if err := d.Show(soon(t), n); err != nil {
			t.Fatal(err)
		}
	}
	if windows := xfce.Windows(t); len(windows) > 1 {
		t.Errorf("what replaces another has a window of its own: %v", windows)
	}
	xfce.ClickBody(t)
	if e := d.end(t); e != (Ending{Seq: 1, Why: EndDismissed}) {
		t.Errorf("%+v", e)
	}
	if len(d.clicked) != 0 {
		t.Errorf("a click %+v", <-d.clicked)
	}
}
