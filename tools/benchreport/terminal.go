package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// print writes the table for the terminal, in the order of the document.
func (r *report) print(out io.Writer) error {
	// A line without cells ends tabwriter's columns: every line has all.
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, b := range r.printed {
		fmt.Fprintln(w, b.title+strings.Repeat("\t", 4))
		for _, l := range b.lines {
			fmt.Fprintln(w, strings.Join(l, "\t"))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nmedians of %d rounds; ± is the farthest round; × compares within a round\n", r.results.rounds)
	for _, u := range r.unused() {
		if err == nil {
			_, err = fmt.Fprintln(out, "not shown:", u)
		}
	}
	return err
}
