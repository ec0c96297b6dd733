package main

import (
	"fmt"
	"strings"
)

// goal is a row of the table of targets.
type goal struct {
	label    string
	measured series
	least    bool // at least, not at most
	limit    float64
	unit     string
	missed   string // what to say then
}

// target compares a figure with what it should be: is "<=" or ">=". The last
// argument, if there is one, is said where the target is missed.
func target(label string, measured series, is string, limit float64, unit string, missed ...string) (goal, error) {
	if is != "<=" && is != ">=" {
		return goal{}, fmt.Errorf("target %q: %q is neither <= nor >=", label, is)
	}
	return goal{label, measured, is == ">=", limit, unit, strings.Join(missed, " ")}, nil
}

func (g goal) reached(v float64) bool {
	if g.least {
		return v >= g.limit
	}
	return v <= g.limit
}

// verdict judges by the median, and says so where rounds disagree.
func (g goal) verdict() string {
	met, same := g.reached(g.measured.median()), 0
	for _, v := range g.measured {
		if g.reached(v) == met {
			same++
		}
	}
	text := "met"
	if !met {
		text = "**missed**"
	}
	if same < len(g.measured) {
		text += fmt.Sprintf(" (in %d of %d rounds)", same, len(g.measured))
	}
	if !met && g.missed != "" {
		text += ": " + g.missed
	}
	return text
}

// targets is a table of them. One whose figures were not measured is left out,
// which in a complete report is an error already.
func (r *report) targets(goals ...goal) string {
	text := "| | target | measured | |\n|---|--:|--:|---|"
	printed := block{title: "Targets"}
	for _, g := range goals {
		if len(g.measured) == 0 {
			continue
		}
		sign := "≤ "
		if g.least {
			sign = "≥ "
		}
		limit, measured, spread := sign+in(g.limit, g.unit), in(g.measured.median(), g.unit), spreadOf(g.measured)
		text += fmt.Sprintf("\n| %s | %s | %s | %s |", g.label, limit, strings.TrimSpace(measured+" "+spread), g.verdict())
		word, _, _ := strings.Cut(g.verdict(), ":")
		printed.lines = append(printed.lines, []string{"  " + plain(g.label), limit, measured, spread, plain(word)})
	}
	if len(printed.lines) == 0 {
		return "None of the targets was measured."
	}
	r.printed = append(r.printed, printed)
	return text
}
