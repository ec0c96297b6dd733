package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"bellwire/internal/control"
	"bellwire/internal/feedfile"
)

type applyCmd struct {
	File   string `arg:"" help:"The file, or - for standard input."`
	Yes    bool   `help:"Do it without asking."`
	Prune  bool   `help:"Remove the feeds that are not in the file, with their history."`
	DryRun bool   `help:"Show what would change and do nothing."`
}

// A step is what applying does to one feed.
type step struct {
	entry  feedfile.Entry
	id     string // empty: a new one
	change control.Change
}

func (c *applyCmd) Run(e *env) error {
	doc, err := readFeeds(e, c.File)
	if err != nil {
		return err
	}
	defs, err := e.client().Definitions(e.ctx)
	if err != nil {
		return err
	}
	steps, others, err := plan(e, doc, defs)
	if err != nil {
		return err
	}
	for _, note := range doc.Notes {
		fmt.Fprintln(e.out, note)
	}
	work := c.show(e.out, steps, others)
	switch {
	case !work:
		fmt.Fprintln(e.out, "Nothing to change.")
		return nil
	case c.DryRun:
		return nil
	case c.Yes:
	case !e.onTerminal() || c.File == "-":
		return withHint(&usageError{errors.New("nothing was changed: nobody can be asked")}, "Do it with --yes")
	case !e.ask("Do that?", false):
		return errors.New("nothing was changed")
	}
	return c.do(e, steps, others)
}

// plan is what has to be done, and the ids of the feeds not in the file. A
// feed that is refused makes all of it fail, before anything is done.
func plan(e *env, doc feedfile.Document, defs []control.NewFeed) (steps []step, others []string, err error) {
	left := slices.Clone(defs)
	take := func(is func(control.NewFeed) bool) (id string) {
		if i := slices.IndexFunc(left, is); i >= 0 {
			id = left[i].ID
			left = slices.Delete(left, i, i+1)
		}
		return id
	}
	for _, entry := range doc.Entries { // ids first, or an address could take what is named later
		s := step{entry: entry}
		if f := entry.Feed; f.ID != "" {
			s.id = take(func(n control.NewFeed) bool { return n.ID == f.ID })
		}
		steps = append(steps, s)
	}
	refused := 0
	for i := range steps {
		s := &steps[i]
		n := s.entry.Feed.Definition()
		if n.ID == "" {
			shown := feedfile.FromDefinition(n).URL
			s.id = take(func(n control.NewFeed) bool { return n.URL == shown })
		}
		if s.change, err = e.client().TryFeed(e.ctx, s.id, n); err != nil {
			refused++
			tellProblem(e.err, s.entry, err)
		}
	}
	for _, n := range left {
		others = append(others, n.ID)
	}
	if refused > 0 {
		return nil, nil, fmt.Errorf("nothing was changed: %d of %d feeds in the file cannot be as they are there", refused, len(steps))
	}
	return steps, others, nil
}

// show tells the difference; work is false where there is none.
func (c *applyCmd) show(w io.Writer, steps []step, others []string) (work bool) {
	for _, s := range steps {
		lines := changeLines(s.change)
		switch {
		case s.id == "":
			fmt.Fprintf(w, "+ %s\n", cmp.Or(s.entry.Feed.ID, s.change.After.Name))
		case len(lines) > 0:
			fmt.Fprintf(w, "~ %s\n", s.id)
		}
		for _, line := range slices.Concat(lines, s.entry.Notes) {
			fmt.Fprintf(w, "    %s\n", line)
		}
		work = work || s.id == "" || len(lines) > 0
	}
	for _, id := range others {
		if c.Prune {
			fmt.Fprintf(w, "- %s, and its history\n", id)
			work = true
			continue
		}
		fmt.Fprintf(w, "  %s is not in the file and stays (--prune removes it)\n", id)
	}
	return work
}

// do does the steps, each whole or not at all.
func (c *applyCmd) do(e *env, steps []step, others []string) error {
	failed := 0
	check := func(s step, id, did string, err error) {
		if err != nil {
			failed++
			tellProblem(e.err, s.entry, err)
			return
		}
		fmt.Fprintf(e.out, "%s %s\n", did, id)
	}
	for _, s := range steps {
		n := s.entry.Feed.Definition()
		switch {
		case s.id == "":
			f, err := e.client().AddFeed(e.ctx, n)
			check(s, f.ID, "added", err)
		case len(changeLines(s.change)) > 0:
			_, err := e.client().ChangeFeed(e.ctx, s.id, n)
			check(s, s.id, "changed", err)
		}
	}
	if c.Prune {
		for _, id := range others {
			check(step{entry: feedfile.Entry{Feed: feedfile.Feed{ID: id}}}, id, "removed", e.client().RemoveFeed(e.ctx, id))
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d feeds could not be made what the file says", failed)
	}
	return nil
}

// writeChange tells what a change has done.
func writeChange(w io.Writer, id string, c control.Change) {
	lines := changeLines(c)
	if len(lines) == 0 {
		fmt.Fprintf(w, "%s is like that already\n", id)
		return
	}
	fmt.Fprintf(w, "changed %s\n", id)
	for _, line := range lines {
		fmt.Fprintf(w, "    %s\n", line)
	}
}
