package words

import (
	"slices"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// Separator stands between the parts of a line.
const Separator = " · "

// Summary tells in one line how all feeds do. With a zero now it names no
// countdown, so that it stays true while nothing changes.
func Summary(feeds []control.Feed, now time.Time) string {
	if len(feeds) == 0 {
		return Say("summary.none")
	}
	count := map[subscriptions.State]int64{}
	var next time.Time
	for _, f := range feeds {
		count[f.State]++
		if f.State == subscriptions.StateWaiting && !f.Next.IsZero() && (next.IsZero() || f.Next.Before(next)) {
			next = f.Next
		}
	}
	var parts []string
	part := func(key string, n int64) {
		if n > 0 {
			parts = append(parts, Count(key, n))
		}
	}
	part("summary.live", count[subscriptions.StateOpen])
	part("summary.connecting", count[subscriptions.StateConnecting])
	part("summary.waiting", count[subscriptions.StateWaiting])
	if d := next.Sub(now); count[subscriptions.StateWaiting] > 0 && !now.IsZero() && d > 0 {
		parts[len(parts)-1] = Say("summary.next", With{"Waiting": parts[len(parts)-1], "Span": Span(d)})
	}
	part("summary.needs", count[subscriptions.StateBlocked])
	part("summary.ended", count[subscriptions.StateEnded])
	part("summary.paused", count[subscriptions.StatePaused])
	return strings.Join(parts, Separator)
}

// codes are the kinds of trouble that have words of their own here; others
// are told in the daemon's.
var codes = []subscriptions.Code{
	subscriptions.CodeClosed, subscriptions.CodeLost, subscriptions.CodeUnreachable,
	subscriptions.CodeTimeout, subscriptions.CodeBusy, subscriptions.CodeServer,
	subscriptions.CodeUnauthorized, subscriptions.CodeForbidden, subscriptions.CodeNotFound,
	subscriptions.CodeGone, subscriptions.CodeNotStream, subscriptions.CodeCertificate,
	subscriptions.CodeRedirect, subscriptions.CodeProtocol, subscriptions.CodeEnded,
	subscriptions.CodeBadFeed, subscriptions.CodeStorage, subscriptions.CodeDamaged, subscriptions.CodeIdentity, subscriptions.CodeNotBackfill,
	subscriptions.CodeGaveUp,
}

// Trouble says what ails a feed; empty while nothing does.
func Trouble(s subscriptions.Status) string {
	if slices.Contains(codes, s.Code) {
		return Say("trouble." + string(s.Code))
	}
	return s.Error
}

// Hint says what a person can do about a feed's trouble; empty while nothing
// ails it.
func Hint(s subscriptions.Status) string {
	if slices.Contains(codes, s.Code) {
		return Say("hint." + string(s.Code))
	}
	return s.Hint
}

// State is what a feed does, in a few words; empty while it is live.
func State(s subscriptions.Status, now time.Time) string {
	switch s.State {
	case subscriptions.StateOpen:
		return ""
	case subscriptions.StateConnecting:
		return Say("state.connecting")
	case subscriptions.StateWaiting:
		if d := s.Next.Sub(now); !s.Next.IsZero() && d > 0 {
			return Say("state.waiting.next", With{"Span": Span(d)})
		}
		return Say("state.waiting")
	case subscriptions.StateBlocked:
		return Say("state.needs", With{"Trouble": Trouble(s)})
	case subscriptions.StateEnded:
		return Say("state.ended")
	case subscriptions.StatePaused:
		return Say("state.paused")
	}
	return string(s.State)
}

// StateInFull is what a feed does, what ails it and since when. It names no
// countdown, so that it stays true while nothing changes.
func StateInFull(s subscriptions.Status, now time.Time) string {
	if s.State == "" {
		return Say("state.unknown")
	}
	s.Next = time.Time{}
	text := State(s, now)
	switch trouble := Trouble(s); {
	case s.State == subscriptions.StateOpen:
		text = Say("state.live")
	case s.State == subscriptions.StateBlocked, s.State == subscriptions.StatePaused, trouble == "":
	default:
		text += Separator + trouble
	}
	if s.Since.IsZero() {
		return text
	}
	when := Clock(s.Since)
	switch {
	case SameDay(s.Since, now):
	case SameDay(s.Since, now.Local().AddDate(0, 0, -1)): // inside a sentence
		when = Say("moment", With{"Day": strings.ToLower(Say("day.yesterday")), "Time": when})
	default:
		when = Say("moment", With{"Day": Day(s.Since, now), "Time": when})
	}
	return Say("state.full", With{"State": text, "When": when})
}

// PauseLeft is what the button says that pauses notifications: for how long
// they are still paused, where they are.
func PauseLeft(until, now time.Time) string {
	switch {
	case !until.After(now):
		return Say("pause.button")
	case isForever(until):
		return Say("pause.on")
	}
	return Say("pause.left", With{"Span": Span(until.Sub(now))})
}

// Paused says until when notifications are held; empty when they are not.
func Paused(until, now time.Time) string {
	switch {
	case !until.After(now):
		return ""
	case isForever(until):
		return Say("paused.forever")
	case SameDay(until, now):
		return Say("paused.until", With{"Time": Clock(until)})
	}
	return Say("paused.until.day", With{"Day": Day(until, now), "Time": Clock(until)})
}
