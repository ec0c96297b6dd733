package storage_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A model is what a database should hold, kept slowly and plainly.
type model struct {
	rows    []subscriptions.Event // as History gives them, with DedupeKey
	owed    map[int64]bool        // whether it is held
	steps   map[int64][]subscriptions.Step
	cursors map[string]string     // of the feeds there are
	gone    []subscriptions.Event // rows that were deleted, of these
	last    map[string]time.Time  // when the newest row was received
}

func (m *model) has(feed, key string) bool {
	same := func(e subscriptions.Event) bool { return e.Feed == feed && e.DedupeKey == key }
	return key != "" && (slices.ContainsFunc(m.rows, same) || slices.ContainsFunc(m.gone, same))
}

// row is the row with that Seq, nil where there is none.
func (m *model) row(seq int64) *subscriptions.Event {
	i := slices.IndexFunc(m.rows, func(e subscriptions.Event) bool { return e.Seq == seq })
	if i < 0 {
		return nil
	}
	return &m.rows[i]
}

// page is what History should answer to q.
func (m *model) page(q storage.Query) []int64 {
	out := []int64{}
	for _, e := range m.rows {
		if (q.Feed == "" || e.Feed == q.Feed) && (!q.Unread || !e.Read) && e.Seq > q.After &&
			(q.Before == 0 || e.Seq < q.Before) && slices.Contains(append(strings.Fields(e.Title), ""), q.Text) {
			out = append(out, e.Seq)
		}
	}
	if !q.OldestFirst {
		slices.Reverse(out)
	}
	return out[:min(len(out), q.Limit)]
}

// machine drives a database and its model side by side.
type machine struct {
	t    *testing.T
	path string
	db   *storage.DB
	m    model
}

var (
	feedIDs = rapid.SampledFrom([]string{"one", "two", "three"})
	keys    = rapid.SampledFrom([]string{"", "", "a", "b", "c", "d", strings.Repeat("e", 50), strings.Repeat("f", 50)})
	titles  = rapid.SampledFrom([]string{"red", "green", "red green", "blue"})
)

func (s *machine) seq(r *rapid.T) int64 {
	if len(s.m.rows) == 0 {
		return 1
	}
	return rapid.SampledFrom(s.m.rows).Draw(r, "row").Seq
}

func (s *machine) Ingest(r *rapid.T) {
	feed := feedIDs.Draw(r, "feed")
	b := subscriptions.Batch{Feed: feed, Cursor: rapid.StringN(0, 3, -1).Draw(r, "cursor"), Seen: start}
	for range rapid.IntRange(0, 6).Draw(r, "events") {
		e := event(titles.Draw(r, "title"))
		e.DedupeKey, e.Silent, e.Read = keys.Draw(r, "key"), rapid.Bool().Draw(r, "silent"), rapid.Bool().Draw(r, "read")
		b.Events = append(b.Events, e)
	}
	got, err := s.db.Ingest(s.t.Context(), b)
	if _, there := s.m.cursors[feed]; !there {
		if err == nil {
			r.Fatalf("ingest into a feed that is not there: %+v", got)
		}
		return
	}
	if err != nil {
		r.Fatal(err)
	}
	s.m.cursors[feed] = b.Cursor
	fresh := history(s.t, s.db, storage.Query{Feed: feed, OldestFirst: true, After: s.newest(), Limit: 1000})
	var want subscriptions.Receipt
	for _, e := range b.Events {
		if s.m.has(feed, e.DedupeKey) {
			want.Duplicates++
			continue
		}
		if want.Inserted >= len(fresh) {
			r.Fatalf("an event is missing: %+v", e)
		}
		e.Feed, e.Seq = feed, fresh[want.Inserted].Seq
		s.m.rows = append(s.m.rows, e)
		s.m.last[feed] = e.Received
		want.LastSeq = e.Seq
		want.Inserted++
		if !e.Silent {
			s.m.owed[e.Seq] = false
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Fatal(diff)
	}
}

func (s *machine) newest() (seq int64) {
	if n := len(s.m.rows); n > 0 {
		seq = s.m.rows[n-1].Seq
	}
	return seq
}

func (s *machine) Add(r *rapid.T) {
	feed := feedIDs.Draw(r, "feed")
	_, there := s.m.cursors[feed]
	err := s.db.AddFeed(s.t.Context(), subscriptions.Feed{ID: feed})
	if (err != nil) != there {
		r.Fatalf("adding %q, there already: %v: %v", feed, there, err)
	}
	if !there {
		s.m.cursors[feed] = ""
	}
}

func (s *machine) Remove(r *rapid.T) {
	feed := feedIDs.Draw(r, "feed")
	_, there := s.m.cursors[feed]
	if err := s.db.RemoveFeed(s.t.Context(), feed); (err == nil) != there {
		r.Fatalf("removing %q, there: %v: %v", feed, there, err)
	}
	delete(s.m.cursors, feed)
	delete(s.m.last, feed)
	s.m.gone = slices.DeleteFunc(s.m.gone, func(e subscriptions.Event) bool { return e.Feed == feed })
	s.m.rows = slices.DeleteFunc(s.m.rows, func(e subscriptions.Event) bool {
		if e.Feed == feed {
			delete(s.m.owed, e.Seq)
		}
		return e.Feed == feed
	})
}

func (s *machine) Delete(r *rapid.T) {
	seqs := []int64{s.seq(r), s.seq(r), 1 << 40}
	if err := s.db.Delete(s.t.Context(), seqs); err != nil {
		r.Fatal(err)
	}
	for _, seq := range seqs {
		delete(s.m.owed, seq)
		delete(s.m.steps, seq)
		if steps, err := s.db.Steps(s.t.Context(), seq); len(steps) > 0 || err != nil {
			r.Fatalf("steps of a deleted row: %v, %v", steps, err)
		}
	}
	s.m.rows = slices.DeleteFunc(s.m.rows, func(e subscriptions.Event) bool {
		if slices.Contains(seqs, e.Seq) {
			s.m.gone = append(s.m.gone, e)
			return true
		}
		return false
	})
}

func (s *machine) MarkRead(r *rapid.T) {
	read, seqs := rapid.Bool().Draw(r, "read"), []int64{s.seq(r), s.seq(r)}
	if err := s.db.MarkRead(s.t.Context(), read, seqs); err != nil {
		r.Fatal(err)
	}
	for i := range s.m.rows {
		if slices.Contains(seqs, s.m.rows[i].Seq) {
			s.m.rows[i].Read = read
		}
	}
}

func (s *machine) MarkReadThrough(r *rapid.T) {
	read, through := rapid.Bool().Draw(r, "read"), s.seq(r)
	feed := rapid.SampledFrom(append(slices.Sorted(maps.Keys(s.m.cursors)), "")).Draw(r, "feed")
	if err := s.db.MarkReadThrough(s.t.Context(), read, feed, through); err != nil {
		r.Fatal(err)
	}
	for i := range s.m.rows {
		if e := &s.m.rows[i]; e.Seq <= through && (feed == "" || e.Feed == feed) {
			e.Read = read
		}
	}
}

func (s *machine) Deliver(r *rapid.T) {
	seq := s.seq(r)
	what := rapid.SampledFrom([]subscriptions.StepKind{
		subscriptions.StepShown, subscriptions.StepFailed, subscriptions.StepHeld, subscriptions.StepHeld,
		subscriptions.StepReleased, subscriptions.StepClicked,
	}).Draw(r, "step")
	step := subscriptions.Step{At: start, What: what, Why: subscriptions.ReasonQuiet, Detail: "why"}
	if err := s.db.Deliver(s.t.Context(), steps(step, seq)...); err != nil {
		r.Fatal(err)
	}
	held, owed := s.m.owed[seq]
	switch {
	case what.Settles() && owed:
		delete(s.m.owed, seq)
	case what == subscriptions.StepHeld && owed && !held:
		s.m.owed[seq] = true
		s.m.row(seq).Hold = subscriptions.ReasonQuiet
	case what == subscriptions.StepReleased && held:
		s.m.owed[seq] = false
	case what == subscriptions.StepClicked && s.m.row(seq) != nil:
	default:
		return
	}
	s.m.steps[seq] = append(s.m.steps[seq], step)
}

// ReleaseAll ends the holds of a feed.
func (s *machine) ReleaseAll(r *rapid.T) {
	feed := rapid.SampledFrom([]string{"one", "two"}).Draw(r, "feed")
	step := subscriptions.Step{At: start, What: subscriptions.StepReleased, Why: subscriptions.ReasonQuiet}
	if err := s.db.Release(s.t.Context(), feed, step); err != nil {
		r.Fatal(err)
	}
	for seq, held := range s.m.owed {
		if held && s.m.row(seq).Feed == feed {
			s.m.owed[seq] = false
			s.m.steps[seq] = append(s.m.steps[seq], step)
		}
	}
}

func (s *machine) Query(r *rapid.T) {
	q := storage.Query{
		Text:   rapid.SampledFrom([]string{"", "red", "green", "blue"}).Draw(r, "text"),
		Feed:   rapid.SampledFrom([]string{"", "", "one", "two"}).Draw(r, "feed"),
		Unread: rapid.Bool().Draw(r, "unread"), OldestFirst: rapid.Bool().Draw(r, "oldest"),
		Limit: rapid.IntRange(1, 10).Draw(r, "limit"),
	}
	if rapid.Bool().Draw(r, "bounded") {
		q.After, q.Before = s.seq(r), s.seq(r)
	}
	if diff := cmp.Diff(s.m.page(q), seqs(history(s.t, s.db, q))); diff != "" {
		r.Fatalf("%+v:\n%s", q, diff)
	}
}

func (s *machine) Reopen(r *rapid.T) {
	if err := s.db.Close(); err != nil {
		r.Fatal(err)
	}
	s.open(r)
}

func (s *machine) open(r *rapid.T) {
	db, err := storage.Open(s.t.Context(), s.path, storage.Options{})
	if err != nil {
		r.Fatal(err)
	}
	s.db = db
}

// Check compares all there is. It runs after every action.
func (s *machine) Check(r *rapid.T) {
	rows := history(s.t, s.db, storage.Query{OldestFirst: true, Limit: 1000})
	want := slices.Clone(s.m.rows)
	for i := range want {
		want[i].DedupeKey, want[i].Silent = "", false
	}
	if diff := cmp.Diff(append([]subscriptions.Event{}, want...), rows); diff != "" {
		r.Fatalf("history:\n%s", diff)
	}
	s.checkOutbox(r)
	if n, err := s.db.Owed(s.t.Context()); n != int64(len(s.m.owed)) || err != nil {
		r.Fatalf("owed: %d, %v", n, err)
	}
	counts, err := s.db.Counts(s.t.Context())
	if err != nil {
		r.Fatal(err)
	}
	wantCounts := map[string]storage.Counts{"": {}} // where Bellwire's own notices are
	for feed, cursor := range s.m.cursors {
		c := storage.Counts{LastEvent: s.m.last[feed]}
		for _, e := range s.m.rows {
			if e.Feed == feed {
				c.Events++
				if !e.Read {
					c.Unread++
				}
			}
		}
		wantCounts[feed] = c
		if p, err := s.db.Position(s.t.Context(), feed); err != nil || p.Cursor != cursor {
			r.Fatalf("position of %s: %+v, %v; want %q", feed, p, err, cursor)
		}
	}
	if diff := cmp.Diff(wantCounts, counts); diff != "" {
		r.Fatalf("counts:\n%s", diff)
	}
}

func (s *machine) checkOutbox(r *rapid.T) {
	now, held := []int64{}, map[string]int64{}
	for seq, isHeld := range s.m.owed {
		if isHeld {
			held[s.m.row(seq).Feed]++
		} else {
			now = append(now, seq)
		}
		got, err := s.db.Steps(s.t.Context(), seq)
		if diff := cmp.Diff(append([]subscriptions.Step{}, s.m.steps[seq]...), got); err != nil || diff != "" && len(got) < 64 {
			r.Fatalf("steps of %d: %v\n%s", seq, err, diff)
		}
	}
	slices.Sort(now)
	pending, err := s.db.Pending(s.t.Context(), 0, 1000)
	if diff := cmp.Diff(now, seqs(pending)); diff != "" || err != nil {
		r.Fatalf("outbox: %v\n%s", err, diff)
	}
	holds, err := s.db.Holds(s.t.Context())
	if err != nil {
		r.Fatal(err)
	}
	got := map[string]int64{}
	for _, h := range holds {
		got[h.Feed] += h.Count
	}
	if diff := cmp.Diff(held, got); diff != "" {
		r.Fatalf("held: %s", diff)
	}
}

func TestAgainstTheModel(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		s := &machine{t: t, path: filepath.Join(dir, fmt.Sprint(n, ".db"))}
		s.m = model{owed: map[int64]bool{}, cursors: map[string]string{}, steps: map[int64][]subscriptions.Step{}, last: map[string]time.Time{}}
		s.open(r)
		defer func() {
			if err := s.db.Close(); err != nil {
				t.Error(err)
			}
			checkFile(t, s.path)
			if err := os.Remove(s.path); err != nil {
				t.Error(err)
			}
		}()
		s.Add(r)
		r.Repeat(map[string]func(*rapid.T){
			"":      s.Check,
			"add":   s.Add,
			"query": s.Query, "query2": s.Query,
			"ingest": s.Ingest, "ingest2": s.Ingest, "ingest3": s.Ingest,
			"mark read": s.MarkRead, "mark read through": s.MarkReadThrough,
			"deliver": s.Deliver, "deliver2": s.Deliver, "release": s.ReleaseAll, "remove": s.Remove, "delete": s.Delete, "delete2": s.Delete, "reopen": s.Reopen,
		})
	})
}
