package words

import (
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// Step tells one step of a delivery. What is in it may come from the wire.
func Step(d control.Delivery, s subscriptions.Step) string {
	text, why := Say("step."+string(s.What)), ""
	if s.Why != "" {
		why = Say("reason." + string(s.Why))
	}
	switch s.What {
	case subscriptions.StepShown:
		return named("delivery.by", text, s.Detail)
	case subscriptions.StepForwarded:
		return named("delivery.to", text, s.Detail)
	case subscriptions.StepKept:
		return because(named("delivery.to", text, s.Detail), why)
	case subscriptions.StepHeld:
		return holdEnd(because(text, why), s)
	case subscriptions.StepDigested:
		return because(detailed(text, why), strings.TrimSpace(d.Summaries[s.Summary].Title))
	case subscriptions.StepFailed:
		return because(text, s.Detail)
	}
	return detailed(because(text, why), s.Detail)
}

// SummaryEnd tells how a summary left the screen; empty while that is not
// known.
func SummaryEnd(s subscriptions.Summary) string {
	if s.End == "" {
		return ""
	}
	return Say("delivery.summary", With{"End": Say("step." + string(s.End))})
}

// Owed tells what an event waits for that nobody has been told of; empty
// where nothing is owed.
func Owed(d control.Delivery) string {
	switch {
	case d.Held:
		return Say("delivery.held")
	case d.Owed && d.Waiting != "":
		return Say("delivery.waits", With{"Why": d.Waiting})
	case d.Owed:
		return Say("delivery.owed")
	}
	return ""
}

// Muted says until when a feed is muted; empty when it is not.
func Muted(until, now time.Time) string {
	switch {
	case !until.After(now):
		return ""
	case isForever(until):
		return Say("feed.muted")
	}
	return Say("feed.muted.until", With{"Time": soon(until, now)})
}

func because(text, why string) string {
	if why == "" {
		return text
	}
	return Say("delivery.why", With{"Step": text, "Why": why})
}

func detailed(text, detail string) string {
	if detail == "" {
		return text
	}
	return Say("delivery.with", With{"Step": text, "Detail": detail})
}

func named(key, text, name string) string {
	if name == "" {
		return text
	}
	return Say(key, With{"Step": text, "Name": name}) //words:delivery.by //words:delivery.to
}

// holdEnd adds until when an event is held. The step's detail may be a time.
func holdEnd(text string, s subscriptions.Step) string {
	until, err := time.Parse(time.RFC3339, s.Detail)
	switch {
	case err != nil:
		return detailed(text, s.Detail)
	case isForever(until):
		return text
	}
	return Say("delivery.until", With{"Step": text, "Time": soon(until, s.At)})
}

// soon is a time to come: its day is left out where there can be no doubt.
func soon(until, now time.Time) string {
	if SameDay(until, now) || until.After(now) && until.Sub(now) < 24*time.Hour {
		return Clock(until)
	}
	return Say("moment", With{"Day": Day(until, now), "Time": Clock(until)})
}

func isForever(t time.Time) bool { return !t.Before(control.Forever.AddDate(-1, 0, 0)) }
