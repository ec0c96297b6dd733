package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"bellwire/storage"
	"bellwire/subscriptions"
)

// settingTold holds the feeds whose trouble people know of, as JSON: since
// when, by id.
const settingTold = "trouble.told"

// Recall loads what was told before a restart. Call it before the feeds
// start.
func (t *Trouble) Recall(ctx context.Context) error {
	text, err := t.o.Store.Setting(ctx, settingTold)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var told map[string]time.Time
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		t.o.Logger.Warn("what was told of troubles is forgotten", "error", err)
		return nil
	}
	feeds, err := t.o.Store.Feeds(ctx)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range feeds {
		if began, ok := told[f.ID]; ok && !f.Paused {
			t.ill[f.ID] = &illness{began: began, since: time.Now(), told: true}
			delete(told, f.ID)
		}
	}
	t.dirty = t.dirty || len(told) > 0
	return nil
}

// store stores what people know of, where that has changed without a notice.
func (t *Trouble) store(ctx context.Context) error {
	t.mu.Lock()
	dirty, value := t.dirty, t.told(nil)
	t.dirty = false
	t.mu.Unlock()
	if !dirty {
		return nil
	}
	err := t.o.Store.SetSetting(ctx, settingTold, value)
	if err != nil {
		t.mu.Lock()
		t.dirty = true
		t.mu.Unlock()
	}
	return err
}

// told is the setting's value, without some feeds.
func (t *Trouble) told(without []string) string {
	told := map[string]time.Time{}
	for id, i := range t.ill {
		if i.told && !slices.Contains(without, id) {
			told[id] = i.began
		}
	}
	text, _ := json.Marshal(told) // texts and times: cannot fail
	return string(text)
}

// announce tells of feeds in trouble, in one notice.
func (t *Trouble) announce(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	feeds, err := t.running(ctx)
	if err != nil {
		return err
	}
	t.mu.Lock()
	facts := t.facts(subscriptions.NoticeTrouble, feeds, ids)
	if facts.Count == 0 {
		t.mu.Unlock()
		return nil
	}
	// From here on their recovery is news.
	told := t.tell(ids)
	value := t.told(nil)
	t.mu.Unlock()
	if err := t.notice(ctx, facts, value); err != nil {
		t.untell(told)
		return err
	}
	return nil
}

// tell marks those of ids that are still in trouble. t.mu must be held.
func (t *Trouble) tell(ids []string) (told []*illness) {
	for _, id := range ids {
		if i := t.ill[id]; i != nil && i.open.IsZero() {
			i.told = true
			told = append(told, i)
		}
	}
	return told
}

// untell takes that back.
func (t *Trouble) untell(told []*illness) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, i := range t.ill {
		if !slices.Contains(told, i) {
			continue
		}
		i.told = false
		if !i.open.IsZero() {
			delete(t.ill, id)
		}
	}
}

// relieve tells that feeds are well again, in one notice.
func (t *Trouble) relieve(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	feeds, err := t.running(ctx)
	if err != nil {
		return err
	}
	t.mu.Lock()
	facts := t.facts(subscriptions.NoticeRecovered, feeds, ids)
	value := t.told(ids)
	t.mu.Unlock()
	if facts.Count == 0 {
		return nil
	}
	if err := t.notice(ctx, facts, value); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		i := t.ill[id]
		switch {
		case i == nil: // removed or paused meanwhile
		case i.open.IsZero(): // in trouble again
			i.told, i.began, i.since = false, t.o.Wall(), time.Now()
		default:
			delete(t.ill, id)
		}
	}
	return nil
}

// running are the feeds that are to be connected.
func (t *Trouble) running(ctx context.Context) ([]subscriptions.Feed, error) {
	feeds, err := t.o.Store.Feeds(ctx)
	return slices.DeleteFunc(feeds, func(f subscriptions.Feed) bool { return f.Paused }), err
}

// facts are those of the given feeds, in the order of all; one that is not
// among these is forgotten. t.mu must be held.
func (t *Trouble) facts(what subscriptions.NoticeType, all []subscriptions.Feed, ids []string) Facts {
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(f subscriptions.Feed) bool { return f.ID == id }) {
			t.forget(id)
		}
	}
	f := Facts{Type: what}
	now := t.o.Wall()
	for _, feed := range all {
		i := t.ill[feed.ID]
		if i == nil || !slices.Contains(ids, feed.ID) {
			continue
		}
		f.Count++
		about := About{ID: feed.ID, Name: feed.Name, Since: i.began, For: span(i.began, now)}
		if what == subscriptions.NoticeTrouble {
			about.State, about.Code, about.Error, about.Hint = i.status.State, i.status.Code, i.status.Error, i.status.Hint
		}
		f.Feeds = append(f.Feeds, about)
	}
	f.All = f.Count > 1 && f.Count == len(all)
	return f
}

// notice stores a notice, and what people know of with it.
func (t *Trouble) notice(ctx context.Context, f Facts, told string) error {
	_, err := t.o.Store.NoticeWith(ctx, t.o.Words.notice(f, t.o.Wall()), settingTold, told)
	if f.Count == 1 && errors.Is(err, storage.ErrNotFound) { // removed this moment
		return nil
	}
	if err != nil {
		return fmt.Errorf("telling of %d feeds: %w", f.Count, err)
	}
	return nil
}
