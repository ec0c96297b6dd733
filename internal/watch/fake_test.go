package watch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// memory is a store that keeps everything and can be made to fail. Real time
// is that of the bubble.
type memory struct {
	mu       sync.Mutex
	start    time.Time
	feeds    []subscriptions.Feed
	hearings map[string]storage.Hearing
	settings map[string]string
	rows     []subscriptions.Event
	told     []string // the rows in short
	asked    int      // how often hearings were
	fail     error
}

func newMemory(feeds ...subscriptions.Feed) *memory {
	return &memory{start: time.Now(), feeds: feeds, hearings: map[string]storage.Hearing{}, settings: map[string]string{}}
}

func (m *memory) Hearings(context.Context) (map[string]storage.Hearing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	all := map[string]storage.Hearing{}
	for _, f := range m.feeds {
		all[f.ID] = m.hearings[f.ID]
	}
	return all, m.fail
}

func (m *memory) SetSilent(_ context.Context, feed string, since time.Time, notice subscriptions.Event) (r subscriptions.Receipt, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hearings[feed]
	if m.fail != nil || since.IsZero() == h.SilentSince.IsZero() || !since.IsZero() && !since.Equal(h.Heard) {
		return r, m.fail
	}
	h.SilentSince = since
	m.hearings[feed] = h
	m.add(notice)
	return subscriptions.Receipt{Inserted: 1}, nil
}

func (m *memory) SetHeard(_ context.Context, feed string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hearings[feed] = storage.Hearing{Heard: at}
	return m.fail
}

// hear is an event that counts, or a gap.
func (m *memory) hear(feed string, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hearings[feed]
	h.Heard = at
	m.hearings[feed] = h
}

func (m *memory) Setting(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.settings[key]
	if !ok {
		return "", storage.ErrNotFound
	}
	return v, m.fail
}

func (m *memory) SetSetting(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		m.settings[key] = value
	}
	return m.fail
}

func (m *memory) NoticeWith(ctx context.Context, e subscriptions.Event, key, value string) (subscriptions.Receipt, error) {
	if err := m.SetSetting(ctx, key, value); err != nil {
		return subscriptions.Receipt{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(e)
	return subscriptions.Receipt{Inserted: 1}, nil
}

func (m *memory) Feeds(context.Context) ([]subscriptions.Feed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.feeds), m.fail
}

// add keeps a notice. m.mu must be held.
func (m *memory) add(e subscriptions.Event) {
	m.rows = append(m.rows, e)
	m.told = append(m.told, strings.TrimSpace(fmt.Sprintf("%s %s %s: %s", time.Since(m.start), e.Type, e.Feed, e.Title)))
}

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func (m *memory) check(t *testing.T, want ...string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if diff := cmp.Diff(want, m.told); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

func named(names ...string) (feeds []subscriptions.Feed) {
	for _, n := range names {
		feeds = append(feeds, subscriptions.Feed{ID: strings.ToLower(n), Name: n})
	}
	return feeds
}
