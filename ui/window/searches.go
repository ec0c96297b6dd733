package window

import (
	"context"
	"errors"
	"slices"
	"time"

	"bellwire/internal/control"
	"bellwire/ui/icon"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// savedSearches are the daemon's, as far as the window knows.
type savedSearches struct {
	list  []control.SavedSearch
	asked time.Time
	// generation tells an answer that was asked for before a change from one
	// after it.
	generation int
	icon       fyne.Resource // of each of them
}

// named is the name of the search for a text; "" where it is not saved.
func (s *savedSearches) named(text string) string {
	for _, v := range s.list {
		if v.Text == text {
			return v.Name
		}
	}
	return ""
}

func (s *savedSearches) index(name string) int {
	return slices.IndexFunc(s.list, func(v control.SavedSearch) bool { return v.Name == name })
}

// savedGlyph is a bookmark.
func savedGlyph() fyne.Resource {
	return theme.NewThemedResource(fyne.NewStaticResource("bookmark.svg", icon.Bookmark))
}

// loadSearches asks for the saved searches: another window may have changed
// them.
func (u *ui) loadSearches() {
	s := &u.sidebar.saved
	s.asked = u.clock.now()
	s.generation++
	generation := s.generation
	ask(u, u.o.Client.Searches, func(list []control.SavedSearch, err error) {
		switch {
		case generation != s.generation:
		case err != nil:
			u.o.Logger.Debug("the saved searches could not be read", "error", err)
		default:
			if len(list) > control.MaxSearches {
				list = list[:control.MaxSearches]
			}
			s.list = list
			u.sidebar.refresh()
			u.refreshStar()
		}
	})
}

// freshenSearches is loadSearches at most once a minute.
func (u *ui) freshenSearches() {
	if u.clock.now().Sub(u.sidebar.saved.asked) >= activityEvery {
		u.loadSearches()
	}
}

// setSearches shows list at once and has the daemon keep it. What it refuses
// goes back.
func (u *ui) setSearches(list []control.SavedSearch) {
	s := &u.sidebar.saved
	before := s.list
	s.list = list
	s.generation++
	generation := s.generation
	u.sidebar.refresh()
	u.refreshStar()
	ask(u, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.o.Client.SetSearches(ctx, list)
	}, func(_ struct{}, err error) {
		if err == nil {
			return
		}
		if generation == s.generation {
			s.list = before
			u.sidebar.refresh()
			u.refreshStar()
		}
		u.notices.trouble(errorWords(err))
	})
}

// runSearch shows what a saved search finds, among everything.
func (u *ui) runSearch(text string) {
	u.search.put(text)
	u.choose(choice{})
}

// saveSearch asks for a name for what the search field says.
func (u *ui) saveSearch() {
	text := u.search.query()
	s := u.sidebar
	if text == "" {
		return
	}
	if len(s.saved.list) >= control.MaxSearches {
		u.notices.trouble(words.Say("search.many", words.With{"N": control.MaxSearches}), "")
		return
	}
	s.ask(keyNewSearch, clip(text, maxName), words.Say("search.name"), u.checkSearch(""), func(name string) {
		u.setSearches(append(slices.Clone(s.saved.list), control.SavedSearch{Name: name, Text: text}))
	})
}

// checkSearch says what is wrong with a name for the search that is called
// was.
func (u *ui) checkSearch(was string) func(string) error {
	return func(name string) error {
		if name != was && u.sidebar.saved.index(name) >= 0 {
			return errors.New(words.Say("search.taken"))
		}
		return checkName(name)
	}
}

// searchMenu offers what can be done with a saved search.
func (u *ui) searchMenu(name string, at fyne.Position) {
	s := u.sidebar
	i := s.saved.index(name)
	if i < 0 {
		return
	}
	rename := fyne.NewMenuItem(words.Say("rename"), func() {
		s.ask(feedEntry{search: name}.key(), name, words.Say("search.name"), u.checkSearch(name), func(to string) {
			list := slices.Clone(s.saved.list)
			if i := s.saved.index(name); i >= 0 {
				list[i].Name = to
				u.setSearches(list)
			}
		})
	})
	rename.Icon = theme.DocumentCreateIcon()
	remove := fyne.NewMenuItem(words.Say("search.delete"), func() { u.deleteSearch(name) })
	remove.Icon = theme.DeleteIcon()
	u.popUp(at, rename, fyne.NewMenuItemSeparator(),
		movingItem(true, i == 0, func() { u.moveSearch(name, true) }),
		movingItem(false, i == len(s.saved.list)-1, func() { u.moveSearch(name, false) }),
		fyne.NewMenuItemSeparator(), remove)
}

func (u *ui) moveSearch(name string, up bool) {
	list := slices.Clone(u.sidebar.saved.list)
	i := u.sidebar.saved.index(name)
	j := i + 1
	if up {
		j = i - 1
	}
	if i >= 0 && j >= 0 && j < len(list) {
		list[i], list[j] = list[j], list[i]
		u.setSearches(list)
	}
}

func (u *ui) deleteSearch(name string) {
	before := u.sidebar.saved.list
	u.setSearches(slices.DeleteFunc(slices.Clone(before), func(v control.SavedSearch) bool { return v.Name == name }))
	u.offerUndo(words.Say("search.deleted", words.With{"Name": clip(name, maxName)}), func() { u.setSearches(before) })
}

// newStar is the button that saves what the search field says.
func newStar(u *ui) *tipButton {
	b := newTipButton(u, savedGlyph(), words.Say("search.save"), u.saveSearch)
	b.Hide()
	return b
}

// refreshStar offers to save a search where there is one that is not saved.
func (u *ui) refreshStar() {
	text := u.search.query()
	if hidden := text == "" || u.sidebar.saved.named(text) != ""; u.star != nil && u.star.Hidden != hidden {
		u.star.Hidden = hidden
		u.star.Refresh()
	}
}

// movingItem is the entry of a menu that moves something up or down.
func movingItem(up, disabled bool, do func()) *fyne.MenuItem {
	i := fyne.NewMenuItem(words.Say("move.down"), do)
	i.Icon = theme.MoveDownIcon()
	if up {
		i.Label, i.Icon = words.Say("move.up"), theme.MoveUpIcon()
	}
	i.Disabled = disabled
	return i
}

// popUp shows a menu at a position in the window.
func (u *ui) popUp(at fyne.Position, items ...*fyne.MenuItem) {
	u.tips.hide()
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), u.win.Canvas(), at)
}
