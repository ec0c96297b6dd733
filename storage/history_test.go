package storage_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func seqs(events []subscriptions.Event) []int64 {
	out := []int64{}
	for _, e := range events {
		out = append(out, e.Seq)
	}
	return out
}

func TestPages(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	addFeed(t, db, "two")
	for i := range 20 { // rows 1 to 20, the odd ones are of feed one
		ingest(t, db, []string{"one", "two"}[i%2], event(fmt.Sprintf("row number%d", i+1)))
	}
	if err := db.MarkRead(t.Context(), true, []int64{1, 2, 3, 4, 19, 20, 20, 99}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		q    storage.Query
		want []int64
	}{
		{"newest", storage.Query{Limit: 3}, []int64{20, 19, 18}},
		{"before", storage.Query{Limit: 3, Before: 18}, []int64{17, 16, 15}},
		{"after", storage.Query{After: 17}, []int64{20, 19, 18}},
		{"between", storage.Query{After: 3, Before: 6}, []int64{5, 4}},
		{"oldest", storage.Query{Limit: 3, OldestFirst: true}, []int64{1, 2, 3}},
		{"oldest after", storage.Query{Limit: 3, OldestFirst: true, After: 3}, []int64{4, 5, 6}},
		{"feed", storage.Query{Limit: 3, Feed: "one"}, []int64{19, 17, 15}},
		{"feed before", storage.Query{Limit: 3, Feed: "one", Before: 17}, []int64{15, 13, 11}},
		{"unread", storage.Query{Limit: 3, Unread: true}, []int64{18, 17, 16}},
		{"unread of a feed", storage.Query{Limit: 3, Unread: true, Feed: "two"}, []int64{18, 16, 14}},
		{"unread, oldest", storage.Query{Limit: 3, Unread: true, OldestFirst: true, After: 1}, []int64{5, 6, 7}},
		{"search", storage.Query{Limit: 3, Text: "row"}, []int64{20, 19, 18}},
		{"search before", storage.Query{Limit: 3, Text: "row", Before: 18}, []int64{17, 16, 15}},
		{"search in a feed", storage.Query{Limit: 2, Text: "row", Feed: "one", Before: 18}, []int64{17, 15}},
		{"search, oldest", storage.Query{Limit: 2, Text: "row", OldestFirst: true, After: 5}, []int64{6, 7}},
		{"search, unread", storage.Query{Limit: 2, Text: "row", Unread: true}, []int64{18, 17}},
		{"search, one", storage.Query{Text: "number7"}, []int64{7}},
		{"unknown feed", storage.Query{Feed: "none"}, []int64{}},
		{"unknown feed, search", storage.Query{Feed: "none", Text: "row"}, []int64{}},
		{"empty range", storage.Query{After: 5, Before: 6}, []int64{}},
		{"negative bounds and limit", storage.Query{After: -1, Before: -1, Limit: -1, OldestFirst: true, Feed: "one"}, []int64{1, 3, 5, 7, 9, 11, 13, 15, 17, 19}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, seqs(history(t, db, c.q))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPageOfLargePayloadsIsBounded(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	for range 20 {
		e := event("large")
		e.Raw = strings.Repeat("x", 1<<20)
		ingest(t, db, "one", e)
	}
	first := history(t, db, storage.Query{})
	if len(first) != 16 {
		t.Errorf("first page has %d rows", len(first))
	}
	if rest := history(t, db, storage.Query{Before: first[len(first)-1].Seq}); len(rest) != 4 {
		t.Errorf("second page has %d rows", len(rest))
	}
}

func TestReadMarks(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	addFeed(t, db, "two")
	var many []subscriptions.Event
	for range 1200 { // more than one transaction marks
		many = append(many, event("x"))
	}
	one := ingest(t, db, "one", many...).LastSeq
	two := ingest(t, db, "two", event("y"), event("z")).LastSeq
	for _, s := range []struct {
		name     string
		mark     func() error
		one, two int64
	}{
		{"three by number", func() error { return db.MarkRead(t.Context(), true, []int64{1, 2, 3, 3}) }, 1197, 2},
		{"again", func() error { return db.MarkRead(t.Context(), true, []int64{1, 2, 3}) }, 1197, 2},
		{"two back", func() error { return db.MarkRead(t.Context(), false, []int64{1, 2}) }, 1199, 2},
		{"nothing", func() error { return db.MarkRead(t.Context(), true, nil) }, 1199, 2},
		{"a feed through its tenth", func() error { return db.MarkReadThrough(t.Context(), true, "one", 10) }, 1190, 2},
		{"a feed", func() error { return db.MarkReadThrough(t.Context(), true, "one", two) }, 0, 2},
		{"unread through its thousandth", func() error { return db.MarkReadThrough(t.Context(), false, "one", 1000) }, 1000, 2},
		{"all feeds but the newest row", func() error { return db.MarkReadThrough(t.Context(), true, "", two-1) }, 0, 1},
		{"all feeds unread", func() error { return db.MarkReadThrough(t.Context(), false, "", two) }, 1200, 2},
		{"through nothing", func() error { return db.MarkReadThrough(t.Context(), true, "", 0) }, 1200, 2},
	} {
		if err := s.mark(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		counts, err := db.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if counts["one"].Unread != s.one || counts["two"].Unread != s.two {
			t.Errorf("%s: %+v", s.name, counts)
		}
	}
	if e, err := db.Event(t.Context(), one); e.Read || err != nil {
		t.Errorf("row %d: %+v, %v", one, e, err)
	}
}

func TestOutbox(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	silent := event("silent")
	silent.Silent = true
	last := ingest(t, db, "one", event("a"), silent, event("b"), event("c"), event("d")).LastSeq
	first := last - 4
	owed := func(name string, want ...int64) {
		t.Helper()
		got, err := db.Pending(t.Context(), 0, 0)
		if diff := cmp.Diff(append([]int64{}, want...), seqs(got)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if n, err := db.Owed(t.Context()); n != int64(len(want)) || err != nil {
			t.Errorf("%s: %d owed, %v", name, n, err)
		}
	}
	owed("at first", first, last-2, last-1, last)
	page, err := db.Pending(t.Context(), first, 2)
	if diff := cmp.Diff([]int64{last - 2, last - 1}, seqs(page)); diff != "" || err != nil {
		t.Errorf("a page: %v\n%s", err, diff)
	}
	if err := settle(db, first, last-2); err != nil {
		t.Error(err)
	}
	owed("two shown", last-1, last)
	if err := db.Deliver(t.Context(), steps(subscriptions.Step{At: start, What: subscriptions.StepFailed, Detail: "the desktop said no"}, last-1)...); err != nil {
		t.Error(err)
	}
	owed("one failed", last)
	for range 2 {
		if err := settle(db, first, last, 999); err != nil {
			t.Error(err)
		}
		owed("all shown")
	}
	if err := db.Deliver(t.Context(), steps(subscriptions.Step{At: start, What: subscriptions.StepFailed, Detail: ""}, 999)...); err != nil {
		t.Error(err)
	}
	if err := settle(db); err != nil {
		t.Error(err)
	}
}

func TestChangedMissesNothing(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	const events = 300
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { // a follower: takes the channel, asks, waits
			var after int64
			for n := 0; n < events; {
				changed := db.Changed()
				page, err := db.History(t.Context(), storage.Query{After: after, OldestFirst: true})
				if err != nil {
					t.Error(err)
					return
				}
				n += len(page)
				if len(page) > 0 {
					after = page[len(page)-1].Seq
					continue
				}
				<-changed
			}
		})
	}
	for range events {
		ingest(t, db, "one", event("x"))
	}
	all.Wait()
}

func TestChangedTellsOfChangesOnly(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	seq := ingest(t, db, "one", event("x")).LastSeq
	for _, c := range []struct {
		name string
		do   func() error
		want bool
	}{
		{"an event", func() error { ingest(t, db, "one", event("y")); return nil }, true},
		{"a cursor alone", func() error {
			_, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "one", Cursor: "new"})
			return err
		}, false},
		{"a setting", func() error { return db.SetSetting(t.Context(), "k", "v") }, false},
		{"read", func() error { return db.MarkRead(t.Context(), true, []int64{seq}) }, true},
		{"read already", func() error { return db.MarkRead(t.Context(), true, []int64{seq}) }, false},
		{"shown", func() error { return settle(db, seq) }, true},
		{"shown already", func() error { return settle(db, seq) }, false},
		{"search", func() error { return errorOf(db.History(t.Context(), storage.Query{Text: "y"})) }, false},
		{"paused", func() error { return db.SetPaused(t.Context(), "one", true) }, true},
		{"paused already", func() error { return db.SetPaused(t.Context(), "one", true) }, false},
		{"added", func() error { addFeed(t, db, "two"); return nil }, true},
		{"removed", func() error { return db.RemoveFeed(t.Context(), "two") }, true},
	} {
		changed := db.Changed()
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		select {
		case <-changed:
			if !c.want {
				t.Errorf("%s was announced", c.name)
			}
		default:
			if c.want {
				t.Errorf("%s was not announced", c.name)
			}
		}
	}
}
