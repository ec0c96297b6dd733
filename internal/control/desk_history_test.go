package control

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// archive notes what it was asked.
type archive struct {
	fake
	deleted []int64
	undone  string
	places  []Place
	marked  MarkRead
}

var archived = Activity{Until: time.Unix(7200, 0).UTC(), Feeds: map[string][]int64{"ci": {0, 1, 2}}}

func (a *archive) DeleteEvents(_ context.Context, seqs []int64) error {
	if len(seqs) > MaxDelete {
		return Refuse(http.StatusBadRequest, "fewer", "too many")
	}
	a.deleted = seqs
	return nil
}

func (a *archive) UndoRead(_ context.Context, undo string) error {
	if undo == "gone" {
		return Refuse(http.StatusNotFound, "too late", "forgotten")
	}
	a.undone = undo
	return nil
}

func (a *archive) Activity(context.Context) (Activity, error) { return archived, nil }

func (a *archive) Arrange(_ context.Context, places []Place) error {
	a.places = places
	return nil
}

func (a *archive) MarkRead(_ context.Context, m MarkRead) (Marked, error) {
	a.marked = m
	return Marked{Undo: "token"}, nil
}

func (a *archive) Search(_ context.Context, q Query) (Page, error) {
	if q.Text == "nothing" {
		return Page{}, nil
	}
	return Page{Events: []subscriptions.Event{{Seq: 5, Title: "x"}}, Through: 4}, nil
}

func TestDeskHistoryOverTheWire(t *testing.T) {
	a := &archive{}
	path, _ := start(t, a)
	c := NewClient(path)
	t.Cleanup(c.http.CloseIdleConnections)
	ctx := t.Context()

	most := make([]int64, MaxDelete) // fits into a request, also of large numbers
	for i := range most {
		most[i] = 999_900_000 + int64(i)
	}
	places := []Place{{Feed: "b", Folder: "Work"}, {Feed: "a"}}
	m, merr := c.MarkRead(ctx, MarkRead{Feed: "ci", Through: 7})
	got, aerr := c.Activity(ctx)
	p, perr := c.Search(ctx, Query{Text: "x"})
	none, nerr := c.Search(ctx, Query{Text: "nothing"})
	for what, err := range map[string]error{
		"mark": merr, "activity": aerr, "search": perr, "search for nothing": nerr,
		"delete": c.DeleteEvents(ctx, most), "undo": c.UndoRead(ctx, "token"), "arrange": c.Arrange(ctx, places),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, d := range map[string]string{
		"deleted":  cmp.Diff(most, a.deleted),
		"undone":   cmp.Diff(m.Undo, a.undone),
		"places":   cmp.Diff(places, a.places),
		"marked":   cmp.Diff(MarkRead{Feed: "ci", Through: 7}, a.marked),
		"activity": cmp.Diff(archived, got),
		"page":     cmp.Diff(Page{Events: []subscriptions.Event{{Seq: 5, Title: "x"}}, Through: 4}, p),
		"no page":  cmp.Diff(Page{Events: []subscriptions.Event{}}, none),
	} {
		if d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	for what, tc := range map[string]struct {
		err    error
		status int
	}{
		"an undo that is forgotten": {c.UndoRead(ctx, "gone"), http.StatusNotFound},
		"too many":                  {c.DeleteEvents(ctx, make([]int64, MaxDelete+1)), http.StatusBadRequest},
	} {
		if e, ok := errors.AsType[*Error](tc.err); !ok || e.Status != tc.status || e.Hint == "" {
			t.Errorf("%s: %v", what, tc.err)
		}
	}
}
