package window

import (
	"strings"
	"testing"

	"bellwire/internal/control"

	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

func (h *harness) saved(want ...control.SavedSearch) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.sidebar.saved.list); diff != "" {
		h.t.Errorf("the sidebar's searches (-want +got):\n%s", diff)
	}
	h.until("the daemon has them", func() (same bool) {
		h.fake.with(func() { same = cmp.Equal(want, h.fake.desk.searches) })
		return same
	})
}

// searchRow is the row of a saved search; nil: there is none.
func (h *harness) searchRow(name string) *feedRow {
	return h.sidebar.known[feedEntry{search: name}.key()]
}

func TestSavedSearchesAreRun(t *testing.T) {
	f := plenty()
	f.desk.searches = []control.SavedSearch{{Name: "Failures", Text: "failed"}}
	h := openFurnished(t, f)
	h.choose(choice{feed: "hass"})
	test.Tap(h.searchRow("Failures"))
	h.until("what it finds", func() bool { return len(h.events.hist.rows) == 1 && h.events.hist.rows[0].seq == 5 })
	if got := h.events.title.line.full; got != "Failures" {
		t.Errorf("called %q", got)
	}
	if h.search.Text != "failed" || h.choice != (choice{}) || h.star.Visible() {
		t.Errorf("searches for %q in %+v, to be saved %v", h.search.Text, h.choice, h.star.Visible())
	}
	if !h.searchRow("Failures").entry.selected || h.sidebar.rows[0].entry.selected {
		t.Error("it is not drawn as what is in view")
	}
	h.typed("/ no")
	h.advance(searchDelay)
	h.until("another search", func() bool { return h.events.view.text == "failed no" })
	if h.searchRow("Failures").entry.selected || !h.sidebar.rows[0].entry.selected || !h.star.Visible() {
		t.Error("it is drawn as in view still")
	}
}

func TestSearchesAreSaved(t *testing.T) {
	h := openFurnished(t, plenty())
	if h.star.Visible() {
		t.Error("nothing can be saved")
	}
	h.saveSearch()
	if h.sidebar.naming != nil {
		t.Error("asks for a name for nothing")
	}
	h.typed("/Deploy is:unread")
	if !h.star.Visible() {
		t.Fatal("what is typed cannot be saved")
	}
	test.Tap(h.star)
	n := h.sidebar.naming
	if n == nil || n.entry.Text != "Deploy is:unread" || h.win.Canvas().Focused() != n.entry {
		t.Fatal("does not ask for a name")
	}
	n.entry.OnSubmitted("Deploys")
	deploys := control.SavedSearch{Name: "Deploys", Text: "Deploy is:unread"}
	h.saved(deploys)
	if h.star.Visible() {
		t.Error("it can be saved again")
	}

	h.clearSearch()
	h.typed("/Build")
	h.saveSearch()
	h.sidebar.naming.entry.OnSubmitted("Deploys")
	if got := h.sidebar.naming.error; !got.Visible() || got.Text != "There is a search of this name already." {
		t.Errorf("says %q", got.Text)
	}
	h.sidebar.naming.entry.SetText("Builds")
	if h.sidebar.naming.error.Visible() {
		t.Error("says so of another name")
	}
	h.sidebar.naming.entry.OnSubmitted("Builds")
	builds := control.SavedSearch{Name: "Builds", Text: "Build"}
	h.saved(deploys, builds)
	h.moveSearch("Builds", true)
	h.saved(builds, deploys)
	h.moveSearch("Builds", true)
	h.saved(builds, deploys)
	h.deleteSearch("Builds")
	h.saved(deploys)
	h.notices.bars[noticeUndo].button.OnTapped()
	h.saved(builds, deploys)
	if h.notices.bars[noticeUndo].Visible() {
		t.Error("it can be undone twice")
	}

	// What the daemon refuses goes back.
	h.fake.with(func() { h.fake.failure = &control.Error{Message: "no"} })
	h.deleteSearch("Deploys")
	h.until("it is back", func() bool { return h.searchRow("Deploys") != nil && h.notices.bars[noticeTrouble].Visible() })
}

func TestAnotherWindowsSearchesAreSeen(t *testing.T) {
	h := openFurnished(t, plenty())
	h.fake.with(func() {
		h.fake.desk.searches = []control.SavedSearch{{Name: "Others", Text: "x"}}
		for range 100 {
			h.fake.desk.searches = append(h.fake.desk.searches, control.SavedSearch{Name: strings.Repeat("n", 500), Text: "x"})
		}
	})
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.advance(activityEvery)
	h.send(control.Update{Kind: control.UpdateFeeds})
	h.until("they are here", func() bool { return h.searchRow("Others") != nil })
	if n := len(h.sidebar.saved.list); n != control.MaxSearches {
		t.Errorf("%d are listed", n)
	}
}

func TestMarkAllReadCanBeUndone(t *testing.T) {
	for name, ids := range map[string][]string{"a feed": {"ci"}, "all": {""}, "a folder": {"ci", "hass"}} {
		t.Run(name, func(t *testing.T) {
			h := openFurnished(t, inFolders())
			unread := func() int { return len(h.unread()) }
			were := unread()
			h.markAllRead(ids...)
			bar := h.notices.bars[noticeUndo]
			h.until("it can be undone", bar.Visible)
			if unread() >= were || !strings.HasSuffix(bar.text.Text, "marked read.") {
				t.Errorf("%d are unread; says %q", unread(), bar.text.Text)
			}
			bar.button.OnTapped()
			h.until("it is undone", func() bool { return h.fake.has("undo undo") && unread() == were })
			if bar.Visible() {
				t.Error("it can be undone again")
			}

			h.markAllRead(ids...)
			h.until("it can be undone", bar.Visible)
			h.advance(undoFor)
			if bar.Visible() {
				t.Error("it can be undone for ever")
			}
		})
	}
}

// A removal's end does not take another's offer to undo away.
func TestOffersToUndoDoNotEndEachOther(t *testing.T) {
	h := openFurnished(t, inFolders())
	bar := h.notices.bars[noticeUndo]
	f, _ := h.feed("old")
	h.removeFeed(f)
	h.advance(undoFor / 2)
	h.deleteFolder("Home")
	h.advance(undoFor / 2)
	h.until("it is removed", func() bool { return h.fake.has("remove old") && len(h.removing) == 0 })
	if !bar.Visible() || !strings.Contains(bar.text.Text, "Home") {
		t.Errorf("the folder cannot be had back: %q", bar.text.Text)
	}
	h.advance(undoFor / 2)
	if bar.Visible() {
		t.Error("the folder can be had back for ever")
	}
}
