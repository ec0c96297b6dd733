package window

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

// click clicks a row with keys held down.
func (h *harness) click(seq int64, held fyne.KeyModifier) {
	h.t.Helper()
	l := h.events.list
	r := l.body.rows[l.find(seq)]
	if r == nil {
		h.t.Fatalf("row %d is not in sight", seq)
	}
	r.MouseDown(&desktop.MouseEvent{Modifier: held})
	r.Tapped(&fyne.PointEvent{})
}

func (h *harness) checkSelection(want ...int64) {
	h.t.Helper()
	if d := cmp.Diff(want, h.events.many.seqs()); d != "" {
		h.t.Error(d)
	}
}

func TestSelectingMany(t *testing.T) {
	f := newFake()
	f.status.Feeds = plenty().status.Feeds
	f.fill(10, noon)
	h := open(t, f, Options{})
	h.loaded()
	h.click(8, 0)
	h.checkSelection()
	h.click(6, fyne.KeyModifierControl)
	h.checkSelection(6, 8)
	h.click(6, fyne.KeyModifierControl)
	h.checkSelection(8)
	h.click(5, fyne.KeyModifierShift)
	h.checkSelection(5, 6, 8) // the range begins where the last click was
	h.key(fyne.KeyEscape)
	h.checkSelection()
	if h.events.many.surface.Visible() {
		t.Error("the bar stays")
	}
	h.typed("JJ")
	h.checkSelection(6, 7, 8)
	h.typed("K")
	h.checkSelection(7, 8)
	l := h.events.list
	l.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	h.key(fyne.KeyDown)
	l.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	h.checkSelection(6, 7, 8)
	if got := h.events.many.title.line.full; got != "3 selected" {
		t.Errorf("says %q", got)
	}
	h.typed("r")
	h.until("they are marked", func() bool { return h.fake.has(`mark [6 7 8] "" 0 false`) })
	h.events.many.mark(false)
	h.until("and again", func() bool { return h.fake.has(`mark [6 7 8] "" 0 true`) })
	if h.events.hist.rows[h.events.hist.index(7)].read {
		t.Error("the row is still read")
	}
	h.win.Canvas().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutSelectAll{})
	if n := h.events.many.len(); n != 10 {
		t.Errorf("%d of 10 are selected", n)
	}
	h.typed("j")
	h.checkSelection()
}

func TestSelectAllSaysWhatIsLoaded(t *testing.T) {
	f := newFake()
	f.status.Feeds = plenty().status.Feeds
	f.fill(300, noon)
	h := open(t, f, Options{})
	h.loaded()
	h.events.many.all()
	if got := h.events.many.title.line.full; got != "All 100 loaded" {
		t.Errorf("says %q", got)
	}
}

func TestDeletedEventsCanBeHadBack(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.typed("JJ")
	h.key(fyne.KeyDelete)
	shown := func() (seqs []int64) {
		for _, ln := range h.events.list.lines {
			if ln.heading == "" {
				seqs = append(seqs, ln.row.seq)
			}
		}
		return seqs
	}
	if d := cmp.Diff([]int64{3, 2, 1}, shown()); d != "" {
		t.Fatal(d)
	}
	bar := h.notices.bars[noticeUndo]
	if !bar.Visible() || bar.text.Text != "2 events deleted." {
		t.Errorf("says %q", bar.text.Text)
	}
	bar.button.OnTapped()
	h.advance(2 * undoFor)
	if d := cmp.Diff([]int64{5, 4, 3, 2, 1}, shown()); d != "" || h.fake.has("delete [4 5]") || bar.Visible() {
		t.Fatalf("they are not back: %s", d)
	}
	h.selectEvent(5)
	h.read(5)
	h.key(fyne.KeyDelete)
	h.until("the next is shown", func() bool { return h.detail.event.Seq == 4 })
	h.advance(undoFor)
	h.until("it is deleted", func() bool { return h.fake.has("delete [5]") && len(h.deleting) == 0 })
	if h.events.hist.index(5) >= 0 || bar.Visible() {
		t.Error("it is still there")
	}
}

func TestClosingFinishesADeletion(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.deleteEvents([]int64{2, 1})
	h.stop()
	if !h.fake.has("delete [1 2]") {
		t.Error("they were kept")
	}
}

func TestDeletingFails(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.deleteEvents([]int64{5})
	h.fake.with(func() { h.fake.failure = &control.Error{Status: 500, Message: "the disk is full"} })
	h.advance(undoFor)
	h.until("it says so", func() bool { return h.notices.bars[noticeTrouble].text.Text == "The disk is full." })
}

func TestMarkViewReadCanBeUndone(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.typed("R")
	h.until("all are read", func() bool { return h.fake.has(`mark [] "" 5 false`) && h.notices.bars[noticeUndo].Visible() })
	if len(h.unread()) != 0 {
		t.Error("rows are unread")
	}
	h.notices.bars[noticeUndo].button.OnTapped()
	h.until("it is undone", func() bool { return h.fake.has("undo undo") && slices.Equal(h.unread(), []int64{5, 4}) })
	// Of a search only what it found.
	h.typed("/Deploy")
	h.key(fyne.KeyReturn)
	h.until("the result", func() bool { return len(h.events.hist.rows) == 1 })
	h.typed("R")
	h.until("it is marked", func() bool { return h.fake.has(`mark [5] "" 0 false`) })
}

func TestNothingMovesUnderThePointer(t *testing.T) {
	for name, c := range map[string]struct {
		rows int
		do   func(*harness)
	}{
		"pointer over a long list":  {100, func(h *harness) { h.events.list.body.rows[1].MouseIn(&desktop.MouseEvent{}) }},
		"pointer over a short list": {3, func(h *harness) { h.events.list.body.rows[1].MouseIn(&desktop.MouseEvent{}) }},
		"a row is selected":         {100, func(h *harness) { h.selectEvent(100) }},
		"a selection":               {3, func(h *harness) { h.typed("J") }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.status.Feeds = plenty().status.Feeds
			f.fill(c.rows, noon)
			h := open(t, f, Options{})
			h.loaded()
			c.do(h)
			l := h.events.list
			y := func() float32 { return l.ys[l.find(int64(c.rows))] - l.offset() }
			before := y()
			for range 3 {
				h.arrive(subscriptions.Event{Title: "new", Feed: "ci", Received: noon})
			}
			h.until("they are counted", func() bool { return h.events.pill.Visible() && h.events.pill.Text == "3 new ↑" })
			if l.top.Visible() && l.headBg.FillColor == nil {
				t.Error("the day's heading lies over a row without a ground of its own")
			}
			if after := y(); after != before {
				t.Errorf("the row moved from %v to %v", before, after)
			}
			test.Tap(h.events.pill)
			h.until("they are shown", func() bool { return h.events.hist.newest() == int64(c.rows)+3 && l.offset() == 0 })
			if h.events.pill.Visible() {
				t.Error("the pill stays")
			}
		})
	}
}

// What passes by itself is gone again before anybody expects it: a click that
// is under way would meet what has moved to its place.
func TestPassingNoticesMoveNothing(t *testing.T) {
	f := newFake()
	f.status.Feeds = plenty().status.Feeds
	f.fill(100, noon)
	h := open(t, f, Options{})
	h.loaded()
	h.win.Resize(fyne.NewSize(880, 560)) // with rows in the corner, too
	at := func() fyne.Position {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(h.events.list.body.rows[1])
	}
	before, size := at(), h.events.list.Size()
	for _, kind := range passing {
		h.notices.say(kind, strings.Repeat("It was done. ", 20), words.Say("undo"), func() {})
		b := h.notices.bars[kind]
		if after := at(); after != before || h.events.list.Size() != size {
			t.Errorf("%s: the list moved from %v to %v, and is %v", kind, before, after, h.events.list.Size())
		}
		// The list below it has neither its pointer nor its clicks.
		corner := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.surface)
		test.MoveMouse(h.win.Canvas(), corner.AddXY(4, 4))
		if h.events.list.pointed {
			t.Errorf("%s: the list below it is pointed at", kind)
		}
		test.TapCanvas(h.win.Canvas(), corner.AddXY(4, 4))
		if h.events.list.selected != 0 {
			t.Errorf("%s: a click goes through it", kind)
		}
		foot := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.footBar)
		if end := corner.Y + b.Size().Height; end > foot.Y || corner.X < 0 || corner.X+b.Size().Width > h.win.Canvas().Size().Width {
			t.Errorf("%s: is at %v, %v, over the foot at %v", kind, corner, b.Size(), foot)
		}
		h.notices.clear(kind)
	}
	h.notices.say(noticePaused, "Paused.", "", nil)
	if after := at(); after == before {
		t.Error("what lasts lies over the list")
	}

	b := h.notices.bars[noticeUndo]
	h.notices.say(noticeUndo, "It was done.", words.Say("undo"), func() {})
	h.openAdd()
	end := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.surface).Y + b.Size().Height
	if save := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.add.save); end > save.Y {
		t.Errorf("it ends at %v, over a page's buttons at %v", end, save)
	}
}

func TestStormCostsFewRedraws(t *testing.T) {
	f := newFake()
	f.status.Feeds = plenty().status.Feeds
	f.fill(200, noon)
	h := open(t, f, Options{})
	h.loaded()
	before := h.events.redraws
	const storm = 5000
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		for i := range storm {
			u := control.Update{Kind: control.UpdateEvent, Event: subscriptions.Event{Seq: int64(201 + i), Kind: subscriptions.KindEvent, Feed: "ci", Title: fmt.Sprint("storm ", i), Received: noon}}
			select {
			case f.updates <- u:
			case <-h.ctx.Done():
				return
			}
		}
	}()
	flushes := 0
	h.until("the storm is over", func() bool {
		flushes++ // each look is after something on the main goroutine
		select {
		case <-passed:
			return true
		default:
			return false
		}
	})
	// Each flush may reload and fill up: some redraws, whatever the number of
	// events.
	if n := h.events.redraws - before; n > 4*flushes+4 {
		t.Errorf("%d redraws for %d flushes of %d events", n, flushes, storm)
	}
}
