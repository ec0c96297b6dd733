package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"bellwire/subscriptions"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// desk is the feeds of [TestSearchFindsWhatAPlainFilterFinds].
var desk = []subscriptions.Feed{
	{ID: "alpha", Name: "Deploys", Look: subscriptions.Look{Folder: "Work"}},
	{ID: "beta", Name: "Deploy noise"},
	{ID: "gamma", Name: "Ärzte", Look: subscriptions.Look{Folder: "work"}},
	{ID: "delta", Name: "My own"},
}

// A looked is a condition as text, and what it means. Of those that have an
// any, one that holds is enough.
type looked struct {
	text, any string
	fits      func(e *subscriptions.Event) bool
}

// tokens are the words that a row is found by.
func tokens(e *subscriptions.Event) []string {
	text := e.Title
	if e.Kind != subscriptions.KindGap {
		text += " " + e.Body + " " + strings.Join(e.Tags, " ")
		if e.Kind != subscriptions.KindNotice {
			text += " " + e.Raw
		}
	}
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// says reports whether a row has words one after the other.
func says(e *subscriptions.Event, words ...string) bool {
	all := " " + strings.Join(tokens(e), " ") + " "
	return strings.Contains(all, " "+strings.Join(words, " ")+" ")
}

func feedIs(id string, is func(f subscriptions.Feed) bool) bool {
	return slices.ContainsFunc(desk, func(f subscriptions.Feed) bool { return f.ID == id && is(f) })
}

// base is when the tests' rows were received, or some days later.
var base = time.Date(2026, 3, 1, 0, 0, 0, 0, time.Local)

var vocabulary = []string{"deploy", "deployed", "failed", "ok", "über", "北"}

func draw[T any](r *rapid.T, from ...T) T { return rapid.SampledFrom(from).Draw(r, "one of") }

// drawCondition makes any condition but words.
func drawCondition(r *rapid.T) looked {
	switch rapid.IntRange(0, 9).Draw(r, "condition") {
	case 0:
		name := draw(r, "alpha", "deploy", "DEPLOYS", "ärz", "my own", "nobody", "ta")
		return looked{fmt.Sprintf("from:%q", name), "from", func(e *subscriptions.Event) bool {
			return feedIs(e.Feed, func(f subscriptions.Feed) bool {
				return strings.EqualFold(f.ID, name) || strings.Contains(strings.ToLower(f.Name), strings.ToLower(name))
			})
		}}
	case 1:
		name := draw(r, "work", "Work", "wor")
		return looked{"folder:" + name, "folder", func(e *subscriptions.Event) bool {
			return feedIs(e.Feed, func(f subscriptions.Feed) bool { return strings.EqualFold(f.Look.Folder, name) })
		}}
	case 2:
		p := rapid.IntRange(1, 5).Draw(r, "priority")
		op := draw(r, "", "=", "<", "<=", ">", ">=")
		return looked{fmt.Sprintf("priority:%s%d", op, p), "", func(e *subscriptions.Event) bool {
			c := cmp.Compare(e.Priority, p)
			return map[string]bool{"": c == 0, "=": c == 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op]
		}}
	case 3:
		at := base.AddDate(0, 0, rapid.IntRange(-1, 6).Draw(r, "day"))
		return looked{"before:" + at.Format(time.DateOnly), "", func(e *subscriptions.Event) bool { return !e.Received.IsZero() && e.Received.Before(at) }}
	case 4:
		at := base.Add(time.Duration(rapid.IntRange(-10, 150).Draw(r, "hour")) * time.Hour)
		return looked{at.Format(`after:"2006-01-02 15:04"`), "", func(e *subscriptions.Event) bool { return !e.Received.IsZero() && !e.Received.Before(at) }}
	case 5:
		at := base.AddDate(0, 0, rapid.IntRange(-1, 6).Draw(r, "day"))
		return looked{"on:" + at.Format(time.DateOnly), "", func(e *subscriptions.Event) bool {
			return !e.Received.IsZero() && e.Received.Format(time.DateOnly) == at.Format(time.DateOnly)
		}}
	case 6:
		read := rapid.Bool().Draw(r, "read")
		return looked{"is:" + map[bool]string{true: "read", false: "unread"}[read], "", func(e *subscriptions.Event) bool { return e.Read == read }}
	case 7:
		kind := draw(r, subscriptions.KindEvent, subscriptions.KindGap, subscriptions.KindNotice)
		return looked{"is:" + string(kind), "kind", func(e *subscriptions.Event) bool { return e.Kind == kind }}
	case 8:
		if rapid.Bool().Draw(r, "link") {
			return looked{"has:link", "", func(e *subscriptions.Event) bool { return e.Link != "" }}
		}
		return looked{"has:image", "", func(e *subscriptions.Event) bool { return e.Image != "" }}
	}
	tag := draw(r, "failed", "floppy disk", "Über", "!")
	return looked{fmt.Sprintf("tag:%q", tag), "", func(e *subscriptions.Event) bool {
		return slices.ContainsFunc(e.Tags, func(has string) bool { return strings.EqualFold(has, tag) })
	}}
}

// drawSearch makes a search and the filter that it stands for.
func drawSearch(r *rapid.T) (text string, fits func(*subscriptions.Event) bool) {
	var all []looked
	for range rapid.IntRange(0, 3).Draw(r, "conditions") {
		c := drawCondition(r)
		name, _, _ := strings.Cut(c.text, ":")
		if !slices.Contains([]string{"priority", "before", "after", "on"}, name) && rapid.IntRange(0, 3).Draw(r, "not") == 0 {
			is := c.fits
			c = looked{"-" + c.text, "", func(e *subscriptions.Event) bool { return !is(e) }}
		}
		all = append(all, c)
	}
	unfinished := -1 // the last word, where no phrase comes behind it
	for range rapid.IntRange(0, 2).Draw(r, "words") {
		one, two := draw(r, vocabulary...), draw(r, vocabulary...)
		whole := func(e *subscriptions.Event) bool { return says(e, one) }
		switch rapid.IntRange(0, 3).Draw(r, "word") {
		case 0:
			all = append(all, looked{"-" + one, "", func(e *subscriptions.Event) bool { return !whole(e) }})
		case 1:
			unfinished = -1
			all = append(all, looked{`"` + one + " " + two + `"`, "", func(e *subscriptions.Event) bool { return says(e, one, two) }})
		default:
			unfinished = len(all)
			all = append(all, looked{one, "", whole})
		}
	}
	if unfinished >= 0 {
		all[unfinished].fits = func(e *subscriptions.Event) bool {
			return slices.ContainsFunc(tokens(e), func(s string) bool { return strings.HasPrefix(s, all[unfinished].text) })
		}
	}
	var texts []string
	for _, c := range all {
		texts = append(texts, c.text)
	}
	return strings.Join(texts, " "), func(e *subscriptions.Event) bool {
		asked, held := map[string]bool{}, map[string]bool{}
		for _, c := range all {
			ok := c.fits(e)
			if c.any == "" && !ok {
				return false
			}
			asked[c.any] = true
			held[c.any] = held[c.any] || ok
		}
		for any := range asked {
			if any != "" && !held[any] {
				return false
			}
		}
		return true
	}
}

// drawEvent makes a row.
func drawEvent(r *rapid.T, n int) subscriptions.Event {
	words := func() string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 3).Draw(r, "words"), " ")
	}
	e := subscriptions.Event{
		Kind:     draw(r, subscriptions.KindEvent, subscriptions.KindEvent, subscriptions.KindEvent, subscriptions.KindGap),
		Title:    "t " + words(),
		Body:     words(),
		Raw:      words() + " raw",
		Priority: draw(r, 1, 2, 3, 3, 3, 4, 5),
		Read:     rapid.Bool().Draw(r, "read"),
		Silent:   true,
		Link:     draw(r, "", "https://example.org/"),
		Image:    draw(r, "", "", "https://example.org/i.png"),
		Tags:     rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"failed", "Floppy disk", "über", "!"}), 0, 2, rapid.ID[string]).Draw(r, "tags"),
		Feed:     draw(r, "alpha", "beta", "gamma", "delta"),
	}
	if e.Kind == subscriptions.KindGap {
		e.Tags = nil
	}
	if rapid.IntRange(0, 9).Draw(r, "time") > 0 { // nearly in order
		e.Received = base.Add(time.Duration(n)*time.Hour + time.Duration(rapid.IntRange(-4000, 4000).Draw(r, "minutes"))*time.Minute/10)
	}
	return e
}

func TestSearchFindsWhatAPlainFilterFinds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		db := openInternal(t)
		defer db.Close()
		for _, f := range desk {
			if err := db.AddFeed(t.Context(), f); err != nil {
				r.Fatal(err)
			}
		}
		var rows []subscriptions.Event
		for n := range rapid.IntRange(1, 40).Draw(r, "rows") {
			if rapid.IntRange(0, 6).Draw(r, "skip") == 0 { // to the border of a part, or of a block
				skip(t, db, draw[int64](r, 1<<blockBits-2, 1<<partBits-2, 1<<partBits-2))
			}
			e := drawEvent(r, n)
			var got subscriptions.Receipt
			var err error
			if rapid.IntRange(0, 9).Draw(r, "notice") == 0 {
				e.Kind, e.Feed = subscriptions.KindNotice, draw(r, "", e.Feed)
				got, err = db.Notice(t.Context(), e)
			} else {
				got, err = db.Ingest(t.Context(), subscriptions.Batch{Feed: e.Feed, Events: []subscriptions.Event{e}})
			}
			if err != nil {
				r.Fatal(err)
			}
			if got.LastSeq == 0 { // an equal gap
				continue
			}
			e.Seq = got.LastSeq
			rows = append(rows, e)
		}
		for range 10 {
			text, fits := drawSearch(r)
			q := Query{Text: text, OldestFirst: rapid.Bool().Draw(r, "oldest first"), Limit: rapid.IntRange(1, 20).Draw(r, "limit")}
			if rapid.IntRange(0, 3).Draw(r, "feed") == 0 {
				q.Feed = draw(r, "alpha", "beta", "gamma", "delta")
			}
			q.Unread = rapid.IntRange(0, 3).Draw(r, "unread") == 0
			want := []int64{}
			for _, e := range rows {
				if fits(&e) && (q.Feed == "" || q.Feed == e.Feed) && (!q.Unread || !e.Read) {
					want = append(want, e.Seq)
				}
			}
			if !q.OldestFirst {
				slices.Reverse(want)
			}
			// As long as it takes, and as little at a time as can be.
			for _, limit := range []time.Duration{0, time.Nanosecond} {
				if diff := gocmp.Diff(want, searchAll(t, db, q, limit)); diff != "" {
					r.Fatalf("%+v:\n%s", q, diff)
				}
			}
		}
	})
}

// skip moves the number of the next row to behind the next multiple of
// border+2, less two.
func skip(t *testing.T, db *DB, border int64) {
	t.Helper()
	err := db.update(t.Context(), func(tx *tx) error {
		return tx.run("UPDATE sqlite_sequence SET seq = (seq / ?1 + 1) * ?1 - 2 WHERE name = 'events'", border+2)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// searchAll is every row of a search, page by page.
func searchAll(t *testing.T, db *DB, q Query, limit time.Duration) []int64 {
	t.Helper()
	seqs := []int64{}
	for {
		p, err := db.search(context.Background(), q, limit)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		for _, e := range p.Events {
			seqs = append(seqs, e.Seq)
		}
		at := &q.Before
		if q.OldestFirst {
			at = &q.After
		}
		switch {
		case p.Through == 0:
			return seqs
		case p.Through == *at && !db.indexer.busy():
			t.Fatalf("%+v comes no further than %d", q, p.Through)
		}
		*at = p.Through
	}
}
