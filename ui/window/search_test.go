package window

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

// slowly is a daemon whose searches look at 100 of 1000 rows a page; the one
// match is the oldest.
func slowly() *fake {
	f := newFake()
	f.status.Feeds = plenty().status.Feeds
	f.fill(1000, noon)
	f.events[0].Title = "needle"
	f.desk.step, f.desk.pace = 100, make(chan struct{}, 100)
	return f
}

func TestSearchGoesOnByItself(t *testing.T) {
	h := open(t, slowly(), Options{})
	h.loaded()
	h.typed("/needle")
	h.key(fyne.KeyReturn)
	for range 3 {
		h.fake.desk.pace <- struct{}{}
	}
	h.until("it looks further", func() bool { return h.events.hist.low == 701 })
	strip := h.events.further.strip
	if strip.Visible() {
		t.Error("it tells of a wait at once")
	}
	if got := h.events.empty.title.Text; got != "Looking…" {
		t.Errorf("says %q", got)
	}
	h.advance(progressAfter)
	h.until("how far it looked", func() bool { return strip.text.Text == "Looking further back… Today" })
	for range 7 {
		h.fake.desk.pace <- struct{}{}
	}
	h.until("the match", func() bool { return len(h.events.hist.rows) == 1 && h.events.hist.end })
	if strip.Visible() || h.events.empty.Visible() {
		t.Error("it still tells of the wait")
	}
}

func TestSearchCanBeStopped(t *testing.T) {
	h := open(t, slowly(), Options{})
	h.loaded()
	h.typed("/needle")
	h.key(fyne.KeyReturn)
	h.fake.desk.pace <- struct{}{}
	h.until("it looks further", func() bool { return h.events.hist.low == 901 && len(h.events.hist.rows) == 0 })
	h.advance(progressAfter)
	strip := h.events.further.strip
	test.Tap(strip.button)
	h.until("how far it looked", func() bool { return strip.text.Text == "Looked back to Today." })
	if got := h.events.empty.title.Text; got != "Nothing found so far" {
		t.Errorf("says %q", got)
	}
	for range 20 {
		h.fake.desk.pace <- struct{}{}
	}
	if strip.button.Text != "Go on" {
		t.Fatalf("offers %q", strip.button.Text)
	}
	test.Tap(strip.button)
	h.until("the match", func() bool { return len(h.events.hist.rows) == 1 && h.events.hist.end })
}

func TestSearchThatCannotBeRead(t *testing.T) {
	f := plenty()
	f.desk.refuse = map[string]error{"priority:high": control.Refuse(400, "Write a number, like priority:>=4.", "priority:high is not a priority")}
	h := open(t, f, Options{})
	h.loaded()
	h.typed("/priority:")
	h.advance(searchDelay)
	if h.events.generation != 1 {
		t.Error("half a condition is searched for")
	}
	h.typed("high")
	h.advance(searchDelay)
	helper := h.search.helper
	h.until("it says so", func() bool { return helper.trouble.Visible() })
	if got := helper.trouble.Text + " " + helper.hint.Text; got != "Priority:high is not a priority. Write a number, like priority:>=4." {
		t.Errorf("says %q", got)
	}
	if len(h.events.hist.rows) != 5 || h.events.empty.Visible() {
		t.Error("the list went away")
	}
	h.arrive(subscriptions.Event{Title: "new", Feed: "ci", Received: noon})
	h.until("the list goes on", func() bool { return h.events.hist.newest() == 6 })
	h.key(fyne.KeyEscape)
	if helper.trouble.Visible() || h.search.Text != "" {
		t.Error("the error stays")
	}
}

func TestSuggest(t *testing.T) {
	feeds := []control.Feed{{ID: "ci", Name: "ci"}, {ID: "ha", Name: "Home Assistant"}}
	feeds[1].Look.Folder = "At home"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing yet":         {"", []string{"from:", "is:unread", "priority:>=4", "after:2025-05-27", "before:", "has:link", `"…"`, "-"}},
		"a word":              {"deploy", nil},
		"after a word":        {"deploy ", nil},
		"the start of a name": {"deploy pr", []string{"priority:"}},
		"feeds":               {"from:", []string{"from:ci", `from:"Home Assistant"`}},
		"some feeds":          {"from:hom", []string{`from:"Home Assistant"`}},
		"in quotes":           {`from:"home a`, []string{`from:"Home Assistant"`}},
		"none of them":        {"-from:c", []string{"-from:ci"}},
		"folders":             {"folder:", []string{`folder:"At home"`}},
		"done":                {"from:ci", nil},
		"days":                {"before:", []string{"before:2025-06-03", "before:2025-06-02", "before:2025-05-27", "before:2025-05-04"}},
		"an address":          {"https:", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range suggest(c.text, utf8.RuneCountInString(c.text), feeds, noon) {
				got = append(got, s.insert)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSuggestionsByKeyboard(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	h.typed("/")
	if !h.search.helper.panel.Visible() {
		t.Fatal("nothing is suggested")
	}
	h.key(fyne.KeyDown)
	h.key(fyne.KeyReturn)
	if h.search.Text != "from:" || h.win.Canvas().Focused() != h.search {
		t.Fatalf("wrote %q", h.search.Text)
	}
	h.key(fyne.KeyDown)
	h.key(fyne.KeyDown)
	h.key(fyne.KeyTab)
	if h.search.Text != `from:"Home Assistant" ` {
		t.Fatalf("wrote %q", h.search.Text)
	}
	h.typed("is:un")
	h.key(fyne.KeyTab)
	if h.search.Text != `from:"Home Assistant" is:unread ` {
		t.Fatalf("wrote %q", h.search.Text)
	}
	h.key(fyne.KeyEscape)
	if h.search.Text != "" || h.search.helper.panel.Visible() {
		t.Error("Escape does not clear it")
	}
	// A click, which takes the focus first.
	h.typed("/")
	row := h.search.helper.rows[1]
	row.MouseIn(nil)
	h.win.Canvas().Unfocus()
	row.Tapped(nil)
	if h.search.Text != "is:unread " || h.win.Canvas().Focused() != h.search {
		t.Errorf("wrote %q", h.search.Text)
	}
}

func TestExport(t *testing.T) {
	dir := t.TempDir()
	var got []int64
	var folder string
	f := plenty()
	f.fill(150, noon)
	failure := error(nil)
	h := open(t, f, Options{
		Export: func(format, path string, events iter.Seq2[subscriptions.Event, error]) (int, error) {
			got = nil
			for e, err := range events {
				if err != nil {
					return len(got), err
				}
				got = append(got, e.Seq)
			}
			if failure != nil {
				return 0, failure
			}
			return len(got), os.WriteFile(path, []byte(format), 0o600)
		},
		OpenFolder: func(p string) error { folder = p; return nil },
	})
	h.loaded()
	h.typed("J")
	h.openExport(h.events.many.target())
	p := h.export
	path := filepath.Join(dir, "x.csv")
	p.format.SetSelected(p.format.Options[1])
	p.entry.SetText(path)
	test.Tap(p.save)
	h.until("it is written", func() bool { return p.done.Visible() })
	if b, err := os.ReadFile(path); err != nil || string(b) != "csv" {
		t.Errorf("%q, %v", b, err)
	}
	if d := cmp.Diff([]int64{155}, got); d != "" {
		t.Error(d)
	}
	if p.done.Text != "1 event was written to\n"+path {
		t.Errorf("says %q", p.done.Text)
	}
	test.Tap(p.folder)
	if folder != dir {
		t.Errorf("opened %q", folder)
	}

	test.Tap(p.save)
	if p.path.error.Text != "There is such a file already." {
		t.Errorf("says %q", p.path.error.Text)
	}
	p.entry.SetText("x.csv")
	test.Tap(p.save)
	if p.path.error.Text != "This is not a full path." {
		t.Errorf("says %q", p.path.error.Text)
	}

	h.openExport(nil)
	p.entry.SetText(filepath.Join(dir, "all.json"))
	test.Tap(p.save)
	h.until("all is written", func() bool { return p.done.Visible() && p.stop == nil })
	if len(got) != 155 || got[0] != 155 || got[154] != 1 {
		t.Errorf("%d events", len(got))
	}

	failure = errors.New("no room")
	p.entry.SetText(filepath.Join(dir, "none.json"))
	test.Tap(p.save)
	h.until("it fails", func() bool { return p.path.error.Visible() })
	if p.path.hint.Text != "no room" {
		t.Errorf("says %q", p.path.hint.Text)
	}
	failure = context.Canceled
	test.Tap(p.save)
	h.until("it is cancelled", func() bool { return p.done.Visible() })
	h.key(fyne.KeyEscape)
}

func TestTheHeadCounts(t *testing.T) {
	h := open(t, plenty(), Options{})
	h.loaded()
	note := func() string { return h.events.title.note.full }
	if got := note(); got != "2 unread" {
		t.Errorf("all events: %q", got)
	}
	h.typed("/Deploy")
	h.key(fyne.KeyReturn)
	h.until("what was found", func() bool { return note() == "1 found" })
	h.search.end.Tapped(nil)
	h.until("all events again", func() bool { return note() == "2 unread" && len(h.events.hist.rows) == 5 })
	if h.search.Text != "" || h.search.end.clears() {
		t.Errorf("the cross leaves %q", h.search.Text)
	}
	h.choose(choice{unread: true})
	if got := note(); got != "2 events" {
		t.Errorf("what is unread: %q", got)
	}
	h.choose(choice{feed: "hass"})
	if got := note(); got != "" {
		t.Errorf("a feed that is read: %q", got)
	}
}

// While the daemon makes its index anew, a page may come no further than the
// one before. That is not the end.
func TestASearchThatWaitsForTheIndexGoesOn(t *testing.T) {
	f := newFake()
	f.status.Feeds = plenty().status.Feeds
	f.fill(300, noon)
	f.events[2].Title = "needle"
	f.desk.step, f.desk.stuck, f.desk.pace = 100, 3, make(chan struct{})
	close(f.desk.pace)
	h := open(t, f, Options{})
	h.loaded()
	h.search.SetText("needle")
	h.searchNow()
	h.until("it is found", func() bool { return len(h.events.hist.rows) == 1 && h.events.hist.rows[0].title == "needle" })
}
