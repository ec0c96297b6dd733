package words

import (
	"time"

	"bellwire/subscriptions"
)

// StateSince is what a feed does, and since when.
func StateSince(s subscriptions.Status, now time.Time) string {
	next := s.Next
	s.Next = time.Time{} // told last
	text := State(s, now)
	if s.State == subscriptions.StateOpen {
		text = Say("state.live")
	}
	if text == "" || s.Since.IsZero() || s.Since.After(now) {
		return text
	}
	since := Clock(s.Since)
	if !SameDay(s.Since, now) {
		since = Say("moment", With{"Day": Day(s.Since, now), "Time": since})
	}
	text = Say("state.since", With{"State": text, "Time": since})
	if next.After(now) {
		text = Say("state.next", With{"State": text, "Span": Span(next.Sub(now))})
	}
	return text
}

// Past is a time that has passed, relative to now while that is less than a
// day.
func Past(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < time.Second:
		return Say("ago.now")
	case d < 24*time.Hour:
		return Say("ago", With{"Span": Span(d)})
	}
	return Day(t, now)
}

// LogEntry tells one step of a feed's connection.
func LogEntry(l subscriptions.LogEntry) string {
	status := subscriptions.Status{State: l.State, Code: l.Code, Error: l.Error}
	trouble := Trouble(status)
	if l.Error != "" && trouble != l.Error {
		trouble = Say("log.trouble", With{"Trouble": trouble, "Error": l.Error})
	}
	next := ""
	if l.Next.After(l.At) {
		next = Span(l.Next.Sub(l.At))
	}
	text := Say("log." + string(l.State))
	if l.Queued {
		text = Say("log.queued")
	}
	if trouble != "" {
		text = Say("log.why", With{"State": text, "Trouble": trouble})
	}
	if next != "" {
		text = Say("log.next", With{"Text": text, "Span": next})
	}
	return text
}
