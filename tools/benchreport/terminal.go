package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// print writes the table for the terminal, in the order of the document.
func (r *report) print(out io.Writer) error {
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, b := range r.printed {
		// A line without cells would end tabwriter's columns: every line has all.
		fmt.Fprintln(w, b.title+strings.Repeat("\t", 4))
		for _, l := range b.lines {
			fmt.Fprintln(w, strings.Join(l, "\t"))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var lines strings.Builder
	for l := range strings.Lines(text.String()) {
		lines.WriteString(strings.TrimRight(l, " \n") + "\n")
	}
	fmt.Fprintf(&lines, "\nrounds: %d; each figure is their median; ± is the farthest round; × compares within a round\n", r.results.rounds)
	for _, u := range r.unused() {
		fmt.Fprintln(&lines, "not shown:", u)
	}
	_, err := io.WriteString(out, lines.String())
	return err
}
