package main

import (
	"fmt"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

type logCmd struct {
	feedID
	JSON bool `help:"Print JSON Lines."`
}

func (c *logCmd) Run(e *env) error {
	entries, err := e.client().FeedLog(e.ctx, c.ID)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if c.JSON {
			if err := writeJSON(e, entry); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.out, "%s  %s\n", entry.At.Local().Format(time.DateTime), entryWords(entry))
	}
	return nil
}

// entryWords tells one step as a sentence.
func entryWords(l subscriptions.LogEntry) string {
	why := decode.Line(l.Error, maxLine)
	switch l.State {
	case subscriptions.StateConnecting:
		return "connecting"
	case subscriptions.StateOpen:
		if why != "" {
			return "connected, with trouble: " + why
		}
		return "connected"
	case subscriptions.StateWaiting:
		next := "next try " + inWords(l.Next.Sub(l.At))
		switch {
		case l.Queued:
			return fmt.Sprintf("its turn comes %s: other feeds of the same server connect first", inWords(l.Next.Sub(l.At)))
		case why == "":
			return next
		}
		return why + "; " + next
	case subscriptions.StateBlocked:
		if l.Next.IsZero() {
			return why + "; resume the feed to try again"
		}
		return fmt.Sprintf("needs you: %s; next try %s", why, inWords(l.Next.Sub(l.At)))
	case subscriptions.StateEnded:
		return "ended by the server: " + why
	case subscriptions.StatePaused:
		return "paused"
	}
	return string(l.State)
}

// inWords is a time from now on, as exact as anybody wants to know it.
func inWords(d time.Duration) string {
	switch {
	case d < 50*time.Millisecond:
		return "at once"
	case d < 10*time.Second:
		d = d.Round(100 * time.Millisecond)
	default:
		d = d.Round(time.Second)
	}
	return "in " + d.String()
}
