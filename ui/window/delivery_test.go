package window

import (
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

// delivered is a daemon that knows what became of some events: the last was
// held until a summary told it with another.
func delivered() *fake {
	f := plenty()
	at := noon.Add(-14 * time.Hour)
	f.deliveries = map[int64]control.Delivery{
		5: {
			Seq: 5, Title: "Deploy 412 failed", Feed: "ci",
			Steps: []subscriptions.Step{
				{At: at, What: subscriptions.StepReceived},
				{At: at, What: subscriptions.StepHeld, Why: subscriptions.ReasonQuiet, Detail: noon.Add(-5 * time.Hour).Format(time.RFC3339)},
				{At: noon.Add(-5 * time.Hour), What: subscriptions.StepReleased, Why: subscriptions.ReasonQuiet},
				{At: noon.Add(-5 * time.Hour), What: subscriptions.StepDigested, Why: subscriptions.ReasonQuiet, Summary: 17},
				{At: noon.Add(-4 * time.Hour), What: subscriptions.StepForwarded, Detail: "pager"},
			},
			Summaries: map[int64]subscriptions.Summary{17: {ID: 17, Title: "2 events from 2 feeds", Count: 2, End: subscriptions.StepClicked, Ended: noon.Add(-time.Hour)}},
		},
		4: {Seq: 4, Feed: "ci", Steps: []subscriptions.Step{{At: at, What: subscriptions.StepReceived}}, Owed: true, Waiting: "no notification service"},
	}
	f.summaries = map[int64]subscriptions.Summary{17: {ID: 17, Why: subscriptions.ReasonQuiet, Title: "2 events from 2 feeds", Count: 2}}
	f.told = map[int64][]int64{17: {3, 5}}
	return f
}

const nightAndDay = `22:00:00   received
22:00:00   held: quiet hours, until 07:00
   Today
07:00:00   no longer held: quiet hours
07:00:00   told in a summary (quiet hours): 2 events from 2 feeds
11:00:00   that summary was clicked
08:00:00   sent on to pager`

// said is what a timeline tells.
func said(d *deliveryLine) string {
	var lines []string
	for _, l := range d.lines {
		lines = append(lines, l.at+"   "+l.text)
	}
	return strings.Join(lines, "\n")
}

func TestDeliveryIsToldWhileOpen(t *testing.T) {
	h := open(t, delivered(), Options{})
	h.loaded()
	h.typed("j")
	h.read(5)
	d := h.detail.delivery
	if h.fake.has("delivery 5") {
		t.Error("it is asked for before anybody looks")
	}
	test.Tap(d.button)
	h.until("the timeline", func() bool { return d.filled })
	if diff := cmp.Diff(nightAndDay, said(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	h.golden("delivery")

	// What changes is told while it is open.
	h.fake.with(func() {
		v := h.fake.deliveries[5]
		v.Steps = v.Steps[:1]
		v.Owed, v.Held = true, true
		h.fake.deliveries[5] = v
	})
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.until("the change", func() bool { return said(d) == "22:00:00   received\nnow   it is held still" })
	if d.together.Visible() {
		t.Error("there is a summary to show, of nothing")
	}

	// It stays open for the next event.
	h.selectEvent(4)
	h.until("the other", func() bool {
		return said(d) == "22:00:00   received\nnow   still to be shown; it waits: no notification service"
	})
	h.fake.with(func() { h.fake.failure = &control.Error{Message: "on fire"} })
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.until("the failure", func() bool { return said(d) == "now   Not known now: On fire." })

	// Closed, it asks no more.
	test.Tap(d.button)
	h.fake.with(func() { h.fake.failure, h.fake.calls = nil, nil })
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.send(control.Update{Kind: control.UpdateFeeds})
	if h.fake.has("delivery 4") {
		t.Error("it is asked for while nobody looks")
	}
}

func TestASummaryIsListed(t *testing.T) {
	h := open(t, delivered(), Options{Show: control.Show{Summary: 17}})
	h.loaded()
	two := func() bool {
		return len(h.events.hist.rows) == 2 && h.events.title.line.full == "2 events told together"
	}
	h.until("what it told", two)
	if h.events.hist.rows[0].seq != 5 || h.events.hist.rows[1].seq != 3 || h.events.leave.Hidden {
		t.Errorf("it lists %v, the way out hidden: %v", h.events.hist.rows, h.events.leave.Hidden)
	}
	h.golden("summary")

	// What else comes is not among it, until it grows.
	h.arrive(subscriptions.Event{Title: "after", Feed: "ci", Received: noon})
	h.fake.with(func() {
		h.fake.summaries[17] = subscriptions.Summary{ID: 17, Count: 3}
		h.fake.told[17] = []int64{3, 5, 6}
	})
	if !two() {
		t.Errorf("it lists %v", h.events.hist.rows)
	}
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.until("it has grown", func() bool {
		return len(h.events.hist.rows) == 3 && h.events.title.line.full == "3 events told together"
	})

	test.Tap(h.events.leave)
	h.until("everything", func() bool { return len(h.events.hist.rows) == 6 && h.events.title.line.full == "All" })
	if !h.events.leave.Hidden {
		t.Error("there still is a way out of nothing")
	}

	// A window that is open already is asked for one.
	h.send(control.Update{Kind: control.UpdateShow, Show: control.Show{Summary: 17}})
	h.until("what it told", func() bool { return len(h.events.hist.rows) == 3 })
	h.key(fyne.KeyEscape)
	h.until("everything", func() bool { return len(h.events.hist.rows) == 6 })

	// And one that is not there leads nowhere, with words.
	h.send(control.Update{Kind: control.UpdateShow, Show: control.Show{Summary: 99}})
	h.until("its absence is told", func() bool { return h.notices.bars[noticeTrouble].Visible() })
	if got := h.notices.bars[noticeTrouble].text.Text; got != "Nothing is left of it. These events are no longer in history." {
		t.Errorf("says %q", got)
	}
	h.until("everything", func() bool { return h.choice == choice{} && len(h.events.hist.rows) == 6 })
}

func TestTheTimelineLeadsToTheSummary(t *testing.T) {
	h := open(t, delivered(), Options{})
	h.loaded()
	h.typed("j")
	h.read(5)
	test.Tap(h.detail.delivery.button)
	h.until("the way to it", func() bool { return h.detail.delivery.together.Visible() })
	test.Tap(h.detail.delivery.follow)
	h.until("what it told", func() bool { return h.choice.summary == 17 && len(h.events.hist.rows) == 2 })
}

func TestFeedsAreMuted(t *testing.T) {
	f := delivered()
	f.status.Feeds[0].MutedUntil = noon.Add(90 * time.Minute)
	f.status.Feeds[1].MutedUntil = control.Forever
	h := open(t, f, Options{})
	h.loaded()
	notes := map[string]string{}
	for _, r := range h.sidebar.rows {
		if r.entry.muted != "" {
			notes[r.entry.name] = r.entry.note
		}
	}
	want := map[string]string{"ci": "muted until 13:30", "Home Assistant": "muted · waiting to reconnect"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	h.golden("muted")

	// The keyboard: of the feed in view, or of the event's.
	h.choose(choice{feed: "ci"})
	if got := h.events.ail.text.Text; got != "Muted until 13:30." || !h.events.ail.Visible() {
		t.Errorf("its view says %q", got)
	}
	h.typed("m")
	h.until("ci is unmuted", func() bool {
		f, _ := h.feed("ci")
		return f.MutedUntil.IsZero() && h.fake.has("mute ci 0001-01-01 00:00:00")
	})
	if h.events.ail.Visible() {
		t.Error("its view says that it is muted still")
	}
	h.typed("m")
	h.until("ci is muted", func() bool { return h.fake.has("mute ci 2025-06-03 13:00:00") })
	h.choose(choice{})
	h.typed("m") // nothing is in view: nothing happens
	h.goTo(3)
	h.shows(3)
	h.typed("m")
	h.until("the event's feed is unmuted", func() bool { return h.fake.has("mute hass 0001-01-01 00:00:00") })

	// The menu.
	for _, tc := range []struct {
		until time.Time
		want  []string
	}{
		{time.Time{}, []string{"Mute for 1 hour", "Mute for 8 hours", "Mute until tomorrow, 8:00", "Mute until I unmute"}},
		{noon.Add(-time.Second), []string{"Mute for 1 hour", "Mute for 8 hours", "Mute until tomorrow, 8:00", "Mute until I unmute"}},
		{control.Forever, []string{"Unmute"}},
	} {
		var got []string
		for _, i := range h.muteItems(control.Feed{ID: "ci", MutedUntil: tc.until}) {
			got = append(got, i.Label)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.until, diff)
		}
	}
}

// shows waits for an event that has been read before.
func (h *harness) shows(seq int64) {
	h.t.Helper()
	h.until("the event", func() bool { return h.detail.event.Seq == seq })
}

// A mute that ends is redrawn once, by one timer.
func TestTheEndOfAMuteIsSeen(t *testing.T) {
	f := newFake()
	live := feedIn("ci", "ci", subscriptions.StateOpen)
	live.MutedUntil = noon.Add(time.Hour)
	f.status.Feeds = []control.Feed{live}
	h := open(t, f, Options{})
	h.until("the feed", func() bool { return len(h.sidebar.rows) == 3 })
	if got := h.sidebar.rows[2].entry.note; got != "muted until 13:00" || h.pending() != 1 {
		t.Errorf("says %q, with %d timers", got, h.pending())
	}
	h.advance(time.Hour + time.Second)
	if got := h.sidebar.rows[2].entry; got.note != "" || got.muted != "" || h.pending() != 0 {
		t.Errorf("says %+v, with %d timers", got, h.pending())
	}
}

func TestNoticesAreBellwires(t *testing.T) {
	f := plenty()
	f.events = append(f.events, subscriptions.Event{Seq: 6, Kind: subscriptions.KindNotice, Type: string(subscriptions.NoticeTest), Title: "A test", Received: noon})
	h := open(t, f, Options{Show: control.Show{Seq: 6}})
	h.loaded()
	h.read(6)
	if got := h.detail.meta.Text; got != "Bellwire · Today, 12:00:00" {
		t.Errorf("says %q", got)
	}
}
