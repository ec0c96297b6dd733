package main

import (
	"fmt"

	"bellwire/subscriptions/decode"
)

type actCmd struct {
	Seq int64 `arg:"" help:"The event's number, as bellwire history shows it."`
	N   int   `arg:"" optional:"" default:"1" help:"Which of its actions: 1 or 2. Default: the first."`
}

func (c *actCmd) Run(e *env) error {
	client := e.client()
	if err := client.Act(e.ctx, c.Seq, c.N); err != nil {
		return err
	}
	ev, err := client.Event(e.ctx, c.Seq)
	if err != nil || c.N > len(ev.Actions) {
		return err // removed meanwhile, and done all the same
	}
	a := ev.Actions[c.N-1]
	done := "sent"
	if a.IsLink() {
		done = "opened"
	}
	_, err = fmt.Fprintf(e.out, "%s: %s\n", decode.Line(a.Label, maxLine), done)
	return err
}
