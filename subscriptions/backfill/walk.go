package backfill

import (
	"context"
	"errors"
	"slices"
	"time"

	"bellwire/subscriptions"
)

// A walk goes through the pages for one connection.
type walk struct {
	*fetcher
	gate   *gate
	cursor string
	// learned says that the cursor was found before the stream opened, and
	// the sink does not have it.
	learned bool
}

// forwards reports whether pages go on from a position.
func (w *walk) forwards() bool {
	b := w.target.Resume.Backfill
	return b.Positioned() && b.Order != subscriptions.BackfillBackwards
}

// learn takes the newest item's id for the position of a feed that has none.
// It is asked for before the stream opens: behind it nothing can be lost.
func (w *walk) learn(ctx context.Context) error {
	if w.forwards() {
		return nil // a page without a position may be the oldest
	}
	p, err := w.page(ctx, "")
	switch {
	case errors.Is(err, errTooMuch):
		return w.tooLarge()
	case err != nil:
		return err
	}
	if len(p.items) > 0 {
		w.cursor, w.learned = p.items[0].id, true
	}
	return nil
}

func (w *walk) tooLarge() error {
	return subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeNotBackfill,
		"fetching what was missed: a page has more than %d items or %d MiB: ask for fewer in its address", maxItems, maxPage>>20)
}

// missed opens the sink and hands on what was missed.
func (w *walk) missed(ctx context.Context, resumed bool) error {
	switch {
	case w.cursor == "":
		return w.begin(ctx, resumed)
	case w.forwards():
		return w.walkForwards(ctx)
	default:
		return w.walkBackwards(ctx)
	}
}

// begin opens the sink.
func (w *walk) begin(ctx context.Context, resumed bool) error {
	w.gate.opened(resumed)
	if !w.learned {
		return nil
	}
	return w.gate.sink.Message(ctx, subscriptions.Message{
		Type: "message", Cursor: w.cursor, CursorOnly: true, Backfilled: true, Received: time.Now(),
	})
}

// handOn hands on items, which are newest first, the oldest first.
func (w *walk) handOn(ctx context.Context, items []item) error {
	now := time.Now()
	for _, i := range slices.Backward(items) {
		m := subscriptions.Message{ID: i.id, Cursor: i.id, Type: "message", Data: i.data, Backfilled: true, Received: now}
		if len(m.Data) > w.maxMessage {
			m.Data, m.Oversize = "", int64(len(m.Data))
		}
		if err := w.gate.sink.Message(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// walkForwards hands on page after page.
func (w *walk) walkForwards(ctx context.Context) error {
	position := w.cursor
	seen := map[string]bool{position: true}
	for n := range maxPages {
		p, err := w.page(ctx, position)
		switch {
		case errors.Is(err, errTooMuch) && n == 0:
			return w.tooLarge()
		case errors.Is(err, errTooMuch):
			return errMore
		case err != nil:
			return err
		case n == 0:
			if err := w.begin(ctx, p.lacking == 0); err != nil {
				return err
			}
		case p.lacking > 0:
			return errMore // whose first page it is then, with a gap before it
		}
		fresh := unseen(later(p.items, position), seen)
		if len(fresh) == 0 {
			return nil
		}
		if err := w.handOn(ctx, fresh); err != nil {
			return err
		}
		position = fresh[0].id
	}
	return errMore
}

// errMore ends a connection that has fetched all it may: the next goes on.
var errMore = subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "more was missed than one connection fetches")

// later are the items, newest first, that a server did not merely send again
// because it begins too early: those behind the position. Where all are before
// it the server counts anew.
func later(items []item, position string) []item {
	if len(items) > 0 && items[0].id != position && known(items[0], position) {
		return items
	}
	for n, i := range items {
		if known(i, position) {
			return items[:n]
		}
	}
	return items
}

// known reports whether a feed at position has been at i.
func known(i item, position string) bool {
	if i.id == position {
		return true
	}
	n, ok := i.number()
	at, also := item{id: position}.number()
	return ok && also && n <= at
}

// unseen are the items that are seen for the first time.
func unseen(items []item, seen map[string]bool) (fresh []item) {
	for _, i := range items {
		if !seen[i.id] {
			seen[i.id] = true
			fresh = append(fresh, i)
		}
	}
	return fresh
}

// walkBackwards collects pages until the position, and hands on all of them.
func (w *walk) walkBackwards(ctx context.Context) error {
	var missed []item // newest first
	whole, reached := true, false
	position := ""
	seen := make(map[string]bool)
	for range maxPages {
		p, err := w.page(ctx, position)
		if errors.Is(err, errTooMuch) {
			break
		}
		if err != nil {
			return err
		}
		whole = whole && p.lacking == 0
		fresh := unseen(p.items, seen)
		if at := slices.IndexFunc(fresh, func(i item) bool { return known(i, w.cursor) }); at >= 0 {
			missed, reached = append(missed, fresh[:at]...), true
			break
		}
		missed = append(missed, fresh...)
		if len(fresh) == 0 || w.target.Resume.Backfill.Param == "" {
			reached = w.follows(missed)
			break
		}
		position = fresh[len(fresh)-1].id
	}
	sortNewestFirst(missed)
	if err := w.begin(ctx, whole && reached); err != nil {
		return err
	}
	return w.handOn(ctx, missed)
}

// follows reports whether the oldest of the items is the one right behind the
// position, which then was the last one of the list that is gone.
func (w *walk) follows(items []item) bool {
	if len(items) == 0 {
		return false
	}
	n, ok := items[len(items)-1].number()
	at, also := item{id: w.cursor}.number()
	return ok && also && n == at+1
}
