package notify

import (
	"fmt"

	"bellwire/subscriptions"
)

// Words are what Bellwire itself says in notifications, in a person's
// language. What is nil or empty is English.
type Words struct {
	// Open, Read and Mute are buttons.
	Open, Read, Mute string
	// Summary is a title: so many events, for that reason, of the feed with
	// that name, or of so many feeds where it is empty.
	Summary func(why subscriptions.Reason, events int64, feed string, feeds int) string
	// Part is a line of a summary: so many of them of that feed.
	Part func(feed string, events int64) string
	// Rest is the last such line: so many more feeds.
	Rest func(feeds int) string
	// New is all that is said of an event of that feed where no more of it is
	// to be shown.
	New func(feed string) string
}

// English is what the zero value of [Words] says.
func English() Words {
	return Words{
		Open: "Open", Read: "Mark read", Mute: "Mute 1 h",
		Summary: englishSummary,
		Part:    func(feed string, events int64) string { return fmt.Sprintf("%s: %d", feed, events) },
		Rest: func(feeds int) string {
			if feeds == 1 {
				return "and one more feed"
			}
			return fmt.Sprintf("and %d more feeds", feeds)
		},
		New: func(feed string) string { return "New event from " + feed },
	}
}

// Label is what one of Bellwire's own buttons is called; empty for any other.
func (w Words) Label(button string) string {
	w = w.complete()
	return map[string]string{ButtonOpen: w.Open, ButtonRead: w.Read, ButtonMute: w.Mute}[button]
}

// complete is w with English where it says nothing.
func (w Words) complete() Words {
	e := English()
	for _, s := range []struct{ to, from *string }{{&w.Open, &e.Open}, {&w.Read, &e.Read}, {&w.Mute, &e.Mute}} {
		if *s.to == "" {
			*s.to = *s.from
		}
	}
	if w.Summary == nil {
		w.Summary = e.Summary
	}
	if w.Part == nil {
		w.Part = e.Part
	}
	if w.Rest == nil {
		w.Rest = e.Rest
	}
	if w.New == nil {
		w.New = e.New
	}
	return w
}

func englishSummary(why subscriptions.Reason, events int64, feed string, feeds int) string {
	from := feed
	if feed == "" {
		from = fmt.Sprintf("%d feeds", feeds)
	}
	noun := "events"
	if events == 1 {
		noun = "event"
	}
	switch why {
	case subscriptions.ReasonBudget:
		return fmt.Sprintf("%d more from %s", events, from)
	case subscriptions.ReasonCatchUp:
		return fmt.Sprintf("%d %s from %s while you were away", events, noun, from)
	case subscriptions.ReasonPaused:
		return fmt.Sprintf("%d %s from %s while paused", events, noun, from)
	case subscriptions.ReasonMuted:
		return fmt.Sprintf("%d %s from %s while muted", events, noun, from)
	case subscriptions.ReasonDND:
		return fmt.Sprintf("%d %s from %s during do-not-disturb", events, noun, from)
	case subscriptions.ReasonQuiet:
		return fmt.Sprintf("%d %s from %s in quiet hours", events, noun, from)
	}
	return fmt.Sprintf("%d %s from %s", events, noun, from)
}
