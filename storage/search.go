package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"bellwire/subscriptions"
)

const (
	// searchTime is how long [DB.Search] looks before it answers with what it
	// has.
	searchTime = 50 * time.Millisecond
	// clockEvery is after how many rows looked at the clock is read.
	clockEvery = 128
	// fewRows is how many rows are listed and looked at one by one, rather
	// than those that have the words.
	fewRows = 2000
)

// A Page is a page of history.
type Page struct {
	Events []subscriptions.Event
	// Through is the Seq down to which all was looked at, up to it where the
	// oldest come first: go on from there with Before, or After. 0: there is
	// nothing more. While rows of an older program's database are indexed
	// anew it may be where the page began.
	Through int64
}

// Search is one page of rows, like [DB.History], but does not look for longer
// than some 50 ms: the page may be short then, even empty, and is the last one
// only where Through says so. Text that cannot be read is a
// [*search.Error].
//
// A query with Text first waits for the search index to hold every row that
// was committed by now.
func (db *DB) Search(ctx context.Context, q Query) (Page, error) {
	p, err := db.search(ctx, q, searchTime)
	if err != nil {
		return Page{}, fmt.Errorf("searching: %w", failure(err))
	}
	return p, nil
}

// search looks for a page, for no longer than limit unless that is 0.
func (db *DB) search(ctx context.Context, q Query, limit time.Duration) (Page, error) {
	if q.Text == "" {
		events, err := db.listed(ctx, q)
		p := Page{Events: events}
		if n := len(events); n > 0 {
			p.Through = events[n-1].Seq
		}
		return p, err
	}
	if err := ctx.Err(); err != nil {
		return Page{}, err
	}
	now := time.Now()
	plan, err := db.newPlan(ctx, q, now)
	if err != nil || plan.nothing {
		return Page{Events: []subscriptions.Event{}}, err
	}
	in, err := db.indexer.catchUp(ctx, q.OldestFirst)
	if err != nil {
		return Page{}, err
	}
	h := &hunt{plan: plan, db: db, q: q, lo: max(q.After, 0), hi: in.newest + 1, oldestFirst: q.OldestFirst, limit: pageSize(q.Limit)}
	if q.Before > 0 {
		h.hi = min(q.Before, h.hi)
	}
	if limit > 0 {
		h.deadline = now.Add(limit)
	}
	return h.page(ctx, in.since)
}

// A hunt looks for the rows of a page.
type hunt struct {
	*plan
	db          *DB
	q           Query
	lo, hi      int64 // what was not looked at yet: the rows between
	oldestFirst bool
	limit       int
	deadline    time.Time     // zero: none
	step        time.Duration // the longest that a look at a part took
	found       []int64
}

// page looks for a page; rows up to since were not in the index
// at its beginning.
func (h *hunt) page(ctx context.Context, since int64) (Page, error) {
	bottom := h.lo
	if since > h.lo && since >= h.hi-1 {
		var err error
		if since, err = h.reach(ctx); err != nil {
			return Page{}, err
		}
	}
	h.lo = max(h.lo, since)
	if err := h.narrowTimes(ctx); err != nil {
		return Page{}, err
	}
	if err := h.look(ctx); err != nil {
		return Page{}, err
	}
	var p Page
	switch {
	case h.oldestFirst && h.more():
		p.Through = h.lo
	case h.oldestFirst:
	case h.more():
		p.Through = h.hi
	case since > bottom: // the rest is not in the index yet
		p.Through = min(h.hi, since+1)
	}
	return h.fetch(ctx, p)
}

// reach waits until the index holds some of the rows wanted, or until the
// time is over.
func (h *hunt) reach(ctx context.Context) (since int64, err error) {
	wait := ctx
	if !h.deadline.IsZero() {
		var cancel context.CancelFunc
		wait, cancel = context.WithDeadline(ctx, h.deadline)
		defer cancel()
	}
	since, err = h.db.indexer.reach(wait, h.hi)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = nil
	}
	return since, err
}

// narrowTimes leaves out blocks of rows that were received at other times.
func (h *hunt) narrowTimes(ctx context.Context) error {
	if h.from.IsZero() && h.until.IsZero() {
		return nil
	}
	from, until := int64(math.MinInt64), int64(math.MaxInt64)
	if !h.from.IsZero() {
		from = h.from.UnixMicro()
	}
	if !h.until.IsZero() {
		until = h.until.UnixMicro()
	}
	var first, last sql.NullInt64
	err := h.db.readers.QueryRowContext(ctx, "SELECT min(block), max(block) FROM search_times WHERE newest >= ? AND oldest < ?", from, until).Scan(&first, &last)
	if err != nil {
		return err
	}
	if !first.Valid { // there are none
		h.looked(h.end())
		return nil
	}
	h.lo = max(h.lo, first.Int64<<blockBits-1)
	h.hi = min(h.hi, (last.Int64+1)<<blockBits)
	return nil
}

// more reports whether there are rows that were not looked at.
func (h *hunt) more() bool { return h.hi-h.lo > 1 }

// end is the last of them.
func (h *hunt) end() int64 {
	if h.oldestFirst {
		return h.hi - 1
	}
	return h.lo + 1
}

// looked says that everything up to, or down to, seq was looked at.
func (h *hunt) looked(seq int64) {
	if h.oldestFirst {
		h.lo = max(h.lo, seq)
	} else {
		h.hi = min(h.hi, seq)
	}
}

// enough reports whether the page is full, or the time will be over after
// one more step.
func (h *hunt) enough() bool {
	return h.full() || !h.deadline.IsZero() && time.Now().Add(h.step).After(h.deadline)
}

func (h *hunt) full() bool { return len(h.found) >= h.limit }

func (h *hunt) late() bool { return !h.deadline.IsZero() && time.Now().After(h.deadline) }

// order of rows in SQL.
func (h *hunt) order() string { return h.q.order() }

// look looks where the fewest rows have to be looked at.
func (h *hunt) look(ctx context.Context) error {
	few, err := h.few(ctx)
	switch {
	case err != nil || !h.more():
		return err
	case few != nil && !h.words:
		return h.inList(ctx, few)
	case few != nil:
		return h.inIndex(ctx, few)
	case h.unread && !h.words && !h.narrow:
		return h.inUnread(ctx)
	case h.match != "":
		return h.inIndex(ctx, nil)
	}
	return h.rows(ctx, "SELECT e.seq, ("+h.rest+") IS TRUE, e.tags FROM events e WHERE e.seq > ? AND e.seq < ? ORDER BY e.seq "+h.order(), h.lo, h.hi)
}

// few are the rows that were not read, or that a summary told, where they are
// few; nil where they are not.
func (h *hunt) few(ctx context.Context) ([]int64, error) {
	if h.q.Summary != 0 {
		seqs, err := h.db.integers(ctx, "SELECT DISTINCT seq FROM delivery WHERE summary = ? AND seq > ? AND seq < ? ORDER BY seq "+h.order(), h.q.Summary, h.lo, h.hi)
		return append([]int64{}, seqs...), err
	}
	if !h.unread {
		return nil, nil
	}
	ofFeeds := ""
	if h.feeds != nil {
		ofFeeds = " AND feed IN (" + numbers(h.feeds) + ")"
	}
	total, err := h.db.integers(ctx, "SELECT coalesce(sum(unread), 0) FROM progress WHERE 1"+ofFeeds)
	if err != nil || total[0] > fewRows {
		return nil, err
	}
	seqs, err := h.nextUnread(ctx, fewRows)
	if len(seqs) == fewRows { // more have been marked unread since they were counted
		return nil, err
	}
	return append([]int64{}, seqs...), err
}

// nextUnread are the next rows that were not read, of the feeds wanted.
func (h *hunt) nextUnread(ctx context.Context, limit int) ([]int64, error) {
	ofFeeds := ""
	if h.feeds != nil {
		ofFeeds = " AND g.num IN (" + numbers(h.feeds) + ")"
	}
	// A page of every feed, and the best of them: see [Query.merged].
	return h.db.integers(ctx, `SELECT u.seq FROM feeds g CROSS JOIN events u WHERE g.id IS NOT NULL`+ofFeeds+` AND u.seq IN (
		SELECT seq FROM events WHERE feed = g.num AND read = 0 AND seq > ?1 AND seq < ?2 ORDER BY seq `+h.order()+` LIMIT ?3)
		ORDER BY u.seq `+h.order()+` LIMIT ?3`, h.lo, h.hi, limit)
}

// inUnread looks at rows that were not read.
func (h *hunt) inUnread(ctx context.Context) error {
	const some = 250
	for looking := true; looking; looking = h.more() && !h.enough() {
		seqs, err := h.nextUnread(ctx, some)
		if err != nil {
			return err
		}
		if err := h.listed(ctx, seqs); err != nil {
			return err
		}
		if len(seqs) < some && !h.full() {
			h.looked(h.end())
		}
	}
	return nil
}

// inList looks at the rows of a list.
func (h *hunt) inList(ctx context.Context, seqs []int64) error {
	for part := range slices.Chunk(seqs, chunk) {
		if err := h.listed(ctx, part); err != nil || h.enough() {
			return err
		}
	}
	h.looked(h.end())
	return nil
}

// listed looks at rows, and at nothing between them.
func (h *hunt) listed(ctx context.Context, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	query := "SELECT e.seq, (" + h.facets + " AND " + h.rest + ") IS TRUE, e.tags FROM events e WHERE e.seq IN (SELECT value FROM json_each(?)) ORDER BY e.seq " + h.order()
	full, err := h.scan(ctx, query, list(seqs))
	if err == nil && !full {
		h.looked(seqs[len(seqs)-1])
	}
	return err
}

// inIndex looks at the rows that match in the index, one part after the
// other, of few alone unless that is nil.
func (h *hunt) inIndex(ctx context.Context, few []int64) error {
	parts, err := h.db.parts(ctx)
	if err != nil {
		return err
	}
	return h.inParts(ctx, parts, few)
}

func (h *hunt) inParts(ctx context.Context, parts map[int64]bool, few []int64) (err error) {
	// Once at least: however late it is, a page comes further.
	for looking := true; looking; looking = h.more() && !h.enough() {
		part := (h.hi - 1) >> partBits
		if h.oldestFirst {
			part = (h.lo + 1) >> partBits
		}
		lo, hi := max(h.lo, part<<partBits-1), min(h.hi, (part+1)<<partBits)
		stopped := false
		if parts[part] {
			began := time.Now()
			if stopped, err = h.inPart(ctx, part, lo, hi, few); err != nil {
				// It may have been dropped since: no row is left of it then.
				now, perr := h.db.parts(ctx)
				if perr != nil || now[part] {
					return err
				}
			}
			h.step = max(h.step, time.Since(began))
		}
		switch {
		case stopped:
			return nil
		case h.oldestFirst:
			h.looked(hi - 1)
		default:
			h.looked(lo + 1)
		}
	}
	return nil
}

// inPart looks at rows of a part.
func (h *hunt) inPart(ctx context.Context, part, lo, hi int64, few []int64) (stopped bool, err error) {
	table := partTable(part)
	where := table + " MATCH ? AND s.rowid > ? AND s.rowid < ?"
	args := []any{h.match, lo, hi}
	if few != nil {
		few = slices.DeleteFunc(slices.Clone(few), func(seq int64) bool { return seq <= lo || seq >= hi })
		if len(few) == 0 {
			return false, nil
		}
		// Not by each of them: a look for a word is dear, the next row that
		// has it is cheap.
		where += " AND +s.rowid IN (SELECT value FROM json_each(?))"
		args = []any{h.match, slices.Min(few) - 1, slices.Max(few) + 1, list(few)}
	}
	query := "SELECT s.rowid, 1, '' FROM " + table + " s WHERE " + where
	if h.rest != "1" || len(h.tags) > 0 {
		query = "SELECT s.rowid, (" + h.rest + ") IS TRUE, e.tags FROM " + table + " s CROSS JOIN events e ON e.seq = s.rowid WHERE " + where
	}
	return h.scan(ctx, query+" ORDER BY s.rowid "+h.order(), args...)
}

// rows looks at rows to the end.
func (h *hunt) rows(ctx context.Context, query string, args ...any) error {
	stopped, err := h.scan(ctx, query, args...)
	if err == nil && !stopped {
		h.looked(h.end())
	}
	return err
}

// scan looks at the rows of a result: their Seq, whether they fit, their
// tags. It stops when the page is full or the time over.
func (h *hunt) scan(ctx context.Context, query string, args ...any) (stopped bool, err error) {
	rows, err := h.db.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var seq int64
	var fits bool
	var tags sql.RawBytes
	for n := 1; rows.Next(); n++ {
		if err := rows.Scan(&seq, &fits, &tags); err != nil {
			return false, err
		}
		if fits && (len(h.tags) == 0 || h.tagged(string(tags))) {
			h.found = append(h.found, seq)
		}
		if h.full() || n%clockEvery == 0 && h.late() {
			h.looked(seq)
			return true, nil
		}
	}
	return false, rows.Err()
}

// fetch reads the rows found.
func (h *hunt) fetch(ctx context.Context, p Page) (Page, error) {
	p.Events = []subscriptions.Event{}
	if len(h.found) == 0 {
		return p, nil
	}
	var err error
	p.Events, err = h.db.events(ctx, "SELECT "+eventColumns+` FROM events e CROSS JOIN feeds f ON f.num = e.feed
		WHERE e.seq IN (SELECT value FROM json_each(?)) AND f.id IS NOT NULL ORDER BY e.seq `+h.order(), list(h.found))
	if n := len(p.Events); n > 0 && p.Events[n-1].Seq != h.found[len(h.found)-1] {
		p.Through = p.Events[n-1].Seq // large payloads have made the page full
	}
	return p, err
}
