package tray

import (
	"strings"
	"time"
	"unicode"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/icon"
	"bellwire/ui/words"
)

// Bounds of the menu, in characters.
const (
	latest     = 5   // events shown
	maxTitle   = 48  // of an event
	maxFeed    = 24  // of a feed's name
	maxTrouble = 72  // of what needs the user
	maxReason  = 160 // why something is unavailable
)

// Labels cannot be bold, so that marks stand before them. What has been read
// begins with about as much space as a mark takes, where there is one.
const (
	unreadMark  = "● "
	troubleMark = "■ "
	noMark      = "\u2003\u2005"
)

// An entry is one event in the menu.
type entry struct {
	seq   int64
	label string
}

// entryOf tells an event in one line; feed is its feed's name, empty where
// there is only one.
func entryOf(e subscriptions.Event, feed string) entry {
	title := e.Title
	if told, _, ok := words.Notice(e); ok {
		title, feed = told, ""
	}
	label := clean(title, maxTitle)
	if label == "" {
		label = clean(e.Body, maxTitle)
	}
	if feed = clean(feed, maxFeed); feed != "" {
		label += words.Separator + feed
	}
	return entry{seq: e.Seq, label: label}
}

// entriesOf are the events of a page; names are those of their feeds.
func entriesOf(page []subscriptions.Event, names map[string]string, marked bool) (entries []entry) {
	var shown []subscriptions.Event
	for _, e := range page {
		if e.Kind != subscriptions.KindGap && len(shown) < latest {
			shown = append(shown, e)
			marked = marked || !e.Read
		}
	}
	for _, e := range shown {
		one := entryOf(e, names[e.Feed])
		switch {
		case !e.Read:
			one.label = unreadMark + one.label
		case marked:
			one.label = noMark + one.label
		}
		entries = append(entries, one)
	}
	return entries
}

// A trouble is what needs the user; feed is the one to look at, empty for
// several.
type trouble struct{ label, feed string }

// autostart is whether Bellwire starts at login.
type autostart struct {
	known, on   bool
	unavailable string
}

// A model is everything the icon and the menu show.
type model struct {
	state     icon.State
	panel     icon.Panel
	status    string
	trouble   trouble
	upgrade   string // what finishes an upgrade; empty: there is none
	paused    bool
	events    []entry
	autostart autostart
}

// newModel tells s and the newest rows of history.
func newModel(s control.Status, page []subscriptions.Event, now time.Time) model {
	m := model{
		state:   icon.Quiet,
		panel:   icon.AnyPanel,
		status:  words.Summary(s.Feeds, time.Time{}),
		trouble: troubleOf(s.Feeds),
		upgrade: upgradeOf(s),
	}
	if s.Unread > 0 {
		m.status += words.Separator + words.Count("tray.unread", s.Unread)
	}
	names := map[string]string{}
	if len(s.Feeds) > 1 {
		for _, f := range s.Feeds {
			names[f.ID] = f.Name
		}
	}
	m.events = entriesOf(page, names, m.trouble.label != "")
	paused := words.Paused(s.PausedUntil, now)
	switch m.paused = paused != ""; {
	case m.paused:
		m.state = icon.Paused
		m.status += words.Separator + paused
	case m.trouble.label != "":
		m.state = icon.Trouble
	case s.Unread > 0:
		m.state = icon.Unread
	}
	return m
}

// upgradeOf offers to become what is installed.
func upgradeOf(s control.Status) string {
	switch u := s.Upgrade; {
	case u == nil || u.State != control.UpgradeReady:
		return ""
	case u.Version == s.Version:
		return words.Say("tray.restart.build")
	default:
		return words.Say("tray.restart", words.With{"Version": clean(u.Version, maxFeed)})
	}
}

// troubleOf names the feeds that need the user.
func troubleOf(feeds []control.Feed) (t trouble) {
	n := int64(0)
	for _, f := range feeds {
		if f.State != subscriptions.StateBlocked {
			continue
		}
		if n++; n == 1 {
			said := words.Say("tray.needs", words.With{"Feed": clean(f.Name, maxFeed), "Trouble": words.Trouble(f.Status)})
			t = trouble{label: troubleMark + clean(said, maxTrouble), feed: f.ID}
		}
	}
	if n > 1 {
		return trouble{label: troubleMark + words.Count("tray.needs", n)}
	}
	return t
}

// clean makes remote text fit for a label: one line, no control or
// direction-changing characters, at most limit characters.
func clean(s string, limit int) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = n > 0
			continue
		}
		if unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			continue
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		if n >= limit-1 {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// A pause is a choice of the Pause menu.
type pause string

const (
	pauseHalfHour pause = "30m"
	pauseHour     pause = "1h"
	pauseTomorrow pause = "tomorrow"
	pauseForever  pause = "forever"
	pauseResume   pause = "resume"
)

// tomorrowAt is the hour at which "until tomorrow" ends.
const tomorrowAt = 8

// until is when a pause chosen now ends; zero for going on at once.
func (p pause) until(now time.Time) time.Time {
	switch p {
	case pauseHalfHour:
		return now.Add(30 * time.Minute)
	case pauseHour:
		return now.Add(time.Hour)
	case pauseTomorrow:
		y, m, d := now.Date()
		return time.Date(y, m, d+1, tomorrowAt, 0, 0, 0, now.Location())
	case pauseForever:
		return control.Forever
	}
	return time.Time{}
}
