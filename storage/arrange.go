package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"bellwire/subscriptions"
)

// A Place is where a feed is shown.
type Place struct {
	Feed, Folder string
}

// Arrange puts feeds in order and into folders, all or none; those that are
// not named come last, as they were, and keep their folders. The error wraps
// [ErrNotFound] where there is no such feed.
func (db *DB) Arrange(ctx context.Context, places []Place) error {
	err := db.update(ctx, func(t *tx) error { return t.arrange(places) })
	if err != nil {
		return fmt.Errorf("arranging feeds: %w", err)
	}
	return nil
}

// placed is a feed as it is shown.
type placed struct {
	num  int64
	feed subscriptions.Feed
}

func (t *tx) arrange(places []Place) error {
	order, byID, err := t.feedsInOrder()
	if err != nil {
		return err
	}
	position := int64(0)
	put := func(p *placed) error {
		position++
		_, err := t.exec(t.place, p.num, position)
		return err
	}
	for _, at := range places { // before anything is written
		if byID[at.Feed] == nil {
			return fmt.Errorf("feed %q: %w", at.Feed, ErrNotFound)
		}
	}
	t.changed = true
	done := map[string]bool{}
	for _, at := range places {
		p := byID[at.Feed]
		if done[at.Feed] {
			continue
		}
		done[at.Feed] = true
		if err := put(p); err != nil {
			return err
		}
		if p.feed.Look.Folder == at.Folder {
			continue
		}
		p.feed.Look.Folder = at.Folder
		definition, err := json.Marshal(p.feed)
		if err != nil {
			return err
		}
		if _, err := t.exec(t.define, at.Feed, string(definition)); err != nil {
			return err
		}
	}
	for _, p := range order {
		if done[p.feed.ID] {
			continue
		}
		if err := put(p); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) feedsInOrder() (order []*placed, byID map[string]*placed, err error) {
	rows, err := t.arranged.Query()
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	byID = map[string]*placed{}
	for rows.Next() {
		var id string
		var definition []byte
		p := &placed{}
		if err := rows.Scan(&p.num, &id, &definition); err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(definition, &p.feed); err != nil {
			return nil, nil, fmt.Errorf("the stored definition of feed %q is damaged", id)
		}
		p.feed.ID = id
		order, byID[id] = append(order, p), p
	}
	return order, byID, rows.Err()
}
