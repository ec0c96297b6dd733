package storage_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// keeping opens a database in a bubble of synctest, and closes it there.
func keeping(t *testing.T, test func(t *testing.T, db *storage.DB)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.db")
	synctest.Test(t, func(t *testing.T) {
		test(t, openAt(t, path))
	})
	checkFile(t, path)
}

func addKept(t *testing.T, db *storage.DB, id string, k subscriptions.Keep) string {
	t.Helper()
	f := subscriptions.Feed{ID: id, Name: id, Settings: subscriptions.Settings{Keep: k}}
	if err := db.AddFeed(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	return id
}

// now is an event of this moment, which nobody is to be told of.
func now(title string) subscriptions.Event {
	e := event(title)
	e.Received, e.Silent, e.DedupeKey = time.Now(), true, title
	return e
}

// rows are what a feed has, as titles, oldest first.
func rows(t *testing.T, db *storage.DB, feed string) []string {
	t.Helper()
	titles := []string{}
	for _, e := range history(t, db, storage.Query{Feed: feed, OldestFirst: true, Limit: 1000}) {
		titles = append(titles, e.Title)
	}
	return titles
}

func want(t *testing.T, db *storage.DB, feed string, titles ...string) {
	t.Helper()
	if d := cmp.Diff(append([]string{}, titles...), rows(t, db, feed)); d != "" {
		t.Errorf("%s: %s", feed, d)
	}
}

// hour and a little: timers that are due have fired.
const hour = time.Hour + time.Minute

func TestOldRowsAreDeleted(t *testing.T) {
	keeping(t, func(t *testing.T, db *storage.DB) {
		db.SetKeep(subscriptions.Keep{Days: 2})
		addKept(t, db, "all", subscriptions.Keep{})
		addKept(t, db, "long", subscriptions.Keep{Days: 10})
		addKept(t, db, "ever", subscriptions.Keep{Days: subscriptions.KeepAll})
		owed := now("owed")
		owed.Silent = false
		for _, feed := range []string{"all", "long", "ever"} {
			ingest(t, db, feed, now("old"), owed)
		}
		if _, err := db.Notice(t.Context(), now("notice")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		ingest(t, db, "all", now("new"))
		time.Sleep(22 * time.Hour)
		want(t, db, "all", "old", "owed", "new")
		time.Sleep(2*time.Hour + time.Minute)
		want(t, db, "all", "owed", "new")
		want(t, db, "", "owed", "old", "owed", "old", "owed", "new") // the notice has gone too
		want(t, db, "long", "old", "owed")
		if err := settle(db, 2); err != nil {
			t.Fatal(err)
		}
		time.Sleep(hour)
		want(t, db, "all", "new")
		time.Sleep(24 * time.Hour)
		want(t, db, "all")
		time.Sleep(8 * 24 * time.Hour)
		want(t, db, "long", "owed")
		want(t, db, "ever", "old", "owed")
		// What an old list still holds does not come again.
		again := now("old")
		if got := ingest(t, db, "all", again); got.Inserted != 0 {
			t.Errorf("it came again: %+v", got)
		}
		// The first row after all were gone starts the timer again.
		ingest(t, db, "all", now("later"))
		time.Sleep(47 * time.Hour)
		want(t, db, "all", "later")
		time.Sleep(2 * hour)
		want(t, db, "all")
	})
}

func TestRowsThatAreTooManyAreDeleted(t *testing.T) {
	keeping(t, func(t *testing.T, db *storage.DB) {
		db.SetKeep(subscriptions.Keep{Events: 3})
		addKept(t, db, "all", subscriptions.Keep{})
		addKept(t, db, "more", subscriptions.Keep{Events: 4})
		addKept(t, db, "every", subscriptions.Keep{Events: subscriptions.KeepAll})
		var events []subscriptions.Event
		for i := range 6 {
			events = append(events, now(fmt.Sprint(i)))
		}
		events[1].Silent = false
		for _, feed := range []string{"all", "more", "every"} {
			ingest(t, db, feed, events...)
		}
		time.Sleep(5 * time.Second)
		want(t, db, "all", "1", "4", "5")
		want(t, db, "more", "1", "3", "4", "5")
		want(t, db, "every", "0", "1", "2", "3", "4", "5")
		ingest(t, db, "all", now("6"))
		time.Sleep(5 * time.Second)
		want(t, db, "all", "1", "5", "6")
		// Another bound holds at once, also a feed's own.
		db.SetKeep(subscriptions.Keep{Events: 2})
		time.Sleep(5 * time.Second)
		want(t, db, "all", "1", "6")
		if err := db.SetFeed(t.Context(), subscriptions.Feed{ID: "more", Settings: subscriptions.Settings{Keep: subscriptions.Keep{Events: 1}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		want(t, db, "more", "1")
	})
}

// What a forward has not come to stays, unless it is too old.
func TestRowsToBeForwardedStay(t *testing.T) {
	keeping(t, func(t *testing.T, db *storage.DB) {
		db.SetKeep(subscriptions.Keep{Events: 1, Days: 5})
		addKept(t, db, "all", subscriptions.Keep{})
		if _, err := db.ForwardPosition(t.Context(), "all", "phone"); err != nil {
			t.Fatal(err)
		}
		ingest(t, db, "all", now("a"), now("b"), now("c"))
		time.Sleep(5 * time.Second)
		want(t, db, "all", "a", "b", "c")
		if err := db.Forwarded(t.Context(), "all", "phone", 2); err != nil {
			t.Fatal(err)
		}
		ingest(t, db, "all", now("d"))
		time.Sleep(5 * time.Second)
		want(t, db, "all", "c", "d")
		time.Sleep(6 * 24 * time.Hour)
		want(t, db, "all")
	})
}

// Before anybody has said how much is kept, everything is.
func TestNothingIsDeletedUntold(t *testing.T) {
	keeping(t, func(t *testing.T, db *storage.DB) {
		addKept(t, db, "all", subscriptions.Keep{Days: 1, Events: 1})
		ingest(t, db, "all", now("a"), now("b"))
		time.Sleep(400 * 24 * time.Hour)
		want(t, db, "all", "a", "b")
	})
}
