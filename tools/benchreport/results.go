package main

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// series are the values of one quantity, one for each round, in their order.
// None is a quantity that was not measured.
type series []float64

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// spread is how far the round that is farthest from the median is from it, as
// a part of the median.
func (s series) spread() float64 {
	m, far := s.median(), 0.0
	for _, v := range s {
		far = max(far, math.Abs(v-m))
	}
	if far == 0 {
		return 0
	}
	return far / math.Abs(m)
}

// with pairs the values of two series, round by round.
func (s series) with(other series, f func(a, b float64) float64) series {
	if len(s) != len(other) {
		return nil
	}
	made := make(series, len(s))
	for i := range s {
		made[i] = f(s[i], other[i])
	}
	return made
}

// results are all values of a run, and what the run said about itself.
type results struct {
	rounds int
	facts  map[string]string // the configuration lines of the file
	values map[string]map[string]series
	names  []string // of values, in the order of the file
}

// canonical writes the name of a benchmark with its keys in the order of the
// alphabet: nobody needs to remember in which order a benchmark nests them.
func canonical(name string) string {
	parts := strings.Split(name, "/")
	slices.Sort(parts[1:])
	return strings.Join(parts, "/")
}

// topicOf is the benchmark that a name belongs to, without "Benchmark".
func topicOf(name string) string {
	topic, _, _ := strings.Cut(name, "/")
	return topic
}

func (r *results) find(name, unit string) series {
	return r.values[canonical(name)][unit]
}

func (r *results) has(topic string) bool {
	return slices.ContainsFunc(r.names, func(name string) bool { return topicOf(name) == topic })
}

// parse reads raw results. Every quantity must be there as often as any other:
// a round in which one is missing is an error.
func parse(raw []byte, file string) (*results, error) {
	r := &results{facts: map[string]string{}, values: map[string]map[string]series{}}
	reader := benchfmt.NewReader(bytes.NewReader(raw), file)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			r.add(record)
		}
	}
	if err := reader.Err(); err != nil {
		return nil, err
	}
	if len(r.names) == 0 {
		return nil, fmt.Errorf("%s has no results of benchmarks", file)
	}
	for _, name := range r.names {
		for _, unit := range slices.Sorted(maps.Keys(r.values[name])) {
			r.rounds = max(r.rounds, len(r.values[name][unit]))
		}
	}
	for _, name := range r.names {
		for _, unit := range slices.Sorted(maps.Keys(r.values[name])) {
			if n := len(r.values[name][unit]); n != r.rounds {
				return nil, fmt.Errorf("%s has %s of %s in %d of %d rounds", file, unit, name, n, r.rounds)
			}
		}
	}
	return r, nil
}

func (r *results) add(record *benchfmt.Result) {
	for _, c := range record.Config {
		if _, seen := r.facts[c.Key]; !seen && c.File {
			r.facts[c.Key] = string(c.Value)
		}
	}
	base, parts := record.Name.Parts()
	name := string(base)
	for _, part := range parts {
		if part[0] == '/' { // else it is the number of processors
			name += string(part)
		}
	}
	name = canonical(name)
	if r.values[name] == nil {
		r.values[name] = map[string]series{}
		r.names = append(r.names, name)
	}
	for _, v := range record.Values {
		value, unit := v.Value, v.Unit
		if v.OrigUnit != "" { // benchfmt makes seconds of ns and B of MB
			value, unit = v.OrigValue, v.OrigUnit
		}
		r.values[name][unit] = append(r.values[name][unit], value)
	}
}
