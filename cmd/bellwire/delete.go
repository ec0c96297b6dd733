package main

import (
	"fmt"

	"bellwire/internal/control"
)

type deleteCmd struct {
	Seq []int64 `arg:"" help:"The events' numbers, as bellwire history shows them."`
}

// Help is shown by kong.
func (c *deleteCmd) Help() string {
	return "For good: nothing brings them back, and when the server sends them again, they do not come again. Where one of the numbers is no event's, nothing is deleted. How much history is kept at all: bellwire keep." + examples(`bellwire delete 17 18`)
}

func (c *deleteCmd) Run(e *env) error {
	if len(c.Seq) > control.MaxDelete {
		return &usageError{fmt.Errorf("more than %d events cannot be deleted at once", control.MaxDelete)}
	}
	client := e.client()
	for _, seq := range c.Seq {
		if _, err := client.Event(e.ctx, seq); err != nil {
			return err
		}
	}
	if err := client.DeleteEvents(e.ctx, c.Seq); err != nil {
		return err
	}
	switch len(c.Seq) {
	case 1:
		fmt.Fprintf(e.out, "deleted event %d\n", c.Seq[0])
	default:
		fmt.Fprintf(e.out, "deleted %d events\n", len(c.Seq))
	}
	return nil
}
