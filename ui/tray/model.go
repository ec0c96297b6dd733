package tray

import (
	"strings"
	"sync"
	"time"
	"unicode"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/icon"
	"bellwire/ui/words"
)

// Bounds of the menu.
const (
	latest   = 5  // events shown
	maxLabel = 48 // characters of an event's label
)

// tray is the state of a running [Run].
type tray struct {
	o       Options
	menu    *menu
	clicks  chan click
	changed chan struct{}
	tasks   sync.WaitGroup

	// pausedUntil belongs to update.
	pausedUntil time.Time

	mu     sync.Mutex
	events []entry // newest first, at most latest
}

// An entry is one event in the menu.
type entry struct {
	seq   int64
	label string
}

func entryOf(e subscriptions.Event) entry {
	title := e.Title
	if told, _, ok := words.Notice(e); ok {
		title = told
	}
	return entry{seq: e.Seq, label: clean(title, maxLabel)}
}

// A model is everything the icon and the menu show.
type model struct {
	icon   []byte
	status string
	paused bool
	events []entry
}

func newModel(s control.Status, events []entry, now time.Time) model {
	m := model{
		icon:   icon.TrayQuiet,
		status: words.Summary(s.Feeds, time.Time{}),
		events: events,
	}
	trouble := false
	for _, f := range s.Feeds {
		trouble = trouble || f.State == subscriptions.StateBlocked
	}
	paused := words.Paused(s.PausedUntil, now)
	switch m.paused = paused != ""; {
	case m.paused:
		m.icon = icon.TrayPaused
		m.status += words.Separator + paused
	case trouble:
		m.icon = icon.TrayTrouble
	case s.Unread > 0:
		m.icon = icon.TrayUnread
	}
	return m
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
	}
	return time.Time{}
}
