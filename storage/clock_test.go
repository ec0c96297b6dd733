package storage

import (
	"path/filepath"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestBelieved(t *testing.T) {
	const day = int64(24 * time.Hour / time.Microsecond)
	const now = 20_000 * day
	for name, c := range map[string]struct {
		before   believed
		now, ran int64
		want     believed
	}{
		"an hour later":               {believed{now, 0}, now + day/24, 0, believed{now + day/24, 0}},
		"a week off":                  {believed{now, 0}, now + 7*day, 0, believed{now + 7*day, 0}},
		"set back a year":             {believed{now, 0}, now - 365*day, 0, believed{now - 365*day, 0}},
		"a year ahead":                {believed{now, 0}, now + 365*day, 0, believed{now, now + 365*day}},
		"a month, all of it run":      {believed{now, 0}, now + 30*day, 30 * day, believed{now + 30*day, 0}},
		"a month, a day of it run":    {believed{now, 0}, now + 30*day, day, believed{now, now + 30*day}},
		"an hour of doubt":            {believed{now, now + 30*day}, now + 30*day + day/24, 0, believed{now, now + 30*day}},
		"a day of doubt":              {believed{now, now + 30*day}, now + 31*day, 0, believed{now + 31*day, 0}},
		"mended":                      {believed{now, now + 365*day}, now + day, 0, believed{now + day, 0}},
		"mended a little":             {believed{now, now + 365*day}, now + 100*day, 0, believed{now, now + 100*day}},
		"ahead again, once more":      {believed{now, now + 30*day}, now + 40*day, 0, believed{now, now + 40*day}},
		"a day of doubt, in one look": {believed{now, now + 30*day}, now + 37*day, 0, believed{now + 37*day, 0}},
	} {
		if diff := gocmp.Diff(c.want, c.before.next(c.now, c.ran)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A clock that jumps a year ahead, and is mended some hours later, deletes
// nothing, also where the program is started in between; one that keeps
// saying so is believed.
func TestAClockThatJumpsDeletesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	look := func(rows int64) {
		t.Helper()
		db, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		k := newKeeper(db) // the database's own is never told
		k.told, k.clock.ran = true, nil
		for range 2 {
			if _, err := k.look(t.Context(), at); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := db.integers(t.Context(), "SELECT count(*) FROM events"); err != nil || left[0] != rows {
			t.Errorf("%v: %v, %v; want %d rows", at, left, err, rows)
		}
	}
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	addFeeds(t, db, 1)
	b := batch("feed0", "a", "b", "c")
	for i := range b.Events {
		b.Events[i].Received, b.Events[i].Silent = at, true
	}
	if _, err := db.Ingest(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		by   time.Duration
		rows int64
	}{
		{0, 3},
		{400 * 24 * time.Hour, 3},
		{5 * time.Hour, 3},
		{-400 * 24 * time.Hour, 3},
		{24 * time.Hour, 3},
		{400 * 24 * time.Hour, 3},
		{23 * time.Hour, 3},
		{time.Hour, 0},
	} {
		at = at.Add(step.by)
		look(step.rows)
	}
}

// Rows that came while the clock was far behind are not old.
func TestRowsOfAClockThatWasBehindStay(t *testing.T) {
	db := openInternal(t)
	addFeeds(t, db, 2)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	row := func(feed, title string, received time.Time) {
		t.Helper()
		b := batch(feed, title)
		b.Events[0].Received, b.Events[0].Silent = received, true
		if _, err := db.Ingest(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	old := at.AddDate(-2, 0, 0)
	row("feed0", "of 1970", time.Unix(1000, 0))
	row("feed1", "old", old)
	row("feed1", "of the future", at.AddDate(5, 0, 0))
	row("feed1", "old as well", old)
	row("feed1", "new", at)
	row("feed1", "new, two years behind", old)
	row("feed1", "new, of 1970", time.Unix(1000, 0))
	k := newKeeper(db)
	k.told, k.clock.known, k.clock.seen.Time = true, true, at.UnixMicro()
	next, err := k.look(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	events, err := db.History(t.Context(), Query{OldestFirst: true})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range events {
		left = append(left, e.Title)
	}
	if diff := gocmp.Diff([]string{"of 1970", "of the future", "new", "new, two years behind", "new, of 1970"}, left); diff != "" {
		t.Error(diff)
	}
	if next != keepAtMost {
		t.Errorf("looks again in %v", next)
	}
}
