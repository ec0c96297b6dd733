package main

import (
	"bytes"
	"flag"
	"image/color"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

func sample(t *testing.T) (template string, raw []byte) {
	t.Helper()
	text, err := os.ReadFile("testdata/sample.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	raw, err = os.ReadFile("testdata/results.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(text), raw
}

// render makes the pages of a report, of the topics that only matches.
func render(t *testing.T, template string, raw []byte, only string) (*report, map[string][]byte, error) {
	t.Helper()
	r, err := newReport(template)
	if err != nil {
		t.Fatal(err)
	}
	if r.results, err = parse(raw, "results.txt"); err != nil {
		t.Fatal(err)
	}
	r.choose(regexp.MustCompile(only))
	r.complete = only == ""
	pages, err := r.render()
	return r, pages, err
}

func TestRecordedResultsMakeTheGoldenPages(t *testing.T) {
	template, raw := sample(t)
	r, pages, err := render(t, template, raw, "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	pages["terminal.txt"] = out.Bytes()
	golden := filepath.Join("testdata", "golden")
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		if err := write(golden, pages); err != nil {
			t.Fatal(err)
		}
	}
	files := 0
	err = filepath.WalkDir(golden, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		name, _ := filepath.Rel(golden, file)
		want, err := os.ReadFile(file)
		if got := pages[filepath.ToSlash(name)]; err == nil && !bytes.Equal(got, want) {
			t.Errorf("%s differs (-update writes it); now:\n%s", file, got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files != len(pages) {
		t.Errorf("%d golden files of %v", files, slices.Sorted(maps.Keys(pages)))
	}
}

// The document says what its template makes of its results, and nothing else.
func TestTheDocumentIsOfItsResults(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	r, err := newReport(document)
	if err != nil {
		t.Fatal(err)
	}
	r.choose(regexp.MustCompile(""))
	r.complete = true
	_, pages, err := r.read(filepath.Join(docs, "benchmarks", "results.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(docs, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("docs/%s is another: build/benchreport -from docs/benchmarks/results.txt", name)
		}
	}
}

func TestEqualResultsMakeEqualBytes(t *testing.T) {
	template, raw := sample(t)
	_, first, err := render(t, template, raw, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, again, _ := render(t, template, raw, ""); !maps.EqualFunc(first, again, bytes.Equal) {
			t.Fatal("another rendering differs")
		}
	}
}

func TestNothingIsSilentlyAbsent(t *testing.T) {
	template, raw := sample(t)
	drop := func(pattern string) []byte {
		return regexp.MustCompile(`(?m)^Benchmark`+pattern+`.*\n`).ReplaceAll(raw, nil)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want []string
	}{
		"a benchmark": {drop("Growth"), []string{"BenchmarkGrowth of ./storage is not in the results", "no events/s of BenchmarkGrowth/ingest/events=10000"}},
		"a contender": {drop("Stream/by=curl"), []string{"no events/s of BenchmarkStream/transport=sse/by=curl"}},
		"a point":     {drop("Resources/by=node/feeds=10-"), []string{"no MB-PSS of BenchmarkResources/by=node/feeds=10", "no wakeups/s of BenchmarkResources/by=node/feeds=10"}},
		"a unit":      {bytes.ReplaceAll(raw, []byte("MB-PSS"), []byte("MB-RSS")), []string{"no MB-PSS of BenchmarkResources/by=bellwire/feeds=1"}},
		"fact of it":  {bytes.Replace(raw, []byte("date: "), []byte("day: "), 1), []string{"the results do not say: date"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := render(t, template, c.raw, "")
			if err == nil {
				t.Fatal("a complete report")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in:\n%v", want, err)
				}
			}
		})
	}
}

func TestARoundWithoutAResultIsAnError(t *testing.T) {
	_, raw := sample(t)
	for name, c := range map[string]struct{ raw, want string }{
		"a round less": {strings.Replace(string(raw), "BenchmarkStream/by=curl/transport=sse-2         ", "Other", 1), "in 2 of 3 rounds"},
		"no results":   {"date: 2026-02-03\n", "no results"},
		"half a line":  {string(raw) + "BenchmarkStream/by=curl-2 1 17\n", "results.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse([]byte(c.raw), "results.txt"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestOnlySomeTopicsLeaveOutTheSectionsOfOthers(t *testing.T) {
	template, raw := sample(t)
	r, pages, err := render(t, template, raw, "^Stream$")
	if err != nil {
		t.Fatal(err)
	}
	page := string(pages["benchmarks.md"])
	if !strings.Contains(page, "## Stream") || strings.Contains(page, "## Resources") || len(pages) != 1 {
		t.Errorf("%v:\n%s", slices.Sorted(maps.Keys(pages)), page)
	}
	if len(r.topics) != 1 {
		t.Errorf("topics %v", r.topics)
	}
}

// TestTheDocumentCanBeMade makes up a value for everything that the document
// asks for: then it must be complete, and without any one of its benchmarks it
// must not.
func TestTheDocumentCanBeMade(t *testing.T) {
	r, err := newReport(document)
	if err != nil {
		t.Fatal(err)
	}
	r.complete, r.results = true, &results{rounds: 2, facts: map[string]string{}, values: map[string]map[string]series{}}
	if _, err := r.render(); err == nil {
		t.Fatal("a complete report of nothing")
	}
	for _, key := range []string{"date", "command", "machine", "memory", "filesystem", "system", "kernel", "load"} {
		r.results.facts[key] = "made up"
	}
	var asked []string
	for quantity := range r.shown {
		name, _, _ := strings.Cut(quantity, " ")
		asked = append(asked, name)
	}
	slices.Sort(asked)
	for _, name := range slices.Compact(asked) {
		r.results.names = append(r.results.names, name)
		r.results.values[name] = map[string]series{}
	}
	for quantity := range r.shown {
		name, unit, _ := strings.Cut(quantity, " ")
		r.results.values[name][unit] = series{float64(len(name)), float64(len(unit))}
	}
	pages, err := r.render()
	if err != nil {
		t.Fatal(err)
	}
	if page := string(pages["benchmarks.md"]); strings.Contains(page, "NaN") || strings.Contains(page, "<no value>") || strings.Contains(page, "\n\n\n") {
		t.Error(page)
	}
	if dir := os.Getenv("BENCHREPORT_LOOK"); dir != "" { // to look at it
		if err := write(dir, pages); err != nil {
			t.Fatal(err)
		}
	}
	for _, topic := range r.known {
		full := r.results.names
		r.results.names = slices.DeleteFunc(slices.Clone(full), func(name string) bool { return topicOf(name) == topic })
		if _, err := r.render(); err == nil || !strings.Contains(err.Error(), "Benchmark"+topic+" of ") {
			t.Errorf("without %s: %v", topic, err)
		}
		r.results.names = full
	}
}

func TestTheCommand(t *testing.T) {
	dir := t.TempDir()
	raw := filepath.Join(dir, "raw.txt")
	lines := "date: 2026-02-03\n"
	for _, name := range []string{"batch=1/feeds=1", "batch=1/feeds=8", "batch=100/feeds=1", "batch=100/feeds=8"} {
		lines += "BenchmarkIngest/" + name + "-2 1 4000 events/s\n"
	}
	if err := os.WriteFile(raw, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{"-from", raw, "-only", "Ingest", "-out", dir}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "benchmarks.md"))
	if err != nil || !strings.Contains(string(page), "2026-02-03") || !strings.Contains(out.String(), "4,000") {
		t.Errorf("%v\n%s\n%s", err, page, &out)
	}
	if copied, err := os.ReadFile(filepath.Join(dir, "benchmarks", "results.txt")); err != nil || string(copied) != lines {
		t.Errorf("results: %v\n%s", err, copied)
	}
	for name, args := range map[string][]string{
		"matches none":     {"-only", "Nothing", "-from", raw},
		"-only":            {"-only", "(", "-from", raw},
		"usage":            {"-rounds", "0"},
		"no such file":     {"-from", filepath.Join(dir, "none")},
		"is not complete":  {"-from", raw, "-out", t.TempDir()},
		"hint: the raw re": {"-from", raw, "-out", t.TempDir()},
	} {
		if err := run(args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: error %v, want %q", args, err, name)
		}
	}
}

func TestMedianAndSpread(t *testing.T) {
	for _, c := range []struct {
		values       series
		median, part float64
	}{
		{series{3}, 3, 0},
		{series{1, 100, 2}, 2, 49},
		{series{1, 3, 2, 4}, 2.5, 0.6},
		{series{0, 0}, 0, 0},
	} {
		if m, s := c.values.median(), c.values.spread(); m != c.median || math.Abs(s-c.part) > 1e-9 {
			t.Errorf("%v: median %v, spread %v", c.values, m, s)
		}
	}
	if !math.IsNaN(series(nil).median()) {
		t.Error("nothing has a median")
	}
}

func TestRatiosAreOfOneRound(t *testing.T) {
	// The machine was three times as fast in the second round, for both.
	if got := over(series{10, 30, 11}, series{20, 60, 22}).median(); got != 0.5 {
		t.Errorf("ratio %v", got)
	}
	if over(series{1}, nil) != nil {
		t.Error("a ratio to nothing")
	}
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 48213: "48,200", 512345.6: "512,000", 1234567: "1,230,000", 999.6: "1,000", 4.184: "4.18", 4.1: "4.1",
		0.05234: "0.0523", 12: "12", -1234: "-1,230", math.NaN(): "—", 0.2: "0.2", 100: "100",
	} {
		if got := figure(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		measured series
		is       string
		want     string
	}{
		{series{1, 2, 3}, "<=", "**missed** (in 2 of 3 rounds): a reason"},
		{series{1, 1, 3}, "<=", "met (in 2 of 3 rounds)"},
		{series{1, 1, 1}, "<=", "met"},
		{series{1, 1, 1}, ">=", "**missed**: a reason"},
		{series{2, 1.5, 1.5}, ">=", "met"},
	} {
		g, err := target("t", c.measured, c.is, 1.5, "", "a reason")
		if err != nil {
			t.Fatal(err)
		}
		if got := g.verdict(); got != c.want {
			t.Errorf("%v %s 1.5: %q, want %q", c.measured, c.is, got, c.want)
		}
	}
	if _, err := target("t", series{1}, "<", 1, ""); err == nil {
		t.Error("a target with another sign")
	}
}

// Text is read at 4.5:1, lines are seen at 3:1 (WCAG 2.2, 1.4.3 and 1.4.11); the
// names of lines have their colours.
func TestColoursCanBeRead(t *testing.T) {
	light := func(c color.RGBA) float64 {
		part := func(v uint8) float64 {
			if f := float64(v) / 255; f <= 0.04045 {
				return f / 12.92
			} else {
				return math.Pow((f+0.055)/1.055, 2.4)
			}
		}
		return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
	}
	for _, l := range looks {
		for _, c := range append([]color.RGBA{l.title, l.ink}, l.lines...) {
			a, b := light(c), light(l.paper)
			if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); contrast < 4.5 {
				t.Errorf("%v on %v: %.1f", c, l.paper, contrast)
			}
		}
	}
}
