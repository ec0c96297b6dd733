package window

import (
	"slices"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"
)

// Bounds of what is kept of history, however far somebody scrolls.
const (
	pageSize = 100
	maxRows  = 500
	maxTitle = 300 // characters of a row's title and of its preview
)

// A row is what the list keeps of an event: bounded, whatever was sent.
type row struct {
	seq      int64
	kind     subscriptions.EventKind
	feed     string
	title    string
	preview  string
	at       time.Time
	priority int
	read     bool
	gap      subscriptions.Gap
}

func rowOf(e subscriptions.Event) row {
	e = inWords(e)
	r := row{
		seq: e.Seq, kind: e.Kind, feed: e.Feed, priority: e.Priority, read: e.Read,
		title: oneLine(e.Title, maxTitle), preview: oneLine(e.Body, maxTitle), at: e.Received,
	}
	if g, ok := subscriptions.ParseGap(e); ok {
		r.gap = g
	}
	return r
}

// inWords is e with its title and body in the person's language where they
// are Bellwire's own, as it is otherwise.
func inWords(e subscriptions.Event) subscriptions.Event {
	if title, body, ok := words.Notice(e); ok {
		e.Title, e.Body = title, body
	}
	return e
}

func rowsOf(events []subscriptions.Event) []row {
	rows := make([]row, len(events))
	for i, e := range events {
		rows[i] = rowOf(e)
	}
	return rows
}

// A view is a choice of rows.
type view struct {
	feed   string // "" is all feeds
	folder string // "" is all as well
	unread bool
	text   string
	// summary limits to what one summary told; 0 does not.
	summary int64
}

func (v view) query() control.Query {
	text := v.text
	if v.folder != "" {
		text = strings.TrimSpace(folderQuery(v.folder) + " " + text)
	}
	return control.Query{Text: text, Feed: v.feed, Unread: v.unread, Summary: v.summary, Limit: pageSize}
}

// has reports whether a new row belongs to v, text and folder aside. Only the daemon can
// tell what belongs to a summary.
func (v view) has(r row) bool {
	return v.summary == 0 && (v.feed == "" || v.feed == r.feed) && !(v.unread && r.read)
}

// history is a window on a view's rows, newest first: at most maxRows of
// them, moved along by pages.
type history struct {
	rows []row
	// top and end say that nothing newer, nothing older, is missing.
	top, end bool
	// low and high are how far down and up was looked, which is further than
	// the rows go where little matches; 0 is no further.
	low, high int64
}

// start begins anew with the page at the top. through is how far the daemon
// looked for it: 0 is to the end.
func (h *history) start(page []row, through int64, top bool) {
	*h = history{rows: page, top: top, end: through == 0, low: through}
}

// older appends a page and lets go of the newest rows beyond the bound.
func (h *history) older(page []row, through int64) {
	h.rows = append(h.rows, page...)
	h.end, h.low = through == 0, through
	if n := len(h.rows) - maxRows; n > 0 {
		h.rows = slices.Clone(h.rows[n:])
		h.top, h.high = false, 0
	}
}

// newer puts a page before the others and lets go of the oldest rows beyond
// the bound. Rows that are there already are left out.
func (h *history) newer(page []row, top bool) {
	if len(h.rows) > 0 {
		newest := h.rows[0].seq
		page = slices.DeleteFunc(slices.Clone(page), func(r row) bool { return r.seq <= newest })
	}
	h.rows = slices.Concat(page, h.rows)
	h.top = top
	if len(h.rows) > maxRows {
		h.rows = slices.Clone(h.rows[:maxRows])
		h.end, h.low = false, 0
	}
}

func (h *history) newest() int64 {
	if len(h.rows) == 0 {
		return 0
	}
	return h.rows[0].seq
}

func (h *history) oldest() int64 {
	if len(h.rows) == 0 {
		return 0
	}
	return h.rows[len(h.rows)-1].seq
}

// below is where the next older page begins, above where the next newer one
// does.
func (h *history) below() int64 {
	if h.low != 0 {
		return h.low
	}
	return h.oldest()
}

func (h *history) above() int64 { return max(h.newest(), h.high) }

// drop takes rows out for good.
func (h *history) drop(seqs []int64) {
	h.rows = slices.DeleteFunc(slices.Clone(h.rows), func(r row) bool { return slices.Contains(seqs, r.seq) })
}

func (h *history) index(seq int64) int {
	return slices.IndexFunc(h.rows, func(r row) bool { return r.seq == seq })
}

// lines is the history as it is listed: the rows that are not hidden, and a
// heading before each day.
func (h *history) lines(now time.Time, hidden func(seq int64) bool) []line {
	lines := make([]line, 0, len(h.rows)+8)
	var before time.Time
	for _, r := range h.rows {
		if hidden(r.seq) {
			continue
		}
		if len(lines) == 0 || !words.SameDay(before, r.at) {
			lines = append(lines, line{heading: words.Day(r.at, now)})
		}
		lines = append(lines, line{row: r})
		before = r.at
	}
	return lines
}

// A line is one entry of the list: a day's heading, or a row.
type line struct {
	heading string
	row     row
}

// Heights of lines, in pixels.
const (
	rowHeight     = 56
	headingHeight = 32
	gapHeight     = 32
)

func (l line) height() float32 {
	switch {
	case l.heading != "":
		return headingHeight
	case l.row.kind == subscriptions.KindGap:
		return gapHeight
	}
	return rowHeight
}
