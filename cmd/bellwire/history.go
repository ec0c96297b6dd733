package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/eventfile"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

// maxLine bounds, in characters, each part of a line for people.
const maxLine = 200

type historyCmd struct {
	Query       []string `arg:"" optional:"" help:"Words that must all occur, and conditions such as from:deploys or priority:>=4. Default: everything."`
	Feed        string   `placeholder:"ID" help:"Only this feed."`
	Limit       int      `default:"100" help:"How many events at the most; 0 for all."`
	OldestFirst bool     `help:"Oldest first; the default is newest first."`
	Unread      bool     `help:"Only what has not been read."`
	Summary     int64    `placeholder:"N" help:"Only what this summary told; bellwire why tells its number."`
	JSON        bool     `xor:"format" help:"Print JSON Lines."`
	CSV         bool     `name:"csv" xor:"format" help:"Print CSV, for spreadsheets: a line of names first, times in UTC. What would be taken for a formula there begins with an apostrophe."`
	Output      string   `type:"path" placeholder:"FILE" help:"Write into this file, for you alone to read; it is there when it is whole. Needs --json or --csv."`
	Force       bool     `help:"Replace a file that is there."`
}

// Help is shown by kong.
func (c *historyCmd) Help() string {
	return `A search is made of:

  word  "exact words"  -word  -"exact words"   (the last word may be unfinished)
  from:NAME  folder:NAME                       a feed's id or a part of its name; a folder
  priority:5  priority:>=4  priority:<3        from 1 to 5
  before:2026-11-01  after:2d  on:yesterday    a day, a time as in "2026-11-01 14:00", or how long ago
  is:unread  is:read  is:event  is:gap  is:notice
  has:link  has:image  tag:NAME

Several from:, several folder: and several kinds (is:event, is:gap, is:notice) mean any of them; all else holds together. A minus turns from:, folder:, is:, has: and tag: round. In a shell, put the whole search in single quotes, and -- before one that begins with a minus.

Examples:

  bellwire history 'from:"my deploys" priority:>=4 -staging'
  bellwire history -- -staging
  bellwire history --csv --output october.csv after:2026-10-01 before:2026-11-01`
}

func (c *historyCmd) Run(e *env) error {
	switch {
	case c.Limit < 0:
		return &usageError{errors.New("--limit must not be negative")}
	case c.Summary < 0:
		return &usageError{errors.New("--summary must not be negative")}
	case c.Output != "" && !c.JSON && !c.CSV:
		return &usageError{errors.New("--output needs --json or --csv")}
	}
	client := e.client()
	if c.Feed != "" { // a feed that is not there is an error, not an empty history
		if err := knownFeed(e, client, c.Feed); err != nil {
			return err
		}
	}
	if c.Summary != 0 {
		if _, err := client.Summary(e.ctx, c.Summary); err != nil {
			return err
		}
	}
	return c.write(e, c.events(e.ctx, client))
}

// write puts events where they are wanted.
func (c *historyCmd) write(e *env, events iter.Seq2[subscriptions.Event, error]) error {
	format := eventfile.Lines
	if c.CSV {
		format = eventfile.CSV
	}
	switch {
	case c.Output != "":
		_, err := eventfile.WriteFile(c.Output, format, c.Force, events)
		if errors.Is(err, fs.ErrExist) {
			return withHint(fmt.Errorf("there is a file %s already", c.Output), "Replace it with --force")
		}
		return err
	case c.JSON || c.CSV:
		_, err := eventfile.Write(e.out, format, events)
		return err
	}
	for ev, err := range events {
		if err == nil {
			err = printEvent(e, ev, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// events are those asked for, page by page.
func (c *historyCmd) events(ctx context.Context, client *control.Client) iter.Seq2[subscriptions.Event, error] {
	return func(yield func(subscriptions.Event, error) bool) {
		q := control.Query{Text: strings.Join(c.Query, " "), Feed: c.Feed, OldestFirst: c.OldestFirst, Unread: c.Unread, Summary: c.Summary}
		for left := c.Limit; c.Limit == 0 || left > 0; {
			q.Limit = control.MaxLimit
			if c.Limit > 0 {
				q.Limit = min(left, control.MaxLimit)
			}
			page, err := client.History(ctx, q)
			if err != nil {
				yield(subscriptions.Event{}, err)
				return
			}
			for _, ev := range page {
				if !yield(ev, nil) {
					return
				}
			}
			if len(page) == 0 { // a short page may be one of large rows
				return
			}
			left -= len(page)
			last := page[len(page)-1].Seq
			if q.OldestFirst {
				q.After = last
			} else {
				q.Before = last
			}
		}
	}
}

func knownFeed(e *env, client *control.Client, id string) error {
	feeds, err := client.Feeds(e.ctx)
	if err != nil {
		return err
	}
	for _, f := range feeds {
		if f.ID == id {
			return nil
		}
	}
	return control.Refuse(404, "See them with: bellwire feeds", "there is no feed %q", id)
}

type tailCmd struct {
	Feed  string `placeholder:"ID" help:"Only this feed."`
	After int64  `default:"-1" placeholder:"SEQ" help:"Begin behind this event of history; 0 for all of it. Default: now."`
	Count int    `placeholder:"N" help:"Stop after this many events. Default: never."`
	JSON  bool   `help:"Print JSON Lines."`
}

func (c *tailCmd) Run(e *env) error {
	client := e.client()
	if c.Feed != "" {
		if err := knownFeed(e, client, c.Feed); err != nil {
			return err
		}
	}
	count := 0
	for u, err := range client.Events(e.ctx, control.EventsOptions{Feed: c.Feed, After: max(c.After, control.Live)}) {
		switch {
		case e.ctx.Err() != nil:
			return nil // told to stop
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("%w any more", control.ErrNoDaemon)
		case err != nil:
			return err
		case u.Kind == control.UpdateEvent:
			if err := printEvent(e, u.Event, c.JSON); err != nil {
				return err
			}
			if count++; count == c.Count {
				return nil
			}
		}
	}
	return nil
}

// printEvent prints one row, for scripts or for people. What came from the
// wire is cleaned of everything that could drive a terminal.
func printEvent(e *env, ev subscriptions.Event, asJSON bool) error {
	if asJSON {
		return writeJSON(e, ev)
	}
	line := fmt.Sprintf("%6d  %s  %s  %s", ev.Seq, ev.Received.Local().Format(time.DateTime), feedWord(ev.Feed), decode.Line(ev.Title, maxLine))
	if body := decode.Line(ev.Body, maxLine); body != "" {
		line += " — " + body
	}
	if ev.Link != "" {
		line += "  " + decode.Line(ev.Link, maxLine)
	}
	_, err := fmt.Fprintln(e.out, line)
	return err
}
