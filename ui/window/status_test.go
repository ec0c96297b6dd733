package window

import (
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

func ago(hours float64) time.Time { return noon.Add(-time.Duration(hours * float64(time.Hour))) }

func TestSpans(t *testing.T) {
	type step struct {
		hours float64 // ago
		state subscriptions.State
	}
	open, waiting, connecting, blocked, paused := subscriptions.StateOpen, subscriptions.StateWaiting, subscriptions.StateConnecting, subscriptions.StateBlocked, subscriptions.StatePaused
	for name, c := range map[string]struct {
		log  []step
		want []span
	}{
		"nothing known": {nil, []span{{spanUnknown, ago(24), noon}}},
		"began today":   {[]step{{3, connecting}, {2, open}}, []span{{spanUnknown, ago(24), ago(3)}, {spanWaiting, ago(3), ago(2)}, {spanLive, ago(2), noon}}},
		"older entries": {[]step{{40, open}, {30, waiting}, {26, open}, {1, blocked}}, []span{{spanLive, ago(24), ago(1)}, {spanNeeds, ago(1), noon}}},
		"one trouble":   {[]step{{30, open}, {4, waiting}, {3.5, connecting}, {3, open}}, []span{{spanLive, ago(24), ago(4)}, {spanWaiting, ago(4), ago(3)}, {spanLive, ago(3), noon}}},
		"in any order":  {[]step{{1, paused}, {30, open}}, []span{{spanLive, ago(24), ago(1)}, {spanHeld, ago(1), noon}}},
		"to come":       {[]step{{30, open}, {-1, blocked}}, []span{{spanLive, ago(24), noon}}},
		"at one time":   {[]step{{30, open}, {2, waiting}, {2, open}}, []span{{spanLive, ago(24), noon}}},
		"unknown state": {[]step{{30, open}, {2, "from the future"}}, []span{{spanLive, ago(24), ago(2)}, {spanUnknown, ago(2), noon}}},
	} {
		t.Run(name, func(t *testing.T) {
			var log []subscriptions.LogEntry
			for _, s := range c.log {
				log = append(log, subscriptions.LogEntry{At: ago(s.hours), State: s.state})
			}
			if d := cmp.Diff(c.want, spansOf(log, noon), cmp.AllowUnexported(span{})); d != "" {
				t.Error("(-want +got):\n", d)
			}
		})
	}
}

func TestGapsOf(t *testing.T) {
	got := gapsOf([]subscriptions.Gap{
		{From: ago(2), To: ago(1)},
		{From: ago(30), To: ago(23)},
		{From: ago(50), To: ago(40)},
		{From: ago(3), To: ago(-1)},
		{From: ago(4), To: ago(5)}, // ends before it begins
	}, noon)
	want := []span{{spanGap, ago(24), ago(23)}, {spanGap, ago(3), noon}, {spanGap, ago(2), ago(1)}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(span{})); d != "" {
		t.Error("(-want +got):\n", d)
	}
}

func (h *harness) openedStatus(feed string) *statusPage {
	h.t.Helper()
	h.show(control.Show{Page: control.PageStatus, Feed: feed})
	p := h.pages.status
	h.until("the logs", func() bool { return len(p.logs) > 0 })
	return p
}

func TestStatusPages(t *testing.T) {
	for name, c := range map[string]struct {
		fake func() *fake
		feed string
		do   func(*harness)
	}{
		"status":       {wellKnown, "", nil},
		"status-feed":  {wellKnown, "hass", nil},
		"status-ended": {wellKnown, "done", nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, c.fake(), Options{})
			h.loaded()
			h.openedStatus(c.feed)
			h.golden(name)
		})
	}
}

func TestStatusWithoutFeeds(t *testing.T) {
	h := open(t, newFake(), Options{})
	h.until("it is there", func() bool { return h.everUp })
	h.foot.Tapped(nil)
	p := h.pages.status
	if h.page != page(p) || !p.empty.Container.Visible() || p.scroll.Visible() {
		t.Error("no empty state")
	}
	h.golden("status-none")
	test.Tap(p.empty.button)
	if h.page != page(h.add) {
		t.Error("its button leads nowhere")
	}
}

// The page counts down while it is in view, and costs nothing afterwards.
func TestStatusTicksOnlyInView(t *testing.T) {
	f := wellKnown()
	f.status.Feeds, f.events = f.status.Feeds[1:2], nil // it waits, and nothing else keeps time
	h := open(t, f, Options{})
	h.loaded()
	p := h.openedStatus("hass")
	if got := p.one.facts["next"].Text; got != "In 12 s, at 12:00:12" {
		t.Errorf("says %q", got)
	}
	h.advance(4 * time.Second)
	if got := p.one.facts["next"].Text; got != "In 8 s, at 12:00:12" {
		t.Errorf("then it says %q", got)
	}
	h.fake.with(func() {
		h.fake.status.Feeds[0].State, h.fake.status.Feeds[0].Next = subscriptions.StateOpen, time.Time{}
	})
	for range statusTicks {
		h.advance(time.Second)
	}
	h.until("it is open", func() bool { return p.one.facts["next"].Text == "None is due" })
	h.closePage()
	for range 3 {
		h.advance(time.Minute)
	}
	if n := h.pending(); n != 0 {
		t.Errorf("%d timers go on", n)
	}
}

// What changes on the page moves nothing, and takes nobody's focus.
func TestStatusKeepsItsPlace(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	h.win.Resize(fyne.NewSize(880, 560))
	p := h.openedStatus("ci")
	h.key(fyne.KeyEnd)
	h.win.Canvas().Focus(p.one.hold)
	at := p.scroll.Offset.Y
	h.fake.with(func() { h.fake.status.Feeds[0].Received += 7 })
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.until("it is told", func() bool { return p.one.facts["received"].Text == "1,211" })
	if p.scroll.Offset.Y != at || at == 0 || h.win.Canvas().Focused() != fyne.Focusable(p.one.hold) {
		t.Errorf("at %v, was %v; focus on %T", p.scroll.Offset.Y, at, h.win.Canvas().Focused())
	}
}

func TestStatusActions(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	p := h.openedStatus("")
	p.all.rows["old"].Tapped(nil)
	h.until("its log", func() bool { return h.fake.has("log old") && p.logs["old"] != nil })
	test.Tap(p.one.reconnect)
	h.until("it reconnects", func() bool { return h.fake.has("reconnect old") })
	h.until("it says so", func() bool { return strings.HasPrefix(p.one.state.Text, "Connecting") })
	test.Tap(p.one.hold)
	h.until("it pauses", func() bool { return h.fake.has("pause old") })
	h.until("it can go on", func() bool { return p.one.hold.Text == "Resume feed" })
	p.head.back.OnTapped()
	if h.page != page(p) || p.feed != "" {
		t.Error("back does not lead to all feeds")
	}
	p.head.back.OnTapped()
	if h.page != nil {
		t.Error("back from all does not lead to the reader")
	}
}

func TestStatusOfAFeedThatGoes(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	p := h.openedStatus("ci")
	h.fake.with(func() { h.fake.status.Feeds = h.fake.status.Feeds[1:] })
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.until("all are shown", func() bool { return p.feed == "" && p.all.Container.Visible() })
	if h.page != page(p) {
		t.Error("the page went with the feed")
	}
}

func TestTimelineUnderThePointer(t *testing.T) {
	h := open(t, wellKnown(), Options{})
	h.loaded()
	p := h.openedStatus("hass")
	l := p.one.line
	point := func(hours float64, y float32) string {
		l.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(l.at(ago(hours)), y)}})
		return p.one.hover.Text
	}
	for _, c := range []struct {
		hours float64
		y     float32
		want  string
	}{
		{15, 5, "connected, Yesterday 16:06 – 00:00 (8 h)"},
		{11.5, 5, "waiting, 00:00 – 01:00 (1 h)"},
		{11.5, 30, "events may be missing, 00:00 – 01:00 (1 h)"},
		{4, 5, "needed you, 07:00 – 08:30 (2 h)"},
		{1.5, 5, "paused, 10:00 – 11:00 (1 h)"},
		{23, 5, "not known, Yesterday 12:00 – 16:00 (4 h)"},
	} {
		if got := point(c.hours, c.y); got != c.want {
			t.Errorf("%v h ago: %q, want %q", c.hours, got, c.want)
		}
	}
	l.MouseOut()
	if got := p.one.hover.Text; got != "The last 24 hours" {
		t.Errorf("afterwards %q", got)
	}
}
