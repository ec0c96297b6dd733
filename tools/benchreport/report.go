package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// report makes a document of results: its template calls the methods that
// functions lists. What those cannot find is told all at once at the end.
type report struct {
	template *template.Template
	topics   []topic           // that are run
	known    []string          // names of all topics
	labels   map[string]string // of "key=value" and of units
	results  *results
	complete bool // a quantity that is not there is an error

	pages    map[string][]byte // by their path below the document's folder
	printed  []block           // for the terminal
	shown    map[string]bool   // names and units that the document has used
	problems []error
}

// functions are what a template can call, besides those of text/template.
func (r *report) functions() template.FuncMap {
	return template.FuncMap{
		// about the run
		"ran": r.ran, "run": r.run, "fact": r.fact, "versions": r.versions, "rounds": r.rounds,
		// a table, and what it is made of
		"table": r.table, "rows": rows, "row": row, "columns": columns, "across": across, "against": against, "without": without,
		// a plot, and what it is made of
		"plot": r.plot, "along": along, "up": up, "line": line, "logarithmic": logarithmic, "floor": floor,
		// single figures
		"value": r.value, "over": over, "minus": minus, "plus": plus, "times": times, "say": say,
		"targets": r.targets, "target": target,
	}
}

// newReport reads a template. Its blocks "topics" and "labels" are data: the
// benchmarks to run, and words for keys and units.
func newReport(text string) (*report, error) {
	r := &report{labels: map[string]string{}}
	t, err := template.New("benchmarks.md").Funcs(r.functions()).Parse(text)
	if err != nil {
		return nil, err
	}
	r.template = t
	topics, err := r.lines("topics")
	if err != nil {
		return nil, err
	}
	for _, l := range topics {
		fields := strings.Fields(l)
		if len(fields) != 4 {
			return nil, fmt.Errorf("topic %q is not: benchmark, package, tags or -, benchtime", l)
		}
		t := topic{name: fields[0], pkg: fields[1], tags: strings.Trim(fields[2], "-"), time: fields[3]}
		r.topics, r.known = append(r.topics, t), append(r.known, t.name)
	}
	labels, err := r.lines("labels")
	if err != nil {
		return nil, err
	}
	for _, l := range labels {
		key, words, _ := strings.Cut(l, " ")
		r.labels[key] = strings.TrimSpace(words)
	}
	return r, nil
}

// lines are those of a block of the template that are neither empty nor a comment.
func (r *report) lines(block string) ([]string, error) {
	var text strings.Builder
	if err := r.template.ExecuteTemplate(&text, block, nil); err != nil {
		return nil, err
	}
	var all []string
	for l := range strings.Lines(text.String()) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
			all = append(all, l)
		}
	}
	return all, nil
}

// choose keeps the topics that are to be run.
func (r *report) choose(names *regexp.Regexp) {
	r.topics = slices.DeleteFunc(r.topics, func(t topic) bool { return !names.MatchString(t.name) })
}

// render executes the template and returns all files that it makes, by their
// path below the document's folder.
func (r *report) render() (map[string][]byte, error) {
	r.pages, r.printed, r.problems, r.shown = map[string][]byte{}, nil, nil, map[string]bool{}
	if r.complete {
		for _, t := range r.topics {
			if !r.results.has(t.name) {
				r.problem("Benchmark%s of %s is not in the results", t.name, t.pkg)
			}
		}
	}
	var text bytes.Buffer
	if err := r.template.Execute(&text, nil); err != nil {
		return nil, err
	}
	if err := errors.Join(r.problems...); err != nil {
		return nil, fmt.Errorf("the report is not complete:\n%w", err)
	}
	r.pages["benchmarks.md"] = text.Bytes()
	return r.pages, nil
}

func (r *report) problem(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if !slices.ContainsFunc(r.problems, func(e error) bool { return e.Error() == err.Error() }) {
		r.problems = append(r.problems, err)
	}
}

// value is a measured quantity. The name is that of the benchmark without
// "Benchmark", with its keys in any order, as in "Stream/by=curl".
func (r *report) value(name, unit string) series {
	found := r.results.find(name, unit)
	r.shown[canonical(name)+" "+unit] = true
	if found == nil && r.complete {
		r.problem("no %s of Benchmark%s", unit, name)
	}
	return found
}

// unused are the units that the document does not show, by topic, but for those
// that go test adds to every benchmark by itself.
func (r *report) unused() []string {
	var all []string
	for _, name := range r.results.names {
		for _, unit := range slices.Sorted(maps.Keys(r.results.values[name])) {
			text := unit + " of Benchmark" + topicOf(name)
			if r.shown[name+" "+unit] || slices.Contains([]string{"ns/op", "MB/s", "B/op", "allocs/op"}, unit) || slices.Contains(all, text) {
				continue
			}
			all = append(all, text)
		}
	}
	return all
}

// ran tells whether the section of a topic belongs into the document.
func (r *report) ran(name string) (bool, error) {
	if !slices.Contains(r.known, name) {
		return false, fmt.Errorf("no topic is called %q", name)
	}
	return r.complete || r.chosen(name) && r.results.has(name), nil
}

func (r *report) chosen(name string) bool {
	return slices.ContainsFunc(r.topics, func(t topic) bool { return t.name == name })
}

// run is the command of one topic, for who wants to see only that.
func (r *report) run(name string) (string, error) {
	i := slices.IndexFunc(r.topics, func(t topic) bool { return t.name == name })
	if i < 0 {
		return "", fmt.Errorf("no topic is called %q", name)
	}
	return "```console\n$ " + r.topics[i].command() + "\n```", nil
}

// fact is a configuration line of the results.
func (r *report) fact(key string) string {
	if v, ok := r.results.facts[key]; ok {
		return v
	}
	if r.complete {
		r.problem("the results do not say: %s", key)
	}
	return unknown
}

func (r *report) rounds() int { return r.results.rounds }

// versions is a sentence's list of all that was compared.
func (r *report) versions() string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(r.results.facts)) {
		if name, ok := strings.CutPrefix(key, "version-"); ok {
			all = append(all, r.label(name)+" "+r.results.facts[key])
		}
	}
	return strings.Join(all, ", ")
}

// label is what the document calls a key with its value, or a unit.
func (r *report) label(key string) string {
	if words, ok := r.labels[key]; ok {
		return words
	}
	if k, v, ok := strings.Cut(key, "="); ok {
		if words, ok := r.labels[k]; ok { // as in "feeds  # feeds"
			return strings.Replace(words, "#", grouped(v), 1)
		}
		return grouped(v)
	}
	return key
}
