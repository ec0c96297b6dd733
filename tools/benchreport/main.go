// Command benchreport runs the benchmarks of Bellwire in rounds and writes what
// they say: a table in the terminal, docs/benchmarks.md with its plots, and the
// raw results in the standard format of Go's benchmarks, which benchstat reads.
//
//	benchreport [-rounds 5] [-only REGEXP] [-from FILE] [-out DIR]
//
// Which benchmarks there are, and which tables and plots are made of them, is
// in benchmarks.md.tmpl. A round runs each of them once, so that contenders
// alternate, and a ratio compares two values of the same round.
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed benchmarks.md.tmpl
var document string

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run is the whole command, in the folder of the main module.
func run(args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("benchreport", flag.ContinueOnError)
	rounds := flags.Int("rounds", 5, "run every benchmark `N` times")
	only := flags.String("only", "", "only benchmarks whose name `REGEXP` matches; writes nothing but with -out")
	from := flags.String("from", "", "run nothing, take the raw results in `FILE`")
	dir := flags.String("out", "", "write benchmarks.md and the folder benchmarks into `DIR` (docs, but not with -only)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 0 || *rounds < 1 {
		return errors.New("usage: benchreport [-rounds N] [-only REGEXP] [-from FILE] [-out DIR]")
	}
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	report, err := newReport(document)
	if err != nil {
		return err
	}
	report.choose(chosen)
	if len(report.topics) == 0 {
		return fmt.Errorf("-only %q matches none of %s", *only, strings.Join(report.known, ", "))
	}

	report.complete = *only == ""
	file := *from
	if file == "" {
		file = filepath.Join("build", "bench", "results.txt")
		first := func() error { // what is missing in the first round is not in the others
			_, _, err := report.read(file)
			return err
		}
		if err := rounded(report.topics, *rounds, *only, file, progress, first); err != nil {
			return err
		}
	}
	raw, pages, err := report.read(file)
	if err != nil {
		return fmt.Errorf("%w\nhint: the raw results are in %s", err, file)
	}
	if err := report.print(out); err != nil {
		return err
	}
	if *dir == "" && *only != "" {
		return nil
	}
	if *dir == "" {
		*dir = "docs"
	}
	pages["benchmarks/results.txt"] = raw
	return write(*dir, pages)
}

// read makes the pages of raw results.
func (r *report) read(file string) (raw []byte, pages map[string][]byte, err error) {
	if raw, err = os.ReadFile(file); err != nil {
		return nil, nil, err
	}
	if r.results, err = parse(raw, file); err != nil {
		return nil, nil, err
	}
	pages, err = r.render()
	return raw, pages, err
}

// write puts pages, by their path below dir, where they belong.
func write(dir string, pages map[string][]byte) error {
	for name, text := range pages {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
