package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

type addCmd struct {
	URL           string   `arg:"" help:"Address of the stream: http, https, ws or wss. Of many servers any page will do: see bellwire probe."`
	Name          string   `help:"What to call it. Default: made from the address."`
	Transport     string   `enum:"auto,sse,websocket,poll,longpoll" default:"auto" help:"Kind of stream: sse, websocket, or, for servers without one, poll or longpoll; auto finds out."`
	Header        []string `sep:"none" placeholder:"'K: V'" help:"A header to send with every request; may be repeated."`
	presetFlags   `embed:""`
	identityFlags `embed:""`
	settingsFlags `embed:""`
	notifyFlags   `embed:"" group:"Its notifications:"`
	forwardFlags  `embed:"" group:"Forwards:"`
	lookFlags     `embed:"" group:"How it is shown and kept:"`
}

func (c *addCmd) Run(e *env) error {
	n := control.NewFeed{URL: c.URL, Name: c.Name, Transport: subscriptions.TransportName(c.Transport)}
	var err error
	if n.Settings, err = c.settings(); err != nil {
		return err
	}
	if n.Headers, err = headers(c.Header); err != nil {
		return err
	}
	if err := c.notifyFlags.apply(&n); err != nil {
		return err
	}
	if err := c.lookFlags.apply(&n); err != nil {
		return err
	}
	tokens, err := c.tokens(e, &c.identityFlags)
	if err != nil {
		return err
	}
	if err := c.identityFlags.apply(e, &n); err != nil {
		return err
	}
	if err := c.presetFlags.apply(e, &n); err != nil {
		return err
	}
	if err := c.forwardFlags.apply(&n, tokens); err != nil {
		return err
	}
	f, err := e.client().AddFeed(e.ctx, n)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, f.ID)
	tellPins(e, f)
	return nil
}

// headers reads "K: V" pairs.
func headers(flags []string) (out []subscriptions.Header, err error) {
	for _, h := range flags {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, withHint(&usageError{fmt.Errorf("a header needs a name and a colon")}, "Like this: --header 'Authorization: Bearer …'")
		}
		out = append(out, subscriptions.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	return out, nil
}

type feedID struct {
	ID string `arg:"" help:"The feed's id, as bellwire feeds shows it."`
}

type pauseCmd struct{ feedID }

func (c *pauseCmd) Run(e *env) error {
	_, err := e.client().PauseFeed(e.ctx, c.ID)
	return err
}

type resumeCmd struct{ feedID }

func (c *resumeCmd) Run(e *env) error {
	_, err := e.client().ResumeFeed(e.ctx, c.ID)
	return err
}

type removeCmd struct{ feedID }

func (c *removeCmd) Run(e *env) error { return e.client().RemoveFeed(e.ctx, c.ID) }

type feedsCmd struct {
	JSON bool `help:"Print one JSON array."`
}

func (c *feedsCmd) Run(e *env) error {
	feeds, err := e.client().Feeds(e.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e, feeds)
	}
	if len(feeds) == 0 {
		fmt.Fprintln(e.out, "No feeds yet. Add one with: bellwire add URL")
		return nil
	}
	writeFeeds(e, feeds)
	return nil
}

// writeFeeds is the table for people.
func writeFeeds(e *env, feeds []control.Feed) {
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATE\tEVENTS\tUNREAD\tLAST EVENT\tNAME")
	for _, f := range feeds {
		last := "–"
		if !f.LastEvent.IsZero() {
			last = f.LastEvent.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\n", f.ID, stateWords(f), f.Events, f.Unread, last, decode.Line(f.Name, 60))
	}
	w.Flush()
	for _, f := range feeds {
		if !f.MutedUntil.IsZero() {
			fmt.Fprintf(e.out, "\n%s: muted%s\n", f.ID, untilWords(f.MutedUntil, time.Now()))
		}
		for _, w := range f.Waiting {
			fmt.Fprintf(e.out, "\n%s: the forward %q waits: %s\n", f.ID, w.Forward, decode.Line(w.Error, maxLine))
		}
		if f.Error != "" {
			fmt.Fprintf(e.out, "\n%s: %s\n", f.ID, decode.Line(f.Error, maxLine))
			if f.Hint != "" {
				fmt.Fprintf(e.out, "  %s\n", f.Hint)
			}
		}
	}
}

// stateWords is a state with the time of the next attempt.
func stateWords(f control.Feed) string {
	if left := time.Until(f.Next).Round(time.Second); f.State == subscriptions.StateWaiting && left > 0 {
		return fmt.Sprintf("waiting %s", left)
	}
	return string(f.State)
}

// writeJSON prints v as one line that people's scripts can read.
func writeJSON(e *env, v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
