package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

type probeCmd struct {
	URL  string `arg:"" help:"Any address of the server: of its stream, of a web page, or only its host."`
	JSON bool   `help:"Print one JSON object."`
}

func (c *probeCmd) Run(e *env) error {
	found, err := e.client().Probe(e.ctx, control.Probe{URL: c.URL})
	if err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(e, found); err != nil {
			return err
		}
	} else {
		writeDetection(e.out, found)
	}
	if len(found.Candidates) == 0 {
		return withHint(errNothing, "Paste the address of the stream itself, or choose the kind of server: bellwire presets")
	}
	return nil
}

// writeDetection tells people what was found.
func writeDetection(w io.Writer, d subscriptions.Detection) {
	if len(d.Candidates) > 1 {
		fmt.Fprintf(w, "%s may be several things.\n\n", d.Asked)
	}
	for i, c := range d.Candidates {
		if i > 0 {
			fmt.Fprintln(w)
		}
		writeCandidate(w, d, c)
	}
	for _, note := range d.Notes {
		fmt.Fprintln(w, decode.Line(note, maxLine))
	}
}

func writeCandidate(out io.Writer, d subscriptions.Detection, c subscriptions.Candidate) {
	fmt.Fprintf(out, "%s (%s: %s)\n", c.Title, c.Confidence, c.Why)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "  kind\t%s\n", c.Transport)
	if c.URL != "" {
		fmt.Fprintf(w, "  address\t%s\n", c.URL)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Options)) {
		fmt.Fprintf(w, "  %s\t%s\n", name, decode.Line(c.Options[name], maxLine))
	}
	for _, m := range c.Missing {
		fmt.Fprintf(w, "  %s\thas to be told. %s\n", m.Name, m.About)
	}
	for _, n := range c.Needs {
		word := "wants"
		if n.Optional {
			word = "may want"
		}
		fmt.Fprintf(w, "  token\t%s one. %s\n", word, n.About)
	}
	for _, e := range c.Events {
		text := e.Title
		if e.Body != "" {
			text += " — " + e.Body
		}
		fmt.Fprintf(w, "  event\t%s\n", decode.Line(text, 80))
	}
	fmt.Fprintf(w, "  add it\t%s\n", addLine(d, c))
	w.Flush()
}

// addLine is the command that adds a candidate.
func addLine(d subscriptions.Detection, c subscriptions.Candidate) string {
	line := []string{"bellwire", "add", quoteShell(d.Asked)}
	if c.Preset != "" {
		line = append(line, "--preset", c.Preset)
	} else {
		line = append(line, "--transport", string(c.Transport))
		if c.Items != "" {
			line = append(line, "--items", quoteShell(c.Items))
		}
	}
	for _, m := range c.Missing {
		line = append(line, "--set", m.Name+"=…")
	}
	if slices.ContainsFunc(c.Needs, func(n subscriptions.Need) bool { return !n.Optional }) {
		line = append(line, "--token - <FILE")
	}
	return strings.Join(line, " ")
}

// quoteShell is s as one word of a shell.
func quoteShell(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~/:@,=+%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
