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
	"strconv"
	"strings"
	"sync"
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
// is not there or fails ends the run, and so does an error of first, which is
// called after the first round.
func rounded(topics []topic, rounds int, only, file string, progress io.Writer, first func() error) error {
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

	if load, err := strconv.ParseFloat(loadOf(facts), 64); err == nil && load > 1 {
		fmt.Fprintf(progress, "warning: the load is %.1f; these will be figures of a busy machine\n", load)
	}

	groups := together(topics)
	programs := make([]string, len(groups))
	for i, g := range groups {
		fmt.Fprintln(progress, "building the benchmarks of", g[0].pkg)
		if programs[i], err = build(g, dir); err != nil {
			return err
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
		if round > 0 {
			continue
		}
		if err := first(); err != nil {
			return fmt.Errorf("after the first round: %w", err)
		}
	}
	return raw.Close()
}

// loadOf is how many programs wanted a processor before the run.
func loadOf(facts []fact) string {
	i := slices.IndexFunc(facts, func(f fact) bool { return f.key == "load" })
	return facts[i].value
}

// build makes the program that go test would run, in dir, and sees that it has
// all benchmarks of the group.
func build(group []topic, dir string) (string, error) {
	t := group[0]
	name := strings.ReplaceAll(strings.TrimPrefix(t.pkg, "./"), "/", "-") + "-" + t.tags
	program := filepath.Join(dir, strings.TrimSuffix(name, "-")+".test")
	build := exec.Command("go", "test", "-c", "-tags", t.tags, "-o", program, t.pkg)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the tests of %s: %w\n%s", t.pkg, err, out)
	}
	list := exec.Command(program, "-test.list", "^Benchmark")
	list.Dir = filepath.FromSlash(t.pkg)
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("listing the benchmarks of %s: %w", t.pkg, err)
	}
	there := strings.Fields(string(out))
	for _, t := range group {
		if !slices.Contains(there, "Benchmark"+t.name) {
			return "", fmt.Errorf("%s has no Benchmark%s", t.pkg, t.name)
		}
	}
	return program, nil
}

// kept are the lines that the format of results knows. Whatever else a
// benchmark prints is for who watches.
var kept = regexp.MustCompile(`^(Benchmark\S+\s+\d|(goos|goarch|pkg|cpu): )`)

// shared is a writer for the two outputs of a program.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}

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
	watched := &shared{to: progress}
	cmd.Stderr = watched
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(watched, lines.Text())
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
