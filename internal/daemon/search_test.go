package daemon

import (
	"errors"
	"net/http"
	"testing"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestSearchOverTheControlAPI(t *testing.T) {
	a, _ := open(t, shortDir(t))
	for _, title := range []string{"one deploy", "two deploys", "three"} {
		e := subscriptions.Event{Kind: subscriptions.KindNotice, Title: title, Priority: 4, Received: a.started}
		if _, err := a.db.Notice(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	client := control.NewClient(a.cfg.Dirs.Socket())
	for _, c := range []struct {
		q       control.Query
		titles  []string
		through int64
	}{
		{control.Query{Text: "priority:4 deploy"}, []string{"two deploys", "one deploy"}, 0},
		{control.Query{Text: "is:notice", Limit: 1}, []string{"three"}, 3},
		{control.Query{Text: "is:notice", Limit: 1, Before: 3}, []string{"two deploys"}, 2},
		{control.Query{Text: "-three", Limit: 1, OldestFirst: true}, []string{"one deploy"}, 1},
		{control.Query{Text: "is:gap"}, nil, 0},
		{control.Query{Limit: 2}, []string{"three", "two deploys"}, 2},
		{control.Query{Before: 1}, nil, 0},
	} {
		p, err := client.Search(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, e := range p.Events {
			titles = append(titles, e.Title)
		}
		if diff := cmp.Diff(c.titles, titles); diff != "" || p.Through != c.through {
			t.Errorf("%+v: through %d instead of %d\n%s", c.q, p.Through, c.through, diff)
		}
	}
	q := control.Query{Text: "deploy is:new"}
	_, err1 := client.Search(t.Context(), q)
	_, err2 := client.History(t.Context(), q)
	for _, err := range []error{err1, err2} {
		e, ok := errors.AsType[*control.Error](err)
		if !ok || e.Status != http.StatusBadRequest {
			t.Fatal(err)
		}
		want := &control.Error{Status: 400, Message: "cannot read is:new", Hint: "It is one of is:unread, is:read, is:event, is:gap and is:notice."}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Error(diff)
		}
	}
}
