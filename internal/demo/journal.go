package demo

import (
	"fmt"
	"sync"
	"time"
)

// journalSize is how many events can be resumed over.
const journalSize = 1000

// An entry is one event of a demo feed.
type entry struct {
	id   string
	kind string
	data string // JSON
}

// A journal is a feed's recent past.
type journal struct {
	mu      sync.Mutex
	entries []entry
	changed chan struct{}
}

// nextID numbers events across restarts of the server: the time first.
func nextID(n int, now time.Time) string { return fmt.Sprintf("%d-%d", now.Unix(), n) }

func (j *journal) add(e entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) == journalSize {
		j.entries = append([]entry(nil), j.entries[journalSize/10:]...)
	}
	j.entries = append(j.entries, e)
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// after returns what follows the entry with the given id and a channel that
// is closed at the next change. An unknown id is followed by everything, an
// empty one by the newest entry: somebody who looks for the first time wants
// to see something.
func (j *journal) after(id string) ([]entry, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	from := 0
	if id == "" {
		from = max(0, len(j.entries)-1)
	}
	for i, e := range j.entries {
		if e.id == id {
			from = i + 1
		}
	}
	return j.entries[from:len(j.entries):len(j.entries)], j.changed
}
