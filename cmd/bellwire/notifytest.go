package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

// maxPayload bounds what notify-test reads from standard input.
const maxPayload = 512 << 10

type notifyTestCmd struct {
	Feed     string `placeholder:"ID" help:"Whose event it is: what the feed says about notifying holds. Default: nobody's."`
	Payload  string `placeholder:"TEXT" help:"What the feed's server might send, - for standard input: it is decoded by the feed's mapping. Needs --feed."`
	Title    string `help:"What it says, without --payload."`
	Body     string `help:"What it says below that."`
	Priority int    `placeholder:"N" help:"1 to 5. Default: 3."`
	Link     string `placeholder:"URL" help:"Where a click leads."`
}

// Help is shown by kong.
func (c *notifyTestCmd) Help() string {
	return "The event that it makes is stored and goes the way of all others: rules, quiet hours and limits hold for it. The exit code is 1 where it should have been shown and was not within 15 s." + examples(`bellwire notify-test
bellwire notify-test --feed deploys --payload '{"title":"Build failed"}'`)
}

func (c *notifyTestCmd) Run(e *env) error {
	n := control.TestNotification{Feed: c.Feed, Payload: c.Payload, Title: c.Title, Body: c.Body, Priority: c.Priority, Link: c.Link}
	if c.Payload == "-" {
		b, err := io.ReadAll(io.LimitReader(e.in, maxPayload+1))
		switch {
		case err != nil:
			return fmt.Errorf("reading the payload: %w", err)
		case len(b) > maxPayload:
			return &usageError{fmt.Errorf("the payload is longer than %d KB", maxPayload>>10)}
		}
		n.Payload = strings.TrimRight(string(b), "\r\n")
	}
	client := e.client()
	d, err := client.TestNotification(e.ctx, n)
	if err != nil {
		return err
	}
	if n.Payload != "" {
		ev, err := client.Event(e.ctx, d.Seq)
		if err != nil {
			return err
		}
		writeDecoded(e.out, ev)
	}
	return writeTest(e.out, d)
}

// stage is a line of what happened where.
func stage(w io.Writer, name, text string) { fmt.Fprintf(w, "%-9s %s\n", name, text) }

// writeDecoded tells what the feed's mapping made of a payload.
func writeDecoded(w io.Writer, ev subscriptions.Event) {
	stage(w, "decoded", decode.Line(ev.Title, maxLine))
	for _, more := range []string{decode.Line(ev.Body, maxLine), decode.Line(ev.Link, maxLine)} {
		if more != "" {
			stage(w, "", more)
		}
	}
	stage(w, "", fmt.Sprintf("priority %d", ev.Priority))
	if ev.Warning != "" {
		stage(w, "", "part of the mapping failed: "+decode.Line(ev.Warning, maxLine))
	}
}

// errNotShown is a test notification that nobody saw, by a failure.
var errNotShown = errors.New("the notification was not shown")

// writeTest tells what became of a test notification, stage by stage.
func writeTest(w io.Writer, d control.Delivery) error {
	stage(w, "stored", fmt.Sprintf("as event %d at %s; see bellwire why %d", d.Seq, d.Steps[0].At.Local().Format(time.TimeOnly), d.Seq))
	failed, judged := false, false
	for _, s := range d.Steps[1:] {
		switch s.What {
		case subscriptions.StepFiltered, subscriptions.StepHeld, subscriptions.StepReleased, subscriptions.StepDigested, subscriptions.StepReplaced:
			judged = true
			stage(w, "policy", stepLine(d, s))
		case subscriptions.StepForwarded, subscriptions.StepKept:
			stage(w, "forward", stepLine(d, s))
		case subscriptions.StepRan, subscriptions.StepRanFailed:
			stage(w, "program", stepLine(d, s))
		default:
			if !judged {
				stage(w, "policy", "to be shown")
				judged = true
			}
			stage(w, "desktop", stepLine(d, s))
			failed = failed || s.What == subscriptions.StepFailed
		}
	}
	if d.Owed && !d.Held {
		stage(w, "desktop", "not yet: "+owedLine(d))
		failed = true
	}
	if failed {
		return withHint(errNotShown, "See: bellwire notifications")
	}
	return nil
}
