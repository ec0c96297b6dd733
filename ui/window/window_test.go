package window

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		fake func() *fake
		o    Options
		do   func(*harness)
	}{
		"no-feeds":  {newFake, Options{}, nil},
		"no-events": {func() *fake { f := plenty(); f.events = nil; return f }, Options{}, nil},
		"many":      {plenty, Options{}, nil},
		"one-event": {plenty, Options{}, func(h *harness) {
			h.typed("j")
			h.read(5)
		}},
		"one-gap": {plenty, Options{}, func(h *harness) { h.selectEvent(2); h.until("the gap", func() bool { return h.detail.event.Seq == 2 }) }},
		"feed-ailing": {plenty, Options{}, func(h *harness) {
			h.choose(choice{feed: "stocks"})
			h.until("the feed", func() bool { return h.events.empty.title.Text == "No events yet" })
		}},
		"add": {plenty, Options{Show: control.Show{Page: control.PageAdd}}, nil},
		"error": {func() *fake {
			f := plenty()
			f.failure = &control.Error{Message: "history is broken", Hint: "Run bellwire doctor."}
			return f
		}, Options{}, nil},
		"selection": {plenty, Options{}, func(h *harness) { h.typed("JJ") }},
		"search-error": {func() *fake {
			f := plenty()
			f.desk.refuse = map[string]error{"priority:high": control.Refuse(400, "Write a number, like priority:>=4.", "priority:high is not a priority")}
			return f
		}, Options{}, func(h *harness) {
			h.typed("/priority:high")
			h.advance(searchDelay)
			h.until("the error", func() bool { return h.search.helper.trouble.Visible() })
		}},
		"search-nothing": {plenty, Options{}, func(h *harness) {
			h.typed("/nowhere")
			h.key(fyne.KeyReturn)
			h.until("nothing", func() bool { return h.events.empty.title.Text == "Nothing found" })
		}},
		"search-further": {func() *fake { return slowly() }, Options{}, func(h *harness) {
			h.typed("/needle")
			h.key(fyne.KeyReturn)
			h.fake.desk.pace <- struct{}{}
			h.until("it looks further", func() bool { return h.events.hist.low == 901 && len(h.events.hist.rows) == 0 })
			h.advance(progressAfter)
			h.until("how far", func() bool { return strings.Contains(h.events.further.strip.text.Text, words.Day(noon, noon)) })
		}},
		"suggestions": {plenty, Options{}, func(h *harness) {
			h.typed("/from:")
			h.key(fyne.KeyDown)
		}},
		"picture": {func() *fake {
			f := plenty()
			f.events[4].Image = "https://img.example.org/a.png"
			f.events[4].Body = "The log is at https://ci.example.org/log."
			f.events[4].Tags = []string{"deploy", "main"}
			f.status.Feeds[0].Look = subscriptions.Look{Colour: "blue"}
			return f
		}, Options{}, func(h *harness) { h.selectEvent(5); h.read(5) }},
		"deleted": {plenty, Options{}, func(h *harness) { h.typed("JJ"); h.key(fyne.KeyDelete) }},
		"paused":  {func() *fake { f := plenty(); f.status.PausedUntil = noon.Add(24 * time.Minute); return f }, Options{}, nil},
		"very-long": {func() *fake {
			f := newFake()
			f.status.Feeds = []control.Feed{feedIn("x", strings.Repeat("long name ", 20), subscriptions.StateOpen)}
			f.events = []subscriptions.Event{{Seq: 1, Feed: "x", Kind: subscriptions.KindEvent, Title: strings.Repeat("endless ", 100), Body: strings.Repeat("body text ", 300), Received: noon}}
			return f
		}, Options{Show: control.Show{Seq: 1}}, func(h *harness) { h.read(1) }},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, c.fake(), c.o)
			h.loaded()
			if c.do != nil {
				c.do(h)
			}
			h.golden(name)
		})
	}
}

func TestLoading(t *testing.T) {
	h := prepare(t, plenty(), Options{})
	if got := h.events.empty.title.Text; got != "Loading…" {
		t.Errorf("says %q", got)
	}
	if got := h.foot.Text; got != "Loading…" {
		t.Errorf("the foot says %q", got)
	}
	h.golden("loading")
}

func TestExportPages(t *testing.T) {
	t.Setenv("HOME", "/home/ana")
	t.Setenv("USERPROFILE", "/home/ana")
	for name, err := range map[string]error{"export": nil, "export-error": &os.PathError{Op: "write", Path: "/home/ana/x.json", Err: syscall.ENOSPC}} {
		t.Run(name, func(t *testing.T) {
			h := open(t, plenty(), Options{Export: func(string, string, iter.Seq2[subscriptions.Event, error]) (int, error) { return 5, err }})
			h.loaded()
			h.openExport(nil)
			h.export.entry.SetText("/home/ana/x.json")
			if err != nil {
				h.export.start()
				h.until("it has failed", func() bool { return h.export.path.error.Visible() })
			}
			h.golden(name)
		})
	}
}

func TestNotRunning(t *testing.T) {
	f := plenty()
	f.down = true
	started := 0
	h := open(t, f, Options{StartDaemon: func() error {
		f.with(func() { f.down = false; started++ })
		return nil
	}})
	h.until("it says so", func() bool { return h.panes.page == h.empty.Container })
	if got := h.empty.title.Text; got != "Bellwire is not running" {
		t.Errorf("says %q", got)
	}
	h.golden("not-running")
	test.Tap(h.empty.button)
	h.loaded()
	if started != 1 || h.panes.page != nil {
		t.Errorf("started %d times, page %v", started, h.panes.page)
	}
}

func TestStartFails(t *testing.T) {
	f := newFake()
	f.down = true
	h := open(t, f, Options{StartDaemon: func() error { return errors.New("no such file") }})
	h.until("it says so", func() bool { return h.panes.page == h.empty.Container })
	test.Tap(h.empty.button)
	h.until("the failure shows", func() bool { return h.notices.bars[noticeTrouble].Visible() })
	if got := h.notices.bars[noticeTrouble].text.Text; got != "Bellwire could not be started. no such file" {
		t.Errorf("says %q", got)
	}
}

func TestReconnects(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.fake.cut <- struct{}{}
	h.until("the loss shows", func() bool { return h.notices.bars[noticeDown].Visible() })
	h.until("it is back", func() bool { return !h.notices.bars[noticeDown].Visible() })
	h.arrive(subscriptions.Event{Title: "after", Feed: "ci", Received: noon})
	h.until("events go on", func() bool { return h.events.hist.rows[0].title == "after" })
}

func TestSelectingMarksRead(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.typed("j")
	h.until("it is marked read", func() bool { return h.fake.has(`mark [5] "" 0 false`) })
	if have, want := h.detail.mark.Size().Width, h.detail.mark.MinSize().Width; have != want {
		t.Errorf("the button is %v wide, its words need %v", have, want)
	}
	if !h.events.hist.rows[0].read {
		t.Error("the row is still unread")
	}
	h.typed("r")
	h.until("it is marked unread", func() bool { return h.fake.has(`mark [5] "" 0 true`) })
	if have, want := h.detail.mark.Size().Width, h.detail.mark.MinSize().Width; have != want {
		t.Errorf("the button is %v wide, its words need %v", have, want)
	}
	if h.events.hist.rows[0].read || h.detail.mark.Text != "Mark read" {
		t.Error("the row is still read")
	}
}

func TestKeys(t *testing.T) {
	var opened []string
	h := open(t, plenty(), Options{OpenLink: func(l string) error { opened = append(opened, l); return nil }})
	h.loaded()
	at := func(seq int64) {
		t.Helper()
		h.until(fmt.Sprint("event ", seq), func() bool { return h.detail.event.Seq == seq && h.events.list.selected == seq })
	}
	h.typed("j")
	at(5)
	h.key(fyne.KeyReturn)
	if d := cmp.Diff([]string{"https://ci.example.org/412"}, opened); d != "" {
		t.Error(d)
	}
	h.key(fyne.KeyDown)
	at(4)
	h.typed("jj") // over the gap
	at(1)
	h.typed("j")
	at(1)
	h.key(fyne.KeyUp)
	at(3)
	h.typed("kkk")
	at(5)
	h.typed("/")
	if h.win.Canvas().Focused() != h.search {
		t.Error("/ does not search")
	}
	h.key(fyne.KeyEscape)
	if h.win.Canvas().Focused() != h.events.list {
		t.Error("Escape does not lead back to the list")
	}
	h.openAdd()
	h.key(fyne.KeyEscape)
	if h.panes.page != nil {
		t.Error("Escape does not close the page")
	}
}

func TestUnsafeLink(t *testing.T) {
	f := plenty()
	f.events[4].Link = "file:///etc/passwd"
	h := open(t, f, Options{OpenLink: func(l string) error { t.Errorf("opened %q", l); return nil }})
	h.loaded()
	h.typed("j")
	h.until("the event", func() bool { return h.detail.event.Seq == 5 })
	if h.detail.open.Visible() {
		t.Error("there is a button for it")
	}
	h.key(fyne.KeyReturn)
}

func TestMissingEvent(t *testing.T) {
	h := open(t, plenty(), Options{Show: control.Show{Seq: 99}})
	h.until("it says so", func() bool { return h.detail.empty.title.Text == "There is no event 99." })
	if got := h.detail.empty.text.Text; got != "It may have been deleted." {
		t.Errorf("advises %q", got)
	}
}

func TestPagingIsKeyedAndBounded(t *testing.T) {
	f := plenty()
	f.events = nil
	f.fill(1500, noon)
	h := open(t, f, Options{})
	h.loaded()
	l := h.events.list
	for h.events.hist.oldest() > 1 {
		before := h.events.hist.oldest()
		first := l.lines[l.at(l.offset())]
		l.scrollTo(l.ys[len(l.lines)])
		h.until("older rows", func() bool { return h.events.hist.oldest() < before })
		if n := len(h.events.hist.rows); n > maxRows {
			t.Fatalf("%d rows are kept", n)
		}
		if n := len(h.events.list.body.rows) + len(h.events.list.body.spare); n > 40 {
			t.Fatalf("%d widgets are kept", n)
		}
		if now := l.lines[l.at(l.offset())]; now.row.seq == 0 && now.heading == "" || first.row.seq != 0 && now.row.seq > first.row.seq {
			t.Fatalf("the list jumped from %d to %d", first.row.seq, now.row.seq)
		}
	}
	for h.events.hist.newest() < 1500 {
		after := h.events.hist.newest()
		l.scrollTo(0)
		h.until("newer rows", func() bool { return h.events.hist.newest() > after })
		if n := len(h.events.hist.rows); n > maxRows {
			t.Fatalf("%d rows are kept", n)
		}
	}
	h.stop()
	for _, q := range f.queries {
		if q.Limit != pageSize || q.Before != 0 && q.After != 0 {
			t.Errorf("asked for %+v", q)
		}
	}
	if len(f.queries) > 3*1500/pageSize {
		t.Errorf("asked %d times for 1500 rows", len(f.queries))
	}
}

func TestNewEventsDoNotMoveTheList(t *testing.T) {
	f := plenty()
	f.events = nil
	f.fill(300, noon.Add(-time.Hour))
	h := open(t, f, Options{})
	h.loaded()
	l := h.events.list

	h.arrive(subscriptions.Event{Title: "at the top", Feed: "ci", Received: noon})
	h.until("it is inserted", func() bool { return h.events.hist.newest() == 301 })
	if h.events.pill.Visible() || l.offset() != 0 {
		t.Error("the top of the list does not show it")
	}

	l.scrollTo(1000)
	inSight := func() (seq int64, y float32) {
		i := l.at(l.offset())
		return l.lines[i].row.seq, l.ys[i] - l.offset()
	}
	seq, y := inSight()
	for range 12 {
		h.arrive(subscriptions.Event{Title: "above", Feed: "ci", Received: noon})
	}
	h.until("they are counted", func() bool { return h.events.pill.Text == "12 new ↑" })
	if seq2, y2 := inSight(); seq2 != seq || y2 != y {
		t.Errorf("the list moved from %d at %v to %d at %v", seq, y, seq2, y2)
	}
	test.Tap(h.events.pill)
	if h.events.pill.Visible() || l.offset() != 0 || l.lines[1].row.seq != 313 {
		t.Error("the pill does not lead to the top")
	}
}

func TestOtherFeedsEventsStayOut(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.choose(choice{feed: "hass"})
	h.until("the feed", func() bool { return len(h.events.hist.rows) == 3 })
	h.arrive(subscriptions.Event{Title: "not here", Feed: "ci", Received: noon})
	h.arrive(subscriptions.Event{Title: "here", Feed: "hass", Received: noon})
	h.until("its own event", func() bool { return h.events.hist.rows[0].title == "here" })
	if len(h.events.hist.rows) != 4 {
		t.Error("another feed's event is listed")
	}
}

func TestNoticesOfNoFeedAreBellwires(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	notice := subscriptions.Event{
		Kind: subscriptions.KindNotice, Type: string(subscriptions.NoticeTrouble), Title: "No feed can be reached",
		Body: "ci: connection refused", Priority: 4, Received: noon, Raw: `{"type":"trouble"}`,
	}
	h.arrive(notice)
	h.until("the notice", func() bool { return h.events.hist.rows[0].title == notice.Title })
	seq := h.events.hist.rows[0].seq
	h.selectEvent(seq)
	h.until("its details", func() bool { return h.detail.event.Seq == seq })
	if meta := h.detail.metaText(); !strings.HasPrefix(meta, "Bellwire"+words.Separator) {
		t.Errorf("told by %q", meta)
	}
	if h.detail.raw.Visible() || h.detail.fields.Visible() {
		t.Error("its facts are shown as a payload")
	}
	if !h.detail.mark.Visible() {
		t.Error("it cannot be marked read")
	}
}

func TestSearch(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.typed("/Deploy")
	h.fake.with(func() {
		for _, q := range h.fake.queries {
			if q.Text != "" {
				t.Errorf("searched for %q while typing", q.Text)
			}
		}
	})
	h.advance(searchDelay)
	h.until("the result", func() bool { return len(h.events.hist.rows) == 1 })
	h.arrive(subscriptions.Event{Title: "Deploy 413", Feed: "ci", Received: noon})
	h.until("new matches", func() bool { return len(h.events.hist.rows) == 2 })
	h.typed(" nowhere")
	h.advance(searchDelay)
	h.until("nothing", func() bool { return h.events.empty.Visible() })
	if got := h.events.empty.text.Text; got != "No event matches “Deploy nowhere”." {
		t.Errorf("says %q", got)
	}
	test.Tap(h.events.empty.button)
	h.until("everything again", func() bool { return len(h.events.hist.rows) == 6 })
}

func TestUnreadFilter(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	test.Tap(h.events.filter)
	h.until("unread rows", func() bool { return len(h.events.hist.rows) == 2 })
	h.typed("j")
	h.until("it is read and stays", func() bool { return h.events.hist.rows[0].read })
	if len(h.events.hist.rows) != 2 {
		t.Error("what is being read went away")
	}
}

func TestRemoveFeedCanBeUndone(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	f, _ := h.feed("ci")
	h.removeFeed(f)
	if _, ok := h.feed("ci"); ok || !h.notices.bars[noticeUndo].Visible() {
		t.Fatal("it is still there, or cannot be undone")
	}
	h.notices.bars[noticeUndo].button.OnTapped()
	h.advance(2 * undoFor)
	if _, ok := h.feed("ci"); !ok || h.fake.has("remove ci") {
		t.Fatal("it is gone")
	}
	h.removeFeed(f)
	h.advance(undoFor)
	h.until("it is removed", func() bool { return h.fake.has("remove ci") && len(h.removing) == 0 })
	if h.notices.bars[noticeUndo].Visible() {
		t.Error("the notice is still there")
	}
}

func TestClosingFinishesARemoval(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	f, _ := h.feed("ci")
	h.removeFeed(f)
	h.stop()
	if !h.fake.has("remove ci") {
		t.Error("the feed was kept")
	}
}

func TestFeedActions(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	state := func(id string) subscriptions.State { f, _ := h.feed(id); return f.State }
	h.pauseFeed("ci")
	h.until("paused", func() bool { return h.fake.has("pause ci") && state("ci") == subscriptions.StatePaused })
	h.resumeFeed("stocks")
	h.until("resumed", func() bool { return h.fake.has("resume stocks") && state("stocks") == subscriptions.StateConnecting })
	h.markAllRead("ci")
	h.until("marked", func() bool { return h.fake.has(`mark [] "ci" 5 false`) })
	h.fake.with(func() { h.fake.failure = &control.Error{Status: 404, Message: "no such feed"} })
	h.pauseFeed("ci")
	h.until("the failure shows", func() bool { return h.notices.bars[noticeTrouble].text.Text == "No such feed." })
}

func TestPause(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.pauseUntil(noon.Add(time.Hour))
	h.until("the notice", func() bool { return h.notices.bars[noticePaused].Visible() })
	if got := h.notices.bars[noticePaused].text.Text; got != "Notifications paused until 13:00. Events still arrive here." {
		t.Errorf("says %q", got)
	}
	h.notices.bars[noticePaused].button.OnTapped()
	h.until("no notice", func() bool { return !h.notices.bars[noticePaused].Visible() })
	if !h.fake.has("pause until 0001-01-01 00:00:00") {
		t.Errorf("called %q", h.fake.calls)
	}
}

func TestShowSelects(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.choose(choice{feed: "stocks"})
	h.send(control.Update{Kind: control.UpdateShow, Show: control.Show{Seq: 3}})
	h.until("the event", func() bool { return h.detail.event.Seq == 3 })
	if h.choice != (choice{}) || h.events.list.selected != 3 {
		t.Error("it is not selected among all events")
	}
	h.until("the newer rows", func() bool { return h.events.hist.newest() == 5 })
}

// Nothing may wake while nothing is to be told.
func TestIdleHasNoTimers(t *testing.T) {
	f := plenty()
	f.status.Feeds = f.status.Feeds[:1]
	h := open(t, f, Options{})
	h.loaded()
	if n := h.pending(); n != 1 || h.nextTimer().Sub(h.time) != time.Minute {
		t.Errorf("%d timers run, and not only for the time of an event", n)
	}
	f.with(func() { f.status.Feeds = plenty().status.Feeds })
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.until("the countdown", func() bool { return strings.Contains(h.foot.Text, "next try in 12 s") })
	h.advance(time.Second)
	if !strings.Contains(h.foot.Text, "next try in 11 s") {
		t.Errorf("the foot says %q", h.foot.Text)
	}
	h.advance(11 * time.Second)
	if n := h.pending(); n != 1 {
		t.Errorf("%d timers run after the countdown", n)
	}
	// What is older than an hour is told by the hour, and at most at midnight.
	h.advance(2 * time.Hour)
	h.fake.with(func() { h.fake.events = h.fake.events[:3] })
	h.events.reload()
	h.until("the old ones", func() bool { return len(h.events.hist.rows) == 3 })
	h.settled()
	if n := h.pending(); n != 1 || h.nextTimer().Sub(h.time) < time.Hour {
		t.Errorf("%d timers run, the next in %s", n, h.nextTimer().Sub(h.time))
	}
}

func TestStorm(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	for i := range 5000 {
		h.inbox.put(control.Update{Kind: control.UpdateEvent, Event: subscriptions.Event{
			Seq: int64(10 + i), Kind: subscriptions.KindEvent, Title: strings.Repeat("x", 1<<12), Feed: "ci", Received: noon,
		}})
	}
	m := h.inbox.take()
	if len(m.rows) > 2*maxPending || len(m.rows)+m.missed["ci"] != 5000 {
		t.Errorf("%d rows wait, missed %v", len(m.rows), m.missed)
	}
	if n := len(m.rows[0].title); n > maxTitle {
		t.Errorf("a row's title has %d characters", n)
	}
}

// What arrives between a question and its answer is in the list, whether the
// answer has it or not.
func TestArrivalsWhileAViewOpens(t *testing.T) {
	for _, known := range []bool{false, true} {
		h := open(t, plenty(), Options{})
		h.loaded()
		before := h.events.hist.newest()
		e := subscriptions.Event{Seq: before + 1, Kind: subscriptions.KindEvent, Title: "between", Feed: "ci", Received: noon}
		if known {
			h.fake.with(func() { h.fake.events = append(h.fake.events, e) })
		}
		h.events.reload()
		h.inbox.put(control.Update{Kind: control.UpdateEvent, Event: e})
		h.receive(h.inbox.take())
		h.until("the answer", func() bool { return !h.events.opening })
		h.settled()
		if n := len(slices.DeleteFunc(slices.Clone(h.events.hist.rows), func(r row) bool { return r.seq != e.Seq })); n != 1 {
			t.Errorf("known to the answer: %v: it is listed %d times", known, n)
		}
	}
}

// What a storm leaves out is counted all the same, in the views that it
// belongs to.
func TestStormIsCounted(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	l := h.events.list
	h.selectEvent(l.lines[1].row.seq)
	first := h.events.hist.newest() + 1
	storm := func(feed string) (m mail) {
		for range 5000 {
			h.inbox.put(control.Update{Kind: control.UpdateEvent, Event: subscriptions.Event{
				Seq: first, Kind: subscriptions.KindEvent, Title: "new", Feed: feed, Received: noon,
			}})
			first++
		}
		return h.inbox.take()
	}
	h.receive(storm("ci"))
	if got := h.events.pill.Text; got != "5000 new ↑" {
		t.Errorf("the pill says %q", got)
	}
	h.choose(choice{feed: "ci"})
	h.loaded()
	h.selectEvent(l.lines[1].row.seq)
	h.receive(storm("hass"))
	if h.events.pill.Visible() {
		t.Errorf("the pill of another feed says %q", h.events.pill.Text)
	}
}

func TestNarrow(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.win.Resize(fyne.NewSize(900, 600))
	if h.detail.Visible() || !h.events.Visible() {
		t.Fatal("the list is not alone")
	}
	h.typed("j")
	h.until("the detail covers the list", func() bool { return h.detail.Visible() && !h.events.Visible() })
	if !h.detail.back.Visible() {
		t.Error("there is no way back")
	}
	h.key(fyne.KeyEscape)
	if h.detail.Visible() || !h.events.Visible() {
		t.Error("Escape does not lead back")
	}
	h.win.Resize(fyne.NewSize(1180, 600))
	if !h.detail.Visible() || !h.events.Visible() || h.detail.back.Visible() {
		t.Error("a wide window does not show both")
	}
}

func TestShapeIsRemembered(t *testing.T) {
	h := prepare(t, plenty(), Options{})
	h.panes.first.Dragged(&fyne.DragEvent{Dragged: fyne.Delta{DX: 40}})
	h.panes.second.Dragged(&fyne.DragEvent{Dragged: fyne.Delta{DX: -60}})
	h.remember()
	h.panes.sidebarW, h.panes.listW = 0, 0
	h.restore()
	if h.panes.sidebarW != sidebarWidth+40 || h.panes.listW != listWidth-60 {
		t.Errorf("the panes are %v and %v wide", h.panes.sidebarW, h.panes.listW)
	}
}

func TestTagsAndWarning(t *testing.T) {
	f := plenty()
	f.events[4].Tags, f.events[4].Warning = []string{"disk", "备份"}, "title: no"
	h := open(t, f, Options{})
	h.loaded()
	h.selectEvent(4)
	h.until("an event without", func() bool { return h.detail.event.Seq == 4 })
	if h.detail.warning.Visible() || h.detail.tags.Visible() {
		t.Error("a warning or tags of nothing")
	}
	h.selectEvent(5)
	h.until("the event", func() bool { return h.detail.event.Seq == 5 })
	if !h.detail.warning.Visible() || h.detail.warning.Text != "Part of the mapping failed here: title: no" {
		t.Errorf("warning %q", h.detail.warning.Text)
	}
	if d := cmp.Diff([]string{"disk", "备份"}, h.detail.tags.tags); d != "" || !h.detail.tags.Visible() {
		t.Error(d)
	}
	if got := h.detail.meta.Text; got != "ci · Today, 11:59:00 · urgent" {
		t.Errorf("meta %q", got)
	}
}

// What a person has to mend can be mended from where it is told.
func TestAnAilingFeedCanBeEdited(t *testing.T) {
	h := open(t, editable(), Options{})
	h.loaded()
	h.fake.with(func() {
		for i := range h.fake.status.Feeds {
			if h.fake.status.Feeds[i].ID == "ci" {
				h.fake.status.Feeds[i].State, h.fake.status.Feeds[i].Code = subscriptions.StateBlocked, subscriptions.CodeUnauthorized
			}
		}
	})
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.choose(choice{feed: "ci"})
	h.until("the trouble", h.events.ail.edit.Visible)
	test.Tap(h.events.ail.edit)
	h.until("the page", func() bool { _, ok := h.page.(*editPage); return ok })
}
