package window

import (
	"strings"
	"testing"

	"bellwire/internal/control"

	"github.com/google/go-cmp/cmp"
)

// placesIn reads "a b | Folder: c d".
func placesIn(text string) []control.Place {
	all := []control.Place{}
	for part := range strings.SplitSeq(text, "|") {
		folder, ids, ok := strings.Cut(part, ":")
		if !ok {
			folder, ids = "", part
		}
		for id := range strings.FieldsSeq(ids) {
			all = append(all, control.Place{Feed: id, Folder: strings.TrimSpace(folder)})
		}
	}
	return all
}

func TestArranging(t *testing.T) {
	all := placesIn("a b | W: c d | H: e")
	for name, c := range map[string]struct {
		got  []control.Place
		want string
	}{
		"before another":           {moved(all, "d", "W", "c"), "a b | W: d c | H: e"},
		"to the end":               {moved(all, "c", "W", ""), "a b | W: d c | H: e"},
		"into a folder":            {moved(all, "a", "H", "e"), "b | W: c d | H: a e"},
		"out of a folder":          {moved(all, "e", "", "a"), "e a b | W: c d"},
		"out, to the end":          {moved(all, "c", "", ""), "a b c | W: d | H: e"},
		"into a new folder":        {moved(all, "a", "N", ""), "b | W: c d | H: e | N: a"},
		"before itself":            {moved(all, "a", "", "a"), "a b | W: c d | H: e"},
		"nobody":                   {moved(all, "x", "W", ""), "a b | W: c d | H: e"},
		"up":                       {stepped(all, "b", true), "b a | W: c d | H: e"},
		"down":                     {stepped(all, "c", false), "a b | W: d c | H: e"},
		"up from the top":          {stepped(all, "a", true), "a b | W: c d | H: e"},
		"up out of a folder":       {stepped(all, "c", true), "a b c | W: d | H: e"},
		"up to another folder":     {stepped(all, "e", true), "a b | W: c d e"},
		"down into a folder":       {stepped(all, "b", false), "a | W: b c d | H: e"},
		"down to another folder":   {stepped(all, "d", false), "a b | W: c | H: d e"},
		"down from the end":        {stepped(all, "e", false), "a b | W: c d | H: e"},
		"up where all is foldered": {stepped(placesIn("W: c d"), "c", true), "c | W: d"},
		"a folder up":              {steppedFolder(all, "H", true), "a b | H: e | W: c d"},
		"a folder down":            {steppedFolder(all, "W", false), "a b | H: e | W: c d"},
		"the first folder up":      {steppedFolder(all, "W", true), "a b | W: c d | H: e"},
		"a folder is renamed":      {renamed(all, "W", "X"), "a b | X: c d | H: e"},
		"two become one":           {renamed(all, "H", "W"), "a b | W: c d e"},
		"a folder is deleted":      {renamed(all, "W", ""), "a b c d | H: e"},
		"folders that are mixed":   {grouped(placesIn("W: a | b | H: c | W: d")), "b | W: a d | H: c"},
	} {
		if diff := cmp.Diff(placesIn(c.want), c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(placesIn("a b | W: c d | H: e"), all); diff != "" {
		t.Errorf("what was given has changed:\n%s", diff)
	}
}

// order is what the sidebar shows, as placesIn reads it.
func (h *harness) order() []control.Place {
	all, folder := []control.Place{}, ""
	for _, r := range h.sidebar.rows {
		switch e := r.entry; {
		case e.heading:
			folder = e.choice.folder
		case e.isFeed():
			all = append(all, control.Place{Feed: e.choice.feed, Folder: folder})
		}
	}
	return all
}

func (h *harness) ordered(want string) {
	h.t.Helper()
	if diff := cmp.Diff(placesIn(want), h.order()); diff != "" {
		h.t.Errorf("the sidebar's order (-want +got):\n%s", diff)
	}
}

// inFolders is plenty with feeds in two folders: ci done | Home: hass | Work:
// stocks old.
func inFolders() *fake {
	f := plenty()
	for i, folder := range []string{"", "Home", "Work", "Work", ""} {
		f.status.Feeds[i].Look.Folder = folder
	}
	return f
}

func TestAnArrangementIsSavedAtOnce(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	h.ordered("ci done | Home: hass | Work: stocks old")
	h.arrange(moved(h.places(), "old", "", "ci"))
	h.ordered("old ci done | Home: hass | Work: stocks")
	// What the daemon said before it heard does not count.
	s, _ := h.fake.Status(t.Context())
	h.setStatus(s)
	h.ordered("old ci done | Home: hass | Work: stocks")
	// The next change waits for the first.
	h.arrange(moved(h.places(), "stocks", "Home", ""))
	h.fake.with(func() { h.fake.arranges = true })
	h.until("both are saved", func() bool { return h.arrangement.wanted == nil })
	h.ordered("old ci done | Home: hass stocks")
	h.fake.with(func() {
		if diff := cmp.Diff(placesIn("old ci done | Home: hass stocks"), h.fake.desk.places); diff != "" {
			t.Errorf("saved (-want +got):\n%s", diff)
		}
	})
}

func TestAnArrangementThatIsRefusedGoesBack(t *testing.T) {
	h := open(t, inFolders(), Options{})
	h.loaded()
	h.fake.with(func() { h.fake.failure = &control.Error{Message: "the disk is full", Hint: "Free some space."} })
	h.arrange(moved(h.places(), "old", "", "ci"))
	h.arrange(moved(h.places(), "done", "Home", ""))
	h.ordered("old ci | Home: hass done | Work: stocks")
	h.until("it goes back", func() bool { return h.arrangement.wanted == nil })
	h.ordered("ci done | Home: hass | Work: stocks old")
	if got := h.notices.bars[noticeTrouble].text.Text; got != "The new order could not be saved. The disk is full. Free some space." {
		t.Errorf("says %q", got)
	}
}
