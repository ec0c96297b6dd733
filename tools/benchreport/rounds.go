package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// topic is a benchmark of the report: a line of the template's block "topics".
type topic struct {
	name string // without "Benchmark"
	pkg  string // as in "./storage"
	tags string // of the build, or none
	time string // go test's -benchtime
}

// command is how one runs the topic alone.
func (t topic) command() string {
	return strings.Join(append(append([]string{"go", "test", "-run", "'^$'"}, t.flags("-", "'^Benchmark"+t.name+"$'")...), t.pkg), " ")
}

// flags are those of go test, or with the prefix "-test." of a test's program.
func (t topic) flags(prefix, bench string) []string {
	flags := []string{prefix + "bench", bench, prefix + "benchtime", t.time}
	if t.tags != "" && prefix == "-" {
		flags = append(flags, "-tags", t.tags)
	}
	return flags
}

// together are topics that one program can run with the same flags.
func together(topics []topic) [][]topic {
	var groups [][]topic
	for _, t := range topics {
		i := slices.IndexFunc(groups, func(g []topic) bool {
			return g[0].pkg == t.pkg && g[0].tags == t.tags && g[0].time == t.time
		})
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

// patience is how long the benchmarks of one package may take in one round.
const patience = time.Hour

// rounded runs all topics in each of so many rounds and writes what they say
// into file. The programs are built before the first round; a benchmark that
// fails ends the run.
func rounded(topics []topic, rounds int, only, file string, progress io.Writer) error {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	raw, err := os.Create(file)
	if err != nil {
		return err
	}
	defer raw.Close()
	command := fmt.Sprintf("make bench ROUNDS=%d", rounds)
	if only != "" {
		command += fmt.Sprintf(" BENCH='%s'", only)
	}
	facts := append([]fact{{"date", time.Now().UTC().Format(time.DateOnly)}, {"command", command}}, environment()...)
	for _, f := range facts {
		fmt.Fprintf(raw, "%s: %s\n", f.key, f.value)
	}

	groups := together(topics)
	programs := make([]string, len(groups))
	for i, g := range groups {
		programs[i] = filepath.Join(dir, fmt.Sprintf("%s-%s.test", filepath.Base(g[0].pkg), g[0].tags))
		fmt.Fprintln(progress, "building the benchmarks of", g[0].pkg)
		build := exec.Command("go", "test", "-c", "-tags", g[0].tags, "-o", programs[i], g[0].pkg)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building the tests of %s: %w\n%s", g[0].pkg, err, out)
		}
	}
	began := time.Now()
	for round := range rounds {
		for i, g := range groups {
			fmt.Fprintf(progress, "round %d of %d, after %s: %s\n", round+1, rounds, time.Since(began).Round(time.Second), g[0].pkg)
			if err := measure(programs[i], g, raw, progress); err != nil {
				return fmt.Errorf("round %d: %s: %w", round+1, g[0].pkg, err)
			}
		}
	}
	return raw.Close()
}

// kept are the lines that the format of results knows. Whatever else a
// benchmark prints is for who watches.
var kept = regexp.MustCompile(`^(Benchmark\S+\s+\d|(goos|goarch|pkg|cpu): )`)

// measure runs a group once.
func measure(program string, group []topic, raw, progress io.Writer) error {
	names := make([]string, len(group))
	for i, t := range group {
		names[i] = "Benchmark" + t.name
	}
	args := append([]string{"-test.run", "^$", "-test.timeout", patience.String()},
		group[0].flags("-test.", "^("+strings.Join(names, "|")+")$")...)
	cmd := exec.Command(program, args...)
	cmd.Dir = filepath.FromSlash(group[0].pkg)
	cmd.Stderr = progress
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(progress, lines.Text())
		if kept.MatchString(lines.Text()) {
			fmt.Fprintln(raw, lines.Text())
		}
	}
	if err := lines.Err(); err != nil { // the program would wait for a reader
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return err
	}
	return cmd.Wait()
}
