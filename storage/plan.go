package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/search"
)

// A plan is what a search asks of the database: of the index, by words and
// facets, and of rows, by what the index does not know.
type plan struct {
	// match is an FTS5 expression (https://sqlite.org/fts5.html §3); empty:
	// the index narrows nothing.
	match string
	// words says that match is about words, and not about facets alone; narrow
	// that it is about facets other than feeds.
	words, narrow bool
	// facets is what match says of facets, as conditions on rows.
	facets string
	// rest are conditions on rows that match says nothing of.
	rest string
	// tags are compared here: SQLite folds ASCII only.
	tags []search.Condition
	// feeds are the numbers of the feeds wanted; nil: all.
	feeds []int64
	// unread limits to rows not read.
	unread bool
	// from and until bound when rows were received; zero: they do not.
	from, until time.Time
	// nothing can be found at all.
	nothing bool
}

// newPlan makes a plan of q at the given time, in whose location days are.
func (db *DB) newPlan(ctx context.Context, q Query, now time.Time) (*plan, error) {
	s, err := search.Parse(q.Text)
	if err != nil {
		return nil, err
	}
	b := planner{plan: &plan{}}
	feeds, not, err := db.feedsWanted(ctx, q.Feed, s)
	if err != nil {
		return nil, err
	}
	b.addFeeds(feeds, not)
	if q.Unread {
		b.read(false)
	}
	if q.Summary != 0 {
		b.where(fmt.Sprintf("e.seq IN (SELECT seq FROM delivery WHERE summary = %d)", q.Summary))
	}
	for _, c := range s.Conditions {
		b.condition(c, now)
	}
	b.addKinds(s)
	usable := b.addWords(s.Words)
	b.finish()
	if !usable && len(s.Conditions) == 0 {
		b.plan.nothing = true
	}
	return b.plan, nil
}

// A planner puts a plan together.
type planner struct {
	*plan
	wanted, excluded []string // parts of match
	on               []string // conditions that are facets
	others           []string // those that are not
}

func (b *planner) where(condition string) { b.others = append(b.others, condition) }

// facet wants one of the tokens, or none of them; condition is the same of a
// row. Both are made of numbers and constants.
func (b *planner) facet(not bool, condition string, tokens ...string) {
	if len(tokens) == 0 {
		b.nothing = b.nothing || !not
		return
	}
	part := "facets : (" + strings.Join(tokens, " OR ") + ")"
	if not {
		b.excluded = append(b.excluded, part)
		condition = "NOT (" + condition + ")"
	} else {
		b.wanted = append(b.wanted, part)
	}
	b.on = append(b.on, condition)
}

// addFeeds wants rows of feeds, or of all but those.
func (b *planner) addFeeds(feeds []int64, not bool) {
	if not && len(feeds) == 0 {
		return
	}
	var tokens []string
	for _, num := range feeds {
		tokens = append(tokens, feedFacet(num))
	}
	if !not {
		b.feeds = feeds
	}
	b.facet(not, "e.feed IN ("+numbers(feeds)+")", tokens...)
}

// read limits to rows that were read, or were not.
func (b *planner) read(read bool) {
	if !read {
		b.unread = true
		b.where("e.read = 0")
		return
	}
	b.where("e.read = 1")
}

func (b *planner) condition(c search.Condition, now time.Time) {
	switch c.Field {
	case search.Priority:
		least, highest, _ := c.PriorityRange()
		var tokens []string
		for p := least; p <= highest; p++ {
			tokens = append(tokens, priorityFacet(p))
		}
		b.narrow = true
		b.facet(false, fmt.Sprintf("e.priority BETWEEN %d AND %d", least, highest), tokens...)
	case search.Before, search.After, search.On:
		from, until := c.Received(now)
		if !from.IsZero() && (b.from.IsZero() || from.After(b.from)) {
			b.from = from
		}
		if !until.IsZero() && (b.until.IsZero() || until.Before(b.until)) {
			b.until = until
		}
	case search.Is:
		switch c.Value {
		case search.Unread:
			b.read(c.Not)
		case search.Read:
			b.read(!c.Not)
		}
	case search.Has:
		b.narrow = true
		if c.Value == search.Link {
			b.facet(c.Not, "e.link <> ''", facetLink)
		} else {
			b.facet(c.Not, "e.image <> ''", facetImage)
		}
	case search.Tag:
		b.tags = append(b.tags, c)
		if p, ok := phrase(c.Value); ok && !c.Not {
			b.words = true
			b.wanted = append(b.wanted, "text : "+p)
		}
	}
}

// addKinds adds the kinds of rows that s names.
func (b *planner) addKinds(s search.Search) {
	var kinds, not []string
	for _, c := range s.Conditions {
		if c.Field != search.Is || c.Value == search.Unread || c.Value == search.Read {
			continue
		}
		if c.Not {
			not = append(not, c.Value)
		} else {
			kinds = append(kinds, c.Value)
		}
	}
	for i, values := range [][]string{kinds, not} {
		var tokens []string
		for _, v := range values {
			tokens = append(tokens, kindFacet(subscriptions.EventKind(v)))
		}
		if len(tokens) > 0 {
			b.narrow = true
			b.facet(i == 1, "e.kind IN ('"+strings.Join(values, "', '")+"')", tokens...)
		}
	}
}

// addWords adds the words that can be found: those with a letter, digit or
// symbol. The last one that is wanted may be unfinished. It reports whether
// there were any.
func (b *planner) addWords(words []search.Word) (usable bool) {
	var wanted, excluded []string
	unfinished := false
	for _, w := range words {
		p, ok := phrase(w.Text)
		if !ok {
			continue
		}
		if w.Not {
			excluded = append(excluded, p)
			continue
		}
		wanted = append(wanted, p)
		unfinished = !w.Phrase || w.Open
	}
	if unfinished {
		wanted[len(wanted)-1] += " *"
	}
	if len(wanted) > 0 {
		b.wanted = append(b.wanted, "text : ("+strings.Join(wanted, " AND ")+")")
	}
	if len(excluded) > 0 {
		b.excluded = append(b.excluded, "text : ("+strings.Join(excluded, " OR ")+")")
	}
	usable = len(wanted)+len(excluded) > 0
	b.words = b.words || usable
	return usable
}

// finish puts the parts together.
func (b *planner) finish() {
	if len(b.excluded) > 0 && len(b.wanted) == 0 {
		// Something must be there that is excluded from: every row is of a
		// kind.
		b.wanted = []string{"facets : (" + kindFacet(subscriptions.KindEvent) + " OR " + kindFacet(subscriptions.KindGap) + " OR " + kindFacet(subscriptions.KindNotice) + ")"}
	}
	b.match = strings.Join(b.wanted, " AND ")
	if len(b.excluded) > 0 {
		b.match = "(" + b.match + ") NOT (" + strings.Join(b.excluded, " OR ") + ")"
	}
	b.facets = all(b.on)
	if !b.from.IsZero() {
		b.where(fmt.Sprintf("e.received >= %d", b.from.UnixMicro()))
	}
	if !b.until.IsZero() {
		b.where(fmt.Sprintf("e.received < %d", b.until.UnixMicro()))
	}
	b.rest = all(b.others)
}

// all is every condition in SQL.
func all(conditions []string) string {
	if len(conditions) == 0 {
		return "1"
	}
	return strings.Join(conditions, " AND ")
}

// phrase is text in quotes, its words one after the other; ok says that there
// are any.
func phrase(text string) (p string, ok bool) {
	text = strings.TrimSpace(spaced(text))
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`, strings.ContainsFunc(text, isToken)
}

func numbers(n []int64) string { return strings.Trim(list(n), "[]") }

// feedsWanted are the numbers of the feeds that q and s want, or (not) of
// those that they do not want.
func (db *DB) feedsWanted(ctx context.Context, feed string, s search.Search) (nums []int64, not bool, err error) {
	var about []search.Condition
	not = feed == ""
	for _, c := range s.Conditions {
		if c.Field == search.From || c.Field == search.Folder {
			about = append(about, c)
			not = not && c.Not
		}
	}
	if not && len(about) == 0 {
		return nil, true, nil
	}
	rows, err := db.readers.QueryContext(ctx, "SELECT num, id, coalesce(definition ->> '$.name', ''), coalesce(definition ->> '$.look.folder', '') FROM feeds WHERE id IS NOT NULL")
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	nums = []int64{}
	for rows.Next() {
		var num int64
		var id, name, folder string
		if err := rows.Scan(&num, &id, &name, &folder); err != nil {
			return nil, false, err
		}
		if fits := (feed == "" || id == feed) && feedFits(about, id, name, folder); fits != not {
			nums = append(nums, num)
		}
	}
	return nums, not, rows.Err()
}

// feedFits reports whether conditions want a feed: any of those of a field
// that are not turned round, and all of those that are.
func feedFits(about []search.Condition, id, name, folder string) bool {
	for _, field := range []search.Field{search.From, search.Folder} {
		asked, fits := false, false
		for _, c := range about {
			if c.Field != field {
				continue
			}
			var is bool
			if field == search.From {
				is = strings.EqualFold(id, c.Value) || contains(name, c.Value)
			} else {
				is = strings.EqualFold(folder, c.Value)
			}
			switch {
			case c.Not && is:
				return false
			case !c.Not:
				asked, fits = true, fits || is
			}
		}
		if asked && !fits {
			return false
		}
	}
	return true
}

// contains reports whether name has part in it, whatever the case.
func contains(name, part string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(part))
}

// tagged reports whether a row with these tags, one a line, is wanted.
func (p *plan) tagged(tags string) bool {
	for _, c := range p.tags {
		has := slices.ContainsFunc(strings.Split(tags, "\n"), func(tag string) bool { return strings.EqualFold(tag, c.Value) })
		if has == c.Not {
			return false
		}
	}
	return true
}
