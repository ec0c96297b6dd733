//go:build linux

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

// loss is what a lane's server may do to what was published while nobody
// listened, and so where history has to have gaps.
type loss int

const (
	replays loss = iota // nothing is ever lost, and there are no gaps
	evicts              // what is evicted is lost, and the server says so
	forgets             // what was published while nobody listened is lost
)

// An audit follows the rows of one lane, oldest first, and finds whatever is
// lost, repeated, out of order, or a gap for no reason.
type audit struct {
	loss    loss
	evicted func() int // up to which number the server has evicted
	most    func() int // how many gaps there can be, at most

	last   int // the number seen last
	gap    bool
	gaps   int
	events int
	wrong  []string
}

func (a *audit) complain(format string, args ...any) {
	if len(a.wrong) < 20 {
		a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
	}
}

// row looks at one more row: a gap, or the event with number n.
func (a *audit) row(kind subscriptions.EventKind, n int) {
	switch kind {
	case subscriptions.KindGap:
		if a.gap {
			a.complain("two gaps in a row behind %d", a.last)
		}
		if a.loss == replays {
			a.complain("a gap behind %d, of a server that has lost nothing", a.last)
		}
		if a.loss == evicts && a.last > a.evicted() {
			a.complain("a gap behind %d, which the server still had", a.last)
		}
		a.gap = true
		a.gaps++
	case subscriptions.KindEvent:
		a.events++
		switch {
		case n <= a.last:
			a.complain("%d comes again, behind %d", n, a.last)
		case n > a.last+1 && !a.gap:
			a.complain("%s lost without a word", span(a.last+1, n-1))
		case n > a.last+1 && a.loss == evicts && n-1 > a.evicted():
			a.complain("%s lost, of which the server had evicted only up to %d", span(a.last+1, n-1), a.evicted())
		}
		a.last, a.gap = max(n, a.last), false
	}
}

// end is when every row has been seen of what ends with the number sent.
func (a *audit) end(sent int) []string {
	if a.last != sent && (a.loss != evicts || sent > a.evicted()) {
		a.complain("history ends with %d of %d", a.last, sent)
	}
	if most := a.most(); a.gaps > most {
		a.complain("%d gaps, of at most %d interruptions", a.gaps, most)
	}
	return a.wrong
}

func span(from, to int) string {
	if from == to {
		return strconv.Itoa(from) + " is"
	}
	return fmt.Sprintf("%d to %d are", from, to)
}

func TestAudit(t *testing.T) {
	for _, tc := range []struct {
		name string
		loss loss
		rows string // numbers, and g for a gap
		sent int
		want string // within a complaint; empty: there is none
	}{
		{"whole", replays, "1 2 3", 3, ""},
		{"lost", replays, "1 3", 3, "2 is lost without a word"},
		{"lost in the beginning", replays, "2", 2, "1 is lost without a word"},
		{"lost at the end", replays, "1 2", 3, "ends with 2 of 3"},
		{"twice", replays, "1 2 2 3", 3, "2 comes again"},
		{"out of order", replays, "1 3 2", 3, "2 comes again, behind 3"},
		{"a gap of nothing", replays, "1 g 2", 2, "a gap behind 1"},
		{"evicted", evicts, "1 2 g 5 6", 6, ""},
		{"evicted behind the last", evicts, "1 2 3 4 g 5 6", 6, ""},
		{"evicted, in silence", evicts, "1 2 5 6", 6, "3 to 4 are lost without a word"},
		{"more than evicted", evicts, "1 2 g 6", 6, "3 to 5 are lost, of which"},
		{"never evicted", evicts, "1 2 3 4 5 g 6", 6, "which the server still had"},
		{"all evicted", evicts, "1 2 g", 4, ""},
		{"forgotten", forgets, "1 g 5 g 6", 6, ""},
		{"forgotten in silence", forgets, "1 5", 5, "2 to 4 are lost"},
		{"too many gaps", forgets, "1 g 2 g 3 g 4", 4, "3 gaps, of at most 2"},
		{"two gaps", forgets, "1 g g 2", 2, "two gaps in a row"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := audit{loss: tc.loss, evicted: func() int { return 4 }, most: func() int { return 2 }}
			for _, field := range strings.Fields(tc.rows) {
				if field == "g" {
					a.row(subscriptions.KindGap, 0)
					continue
				}
				n, err := strconv.Atoi(field)
				if err != nil {
					t.Fatal(err)
				}
				a.row(subscriptions.KindEvent, n)
			}
			wrong := a.end(tc.sent)
			if tc.want == "" && len(wrong) > 0 || tc.want != "" && !slices.ContainsFunc(wrong, func(s string) bool { return strings.Contains(s, tc.want) }) {
				t.Errorf("it says %q, want %q", wrong, tc.want)
			}
		})
	}
}

// auditShown looks at everything that a notification service has taken of
// events events, each of which has to be told once, alone or in a summary. What
// was being shown when the daemon was killed may be told once more: kills is by
// how many notifications the service had taken when the next daemon began.
func auditShown(all []notifytest.Notification, kills []int, events int) (wrong []string) {
	told := tell(all)
	excused := map[string]int{} // titles, and how often they may be told again
	more := 0
	for _, k := range kills {
		if k == 0 {
			continue
		}
		// One at a time is shown: it was the last that anybody has heard of.
		last := all[k-1]
		if count, ok := summaryCount(last); ok {
			more += count
			continue
		}
		excused[last.Summary]++
		more++
	}
	repeated := 0
	for title, n := range told.alone {
		if n > 1+excused[title] {
			wrong = append(wrong, fmt.Sprintf("%q was shown %d times", title, n))
		}
		repeated += n - 1
	}
	if got := told.events() + repeated; got < events || got > events+more {
		wrong = append(wrong, fmt.Sprintf("%d events were told of %d (%d may have been told again)", got, events, more))
	}
	return wrong
}

// summaryCount is how many events a summary counts.
func summaryCount(n notifytest.Notification) (count int, ok bool) {
	m := summaryTitle.FindStringSubmatch(n.Summary)
	if m == nil {
		return 0, false
	}
	count, err := strconv.Atoi(m[1])
	return count, err == nil
}

func TestAuditShown(t *testing.T) {
	one := func(title string) notifytest.Notification { return notifytest.Notification{Summary: title} }
	many := func(count int, tag string) notifytest.Notification {
		return notifytest.Notification{Summary: fmt.Sprintf("%d more from x", count), Hints: map[string]any{"x-dunst-stack-tag": tag}}
	}
	for _, tc := range []struct {
		name   string
		all    []notifytest.Notification
		kills  []int
		events int
		want   int // complaints
	}{
		{"each once", []notifytest.Notification{one("a"), one("b")}, nil, 2, 0},
		{"one never", []notifytest.Notification{one("a")}, nil, 2, 1},
		{"one twice", []notifytest.Notification{one("a"), one("a")}, nil, 1, 2},
		{"a summary that grows", []notifytest.Notification{one("a"), many(2, "s"), many(5, "s")}, nil, 6, 0},
		{"two summaries", []notifytest.Notification{many(2, "s"), many(5, "t")}, nil, 7, 0},
		{"a summary that counts too much", []notifytest.Notification{one("a"), many(3, "s")}, nil, 3, 1},
		{"killed with one in hand", []notifytest.Notification{one("a"), one("b"), one("b")}, []int{2}, 2, 0},
		{"killed with another in hand", []notifytest.Notification{one("a"), one("b"), one("a")}, []int{2}, 2, 1},
		{"killed with a summary in hand", []notifytest.Notification{many(3, "s"), many(4, "t")}, []int{1}, 4, 0},
		{"killed before anything was shown", []notifytest.Notification{one("a")}, []int{0}, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if wrong := auditShown(tc.all, tc.kills, tc.events); len(wrong) != tc.want {
				t.Errorf("%d complaints, want %d: %q", len(wrong), tc.want, wrong)
			}
		})
	}
}
