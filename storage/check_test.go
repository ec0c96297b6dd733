package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bellwire/subscriptions"
)

// What is committed while a database is looked at is no damage to it: neither
// what the indexer merges, nor what comes after somebody has searched.
func TestIndexingIsNoDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire.db")
	db := withLog(t, path, 1)
	for i := range 8 {
		if found := searchAll(t, db, Query{Text: "title", Limit: 100}, 0); len(found) != 2*i+1 {
			t.Errorf("%d rows are found instead of %d", len(found), 2*i+1)
		}
		for k := range 2 { // none of them is searched for before the check
			if _, err := db.Ingest(t.Context(), batch("alpha", fmt.Sprint("title ", i, " ", k, " more"))); err != nil {
				t.Fatal(err)
			}
			if _, err := db.indexer.catchUp(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		checkIntegrity(t, db)
	}
}

// The same with all of it at once, also of copies.
func TestCheckBesideABusyIndexer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire.db")
	db := withLog(t, path, 1)
	done := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			_, err := db.Ingest(t.Context(), batch("alpha", fmt.Sprint("title ", i, " busy")))
			if err == nil {
				_, err = db.Search(t.Context(), Query{Text: "busy", Limit: 10})
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 100 {
		if r, err := Check(t.Context(), path); err != nil || r.Damage != nil {
			t.Errorf("%q, %v", r.Damage, err)
		}
	}
	for range 10 {
		if _, err := CopyTo(t.Context(), path, filepath.Join(t.TempDir(), "copy.db"), true); err != nil {
			t.Error(err)
		}
	}
	close(done)
	busy.Wait()
}

// A database that nobody has open is read without locks. What a daemon that
// starts meanwhile writes into it is no damage: it is read again.
func TestADaemonThatComesAndGoesIsNoDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire.db")
	if err := withLog(t, path, 50).Close(); err != nil {
		t.Fatal(err)
	}
	var found []string
	reads := 0
	err := steady(t.Context(), path, func() error {
		reads++
		conn, end, err := connectQuietly(t.Context(), path)
		if err != nil {
			return err
		}
		defer end()
		if _, err := schemaVersion(t.Context(), conn); err != nil {
			return err
		}
		if reads == 1 {
			comeAndGo(t, path)
		}
		found, err = integrity(t.Context(), conn)
		if reads == 1 && err == nil && found == nil {
			t.Error("nothing is wrong with what was read half") // then steady would not be needed
		}
		return err
	})
	if err != nil || found != nil || reads != 2 {
		t.Errorf("after %d reads: %q, %v", reads, found, err)
	}
	err = steady(t.Context(), path, func() error { comeAndGo(t, path); return nil })
	if !errors.Is(err, errInUse) {
		t.Errorf("what is never at rest is told as %v", err)
	}
}

// The same where it is not known when the daemon comes.
func TestCheckBesideADaemonThatComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bellwire.db")
	if err := withLog(t, path, 1).Close(); err != nil {
		t.Fatal(err)
	}
	for range 10 { // so that a look takes longer than a daemon
		comeAndGo(t, path)
	}
	for range 8 {
		var daemon sync.WaitGroup
		daemon.Go(func() { comeAndGo(t, path) })
		if r, err := Check(t.Context(), path); err != nil || r.Damage != nil {
			t.Errorf("%q, %v", r.Damage, err)
		}
		daemon.Wait()
	}
}

// comeAndGo is a daemon that adds to the database and ends.
func comeAndGo(t *testing.T, path string) {
	t.Helper()
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Error(err)
		return
	}
	b := subscriptions.Batch{Feed: "alpha"}
	for i := range 500 {
		b.Events = append(b.Events, subscriptions.Event{Kind: subscriptions.KindEvent, Title: fmt.Sprint("more ", i), Body: strings.Repeat("word ", 100)})
	}
	if _, err := db.Ingest(t.Context(), b); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
