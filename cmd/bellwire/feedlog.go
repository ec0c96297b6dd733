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
		return fmt.Sprintf("%s; waiting %s before the next try", why, l.Next.Sub(l.At).Round(100*time.Millisecond))
	case subscriptions.StateBlocked:
		return fmt.Sprintf("needs you: %s; tried again at %s", why, l.Next.Local().Format(time.TimeOnly))
	case subscriptions.StateEnded:
		return "ended by the server: " + why
	case subscriptions.StatePaused:
		return "paused"
	}
	return string(l.State)
}
