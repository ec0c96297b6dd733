package window

import (
	"fmt"
	"image"
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

// furnished is a daemon with everything that a sidebar can show.
func furnished() *fake {
	f := inFolders()
	feeds := f.status.Feeds
	feeds[0].Look.Icon, feeds[0].Look.Colour = "🚀", "blue"
	feeds[0].MutedUntil = noon.Add(time.Hour)
	feeds[1].Since = noon.Add(-time.Minute)
	feeds[2].Look.Colour, feeds[2].Unread = "purple", 12345
	long := feedIn("long", strings.Repeat("A very long name ", 6), subscriptions.StateConnecting)
	long.Look.Folder, long.Look.Icon = strings.Repeat("A very long folder ", 3), "ABCDEFGH"
	f.status.Feeds = append(feeds, long)
	f.desk.activity = control.Activity{Until: noon.Add(time.Minute), Feeds: map[string][]int64{"ci": {23: 7}}}
	f.desk.searches = []control.SavedSearch{{Name: "Failures", Text: "failed"}, {Name: strings.Repeat("long name ", 6), Text: "Build"}}
	return f
}

// openFurnished also waits for what is asked for on the way.
func openFurnished(t *testing.T, f *fake) *harness {
	t.Helper()
	h := open(t, f, Options{})
	h.loaded()
	h.until("searches and activity", func() bool {
		return len(h.sidebar.saved.list) == len(f.desk.searches) && h.lately.known
	})
	return h
}

func TestSidebarPages(t *testing.T) {
	for name, do := range map[string]func(*harness){
		"folders": func(*harness) {},
		"folders-narrow": func(h *harness) {
			h.panes.sidebarW = minSidebar
			h.panes.Refresh()
		},
		"folders-closed": func(h *harness) {
			h.sidebar.setClosed("Work", true)
			h.sidebar.setClosed("Home", true)
		},
		"folder-name": func(h *harness) {
			h.renameFolder("Home")
			h.sidebar.naming.entry.SetText("")
			h.sidebar.naming.entry.OnSubmitted("")
		},
		"tooltip": func(h *harness) {
			r := h.sidebar.row("hass")
			r.MouseIn(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, 15)}})
			h.advance(tipDelay)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := openFurnished(t, furnished())
			do(h)
			h.golden(name)
		})
	}
}

func TestTheSidebarHoldsManyFeeds(t *testing.T) {
	f := newFake()
	for i := range 40 {
		f.status.Feeds = append(f.status.Feeds, feedIn(fmt.Sprint("feed", i), fmt.Sprint("Feed ", i), subscriptions.StateOpen))
	}
	h := open(t, f, Options{})
	h.until("the feeds", func() bool { return len(h.sidebar.rows) == 42 })
	h.win.Canvas().Focus(h.sidebar.rows[0])
	for range 50 {
		h.key(fyne.KeyDown)
	}
	last := h.sidebar.rows[41]
	if h.win.Canvas().Focused() != last {
		t.Fatal("the last row does not have the focus")
	}
	s := h.sidebar.scroll
	if y := last.Position().Y - s.Offset.Y; y < 0 || y+last.Size().Height > s.Size().Height {
		t.Errorf("the last row is at %v of %v", y, s.Size().Height)
	}
	h.key(fyne.KeyHome)
	if s.Offset.Y != 0 {
		t.Errorf("the first row is %v below the top", s.Offset.Y)
	}
	h.key(fyne.KeyDown)
	h.key(fyne.KeyReturn)
	if h.choice != (choice{unread: true}) {
		t.Errorf("Return chose %+v", h.choice)
	}
}

func TestFolders(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	heading := func(folder string) *feedRow { return h.sidebar.known[choice{folder: folder}.key()] }
	at := func(x float32) *fyne.PointEvent { return &fyne.PointEvent{Position: fyne.NewPos(x, 10)} }

	heading("Work").Tapped(at(20))
	h.ordered("ci done | Home: hass")
	if e := heading("Work").entry; e.state != subscriptions.StateBlocked || !strings.Contains(e.stateTip, "credentials") {
		t.Errorf("the closed folder tells of %q: %q", e.state, e.stateTip)
	}
	if got := h.prefs.StringList(prefClosed); len(got) != 1 || got[0] != "Work" {
		t.Errorf("%q is remembered", got)
	}
	heading("Work").Tapped(at(20))
	h.ordered("ci done | Home: hass | Work: stocks old")

	heading("Home").Tapped(at(80))
	h.until("its search", func() bool { return h.fake.asked(control.Query{Text: `folder:"Home"`, Limit: pageSize}) })
	if h.choice.folder != "Home" || !heading("Home").entry.selected || h.events.title.line.full != "Home" {
		t.Errorf("chosen %+v, called %q", h.choice, h.events.title.line.full)
	}
	h.typed("/door")
	h.advance(searchDelay)
	h.until("both", func() bool { return h.fake.asked(control.Query{Text: `folder:"Home" door`, Limit: pageSize}) })

	// It is gone with its last feed.
	h.arrange(moved(h.places(), "hass", "", ""))
	if h.choice.folder != "" || heading("Home") != nil {
		t.Error("an empty folder is there still")
	}
}

// asked reports whether history was asked for q.
func (f *fake) asked(q control.Query) (yes bool) {
	f.with(func() {
		for _, have := range f.queries {
			yes = yes || have == q
		}
	})
	return yes
}

func TestFoldersAreRenamedAndDeleted(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	h.choose(choice{folder: "Work"})
	h.sidebar.setClosed("Work", true)
	h.renameFolder("Work")
	entry := h.sidebar.naming.entry
	if h.win.Canvas().Focused() != entry || entry.Text != "Work" {
		t.Errorf("asks for %q", entry.Text)
	}
	for text, want := range map[string]string{
		" ": "A name is needed.", `my "things"`: "The name of a folder cannot hold a quotation mark.", strings.Repeat("x", 61): "A name has at most 60 characters.",
	} {
		entry.OnSubmitted(text)
		if got := h.sidebar.naming.error.Text; got != want {
			t.Errorf("%q: says %q", text, got)
		}
	}
	entry.OnSubmitted(" Play\n")
	if h.choice.folder != "Play" || !h.sidebar.isClosed("Play") || h.sidebar.isClosed("Work") || h.sidebar.naming != nil {
		t.Errorf("shows %+v, closed are %q", h.choice, h.sidebar.closed)
	}
	h.sidebar.setClosed("Play", false)
	h.ordered("ci done | Home: hass | Play: stocks old")
	h.deleteFolder("Play")
	h.ordered("ci done stocks old | Home: hass")
	h.notices.bars[noticeUndo].button.OnTapped()
	h.ordered("ci done | Home: hass | Play: stocks old")

	// A longer name is selected as a whole, to be typed over.
	h.sidebar.ask(keyNewFolder, "two words", "", checkFolder, func(string) {})
	if got := h.sidebar.naming.entry.SelectedText(); got != "two words" {
		t.Errorf("%q is selected", got)
	}
	// A folder that goes takes the question along.
	h.renameFolder("Home")
	h.arrange(moved(h.places(), "hass", "", ""))
	if h.sidebar.naming != nil || h.win.Canvas().Focused() != h.events.list {
		t.Error("asks for the name of nothing")
	}
	h.arrange(moved(h.places(), "hass", "Home", ""))
	h.arrange(steppedFolder(h.places(), "Home", true))

	// Escape leaves everything as it is.
	h.renameFolder("Play")
	h.key(fyne.KeyEscape)
	if h.sidebar.naming != nil || h.win.Canvas().Focused() != h.events.list {
		t.Error("still asks for a name")
	}
	h.ordered("ci done | Home: hass | Play: stocks old")
}

// drags moves the pointer from a feed's row to a height in another row.
func (h *harness) drags(feed string, to *feedRow, part float32) *feedRow {
	r := h.sidebar.row(feed)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(to).AddXY(40, part*to.Size().Height)
	r.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}})
	return r
}

func TestDragging(t *testing.T) {
	folder := func(name string) func(*harness) *feedRow {
		return func(h *harness) *feedRow { return h.sidebar.known[choice{folder: name}.key()] }
	}
	feed := func(id string) func(*harness) *feedRow {
		return func(h *harness) *feedRow { return h.sidebar.row(id) }
	}
	for name, c := range map[string]struct {
		feed string
		to   func(*harness) *feedRow
		part float32
		want string
	}{
		"above another":                 {"done", feed("ci"), 0.2, "done ci | Home: hass | Work: stocks old"},
		"below another":                 {"ci", feed("done"), 0.8, "done ci | Home: hass | Work: stocks old"},
		"onto itself":                   {"ci", feed("ci"), 0.6, "ci done | Home: hass | Work: stocks old"},
		"into a folder, below its name": {"ci", folder("Work"), 0.9, "done | Home: hass | Work: ci stocks old"},
		"to the end of the one above":   {"ci", folder("Work"), 0.1, "done | Home: hass ci | Work: stocks old"},
		"to the end of all":             {"ci", feed("old"), 0.9, "done | Home: hass | Work: stocks old ci"},
		"out of a folder":               {"old", feed("ci"), 0.1, "old ci done | Home: hass | Work: stocks"},
		"the last one out":              {"hass", feed("done"), 0.9, "ci done hass | Work: stocks old"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, inFolders(), Options{})
			h.loaded()
			r := h.drags(c.feed, c.to(h), c.part)
			if !h.sidebar.line.Visible() {
				t.Error("no line says where it would go")
			}
			h.ordered("ci done | Home: hass | Work: stocks old")
			r.DragEnd()
			h.ordered(c.want)
			if h.sidebar.line.Visible() || h.sidebar.drag != nil {
				t.Error("it is dragged still")
			}
			if changed := c.want != "ci done | Home: hass | Work: stocks old"; changed {
				h.until("it is saved", func() bool { return h.fake.has(fmt.Sprint("arrange ", placesIn(c.want))) })
			}
		})
	}
}

// Where every feed is in a folder, above the first one is the way out.
func TestDraggingOutOfTheFirstFolder(t *testing.T) {
	f := inFolders()
	f.status.Feeds = f.status.Feeds[1:4]
	h := open(t, f, Options{})
	h.until("the feeds", func() bool { return len(h.sidebar.rows) == 7 })
	h.ordered("Home: hass | Work: stocks old")
	h.drags("old", h.sidebar.known[choice{folder: "Home"}.key()], 0.1).DragEnd()
	h.ordered("old | Home: hass | Work: stocks")
}

func TestDraggingIntoAClosedFolder(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	h.sidebar.setClosed("Home", true)
	heading := h.sidebar.known[choice{folder: "Home"}.key()]
	r := h.drags("ci", heading, 0.5)
	if !heading.target {
		t.Error("the folder does not say that it takes it")
	}
	r.DragEnd()
	if heading.target {
		t.Error("the folder still says so")
	}
	h.sidebar.setClosed("Home", false)
	h.ordered("done | Home: hass ci | Work: stocks old")
}

func TestADragCanBeCancelled(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	r := h.drags("old", h.sidebar.row("ci"), 0)
	h.key(fyne.KeyEscape)
	if h.sidebar.line.Visible() {
		t.Error("the line is there still")
	}
	h.drags("old", h.sidebar.row("ci"), 0.1) // the button is held still
	if h.sidebar.line.Visible() {
		t.Error("the line is there again")
	}
	r.DragEnd()
	h.ordered("ci done | Home: hass | Work: stocks old")
	h.drags("old", h.sidebar.row("ci"), 0).DragEnd()
	h.ordered("old ci done | Home: hass | Work: stocks")
}

// While a row is dragged nothing moves, whatever the daemon says.
func TestNothingMovesWhileDragging(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	r := h.drags("old", h.sidebar.row("ci"), 0)
	at := h.sidebar.row("hass").Position()
	s, _ := h.fake.Status(t.Context())
	s.Feeds = append([]control.Feed{feedIn("new", "new", subscriptions.StateOpen)}, s.Feeds...)
	h.setStatus(s)
	if got := h.sidebar.row("hass").Position(); got != at {
		t.Errorf("a row moved from %v to %v", at, got)
	}
	r.DragEnd()
	h.ordered("new old ci done | Home: hass | Work: stocks")
}

func TestDraggingScrollsNearTheEdge(t *testing.T) {
	f := newFake()
	for i := range 40 {
		f.status.Feeds = append(f.status.Feeds, feedIn(fmt.Sprint("feed", i), fmt.Sprint("Feed ", i), subscriptions.StateOpen))
	}
	h := open(t, f, Options{})
	h.until("the feeds", func() bool { return len(h.sidebar.rows) == 42 })
	s := h.sidebar
	bottom := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.scroll).AddXY(40, s.scroll.Size().Height-4)
	r := s.row("feed0")
	r.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: bottom}})
	end := s.scroll.Content.MinSize().Height - s.scroll.Size().Height
	for i := 0; s.scroll.Offset.Y < end; i++ {
		if i > 1000 {
			t.Fatal("it does not come to the end")
		}
		h.advance(scrollEvery)
	}
	h.advance(scrollEvery)
	if n := h.pending(); n != 0 {
		t.Errorf("%d timers run at the end", n)
	}
	r.DragEnd()
	if all := h.order(); all[len(all)-1].Feed != "feed0" {
		t.Errorf("the last is %q", all[len(all)-1].Feed)
	}
}

func TestOrderByKeyboard(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	h.win.Canvas().Focus(h.sidebar.row("stocks"))
	h.stepFocused(true)
	h.ordered("ci done | Home: hass stocks | Work: old")
	if h.win.Canvas().Focused() != h.sidebar.row("stocks") {
		t.Error("the focus has not come along")
	}
	h.sidebar.setClosed("Work", true)
	h.stepFocused(false) // a closed folder opens: the row must be seen
	h.ordered("ci done | Home: hass | Work: stocks old")
	h.win.Canvas().Focus(h.sidebar.known[choice{folder: "Home"}.key()])
	h.stepFocused(false)
	h.ordered("ci done | Work: stocks old | Home: hass")
	h.focusList()
	h.stepFocused(false) // nothing to move: nothing happens
	h.ordered("ci done | Work: stocks old | Home: hass")
}

func TestMenusByKeyboard(t *testing.T) {
	h := openFurnished(t, furnished())
	for _, name := range []fyne.KeyName{desktop.KeyMenu, fyne.KeyF10} {
		for _, r := range h.sidebar.rows {
			h.win.Canvas().Focus(r)
			r.TypedKey(&fyne.KeyEvent{Name: name})
			top := h.win.Canvas().Overlays().Top()
			if top == nil {
				t.Errorf("%s: %s opens no menu", r.entry.name, name)
				continue
			}
			h.key(fyne.KeyEscape)
			if h.win.Canvas().Overlays().Top() != nil {
				t.Errorf("%s: Escape does not close its menu", r.entry.name)
			}
		}
	}
}

// A state that comes and goes must not move the rows under the pointer.
func TestRowsKeepTheirHeightUnderThePointer(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	done := h.sidebar.row("done")
	at := done.Position()
	done.MouseIn(&desktop.MouseEvent{})
	s := h.status
	s.Feeds = append([]control.Feed(nil), s.Feeds...)
	s.Feeds[0].State = subscriptions.StateConnecting
	h.setStatus(s)
	if got := done.Position(); got != at {
		t.Errorf("the row went from %v to %v", at, got)
	}
	done.MouseOut()
	h.sidebar.row("ci").MouseIn(&desktop.MouseEvent{}) // still among them
	h.advance(settleAfter)
	if h.sidebar.row("ci").tall {
		t.Error("a row has grown under the pointer")
	}
	h.sidebar.row("ci").MouseOut()
	h.advance(settleAfter)
	if !h.sidebar.row("ci").tall || done.Position() == at {
		t.Error("the row has no second line")
	}
}

func TestSparklines(t *testing.T) {
	a := control.Activity{Until: noon, Feeds: map[string][]int64{"ci": {0: 1, 22: 2, 23: 8}, "short": {5}, "long": make([]int64, 30)}}
	a.Feeds["long"][29] = 3
	for name, c := range map[string]struct {
		feed string
		now  time.Time
		want hours
	}{
		"now":                   {"ci", noon.Add(-time.Minute), hours{0: 1, 22: 2, 23: 8}},
		"an hour has begun":     {"ci", noon.Add(time.Minute), hours{21: 2, 22: 8}},
		"asked a day ago":       {"ci", noon.Add(24 * time.Hour), hours{}},
		"asked a long time ago": {"ci", noon.AddDate(1, 0, 0), hours{}},
		"few":                   {"short", noon.Add(-time.Minute), hours{23: 5}},
		"too many":              {"long", noon.Add(-time.Minute), hours{23: 3}},
		"none":                  {"nobody", noon, hours{}},
	} {
		if diff := cmp.Diff(c.want, hoursOf(a, c.feed, c.now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, c := range map[string]struct {
		hours hours
		want  [control.ActivityHours]int
	}{
		"none":           {hours{}, [control.ActivityHours]int{}},
		"few stay small": {hours{0: 1, 1: 2}, [control.ActivityHours]int{0: 4, 1: 7}},
		"one of many":    {hours{0: 1, 1: 5000, 2: 2500}, [control.ActivityHours]int{0: 2, 1: 14, 2: 7}},
	} {
		if diff := cmp.Diff(c.want, c.hours.heights(14)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	test.NewTempApp(t).Settings().SetTheme(newLook("dark"))
	s := newSpark()
	s.hours = hours{23: 8}
	for _, size := range []image.Point{{48, 14}, {96, 28}, {7, 3}, {0, 0}} {
		if got := s.draw(size.X, size.Y).Bounds().Size(); got != size {
			t.Errorf("drawn %v for %v", got, size)
		}
	}
}

// The counts are asked for when there are others, once a minute at most.
func TestActivityIsAskedForSparingly(t *testing.T) {
	h := openFurnished(t, furnished())
	asked := func() (n int) {
		h.fake.with(func() {
			for _, c := range h.fake.calls {
				if c == "activity" {
					n++
				}
			}
		})
		return n
	}
	if got := h.sidebar.row("ci").entry.hours.sum(); got != 7 || asked() != 1 {
		t.Errorf("%d events, asked %d times", got, asked())
	}
	s, _ := h.fake.Status(t.Context())
	h.setStatus(s)
	if h.lately.stop != nil {
		t.Error("it will ask although nothing has changed")
	}
	for range 10 {
		s.LastSeq++
		h.setStatus(s)
	}
	h.advance(activityEvery - time.Second)
	if got := asked(); got != 1 {
		t.Errorf("asked %d times within a minute", got)
	}
	h.advance(time.Second)
	h.until("it asks again", func() bool { return asked() == 2 && !h.lately.asking })
	if h.lately.stop != nil {
		t.Error("it will ask a third time")
	}
}

func TestTheFeedMenu(t *testing.T) {
	labels := func(items []*fyne.MenuItem) (out []string) {
		for _, i := range items {
			switch {
			case i.IsSeparator:
			case i.Disabled:
				out = append(out, "("+i.Label+")")
			case i.ChildMenu != nil:
				out = append(out, i.Label+" ▸")
			default:
				out = append(out, i.Label)
			}
		}
		return out
	}
	h := open(t, inFolders(), Options{})
	h.loaded()
	items := func(id string) []*fyne.MenuItem { f, _ := h.feed(id); return h.feedItems(f) }
	choose := func(items []*fyne.MenuItem, label string) {
		t.Helper()
		for _, i := range items {
			if i.Label == label {
				i.Action()
				return
			}
		}
		t.Errorf("no %q among %q", label, labels(items))
	}
	for id, want := range map[string][]string{
		"ci":  {"Edit…", "Status…", "Pause feed", "Reconnect now", "Mute ▸", "Mark all as read", "Move ▸", "Copy address", "Remove feed"},
		"old": {"Edit…", "Status…", "Resume feed", "(Reconnect now)", "Mute ▸", "(Mark all as read)", "Move ▸", "Copy address", "Remove feed"},
	} {
		if diff := cmp.Diff(want, labels(items(id))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	ci, _ := h.feed("ci")
	hass, _ := h.feed("hass")
	if diff := cmp.Diff([]string{"(Move up)", "Move down", "Home", "Work", "New folder…"}, labels(h.moveItems(ci))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Move up", "Move down", "Out of its folder", "(Home)", "Work", "New folder…"}, labels(h.moveItems(hass))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	choose(h.moveItems(hass), "Work")
	h.ordered("ci done | Work: stocks old hass")
	choose(h.moveItems(ci), "New folder…")
	h.sidebar.naming.entry.OnSubmitted("Play")
	h.ordered("done | Work: stocks old hass | Play: ci")
	choose(items("hass"), "Reconnect now")
	h.until("it reconnects", func() bool { return h.fake.has("reconnect hass") })
	h.fake.with(func() { h.status.Feeds[0].URL = "https://user:***@example.org/" })
	f := h.status.Feeds[0]
	choose(h.feedItems(f), "Copy address")
	if got := fyne.CurrentApp().Clipboard().Content(); got != f.URL {
		t.Errorf("copied %q", got)
	}
}
