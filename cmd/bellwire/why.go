package main

import (
	"fmt"
	"io"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions/decode"
)

type whyCmd struct {
	Seq  int64 `arg:"" help:"The event's number, as bellwire history shows it."`
	JSON bool  `help:"Print one JSON object."`
}

// Help is shown by kong.
func (c *whyCmd) Help() string {
	return "Everything that became of an event is told in its order: when it was received, which rule left it to history, what held it and until when, which summary told it, when the desktop took it, whether it was clicked, and which error there was." + examples(`bellwire why 17`)
}

func (c *whyCmd) Run(e *env) error {
	d, err := e.client().Delivery(e.ctx, c.Seq)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e, d)
	}
	writeDelivery(e.out, d)
	return nil
}

// writeDelivery is the timeline, a line a step, under the days.
func writeDelivery(w io.Writer, d control.Delivery) {
	fmt.Fprintf(w, "%s (event %d of %s)\n", decode.Line(d.Title, maxLine), d.Seq, feedWord(d.Feed))
	day := ""
	line := func(at time.Time, text string) {
		at = at.Local()
		if today := at.Format(time.DateOnly); today != day {
			day = today
			fmt.Fprintln(w, day)
		}
		fmt.Fprintf(w, "  %s  %s\n", at.Format(time.TimeOnly), text)
	}
	for _, s := range d.Steps {
		line(s.At, stepLine(d, s))
		if sum, ok := d.Summaries[s.Summary]; ok && sum.End != "" {
			line(sum.Ended, summaryEnd(sum))
		}
	}
	if owed := owedLine(d); owed != "" {
		fmt.Fprintf(w, "  %8s  %s\n", "now", owed)
	}
}
