package main

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// tableOf describes a table of one benchmark: which of its results are rows,
// what stands in the columns, and which contender ratios refer to.
type tableOf struct {
	rows    []rowOf
	columns []columnOf
	against string // as in "by=curl"; none means no ratios
	without []string
}

type rowOf struct {
	label   string // none: made of the keys
	keys    []string
	against string // whole keys; none: as the table says
}

type columnOf struct {
	key  string // none where columns are units
	unit string
}

// option is a part of a table's description.
type option func(*tableOf)

// rows are all combinations of values, as in rows "transport=sse,websocket"
// "by=bellwire,curl", the last key changing first. A part without "=" is one
// that the benchmark has not given a key: rows "first,deep".
func rows(keys ...string) option {
	made := []rowOf{{}}
	for _, k := range keys {
		var next []rowOf
		for _, r := range made {
			for _, v := range choices(k) {
				next = append(next, rowOf{keys: append(slices.Clone(r.keys), v)})
			}
		}
		made = next
	}
	return func(t *tableOf) { t.rows = append(t.rows, made...) }
}

// choices makes "by=curl" and "by=node" of "by=curl,node".
func choices(key string) []string {
	name, values, ok := strings.Cut(key, "=")
	if !ok {
		return strings.Split(key, ",")
	}
	all := strings.Split(values, ",")
	for i := range all {
		all[i] = name + "=" + all[i]
	}
	return all
}

// row is one result, in words of its own: row "bare SQLite" "by=sqlite/batch=100".
// The last argument, if there is one, is what its ratio refers to, where that
// differs in more than the key of [against].
func row(label, keys string, reference ...string) option {
	return func(t *tableOf) {
		t.rows = append(t.rows, rowOf{label, strings.Split(keys, "/"), strings.Join(reference, "/")})
	}
}

// columns are units, each a column.
func columns(units ...string) option {
	return func(t *tableOf) {
		for _, u := range units {
			t.columns = append(t.columns, columnOf{unit: u})
		}
	}
}

// across has a column for each value of a key, all in the same unit.
func across(key, unit string) option {
	return func(t *tableOf) {
		for _, k := range choices(key) {
			t.columns = append(t.columns, columnOf{k, unit})
		}
	}
}

// against names the contender that ratios refer to.
func against(key string) option {
	return func(t *tableOf) { t.against = key }
}

// without names results that a peer cannot have, as in "by=chromium/feeds=1000":
// they are a dash. Any other that is not there is an error.
func without(keys string) option {
	return func(t *tableOf) { t.without = append(t.without, keys) }
}

// name is that of the result in a cell. A table of no topic has whole names as
// its rows.
func (t *tableOf) name(topic string, r rowOf, c columnOf) string {
	keys := slices.Clone(r.keys)
	if c.key != "" {
		keys = append(keys, c.key)
	}
	if topic != "" {
		keys = append([]string{topic}, keys...)
	}
	return strings.Join(keys, "/")
}

// absent tells whether the table says that there is no such result.
func (t *tableOf) absent(name string) bool {
	parts := strings.Split(name, "/")
	return slices.ContainsFunc(t.without, func(keys string) bool {
		for k := range strings.SplitSeq(keys, "/") {
			if !slices.Contains(parts, k) {
				return false
			}
		}
		return true
	})
}

// reference is the name of the result that a ratio refers to, or none for the
// reference itself.
func (t *tableOf) reference(name string) string {
	key, _, _ := strings.Cut(t.against, "=")
	parts := strings.Split(name, "/")
	i := slices.IndexFunc(parts, func(p string) bool { return strings.HasPrefix(p, key+"=") })
	if t.against == "" || i < 0 || parts[i] == t.against {
		return ""
	}
	parts[i] = t.against
	return strings.Join(parts, "/")
}

// cell is a median with its spread, and how it compares.
type cell struct{ value, spread, ratio string }

func (c cell) String() string {
	text := c.value
	if c.spread != "" {
		text += " " + c.spread
	}
	if c.ratio != "" {
		text += " · **" + c.ratio + "**"
	}
	return text
}

// block is a table for the terminal.
type block struct {
	title string
	lines [][]string
}

// table is a table of a benchmark's results.
func (r *report) table(topic string, options ...option) string {
	var t tableOf
	for _, o := range options {
		o(&t)
	}
	var text strings.Builder
	text.WriteString("| " + r.corner(&t) + "|")
	for _, c := range t.columns {
		text.WriteString(" " + r.heading(c) + " |")
	}
	text.WriteString("\n|---|" + strings.Repeat("--:|", len(t.columns)))
	printed := block{title: cmp.Or(topic, "Others")}
	for _, w := range t.rows {
		if !r.complete && !r.measured(topic, &t, w) {
			continue
		}
		label := r.called(w)
		text.WriteString("\n| " + label + " |")
		for _, c := range t.columns {
			name := t.name(topic, w, c)
			other := t.reference(name)
			if w.against != "" {
				other = t.name(topic, rowOf{keys: strings.Split(w.against, "/")}, c)
			}
			cell := r.cell(&t, name, other, c.unit)
			text.WriteString(" " + cell.String() + " |")
			printed.lines = append(printed.lines, []string{"  " + plain(label), plain(r.heading(c)), cell.value, cell.spread, cell.ratio})
		}
	}
	if unit := strings.TrimSpace(r.corner(&t)); unit != "" {
		printed.title += ", " + plain(unit)
	}
	if t.against != "" {
		text.WriteString("\n\n**×** is the ratio to " + r.label(t.against) + " in the same round.")
		printed.title += ", × of " + plain(r.label(t.against))
	}
	r.printed = append(r.printed, printed)
	return text.String()
}

// measured tells whether a row has anything to show.
func (r *report) measured(topic string, t *tableOf, w rowOf) bool {
	return slices.ContainsFunc(t.columns, func(c columnOf) bool { return r.results.find(t.name(topic, w, c), c.unit) != nil })
}

// called is what a row begins with.
func (r *report) called(w rowOf) string {
	if w.label != "" {
		return w.label
	}
	words := make([]string, len(w.keys))
	for i, k := range w.keys {
		words[i] = r.label(k)
	}
	return strings.Join(words, ", ")
}

// heading of a column.
func (r *report) heading(c columnOf) string { return r.label(cmp.Or(c.key, c.unit)) }

// corner is the unit of a table whose columns are not units.
func (r *report) corner(t *tableOf) string {
	if len(t.columns) == 0 || t.columns[0].key == "" {
		return ""
	}
	return r.label(t.columns[0].unit) + " "
}

// cell is that of a result in a table, beside another one, or none.
func (r *report) cell(t *tableOf, name, other, unit string) cell {
	if t.absent(name) && r.results.find(name, unit) == nil {
		return cell{value: "—"}
	}
	v := r.value(name, unit)
	c := cell{value: figure(v.median()), spread: spreadOf(v)}
	if other == "" || r.results.find(other, unit) == nil {
		return c
	}
	if ratio := over(v, r.value(other, unit)).median(); !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
		c.ratio = figure(ratio) + "×"
	}
	return c
}

// plain is text without the marks of Markdown.
func plain(text string) string { return strings.NewReplacer("`", "", "*", "").Replace(text) }
