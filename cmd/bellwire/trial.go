package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/feedfile"
	"bellwire/subscriptions/decode"
)

type testCmd struct {
	feedID
	Last int      `default:"10" help:"How many of the last payloads to try it on, at most 100."`
	Map  []string `xor:"edited" sep:"none" placeholder:"FIELD=TEXT" complete:"fields" help:"The mapping to try, as for bellwire add; what is not given stays."`
	File string   `xor:"edited" placeholder:"FILE" help:"Try the feed as this file has it (see bellwire export)."`
	JSON bool     `help:"Print one JSON array."`
}

func (c *testCmd) Run(e *env) error {
	t := control.Test{Last: c.Last}
	n, err := definition(e, c.ID)
	if err != nil {
		return err
	}
	if c.File != "" {
		if n, err = c.fromFile(e); err != nil {
			return err
		}
	}
	if err := mapFields(&n.Mapping, c.Map); err != nil {
		return err
	}
	t.Feed = &n
	trials, err := e.client().TestFeed(e.ctx, c.ID, t)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e, trials)
	}
	writeTrials(e.out, trials)
	return nil
}

// fromFile is the feed in the file: by its id, or the only one.
func (c *testCmd) fromFile(e *env) (n control.NewFeed, err error) {
	doc, err := readFeeds(e, c.File)
	if err != nil {
		return n, err
	}
	i := slices.IndexFunc(doc.Entries, func(e feedfile.Entry) bool { return e.Feed.ID == c.ID })
	if i < 0 && len(doc.Entries) == 1 && doc.Entries[0].Feed.ID == "" {
		i = 0
	}
	if i < 0 {
		return n, &usageError{fmt.Errorf("%s has no feed %q", c.File, c.ID)}
	}
	return doc.Entries[i].Feed.Definition(), nil
}

// writeTrials shows each payload's outcome, before and after where they
// differ.
func writeTrials(w io.Writer, trials []control.Trial) {
	differ := 0
	for _, t := range slices.Backward(trials) {
		fmt.Fprintf(w, "%s  event %d", t.Received.Local().Format(time.DateTime), t.Seq)
		before, after := outcomeFields(t.Before), outcomeFields(t.After)
		if slices.Equal(before, after) {
			fmt.Fprintln(w, ", as before")
			if len(t.After.Events) == 0 {
				writeFields(w, []shownField{{"shown", whether(t.After)}})
			}
			writeFields(w, after)
			continue
		}
		differ++
		fmt.Fprintln(w)
		if len(t.Before.Events) == 0 || len(t.After.Events) == 0 {
			fmt.Fprintf(w, "  * %-9s %s → %s\n", "shown", whether(t.Before), whether(t.After))
			writeFields(w, slices.Concat(before, after))
			continue
		}
		for _, pair := range align(before, after) {
			if pair.before == pair.after {
				fmt.Fprintf(w, "    %-9s %s\n", pair.name, pair.after)
				continue
			}
			fmt.Fprintf(w, "  * %-9s %s → %s\n", pair.name, cmp.Or(pair.before, "–"), cmp.Or(pair.after, "–"))
		}
	}
	switch {
	case len(trials) == 0:
		fmt.Fprintln(w, "There is no payload in history to try it on.")
	default:
		fmt.Fprintf(w, "\n%d of %d would be shown differently. Nothing was stored.\n", differ, len(trials))
	}
}

func writeFields(w io.Writer, fields []shownField) {
	for _, f := range fields {
		fmt.Fprintf(w, "    %-9s %s\n", f.name, f.value)
	}
}

// whether a payload is shown at all.
func whether(o control.Outcome) string {
	switch {
	case o.KeepAlive:
		return "no, only a sign of life"
	case len(o.Events) == 0:
		return "no, it is no event"
	}
	return "yes"
}

type shownField struct{ name, value string }

// outcomeFields is an outcome in words.
func outcomeFields(o control.Outcome) (fields []shownField) {
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, shownField{name, decode.Line(value, maxLine)})
		}
	}
	for i, s := range o.Events {
		if i > 0 {
			add("and", fmt.Sprintf("event %d of the payload", i+1))
		}
		add("title", s.Title)
		add("body", s.Body)
		add("link", s.Link)
		add("priority", strconv.Itoa(s.Priority))
		add("tags", strings.Join(s.Tags, ", "))
		add("type", s.Type)
		add("id", s.ID)
		add("group", s.Group)
		add("icon", s.Icon)
		add("image", s.Image)
		for _, a := range s.Actions {
			add("action", a.Label+": "+strings.TrimSpace(a.Method+" "+a.URL))
		}
		if !s.Time.IsZero() {
			add("time", s.Time.Format(time.RFC3339))
		}
		if s.Silent {
			add("notify", "no")
		}
		add("warning", s.Warning)
	}
	return fields
}

type alignedField struct{ name, before, after string }

// align puts fields of one name beside each other, each occurrence with its
// own.
func align(before, after []shownField) (out []alignedField) {
	left := slices.Clone(before)
	for _, a := range after {
		f := alignedField{name: a.name, after: a.value}
		if i := slices.IndexFunc(left, func(b shownField) bool { return b.name == a.name }); i >= 0 {
			f.before = left[i].value
			left = slices.Delete(left, i, i+1)
		}
		out = append(out, f)
	}
	for _, b := range left {
		out = append(out, alignedField{name: b.name, before: b.value})
	}
	return out
}
