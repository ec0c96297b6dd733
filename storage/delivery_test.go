package storage_test

import (
	"errors"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestWhatTheMappingSilencesSaysSo(t *testing.T) {
	db := open(t)
	feed := addFeed(t, db, "one")
	quiet := event("quiet")
	quiet.Silent = true
	gap := subscriptions.Gap{From: start, To: start.Add(time.Minute), Reason: subscriptions.GapNoResume}.Event(feed)
	r := ingest(t, db, feed, quiet, gap)
	want := []subscriptions.Step{{At: start, What: subscriptions.StepFiltered, Why: subscriptions.ReasonMapping}}
	for seq, want := range map[int64][]subscriptions.Step{r.LastSeq - 1: want, r.LastSeq: {}} {
		got, err := db.Steps(t.Context(), seq)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestTimelinesAreBounded(t *testing.T) {
	db := open(t)
	seq := ingest(t, db, addFeed(t, db, "one"), event("a")).LastSeq
	many := make([]int64, 200)
	for i := range many {
		many[i] = seq
	}
	if err := db.Deliver(t.Context(), steps(subscriptions.Step{At: start, What: subscriptions.StepClicked}, many...)...); err != nil {
		t.Fatal(err)
	}
	if err := settle(db, seq); err != nil {
		t.Fatal(err)
	}
	got, err := db.Steps(t.Context(), seq)
	if len(got) != 64 || err != nil {
		t.Errorf("%d steps, %v", len(got), err)
	}
	if n, err := db.Owed(t.Context()); n != 0 || err != nil {
		t.Errorf("a full timeline keeps %d notifications owed, %v", n, err)
	}
}

func TestSummaries(t *testing.T) {
	db := open(t)
	one, two := addFeed(t, db, "one"), addFeed(t, db, "two")
	first := ingest(t, db, one, event("a"), event("b"), event("c")).LastSeq - 2
	other := ingest(t, db, two, event("d")).LastSeq
	s := subscriptions.Summary{Why: subscriptions.ReasonBudget, Title: "1 more", Begun: start}
	var err error
	if s.ID, err = db.BeginSummary(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		title string
		seqs  []int64
	}{{"2 more", []int64{first, other}}, {"3 more", []int64{first + 2}}} {
		s.Title, s.Count, s.Shown = part.title, s.Count+int64(len(part.seqs)), start.Add(time.Second)
		if err := db.Summarise(t.Context(), s, part.seqs); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		q    storage.Query
		want []int64
	}{
		{storage.Query{Summary: s.ID}, []int64{other, first + 2, first}},
		{storage.Query{Summary: s.ID, Feed: one, OldestFirst: true}, []int64{first, first + 2}},
		{storage.Query{Summary: s.ID, Text: "d"}, []int64{other}},
		{storage.Query{Summary: s.ID, Unread: true, Limit: 1}, []int64{other}},
		{storage.Query{Summary: 99}, []int64{}},
	} {
		if diff := cmp.Diff(c.want, seqs(history(t, db, c.q))); diff != "" {
			t.Errorf("%+v: %s", c.q, diff)
		}
	}
	if pending, err := db.Pending(t.Context(), 0, 0); err != nil || !cmp.Equal(seqs(pending), []int64{first + 1}) {
		t.Errorf("still owed: %v, %v", seqs(pending), err)
	}
	got, err := db.Steps(t.Context(), first)
	want := []subscriptions.Step{{At: s.Shown, What: subscriptions.StepDigested, Why: subscriptions.ReasonBudget, Summary: s.ID}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, end := range []subscriptions.StepKind{subscriptions.StepExpired, subscriptions.StepDismissed, subscriptions.StepClosed, subscriptions.StepClicked} {
		if err := db.EndSummary(t.Context(), s.ID, end, start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if s.End == "" || end == subscriptions.StepClicked {
			s.End, s.Ended = end, start.Add(time.Minute)
		}
		got, err := db.Summary(t.Context(), s.ID)
		if diff := cmp.Diff(s, got); diff != "" || err != nil {
			t.Errorf("after %s: %v\n%s", end, err, diff)
		}
		if end != subscriptions.StepExpired {
			continue
		}
		s.End, s.Ended = "", time.Time{} // shown anew, it is on the screen again
		if err := db.Summarise(t.Context(), s, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Summary(t.Context(), s.ID); err != nil || !cmp.Equal(s, got) {
			t.Errorf("shown anew: %+v, %v", got, err)
		}
	}
	if _, err := db.Summary(t.Context(), 99); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a summary that is not there: %v", err)
	}
}

func TestNoticesOfNoFeed(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	notice := event("3 feeds are in trouble")
	notice.Kind = subscriptions.KindNotice
	r, err := db.Notice(t.Context(), notice)
	if err != nil || r.Inserted != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	got := history(t, db, storage.Query{})
	notice.Seq = r.LastSeq
	if diff := cmp.Diff([]subscriptions.Event{notice}, got); diff != "" {
		t.Error(diff)
	}
	if counts, err := db.Counts(t.Context()); err != nil || counts[""].Unread != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
	if pending, err := db.Pending(t.Context(), 0, 0); err != nil || len(pending) != 1 {
		t.Errorf("owed: %v, %v", pending, err)
	}
	// It is no feed, and nobody can make it one.
	if feeds, err := db.Feeds(t.Context()); err != nil || len(feeds) != 1 {
		t.Errorf("%+v, %v", feeds, err)
	}
	_, feedErr := db.Feed(t.Context(), "")
	for what, err := range map[string]error{
		"Feed": feedErr, "SetFeed": db.SetFeed(t.Context(), subscriptions.Feed{}), "SetPaused": db.SetPaused(t.Context(), "", true),
		"RemoveFeed": db.RemoveFeed(t.Context(), ""), "SetMuted": db.SetMuted(t.Context(), "", start),
	} {
		if !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := db.AddFeed(t.Context(), subscriptions.Feed{}); !errors.Is(err, storage.ErrExists) {
		t.Errorf("AddFeed: %v", err)
	}
}

func TestNoticesMoveNothing(t *testing.T) {
	db := open(t)
	feed := addFeed(t, db, "one")
	ingest(t, db, feed, event("a"))
	before, err := db.Position(t.Context(), feed)
	if err != nil {
		t.Fatal(err)
	}
	notice := event("in trouble")
	notice.Feed, notice.DedupeKey = feed, "trouble 1"
	for range 2 {
		if _, err := db.Notice(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
	}
	after, err := db.Position(t.Context(), feed)
	if diff := cmp.Diff(before, after); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if n := len(history(t, db, storage.Query{})); n != 2 {
		t.Errorf("%d rows", n)
	}
	notice.Feed = "nobody"
	if _, err := db.Notice(t.Context(), notice); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a notice of a feed that is not there: %v", err)
	}
}

func TestSilence(t *testing.T) {
	db := open(t)
	feed := addFeed(t, db, "one")
	hearing := func(want storage.Hearing) {
		t.Helper()
		got, err := db.Hearings(t.Context())
		if diff := cmp.Diff(want, got[feed]); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	hearing(storage.Hearing{})
	ingest(t, db, feed, event("does not count"))
	hearing(storage.Hearing{})
	if err := db.SetHeard(t.Context(), feed, start); err != nil {
		t.Fatal(err)
	}
	heard := event("counts")
	heard.Heard, heard.Received = true, start.Add(time.Hour)
	ingest(t, db, feed, heard)
	hearing(storage.Hearing{Heard: start.Add(time.Hour)})
	if err := db.SetHeard(t.Context(), feed, start); err != nil {
		t.Fatal(err)
	}
	ingest(t, db, feed, event("does not count"))
	notice := event("silent")
	notice.Kind, notice.Feed = subscriptions.KindNotice, feed
	set := func(since time.Time, want int) {
		t.Helper()
		if r, err := db.SetSilent(t.Context(), feed, since, notice); err != nil || r.Inserted != want {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	set(start.Add(2*time.Hour), 0) // it was not heard then
	set(time.Time{}, 0)            // there is none
	set(start.Add(time.Hour), 1)
	silent := storage.Hearing{Heard: start.Add(time.Hour), SilentSince: start.Add(time.Hour)}
	hearing(silent)
	if counts, err := db.Counts(t.Context()); err != nil || counts[feed].LastEvent.After(start.Add(time.Hour)) {
		t.Errorf("a notice is the feed's last event: %+v, %v", counts, err)
	}
	ingest(t, db, feed, gap(3*time.Hour)) // says nothing to those who were told
	hearing(silent)
	set(time.Time{}, 1)
	hearing(storage.Hearing{Heard: start.Add(time.Hour)})
	for _, end := range []time.Duration{4 * time.Hour, 5 * time.Hour} { // the second one extends the first
		ingest(t, db, feed, gap(end))
		hearing(storage.Hearing{Heard: start.Add(end)})
	}
	short := gap(6 * time.Hour)
	short.Heard = false
	ingest(t, db, feed, short)
	hearing(storage.Hearing{Heard: start.Add(5 * time.Hour)})
	set(start.Add(time.Hour), 0) // the gap came between
	set(start.Add(5*time.Hour), 1)
	if err := db.SetHeard(t.Context(), feed, start.Add(6*time.Hour)); err != nil {
		t.Fatal(err)
	}
	hearing(storage.Hearing{Heard: start.Add(6 * time.Hour)})
	if _, err := db.SetSilent(t.Context(), "nobody", start, notice); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the silence of a feed that is not there: %v", err)
	}
}

// gap is one that ends so long after start, and may hide what ends a silence.
func gap(end time.Duration) subscriptions.Event {
	e := subscriptions.Gap{From: start, To: start.Add(end), Reason: subscriptions.GapNoResume}.Event("")
	e.Heard = true
	return e
}

func TestNoticesWithASetting(t *testing.T) {
	db := open(t)
	notice := event("trouble")
	notice.Kind = subscriptions.KindNotice
	if _, err := db.NoticeWith(t.Context(), notice, "told", "a"); err != nil {
		t.Fatal(err)
	}
	notice.Feed = "nobody"
	if _, err := db.NoticeWith(t.Context(), notice, "told", "b"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a notice of a feed that is not there: %v", err)
	}
	if got, err := db.Setting(t.Context(), "told"); got != "a" || err != nil {
		t.Errorf("the setting is %q, %v", got, err)
	}
}

func TestForwardPositions(t *testing.T) {
	db := open(t)
	feed := addFeed(t, db, "one")
	old := ingest(t, db, feed, event("old")).LastSeq
	position := func(want int64) {
		t.Helper()
		got, err := db.ForwardPosition(t.Context(), feed, "team")
		if got != want || err != nil {
			t.Errorf("position %d, %v, want %d", got, err, want)
		}
	}
	position(old)
	seq := ingest(t, db, feed, event("new")).LastSeq
	position(old)
	step := subscriptions.Step{At: start, What: subscriptions.StepForwarded, Detail: "team"}
	if err := db.Forwarded(t.Context(), feed, "team", seq, steps(step, seq)...); err != nil {
		t.Fatal(err)
	}
	position(seq)
	if err := db.Forwarded(t.Context(), feed, "team", old); err != nil {
		t.Fatal(err)
	}
	position(seq)
	if got, err := db.Steps(t.Context(), seq); err != nil || !cmp.Equal(got, []subscriptions.Step{step}) {
		t.Errorf("%+v, %v", got, err)
	}
	if n, err := db.Owed(t.Context()); n != 2 || err != nil {
		t.Errorf("forwarding settles notifications: %d owed, %v", n, err)
	}
	if err := db.ForgetForward(t.Context(), feed, "team"); err != nil {
		t.Fatal(err)
	}
	if err := db.Forwarded(t.Context(), feed, "team", seq); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("moving a forward that is not there: %v", err)
	}
	if _, err := db.ForwardPosition(t.Context(), "nobody", "team"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a forward of a feed that is not there: %v", err)
	}
}

func TestActionsAndLatenessAreKept(t *testing.T) {
	db := open(t)
	e := event("a")
	e.Feed, e.Late = addFeed(t, db, "one"), true
	e.Actions = []subscriptions.Action{{Label: "Roll back", URL: "https://example.org", Method: "POST", Body: "{}", Headers: []subscriptions.Header{{Name: "A", Value: "b"}}}}
	e.Seq = ingest(t, db, e.Feed, e).LastSeq
	if diff := cmp.Diff([]subscriptions.Event{e}, history(t, db, storage.Query{})); diff != "" {
		t.Error(diff)
	}
}
