package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func history(t testing.TB, db *storage.DB, q storage.Query) []subscriptions.Event {
	t.Helper()
	got, err := db.History(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestEventsComeBackAsTheyWent(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	for _, e := range []subscriptions.Event{
		{Kind: subscriptions.KindEvent, MessageID: "1", Type: "message", Title: "plain", Body: "two\nlines", Link: "https://example.org", Priority: 5, Time: start.Add(-time.Hour), Received: start, Raw: "{}"},
		{Kind: subscriptions.KindEvent, Title: "NUL \x00 'quotes' \"double\" -- ; DROP TABLE events", Body: "\x00", Priority: 1, Received: start, Raw: "\x00\x01\xff\xfe", Read: true},
		{Kind: subscriptions.KindNotice, Title: "北京 🔥 עברית", Priority: 3, Received: start, Raw: strings.Repeat("x", 1<<20)},
		{Kind: subscriptions.KindEvent, Title: "mapped", Priority: 3, Received: start, Tags: []string{"a b", "北京", "c,d"}, Icon: "https://example.org/i.png", Image: "https://example.org/p.png", Group: "g", Warning: "title: failed"},
		{Kind: subscriptions.KindEvent, Title: "far future", Priority: 3, Time: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Received: start},
		{Kind: subscriptions.KindEvent, Title: "long ago", Priority: 3, Time: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), Received: start},
		{Kind: subscriptions.KindEvent, Title: "the epoch", Priority: 3, Time: time.Unix(0, 0).UTC(), Received: start},
	} {
		r := ingest(t, db, "one", e)
		if r.Inserted != 1 || r.LastSeq == 0 {
			t.Errorf("%q: receipt %+v", e.Title, r)
		}
		e.Seq, e.Feed = r.LastSeq, "one"
		got, err := db.Event(t.Context(), r.LastSeq)
		if diff := cmp.Diff(e, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", e.Title, err, diff)
		}
	}
}

func TestDedupe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db := openAt(t, path)
	addFeed(t, db, "one")
	addFeed(t, db, "two")
	keyed := func(key string) subscriptions.Event {
		e := event("event")
		e.DedupeKey = key
		return e
	}
	long := strings.Repeat("k", 1000)
	for _, c := range []struct {
		name, feed           string
		keys                 []string
		inserted, duplicates int
	}{
		{"new keys", "one", []string{"a", "b", long + "1"}, 3, 0},
		{"the same again", "one", []string{"a", "b", long + "1"}, 0, 3},
		{"old and new mixed", "one", []string{"b", "c", long + "2", long + "1"}, 2, 2},
		{"twice in a batch", "one", []string{"d", "d", "e", "d"}, 2, 2},
		{"without a key", "one", []string{"", "", ""}, 3, 0},
		{"another feed", "two", []string{"a", "b"}, 2, 0},
		{"hostile keys", "one", []string{"a\x00", "a\x00b", "'", "A", "a "}, 5, 0},
	} {
		var events []subscriptions.Event
		for _, key := range c.keys {
			events = append(events, keyed(key))
		}
		r := ingest(t, db, c.feed, events...)
		if r.Inserted != c.inserted || r.Duplicates != c.duplicates || (r.LastSeq == 0) != (c.inserted == 0) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path)
	if r := ingest(t, db, "one", keyed("a"), keyed(long+"2")); r.Inserted != 0 || r.Duplicates != 2 {
		t.Errorf("after reopening: %+v", r)
	}
}

func TestPosition(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db := openAt(t, path)
	addFeed(t, db, "one")
	for _, c := range []struct {
		name   string
		batch  subscriptions.Batch
		cursor string
		seen   time.Time
	}{
		{"the first, without events", subscriptions.Batch{Cursor: "c1", Seen: start}, "c1", start},
		{"seen a little later is not worth a write", subscriptions.Batch{Cursor: "c1", Seen: start.Add(30 * time.Second)}, "c1", start},
		{"seen a minute later is", subscriptions.Batch{Cursor: "c1", Seen: start.Add(time.Minute)}, "c1", start.Add(time.Minute)},
		{"a cursor is always written", subscriptions.Batch{Cursor: "c2", Seen: start.Add(61 * time.Second)}, "c2", start.Add(61 * time.Second)},
		{"with an event", subscriptions.Batch{Cursor: "c2", Seen: start.Add(62 * time.Second), Events: []subscriptions.Event{event("x")}}, "c2", start.Add(62 * time.Second)},
		{"an empty cursor", subscriptions.Batch{Seen: start.Add(63 * time.Second)}, "", start.Add(63 * time.Second)},
		{"without seen", subscriptions.Batch{Cursor: "c3"}, "c3", start.Add(63 * time.Second)},
	} {
		c.batch.Feed = "one"
		if _, err := db.Ingest(t.Context(), c.batch); err != nil {
			t.Fatal(err)
		}
		got, err := db.Position(t.Context(), "one")
		if diff := cmp.Diff(subscriptions.Position{Cursor: c.cursor, Seen: c.seen}, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", c.name, err, diff)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := openAt(t, path).Position(t.Context(), "one"); got.Cursor != "c3" || err != nil {
		t.Errorf("after reopening: %+v, %v", got, err)
	}
}

func TestGapsMerge(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	addFeed(t, db, "two")
	gap := func(from, to int) subscriptions.Event {
		at := func(min int) time.Time { return start.Add(time.Duration(min) * time.Minute) }
		return subscriptions.Gap{From: at(from), To: at(to), Reason: subscriptions.GapNoResume}.Event("")
	}
	if r := ingest(t, db, "one", event("before"), gap(0, 1)); r.Inserted != 2 {
		t.Errorf("first gap: %+v", r)
	}
	ingest(t, db, "two", event("another feed's row does not part them"))
	if r := ingest(t, db, "one", gap(2, 3)); r != (subscriptions.Receipt{}) {
		t.Errorf("second gap: %+v", r)
	}
	if r := ingest(t, db, "one", gap(4, 5), gap(6, 7)); r != (subscriptions.Receipt{}) {
		t.Errorf("two more gaps: %+v", r)
	}
	last := ingest(t, db, "one", event("after"), gap(8, 9))
	if r := ingest(t, db, "one", event("later")); r.Inserted != 1 {
		t.Errorf("later: %+v", r)
	}
	if r := ingest(t, db, "one", gap(8, 9)); r.Inserted != 0 || r.Duplicates != 1 {
		t.Errorf("a repeated gap: %+v", r)
	}
	want := []subscriptions.Event{event("before"), gap(0, 7), event("after"), gap(8, 9), event("later")}
	got := history(t, db, storage.Query{Feed: "one", OldestFirst: true})
	for i := range got {
		got[i].Seq, got[i].Feed, got[i].Silent = 0, "", got[i].Kind == subscriptions.KindGap
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	e, err := db.Event(t.Context(), last.LastSeq)
	if g, ok := subscriptions.ParseGap(e); !ok || err != nil || !g.To.Equal(start.Add(9*time.Minute)) {
		t.Errorf("got %+v, %v", g, err)
	}
	counts, err := db.Counts(t.Context())
	if c := counts["one"]; c.Events != 5 || c.Unread != 3 || err != nil {
		t.Errorf("counts %+v, %v", c, err)
	}
	if n, err := db.Owed(t.Context()); n != 4 || err != nil {
		t.Errorf("owed %d, %v", n, err)
	}
}

func TestSeqIsNeverReused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db := openAt(t, path)
	addFeed(t, db, "one")
	first := ingest(t, db, "one", event("a"), event("b"))
	if seq, err := db.LastSeq(t.Context()); seq != first.LastSeq || err != nil {
		t.Errorf("last %d, %v; want %d", seq, err, first.LastSeq)
	}
	if err := db.RemoveFeed(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path)
	addFeed(t, db, "one")
	if again := ingest(t, db, "one", event("c")); again.LastSeq <= first.LastSeq {
		t.Errorf("seq %d after %d", again.LastSeq, first.LastSeq)
	}
}

func TestACancelledCallChangesNothing(t *testing.T) {
	db := open(t)
	addFeed(t, db, "one")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"Ingest":     errorOf(db.Ingest(ctx, subscriptions.Batch{Feed: "one", Events: []subscriptions.Event{event("x")}})),
		"History":    errorOf(db.History(ctx, storage.Query{})),
		"Search":     errorOf(db.History(ctx, storage.Query{Text: "x"})),
		"RemoveFeed": db.RemoveFeed(ctx, "one"),
		"Deliver":    db.Deliver(ctx, steps(subscriptions.Step{What: subscriptions.StepShown}, 1)...),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := history(t, db, storage.Query{}); len(got) != 0 {
		t.Errorf("history: %v", got)
	}
	if r := ingest(t, db, "one", event("x")); r.Inserted != 1 {
		t.Errorf("afterwards: %+v", r)
	}
}

func TestCadenceStaysUntilAnotherIsLearned(t *testing.T) {
	db := open(t)
	addFeed(t, db, "feed0")
	for _, step := range []struct{ given, want time.Duration }{
		{0, 0},
		{15 * time.Second, 15 * time.Second},
		{0, 15 * time.Second},
		{40 * time.Second, 40 * time.Second},
		{subscriptions.ForgetCadence, 0},
		{0, 0},
	} {
		if _, err := db.Ingest(t.Context(), subscriptions.Batch{Feed: "feed0", Seen: time.Now(), Cadence: step.given}); err != nil {
			t.Fatal(err)
		}
		pos, err := db.Position(t.Context(), "feed0")
		if err != nil || pos.Cadence != step.want {
			t.Errorf("after %s: %s, %v; want %s", step.given, pos.Cadence, err, step.want)
		}
	}
}
