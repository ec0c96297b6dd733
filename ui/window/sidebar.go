package window

import (
	"slices"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A choice is one entry of the sidebar: all events, the unread ones, those of
// a folder or of a feed; or what a summary told, which has no entry.
type choice struct {
	feed    string // "" is all
	folder  string
	unread  bool
	summary int64
}

// prefClosed keeps the names of the folders that are closed.
const prefClosed = "sidebar.closed"

// A sidebar lists the searches that were saved, the feeds by folder, and how
// they do.
type sidebar struct {
	*surface
	u      *ui
	rows   []*feedRow          // as they stand
	known  map[string]*feedRow // by key: a row stays with what it shows
	box    *fyne.Container
	scroll *container.Scroll
	label  *fyne.Container
	line   *canvas.Rectangle // where a dragged feed would go
	drag   *drag             // nil: nothing is dragged
	naming *naming           // nil: nothing is being named
	saved  savedSearches
	closed []string // folders

	// over is the row under the pointer; while there is one, rows keep their
	// height, so that it does not move away.
	over   *feedRow
	settle func()
}

func newSidebar(u *ui) *sidebar {
	s := &sidebar{u: u, known: map[string]*feedRow{}, line: canvas.NewRectangle(nil), settle: func() {}}
	s.closed = u.prefs.StringListWithFallback(prefClosed, nil)
	s.saved.icon = savedGlyph()
	label := widget.NewLabel(strings.ToUpper(words.Say("feeds.heading")))
	label.SizeName, label.TextStyle.Bold, label.Importance = sizeSmall, true, widget.LowImportance
	s.label = inset(label, 8, 0, 8, 0)
	s.box = column(0)
	s.line.CornerRadius = 1
	s.line.Hide()
	add := widget.NewButtonWithIcon(words.Say("feeds.add"), theme.ContentAddIcon(), u.openAdd)
	add.Importance, add.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	lines := container.NewWithoutLayout(s.line)
	s.scroll = container.NewVScroll(inset(container.NewStack(s.box, lines), 8, 8, 0, 0))
	s.scroll.OnScrolled = func(fyne.Position) { u.tips.hide() }
	s.surface = newSurface(colourSidebar, framed(nil, column(0, rule(), inset(add, 6, 6, 8, 8)), s.scroll))
	return s
}

// refresh brings the rows to what the daemon last said. While a row is
// dragged nothing moves.
func (s *sidebar) refresh() {
	if s.drag != nil {
		return
	}
	objects := []fyne.CanvasObject{}
	rows := s.rows[:0:0]
	used := map[string]*feedRow{}
	add := func(e feedEntry) {
		if s.naming != nil && s.naming.instead == e.key() {
			objects = append(objects, s.naming.Container)
			return
		}
		e.selected = s.isChosen(e)
		r := s.known[e.key()]
		if r == nil {
			r = newFeedRow(s.u)
		}
		r.set(e)
		used[e.key()] = r
		rows, objects = append(rows, r), append(objects, r)
	}
	for _, e := range s.top() {
		add(e)
	}
	if s.naming != nil && s.naming.instead == keyNewSearch {
		objects = append(objects, s.naming.Container)
	}
	groups := s.groups()
	if len(groups[0].entries) > 0 {
		objects = append(objects, s.label)
	}
	for _, g := range groups {
		if g.folder != "" {
			add(g.heading())
		}
		if !s.isClosed(g.folder) {
			for _, e := range g.entries {
				add(e)
			}
		}
	}
	if s.naming != nil && s.naming.instead == keyNewFolder {
		objects = append(objects, s.naming.Container)
	}
	if s.naming != nil && !slices.Contains(objects, fyne.CanvasObject(s.naming.Container)) {
		s.naming = nil // what it would name has gone
		s.u.focusList()
	}
	s.rows, s.known = rows, used
	if !slices.Equal(objects, s.box.Objects) {
		s.box.Objects = objects
		s.box.Refresh()
		s.scroll.Refresh()
	}
}

// top are the entries above the feeds.
func (s *sidebar) top() []feedEntry {
	entries := []feedEntry{
		{name: words.Say("feeds.all"), icon: theme.ListIcon()},
		{choice: choice{unread: true}, name: words.Say("feeds.unread"), icon: theme.VisibilityIcon(), count: s.u.status.Unread},
	}
	for _, v := range s.saved.list {
		entries = append(entries, feedEntry{search: v.Name, text: v.Text, name: oneLine(v.Name, maxTitle), icon: s.saved.icon})
	}
	return entries
}

// A group is a folder with its feeds; the first has no name.
type group struct {
	folder  string
	entries []feedEntry
	closed  bool
}

func (s *sidebar) groups() []group {
	groups := []group{{}}
	now := s.u.clock.now()
	feeds := s.u.feeds()
	for _, p := range places(feeds) {
		f, _ := s.u.feed(p.Feed)
		if s.u.down {
			f.Status, f.MutedUntil = subscriptions.Status{}, time.Time{} // nobody knows
		}
		if g := &groups[len(groups)-1]; g.folder != p.Folder {
			groups = append(groups, group{folder: p.Folder, closed: s.isClosed(p.Folder)})
		}
		e := entryOf(f, now)
		e.hours = hoursOf(s.u.lately.Activity, f.ID, now)
		g := &groups[len(groups)-1]
		g.entries = append(g.entries, e)
	}
	return groups
}

// heading is a folder's own row: what its feeds have together, and, while it
// hides them, the state that needs a person most.
func (g group) heading() feedEntry {
	e := feedEntry{choice: choice{folder: g.folder}, heading: true, closed: g.closed, name: oneLine(g.folder, maxTitle)}
	for _, f := range g.entries {
		e.count += f.count
		if g.closed && (f.state == subscriptions.StateBlocked || f.state == subscriptions.StateWaiting && e.state == "") {
			e.state, e.stateTip = f.state, f.name+words.Separator+f.stateTip
		}
	}
	return e
}

// isChosen reports whether an entry is what the list shows.
func (s *sidebar) isChosen(e feedEntry) bool {
	text, saved := s.u.search.query(), ""
	if s.u.choice == (choice{}) && text != "" {
		saved = s.saved.named(text)
	}
	if e.search != "" {
		return e.search == saved
	}
	return e.choice == s.u.choice && saved == ""
}

func (s *sidebar) isClosed(folder string) bool { return slices.Contains(s.closed, folder) }

// setClosed shows or hides the feeds of a folder, from now on.
func (s *sidebar) setClosed(folder string, yes bool) {
	if folder == "" || s.isClosed(folder) == yes {
		return
	}
	s.closed = slices.DeleteFunc(slices.Clone(s.closed), func(name string) bool { return name == folder })
	if yes {
		s.closed = append(s.closed, folder)
	}
	s.u.prefs.SetStringList(prefClosed, s.closed)
	s.refresh()
}

// row is the row of a feed in sight.
func (s *sidebar) row(feed string) *feedRow { return s.known[choice{feed: feed}.key()] }

// pointer is told which row the pointer is over; nil: it has left one.
func (s *sidebar) pointer(over *feedRow) {
	s.settle()
	s.settle = func() {}
	s.over = over
	if over != nil || !slices.ContainsFunc(s.rows, func(r *feedRow) bool { return r.tall != r.entry.isTall() }) {
		return
	}
	// The next row is told of only after this.
	s.settle = s.u.clock.after(settleAfter, func() {
		if s.over == nil && s.drag == nil {
			for _, r := range s.rows {
				r.fitHeight()
			}
		}
	})
}

// settleAfter is how long the pointer must have left the rows before their
// heights follow what they show.
const settleAfter = 300 * time.Millisecond

func entryOf(f control.Feed, now time.Time) feedEntry {
	e := feedEntry{
		choice: choice{feed: f.ID}, name: oneLine(f.Name, maxTitle), state: f.State, glyph: oneLine(f.Look.Icon, subscriptions.MaxLookIcon),
		count: f.Unread, note: words.State(f.Status, now), noteColour: colourSecondary, stateTip: sentence(words.StateInFull(f.Status, now)),
	}
	if name, ok := lookColour(f.Look); ok {
		e.colour = name
	}
	if muted := words.Muted(f.MutedUntil, now); muted != "" {
		e.muted = muted
		if e.note != "" { // there is no room for both in full
			f.Next = time.Time{}
			muted = words.Say("feed.muted") + words.Separator + words.State(f.Status, now)
		}
		e.note = muted
	}
	switch f.State {
	case subscriptions.StateWaiting:
		e.noteColour = colourWaitText
	case subscriptions.StateBlocked:
		e.noteColour = colourNeedsText
	}
	e.note = oneLine(e.note, maxTitle)
	return e
}

// A feedEntry is what a row of the sidebar shows.
type feedEntry struct {
	choice     choice
	search     string // the name of a saved search, instead of a choice
	text       string // and what it searches for
	heading    bool   // of a folder
	closed     bool   // a folder hides its feeds
	name       string
	icon       fyne.Resource       // instead of a state
	state      subscriptions.State //
	stateTip   string              // the state in full
	glyph      string              // a feed's own icon
	colour     fyne.ThemeColorName // and its own colour; "" is none
	count      int64               // unread
	hours      hours               // events of the last day
	note       string              // the second line; "" for none
	noteColour fyne.ThemeColorName
	muted      string // until when, in words; "": it is not
	selected   bool
}

func (e feedEntry) isFeed() bool { return e.choice.feed != "" }

func (e feedEntry) isTall() bool { return e.note != "" }

// key tells rows apart.
func (e feedEntry) key() string {
	if e.search != "" {
		return "search\x00" + e.search
	}
	return e.choice.key()
}

func (c choice) key() string {
	switch {
	case c.feed != "":
		return "feed\x00" + c.feed
	case c.folder != "":
		return "folder\x00" + c.folder
	case c.unread:
		return "unread"
	}
	return "all"
}

// folderQuery is the search for the events of a folder.
func folderQuery(folder string) string {
	return `folder:"` + strings.ReplaceAll(folder, `"`, " ") + `"`
}
