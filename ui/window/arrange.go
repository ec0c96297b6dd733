package window

import (
	"context"
	"slices"

	"bellwire/internal/control"
	"bellwire/ui/words"
)

// An arrangement is the order of feeds that people made and the daemon may
// not know yet.
type arrangement struct {
	wanted  []control.Place // nil: what the daemon says holds
	before  []control.Place // what held before: goes back there when refused
	sending bool
	changed bool // wanted is newer than what is being sent
}

// places are where feeds are shown: those without a folder first, then
// folder by folder, in the order of the first feed of each.
func places(feeds []control.Feed) []control.Place {
	all := make([]control.Place, 0, len(feeds))
	for _, f := range feeds {
		all = append(all, control.Place{Feed: f.ID, Folder: f.Look.Folder})
	}
	return grouped(all)
}

func grouped(all []control.Place) []control.Place {
	out := make([]control.Place, 0, len(all))
	for _, folder := range append([]string{""}, folders(all)...) {
		for _, p := range all {
			if p.Folder == folder {
				out = append(out, p)
			}
		}
	}
	return out
}

// folders are the names of folders in order.
func folders(all []control.Place) []string {
	var names []string
	for _, p := range all {
		if p.Folder != "" && !slices.Contains(names, p.Folder) {
			names = append(names, p.Folder)
		}
	}
	return names
}

func placeOf(all []control.Place, feed string) int {
	return slices.IndexFunc(all, func(p control.Place) bool { return p.Feed == feed })
}

// moved is all with a feed before another one of a folder; before "" is the
// folder's end.
func moved(all []control.Place, feed, folder, before string) []control.Place {
	if placeOf(all, feed) < 0 || feed == before {
		return all
	}
	all = slices.DeleteFunc(slices.Clone(all), func(p control.Place) bool { return p.Feed == feed })
	at := placeOf(all, before)
	if at < 0 {
		at = len(all)
	}
	return grouped(slices.Insert(all, at, control.Place{Feed: feed, Folder: folder}))
}

// stepped is all with a feed one place up or down, which may be the last or
// the first one of the neighbouring folder.
func stepped(all []control.Place, feed string, up bool) []control.Place {
	at := placeOf(all, feed)
	if at < 0 {
		return all
	}
	all = slices.Clone(all)
	next := at + 1
	if up {
		next = at - 1
	}
	if next >= 0 && next < len(all) && all[next].Folder == all[at].Folder {
		all[at], all[next] = all[next], all[at]
		return all
	}
	names := append([]string{""}, folders(all)...)
	i := slices.Index(names, all[at].Folder)
	switch {
	case up && i > 0:
		return moved(all, feed, names[i-1], "")
	case !up && i+1 < len(names):
		first := slices.IndexFunc(all, func(p control.Place) bool { return p.Folder == names[i+1] })
		return moved(all, feed, names[i+1], all[first].Feed)
	}
	return all
}

// steppedFolder is all with a whole folder before or after its neighbour.
func steppedFolder(all []control.Place, folder string, up bool) []control.Place {
	names := folders(all)
	i := slices.Index(names, folder)
	j := i + 1
	if up {
		j = i - 1
	}
	if i < 0 || j < 0 || j >= len(names) {
		return all
	}
	names[i], names[j] = names[j], names[i]
	out := make([]control.Place, 0, len(all))
	for _, name := range append([]string{""}, names...) {
		for _, p := range all {
			if p.Folder == name {
				out = append(out, p)
			}
		}
	}
	return out
}

// renamed is all with the feeds of a folder in another one; "" is none.
func renamed(all []control.Place, folder, to string) []control.Place {
	all = slices.Clone(all)
	for i := range all {
		if all[i].Folder == folder {
			all[i].Folder = to
		}
	}
	return grouped(all)
}

// arranged is feeds in the order of all; those that it does not name come
// last.
func arranged(feeds []control.Feed, all []control.Place) []control.Feed {
	feeds = slices.Clone(feeds)
	rank := func(f control.Feed) int {
		if i := placeOf(all, f.ID); i >= 0 {
			return i
		}
		return len(all)
	}
	slices.SortStableFunc(feeds, func(a, b control.Feed) int { return rank(a) - rank(b) })
	for i := range feeds {
		if at := placeOf(all, feeds[i].ID); at >= 0 {
			feeds[i].Look.Folder = all[at].Folder
		}
	}
	return feeds
}

// places are where the feeds are now.
func (u *ui) places() []control.Place { return places(u.status.Feeds) }

// arrange puts feeds in order at once and tells the daemon, one request at a
// time. What it refuses goes back.
func (u *ui) arrange(all []control.Place) {
	now := u.places()
	if slices.Equal(all, now) {
		return
	}
	a := &u.arrangement
	if a.wanted == nil {
		a.before = now
	}
	a.wanted, a.changed = all, true
	u.reorder(all)
	u.sendArrangement()
}

// reorder shows the feeds in the order of all.
func (u *ui) reorder(all []control.Place) {
	u.status.Feeds = arranged(u.status.Feeds, all)
	if u.choice.folder != "" && !slices.Contains(folders(all), u.choice.folder) {
		u.choose(choice{})
		return
	}
	u.refresh()
}

func (u *ui) sendArrangement() {
	a := &u.arrangement
	if a.sending {
		return
	}
	a.sending, a.changed = true, false
	all := a.wanted
	ask(u, func(ctx context.Context) (*control.Status, error) {
		if err := u.o.Client.Arrange(ctx, all); err != nil {
			return nil, err
		}
		// A status asked for before may still tell the old order; this one
		// tells the new.
		s, err := u.o.Client.Status(ctx)
		if err != nil {
			return nil, nil // the stream will tell
		}
		return &s, nil
	}, func(s *control.Status, err error) {
		a.sending = false
		switch {
		case err != nil:
			before := a.before
			*a = arrangement{}
			u.reorder(before)
			text, hint := errorWords(err)
			u.notices.trouble(words.Say("arrange.failed"), sentence(text)+" "+hint)
		case a.changed:
			a.before = all
			u.sendArrangement()
		default:
			*a = arrangement{}
			u.askAgain = u.asking
			if s != nil {
				u.setStatus(*s)
			}
			u.events.reloadFolder()
		}
	})
}
