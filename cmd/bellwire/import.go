package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"bellwire/internal/control"
	"bellwire/internal/feedfile"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

type importCmd struct {
	File   string `arg:"" help:"The file, or - for standard input: feeds as bellwire export writes them, ntfy's client.yml, or a list of addresses, one a line."`
	DryRun bool   `help:"Tell what would be done and do nothing."`
	Yes    bool   `help:"Add also feeds that show what is in a variable, a file or the output of a command of yours, or that run a program, without asking."`
}

func (c *importCmd) Run(e *env) error {
	doc, err := readFeeds(e, c.File)
	if err != nil {
		return err
	}
	t, err := c.addAll(e, doc)
	if err != nil {
		return err
	}
	if t.failed > 0 {
		return fmt.Errorf("%d of %d feeds could not be added", t.failed, len(doc.Entries))
	}
	return nil
}

// A tally is what an import did.
type tally struct {
	added, there, failed int
	trouble              error // the first one
}

// addAll adds the feeds of a file that are not there yet.
func (c *importCmd) addAll(e *env, doc feedfile.Document) (t tally, err error) {
	defs, err := e.client().Definitions(e.ctx)
	if err != nil {
		return t, err
	}
	for _, entry := range doc.Entries {
		if there := present(defs, entry.Feed); there != "" {
			t.there++
			fmt.Fprintf(e.out, "there already: %s\n", there)
			continue
		}
		added, err := c.add(e, entry)
		if err != nil {
			t.failed++
			if t.trouble == nil {
				t.trouble = err
			}
			tellProblem(e.err, entry, err)
			continue
		}
		t.added++
		defs = append(defs, added)
		for _, note := range entry.Notes {
			fmt.Fprintf(e.out, "  %s\n", note)
		}
	}
	for _, note := range doc.Notes {
		fmt.Fprintf(e.out, "%s\n", note)
	}
	return t, nil
}

// add adds one feed, or tells that it would.
func (c *importCmd) add(e *env, entry feedfile.Entry) (control.NewFeed, error) {
	n := entry.Feed.Definition()
	change, err := e.client().TryFeed(e.ctx, "", n)
	if err != nil {
		return n, err
	}
	name := cmp.Or(n.ID, change.After.Name)
	if risks := risks(n, change.After.URL); len(risks) > 0 && !c.Yes && !c.DryRun {
		what := name + " " + strings.Join(risks, ", and ") + "."
		if !e.onTerminal() || c.File == "-" {
			return n, withHint(errors.New(what), "Add it with --yes if that is right")
		}
		if !e.ask(what+" Add it?", false) {
			return n, errors.New("not added")
		}
	}
	if c.DryRun {
		fmt.Fprintf(e.out, "would add %s\n", name)
		return change.After, nil
	}
	f, err := e.client().AddFeed(e.ctx, n)
	if err != nil {
		return n, err
	}
	fmt.Fprintf(e.out, "added %s\n", f.ID)
	change.After.ID = f.ID
	return change.After, nil
}

// risks are what a feed does that whoever made the file chose: the places of
// secrets and who gets to see them, and programs.
func risks(n control.NewFeed, url string) (out []string) {
	shown := map[string][]string{} // by who sees them
	var order []string
	for _, c := range n.Auth {
		to := url
		if c.By == subscriptions.AuthForward {
			if i := indexForward(&n, c.Name); i >= 0 {
				to = subscriptions.RedactURL(n.Forwards[i].URL)
			}
		}
		if c.Value == "" && c.Secret != control.KeptSecret {
			if shown[to] == nil {
				order = append(order, to)
			}
			shown[to] = append(shown[to], string(c.Secret))
		}
	}
	for _, to := range order {
		out = append(out, fmt.Sprintf("shows what is in %s to %s", strings.Join(shown[to], " and "), to))
	}
	programs := [][]string{n.Notify.Exec}
	for _, w := range n.Forwards {
		programs = append(programs, w.Program)
	}
	for _, argv := range programs {
		if len(argv) > 0 {
			out = append(out, fmt.Sprintf("runs %q", argv))
		}
	}
	return out
}

// present is the feed that is there already: by its id or, where the file
// gives none, by its address; empty: none.
func present(defs []control.NewFeed, f feedfile.Feed) string {
	shown := feedfile.FromDefinition(f.Definition()).URL
	for _, n := range defs {
		if f.ID != "" && n.ID == f.ID || f.ID == "" && n.URL == shown {
			return cmp.Or(n.ID, n.Name)
		}
	}
	return ""
}

// readFeeds reads a file of feeds, for as long as the context allows.
func readFeeds(e *env, path string) (feedfile.Document, error) {
	type answer struct {
		doc feedfile.Document
		err error
	}
	// A pipe that nobody writes to, and a terminal, keep whoever opens or reads
	// them; nothing but the end of the process can call that off.
	read := make(chan answer, 1)
	go func() {
		doc, err := readDocument(e.in, path)
		read <- answer{doc, err}
	}()
	select {
	case a := <-read:
		return a.doc, a.err
	case <-e.ctx.Done():
		return feedfile.Document{}, fmt.Errorf("%s: stopped while waiting for it to be written", path)
	}
}

// readDocument reads the file at path, or stdin where that is "-".
func readDocument(stdin io.Reader, path string) (feedfile.Document, error) {
	from := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return feedfile.Document{}, &usageError{err}
		}
		defer f.Close()
		from = f
	}
	doc, err := feedfile.Read(from)
	if err != nil {
		return doc, withHint(&usageError{fmt.Errorf("%s: %w", path, err)}, "The format is described in docs/feeds-file.md; bellwire export shows an example")
	}
	return doc, nil
}

// field is the beginning of a refusal that names a setting.
var field = regexp.MustCompile(`^([a-z_]+(\.[a-z_0-9]+)*): `)

// tellProblem prints an error of one feed of a file, with its place there.
func tellProblem(w io.Writer, entry feedfile.Entry, err error) {
	line := entry.Line
	if m := field.FindStringSubmatch(err.Error()); m != nil {
		line = entry.LineOf(m[1])
	}
	fmt.Fprintf(w, "error: line %d, feed %q: %v\n", line, decode.Line(cmp.Or(entry.Feed.ID, entry.Feed.Name, feedfile.FromDefinition(entry.Feed.Definition()).URL), maxLine), err)
	hint := ""
	if e, ok := errors.AsType[*control.Error](err); ok {
		hint = e.Hint
	}
	if e, ok := errors.AsType[*hintError](err); ok {
		hint = e.hint
	}
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}
