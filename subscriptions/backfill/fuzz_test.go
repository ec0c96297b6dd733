package backfill

import (
	"errors"
	"testing"
	"unicode/utf8"

	"bellwire/subscriptions"
)

// Whatever a page holds, what is made of it is valid, has ids and is bounded.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`{"messages":[{"id":25,"appid":5,"message":"m","title":"t","priority":2,"date":"2018-02-27T19:36:10Z"}],"paging":{"size":5,"limit":5,"since":25}}`,
		`[{"id":"b"},{"id":"a"}]`, `[1,"a",{"b":[]}]`, `{"messages":null}`, `[`, "\x00", "[{\"id\":\"\xff\"}]", `[{"id":[1,2]},{"id":{"a":1}}]`,
	} {
		for _, path := range []string{"", "messages", "a.b"} {
			f.Add([]byte(seed), path, "id", path)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, items, id, inside string) {
		const limit = 20
		if max(len(items), len(id), len(inside)) > subscriptions.MaxPath {
			return
		}
		feed := subscriptions.Feed{Settings: subscriptions.Settings{Resume: subscriptions.Resume{Field: id}}}
		b := subscriptions.Backfill{Items: items, Payload: inside}
		p, err := parsePage(body, b, payloadCursor(t, feed), limit)
		if err != nil && (len(p.items) > 0 || p.lacking > 0) {
			t.Errorf("%v, and %+v", err, p)
		}
		if errors.Is(err, subscriptions.ErrNoList) {
			t.Errorf("%v names no place", err)
		}
		if len(p.items)+p.lacking > limit {
			t.Errorf("%d items", len(p.items)+p.lacking)
		}
		for _, i := range p.items {
			if i.id == "" || !utf8.ValidString(i.id) || !utf8.ValidString(i.data) {
				t.Errorf("%+q", i)
			}
			if len(later(p.items, i.id)) > len(p.items) || !known(i, i.id) {
				t.Errorf("%q is unknown to itself", i.id)
			}
		}
	})
}
