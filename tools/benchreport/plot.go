package main

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// plotOf describes a plot: how quantities grow along a key.
type plotOf struct {
	title  string
	keys   []string // of the axis, as in "feeds=10"
	x      string   // what the axis is called
	y      string   // the unit, in words
	lines  []lineOf
	logX   bool
	logY   bool
	bottom float64 // of a logarithmic y: smaller values are drawn here
}

type lineOf struct {
	name, unit, label string
	without           []string // keys
}

// part is one of a plot's description.
type part func(*plotOf)

// along names the key of the horizontal axis with its values.
func along(key, words string) part {
	return func(p *plotOf) { p.keys, p.x = choices(key), words }
}

// up says what is measured.
func up(words string) part { return func(p *plotOf) { p.y = words } }

// line is a quantity: the name of its results without the axis' key. The last
// arguments are keys at which there is none, as in "feeds=1000".
func line(name, unit, label string, without ...string) part {
	return func(p *plotOf) { p.lines = append(p.lines, lineOf{name, unit, label, without}) }
}

// logarithmic makes both axes "xy", or one of them, logarithmic.
func logarithmic(axes string) part {
	return func(p *plotOf) { p.logX, p.logY = strings.Contains(axes, "x"), strings.Contains(axes, "y") }
}

// floor is the smallest value that a logarithmic axis tells from nothing.
func floor(v float64) part { return func(p *plotOf) { p.bottom = v } }

// curve is a line with figures: medians, and the lowest and highest round.
type curve struct {
	label        string
	x            []float64
	mid, low, up []float64
}

// plot draws a plot for light and for dark pages, and returns what shows the
// right one of them.
func (r *report) plot(file, title string, parts ...part) (string, error) {
	p := plotOf{title: title}
	for _, set := range parts {
		set(&p)
	}
	var curves []curve
	for _, l := range p.lines {
		c, err := r.curve(&p, l)
		if err != nil {
			return "", err
		}
		if len(c.x) > 0 {
			curves = append(curves, c)
		}
	}
	if len(curves) == 0 {
		return "", nil
	}
	for _, look := range looks {
		picture, err := p.draw(curves, look)
		if err != nil {
			return "", err
		}
		r.pages["benchmarks/"+file+look.suffix+".svg"] = picture
	}
	return fmt.Sprintf(`<picture>
  <source media="(prefers-color-scheme: dark)" srcset="benchmarks/%[1]s-dark.svg">
  <img alt="%[2]s" src="benchmarks/%[1]s.svg">
</picture>`, file, p.described(curves)), nil
}

func (r *report) curve(p *plotOf, l lineOf) (curve, error) {
	c := curve{label: l.label}
	for _, key := range p.keys {
		_, number, _ := strings.Cut(key, "=")
		x, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return c, fmt.Errorf("plot %q: %q is not a number", p.title, key)
		}
		name := l.name + "/" + key
		if slices.Contains(l.without, key) && r.results.find(name, l.unit) == nil {
			continue
		}
		v := r.value(name, l.unit)
		if len(v) == 0 {
			continue
		}
		c.x, c.mid = append(c.x, x), append(c.mid, v.median())
		c.low, c.up = append(c.low, slices.Min(v)), append(c.up, slices.Max(v))
	}
	return c, nil
}

// described says in words what a plot shows, for who does not see it.
func (p *plotOf) described(curves []curve) string {
	var ends []string
	for _, c := range curves {
		n := len(c.x) - 1
		ends = append(ends, fmt.Sprintf("%s from %s at %s to %s at %s", c.label,
			figure(c.mid[0]), figure(c.x[0]), figure(c.mid[n]), figure(c.x[n])))
	}
	text := fmt.Sprintf("%s, %s over %s: %s", p.title, p.y, p.x, strings.Join(ends, "; "))
	return strings.NewReplacer(`"`, "&quot;", "<", "&lt;", "&", "&amp;").Replace(text)
}

// bounds are the ends of the vertical axis and where it has labels.
func (p *plotOf) bounds(curves []curve) (lowest, highest float64, ticks []plot.Tick) {
	lowest, highest = math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for i := range c.low {
			if !p.logY || c.low[i] > 0 {
				lowest = min(lowest, c.low[i])
			}
			highest = max(highest, c.up[i])
		}
	}
	if !p.logY {
		lowest, highest = min(lowest, 0), highest*1.05
		if highest <= lowest {
			highest = lowest + 1
		}
		for _, t := range (plot.DefaultTicks{}).Ticks(lowest, highest) {
			if !t.IsMinor() {
				ticks = append(ticks, plot.Tick{Value: t.Value, Label: figure(t.Value)})
			}
		}
		return lowest, highest, ticks
	}
	lowest = max(lowest, p.bottom)
	if math.IsInf(lowest, 0) { // nothing but zeros
		lowest, highest = 0.1, 1
	}
	if p.bottom > 0 && slices.ContainsFunc(curves, func(c curve) bool { return slices.Min(c.low) < p.bottom }) {
		lowest = p.bottom
		ticks = append(ticks, plot.Tick{Value: lowest, Label: "≤ " + figure(lowest)})
	}
	lowest, highest, rest := decades(lowest, max(highest, lowest))
	return lowest, highest, append(ticks, slices.DeleteFunc(rest, func(t plot.Tick) bool {
		return len(ticks) > 0 && t.Value <= ticks[0].Value
	})...)
}

// decades are the round numbers around a range: 1, 2, 5, 10 …, with labels at
// all of them where they are few.
func decades(low, high float64) (float64, float64, []plot.Tick) {
	var all []float64
	for e := math.Floor(math.Log10(low)); ; e++ {
		for _, m := range []float64{1, 2, 5} {
			all = append(all, m*math.Pow(10, e))
		}
		if all[len(all)-3] >= high {
			break
		}
	}
	first := 0
	for i, v := range all {
		if v <= low*1.0001 {
			first = i
		}
	}
	last, _ := slices.BinarySearchFunc(all, high, func(v, h float64) int { return cmp.Compare(v*1.0001, h) })
	last = max(last, first+1)
	var ticks []plot.Tick
	for i := first; i <= last; i++ {
		if last-first <= 6 || i%3 == 0 {
			ticks = append(ticks, plot.Tick{Value: all[i], Label: figure(all[i])})
		}
	}
	return all[first], all[last], ticks
}

// labelled are the values of the horizontal axis.
func (p *plotOf) labelled() []plot.Tick {
	var ticks []plot.Tick
	for _, k := range p.keys {
		_, number, _ := strings.Cut(k, "=")
		v, _ := strconv.ParseFloat(number, 64) // it has been read before
		ticks = append(ticks, plot.Tick{Value: v, Label: figure(v)})
	}
	return ticks
}

// fonts are what a page without the fonts of gonum takes instead: all three
// are equally wide.
func fonts(svg []byte) []byte {
	return bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans, Arial, Helvetica, sans-serif;"))
}
