package main

import (
	"fmt"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

// ownName is whose the notices of no feed are.
const ownName = "Bellwire"

// stepWords tell what became of an event.
func stepWords(kind subscriptions.StepKind) string {
	switch kind {
	case subscriptions.StepReceived:
		return "received"
	case subscriptions.StepFiltered:
		return "not notified"
	case subscriptions.StepHeld:
		return "held"
	case subscriptions.StepReleased:
		return "no longer held"
	case subscriptions.StepDigested:
		return "told in a summary"
	case subscriptions.StepReplaced:
		return "not shown: a newer one of its group came before"
	case subscriptions.StepShown:
		return "shown"
	case subscriptions.StepRan:
		return "the feed's program took it"
	case subscriptions.StepRanFailed:
		return "the feed's program failed"
	case subscriptions.StepClicked:
		return "clicked"
	case subscriptions.StepDismissed:
		return "dismissed"
	case subscriptions.StepExpired:
		return "cleared after its time"
	case subscriptions.StepClosed:
		return "closed by a program"
	case subscriptions.StepFailed:
		return "failed"
	case subscriptions.StepForwarded:
		return "sent on"
	case subscriptions.StepKept:
		return "not sent on"
	}
	return string(kind)
}

// reasonWords tell why, as what holds or held.
func reasonWords(why subscriptions.Reason) string {
	switch why {
	case subscriptions.ReasonMapping:
		return "its mapping says so"
	case subscriptions.ReasonOff:
		return "the feed's notifications are off"
	case subscriptions.ReasonPriority:
		return "below the feed's least priority"
	case subscriptions.ReasonNone:
		return "Bellwire runs without notifications"
	case subscriptions.ReasonMuted:
		return "muted"
	case subscriptions.ReasonPaused:
		return "paused"
	case subscriptions.ReasonDND:
		return "do-not-disturb"
	case subscriptions.ReasonQuiet:
		return "quiet hours"
	case subscriptions.ReasonBudget:
		return "too many at once"
	case subscriptions.ReasonCatchUp:
		return "it came late, with others"
	case subscriptions.ReasonLoop:
		return "it has been here before"
	case subscriptions.ReasonForwardPriority:
		return "below its least priority"
	case subscriptions.ReasonForwardCondition:
		return "its condition does not hold"
	}
	return string(why)
}

// stepLine tells one step of a delivery.
func stepLine(d control.Delivery, s subscriptions.Step) string {
	text, why, detail := stepWords(s.What), reasonWords(s.Why), decode.Line(s.Detail, maxLine)
	switch s.What {
	case subscriptions.StepShown:
		return joined(text, " by ", detail)
	case subscriptions.StepForwarded:
		return joined(text, " to ", detail)
	case subscriptions.StepKept:
		return joined(joined(text, " to ", detail), ": ", why)
	case subscriptions.StepHeld:
		return joined(text, ": ", why) + holdEnd(s)
	case subscriptions.StepDigested:
		if why != "" {
			text += " (" + why + ")"
		}
		return joined(text, ": ", summaryWords(d, s))
	case subscriptions.StepFiltered, subscriptions.StepReleased:
		text = joined(text, ": ", why)
		if detail != "" {
			text += " (" + detail + ")"
		}
		return text
	}
	return joined(joined(text, ": ", why), ": ", detail)
}

// joined is a, and b behind it where there is one.
func joined(a, between, b string) string {
	if b == "" {
		return a
	}
	return a + between + b
}

// holdEnd is until when an event is held. The step's detail may be a time.
func holdEnd(s subscriptions.Step) string {
	until, err := time.Parse(time.RFC3339, s.Detail)
	if err != nil {
		return joined("", ", ", decode.Line(s.Detail, maxLine))
	}
	return untilWords(until, s.At)
}

// untilWords is ", until 07:00", with the day where it is another one; empty
// where there is no end.
func untilWords(until, now time.Time) string {
	until, now = until.Local(), now.Local()
	switch {
	case isForever(until):
		return ""
	case until.Format(time.DateOnly) == now.Format(time.DateOnly), until.Sub(now) < 24*time.Hour && until.After(now):
		return ", until " + until.Format("15:04")
	}
	return ", until " + until.Format("2006-01-02 15:04")
}

func isForever(t time.Time) bool { return t.Year() >= control.Forever.Year()-1 }

// summaryWords are which summary told an event, and how to see all of it.
func summaryWords(d control.Delivery, s subscriptions.Step) string {
	sum, ok := d.Summaries[s.Summary]
	if !ok {
		return ""
	}
	title := decode.Line(sum.Title, maxLine)
	if title == "" {
		title = fmt.Sprintf("%d events", sum.Count)
	}
	return fmt.Sprintf("%s (bellwire history --summary %d)", title, s.Summary)
}

// summaryEnd is how a summary left the screen; empty while that is not known.
func summaryEnd(sum subscriptions.Summary) string {
	if sum.End == "" {
		return ""
	}
	return "that summary was " + stepWords(sum.End)
}

// owedLine is what an event that nobody has been told of waits for; empty
// where nothing is owed.
func owedLine(d control.Delivery) string {
	switch {
	case d.Held:
		return "it is held still"
	case d.Owed && d.Waiting != "":
		return "still to be shown; it waits: " + decode.Line(d.Waiting, maxLine)
	case d.Owed:
		return "still to be shown"
	case len(d.Steps) == 1:
		return "nobody is told of it: it is in history only"
	}
	return ""
}

// feedWord is what lines call a feed.
func feedWord(id string) string {
	if id == "" {
		return ownName
	}
	return strings.TrimSpace(id)
}
