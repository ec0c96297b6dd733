package backfill

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

const (
	forwards  = subscriptions.BackfillForwards
	backwards = subscriptions.BackfillBackwards
)

// Both orders, from every kind of list.
func TestWhatWasMissed(t *testing.T) {
	back := subscriptions.Backfill{URL: "list", Order: backwards, Param: "at", Items: "list"}
	forth := subscriptions.Backfill{URL: "list", Order: forwards, Param: "at", Items: "list"}
	hole := subscriptions.Backfill{URL: "list?at={{ cursor }}", Items: "list"}
	onePage := subscriptions.Backfill{URL: "list", Order: backwards, Items: "list"}
	window := subscriptions.Backfill{URL: "list", Items: "list"}
	texts := []string{"a", "b", "c", "d", "e"}
	for _, tc := range []struct {
		name     string
		backfill subscriptions.Backfill
		list     *list
		cursor   string
		opened   string
		want     []string
		asked    []string
	}{
		{"nothing, backwards", back, &list{ids: numbers(1, 9), limit: 3, backwards: true}, "9", "resumed", nil, []string{""}},
		{"backwards", back, &list{ids: numbers(1, 9), limit: 3, backwards: true}, "4", "resumed", numbers(5, 9), []string{"", "7"}},
		{"over ten", back, &list{ids: numbers(1, 12), limit: 3, backwards: true}, "8", "resumed", numbers(9, 12), []string{"", "10"}},
		{"backwards, inclusive", back, &list{ids: numbers(1, 9), limit: 3, backwards: true, inclusive: true}, "2", "resumed", numbers(3, 9), []string{"", "7", "5", "3"}},
		{"backwards, shuffled", back, &list{ids: numbers(1, 9), limit: 3, backwards: true, shuffled: true}, "4", "resumed", numbers(5, 9), []string{"", "7"}},
		{"the position's item was deleted", back, &list{ids: []string{"1", "2", "5", "6"}, limit: 3, backwards: true}, "4", "resumed", []string{"5", "6"}, []string{""}},
		{"the newest was deleted", back, &list{ids: numbers(1, 3), limit: 3, backwards: true}, "4", "resumed", nil, []string{""}},
		{"all up to the position were deleted", back, &list{ids: numbers(5, 6), limit: 3, backwards: true}, "4", "resumed", numbers(5, 6), []string{"", "5"}},
		{"evicted", back, &list{ids: numbers(6, 9), limit: 3, backwards: true}, "4", "gap", numbers(6, 9), []string{"", "7", "6"}},
		{"emptied", back, &list{limit: 3, backwards: true}, "4", "gap", nil, []string{""}},
		{"texts, backwards", back, &list{ids: texts, limit: 2, backwards: true}, "b", "resumed", texts[2:], []string{"", "d"}},
		{"texts, the position's item was deleted", back, &list{ids: texts, limit: 2, backwards: true}, "bb", "gap", texts, []string{"", "d", "b", "a"}},
		{"texts, inclusive and evicted", back, &list{ids: texts, limit: 2, backwards: true, inclusive: true}, "0", "gap", texts, []string{"", "d", "c", "b", "a"}},
		{"one page", onePage, &list{ids: numbers(1, 9), limit: 3, backwards: true}, "7", "resumed", numbers(8, 9), []string{""}},
		{"one page, evicted", onePage, &list{ids: numbers(1, 9), limit: 3, backwards: true}, "5", "gap", numbers(7, 9), []string{""}},
		{"one page, just so", onePage, &list{ids: numbers(1, 9), limit: 3, backwards: true}, "6", "resumed", numbers(7, 9), []string{""}},
		{"one page, the oldest first", window, &list{ids: texts, limit: 9}, "c", "resumed", texts[3:], []string{""}},

		{"nothing, forwards", forth, &list{ids: numbers(1, 9), limit: 3}, "9", "resumed", nil, []string{"9"}},
		{"forwards", forth, &list{ids: numbers(1, 9), limit: 3}, "4", "resumed", numbers(5, 9), []string{"4", "7", "9"}},
		{"forwards, by a hole", hole, &list{ids: numbers(1, 9), limit: 3}, "4", "resumed", numbers(5, 9), []string{"4", "7", "9"}},
		{"forwards, inclusive", forth, &list{ids: numbers(1, 9), limit: 3, inclusive: true}, "4", "resumed", numbers(5, 9), []string{"4", "6", "8", "9"}},
		{"forwards, inclusive, one an answer", forth, &list{ids: numbers(1, 9), limit: 1, inclusive: true}, "4", "resumed", nil, []string{"4"}},
		{"forwards, shuffled", forth, &list{ids: numbers(8, 12), limit: 3, shuffled: true}, "4", "resumed", numbers(8, 12), []string{"4", "10", "12"}},
		{"texts, forwards", forth, &list{ids: texts, limit: 2, inclusive: true}, "b", "resumed", texts[2:], []string{"b", "c", "d", "e"}},
		{"forwards, emptied", forth, &list{limit: 2}, "4", "resumed", nil, []string{"4"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := &Transport{Stream: live("now", "and then"), Client: handler(tc.list.ServeHTTP)}
				calls, err := upTo(t, tr, targetOf(t, feedWith(tc.backfill), tc.cursor), "and then")
				if !errors.Is(err, context.Canceled) {
					t.Errorf("ended: %v", err)
				}
				want := slices.Concat([]string{tc.opened}, filled(tc.want...), []string{"now", "and then"})
				if d := cmp.Diff(want, calls); d != "" {
					t.Error(d)
				}
				if d := cmp.Diff(tc.asked, tc.list.asked); d != "" {
					t.Errorf("asked: %s", d)
				}
			})
		})
	}
}

// A server that has restarted its count, or ignores the position.
func TestForwardsFromAnUnknownPosition(t *testing.T) {
	forth := subscriptions.Backfill{URL: "list", Param: "from", Items: "list"} // a name that list does not know
	calls, err := upTo(t, &Transport{Stream: live("now"), Client: handler((&list{ids: numbers(1, 3), limit: 9}).ServeHTTP)}, targetOf(t, feedWith(forth), "70"), "now")
	if d := cmp.Diff(slices.Concat([]string{"resumed"}, filled(numbers(1, 3)...), []string{"now"}), calls); d != "" {
		t.Errorf("%s, %v", d, err)
	}
}

// A feed without a position learns one before the stream opens, and what is
// published meanwhile is handed on.
func TestFirstConnection(t *testing.T) {
	back := subscriptions.Backfill{URL: "list", Order: backwards, Param: "at", Items: "list"}
	forth := subscriptions.Backfill{URL: "list", Param: "at", Items: "list"}
	for _, tc := range []struct {
		name     string
		backfill subscriptions.Backfill
		ids      []string
		want     []string
	}{
		{"backwards", back, numbers(1, 9), append([]string{"resumed", "at 9"}, filled("10")...)},
		{"of an empty list", back, nil, []string{"resumed"}},
		{"forwards", forth, numbers(1, 9), []string{"resumed"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &list{ids: tc.ids, limit: 3, backwards: tc.backfill.Order == backwards}
				say := live("now")
				tr := &Transport{Client: handler(l.ServeHTTP), Stream: stream(func(ctx context.Context, sink subscriptions.Sink) error {
					l.mu.Lock()
					if len(l.ids) > 0 {
						l.ids = append(l.ids, "10")
					}
					l.mu.Unlock()
					return say(ctx, sink)
				})}
				calls, _ := upTo(t, tr, targetOf(t, feedWith(tc.backfill), ""), "now")
				if d := cmp.Diff(append(tc.want, "now"), calls); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// endless is a list without an end in either direction.
func endless(items int) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		at := 1_000_000_000
		_, _ = fmt.Sscan(req.URL.Query().Get("at"), &at)
		step := map[string]int{"forwards": 1, "backwards": -1}[req.URL.Query().Get("way")]
		var list []string
		for i := range items {
			list = append(list, fmt.Sprintf(`{"id":%d}`, at+step*(i+1)))
		}
		fmt.Fprintf(w, "[%s]", strings.Join(list, ","))
	}
}

func TestLimits(t *testing.T) {
	for _, tc := range []struct {
		name    string
		items   int
		order   subscriptions.BackfillOrder
		want    int
		opened  string
		ends    bool // with errMore
		backlog int
	}{
		{"pages, backwards", 3, backwards, 3 * maxPages, "gap", false, 0},
		{"items, backwards", 400, backwards, 400 * (maxItems / 400), "gap", false, 0},
		{"a page beyond, backwards", maxItems + 1, backwards, 0, "gap", false, 0},
		{"pages, forwards", 3, forwards, 3 * maxPages, "resumed", true, 0},
		{"items, forwards", 300, forwards, 300 * (maxItems / 300), "resumed", true, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := subscriptions.Backfill{URL: "list?way=" + string(tc.order), Order: tc.order, Param: "at"}
				tr := &Transport{Stream: live("now"), Client: handler(endless(tc.items))}
				calls, err := upTo(t, tr, targetOf(t, feedWith(b), "5"), "now")
				if tc.ends != errors.Is(err, errMore) {
					t.Errorf("ended: %v", err)
				}
				if tc.ends == (calls[len(calls)-1] == "now") {
					t.Errorf("ends with %s", calls[len(calls)-1])
				}
				items := len(calls) - 1
				if !tc.ends {
					items--
				}
				if calls[0] != tc.opened || items != tc.want {
					t.Errorf("%s, and %d items; want %s, %d", calls[0], items, tc.opened, tc.want)
				}
			})
		})
	}
	tr := &Transport{Stream: live("now"), Client: handler(endless(maxItems + 1))}
	b := subscriptions.Backfill{URL: "list?way=forwards", Param: "at"}
	_, err := upTo(t, tr, targetOf(t, feedWith(b), "5"), "now")
	wantError(t, err, subscriptions.NeedsUser, subscriptions.CodeNotBackfill)
}

func wantError(t *testing.T, err error, class subscriptions.Class, code subscriptions.Code) *subscriptions.Error {
	t.Helper()
	e := subscriptions.AsError(err)
	if err == nil || e.Class != class || e.Code != code {
		t.Errorf("got %s, %s: %v; want %s, %s", e.Class, e.Code, err, class, code)
	}
	return e
}

// answers is a handler that gives one answer after the other, the last again
// and again.
func answers(all ...http.HandlerFunc) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, req *http.Request) {
		all[min(n, len(all)-1)](w, req)
		n++
	}
}

func ok(body string, fields ...string) http.HandlerFunc { return reply(200, body, fields...) }

func reply(status int, body string, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func never(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }

// Whatever goes wrong, nothing live has been handed on.
func TestTrouble(t *testing.T) {
	first := ok(`[{"id":9},{"id":8}]`)
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		class  subscriptions.Class
		code   subscriptions.Code
		after  time.Duration
	}{
		{"busy at the second page", answers(first, reply(429, "", "Retry-After", "70")), subscriptions.RetryAfter, subscriptions.CodeBusy, 70 * time.Second},
		{"a fault", reply(500, ""), subscriptions.Transient, subscriptions.CodeServer, 0},
		{"unauthorized", reply(401, ""), subscriptions.NeedsUser, subscriptions.CodeUnauthorized, 0},
		{"nothing there", reply(404, ""), subscriptions.NeedsUser, subscriptions.CodeNotFound, 0},
		{"a page for people", ok("<html>", "Content-Type", "text/html"), subscriptions.NeedsUser, subscriptions.CodeNotStream, 0},
		{"no JSON", ok("hello"), subscriptions.NeedsUser, subscriptions.CodeNotBackfill, 0},
		{"no list", ok(`{"messages":[]}`), subscriptions.NeedsUser, subscriptions.CodeNotBackfill, 0},
		{"a list that breaks off", ok(`[{"id":9},`), subscriptions.NeedsUser, subscriptions.CodeNotBackfill, 0},
		{"deep", ok(strings.Repeat("[", 1<<20)), subscriptions.NeedsUser, subscriptions.CodeNotBackfill, 0},
		{"items without ids", ok(`[{"n":9},8,"7",null]`), subscriptions.NeedsUser, subscriptions.CodeNotBackfill, 0},
		{"ids that cannot be sent", ok(`[{"id":"a\u0000b"}]`), subscriptions.NeedsUser, subscriptions.CodeNotBackfill, 0},
		{"no answer", never, subscriptions.Transient, subscriptions.CodeTimeout, 0},
		{"gzip that is none", ok(strings.Repeat("[]", 20), "Content-Encoding", "gzip"), subscriptions.Transient, subscriptions.CodeProtocol, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := subscriptions.Backfill{URL: "list", Order: backwards, Param: "at"}
				tr := &Transport{Stream: live("now"), Client: handler(tc.answer)}
				calls, err := upTo(t, tr, targetOf(t, feedWith(b), "5"), "now")
				e := wantError(t, err, tc.class, tc.code)
				if e.After != tc.after {
					t.Errorf("after %v", e.After)
				}
				if len(calls) > 0 {
					t.Errorf("handed on %q", calls)
				}
			})
		})
	}
}

// What a page has that is not as usual.
func TestPages(t *testing.T) {
	for _, tc := range []struct {
		name     string
		backfill subscriptions.Backfill
		answer   http.HandlerFunc
		want     []string
	}{
		{"no content", subscriptions.Backfill{}, reply(204, ""), []string{"gap"}},
		{"null", subscriptions.Backfill{}, ok("null"), []string{"gap"}},
		{"some items without ids", subscriptions.Backfill{}, ok(`[{"id":7},{"x":1},{"id":5}]`), []string{"gap", `7={"id":7}`}},
		{"an item twice", subscriptions.Backfill{}, ok(`[{"id":7},{"id":7},{"id":5}]`), []string{"resumed", `7={"id":7}`}},
		{"payloads inside", subscriptions.Backfill{ID: "key", Payload: "sent"}, ok(`[{"key":"7","sent":"hello"},{"key":6,"sent":{"a":[1]}},{"key":5}]`), []string{"resumed", `6={"a":[1]}`, "7=hello"}},
		{"no payload inside", subscriptions.Backfill{Payload: "sent"}, ok(`[{"id":6},{"id":5}]`), []string{"resumed", `6={"id":6}`}},
		{"too large an item", subscriptions.Backfill{}, ok(`[{"id":6,"x":"` + strings.Repeat("x", subscriptions.DefaultMaxMessage) + `"},{"id":5}]`), []string{"resumed", "6 has 1048591 bytes"}},
		{"numbers as texts", subscriptions.Backfill{}, ok(`[{"id":"5"},{"id":"10"},{"id":"9"}]`), []string{"resumed", `9={"id":"9"}`, `10={"id":"10"}`}},
		{"not UTF-8", subscriptions.Backfill{}, ok("[{\"id\":6,\"x\":\"\xff\"},{\"id\":5}]"), []string{"resumed", "6={\"id\":6,\"x\":\"\uFFFD\"}"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := tc.backfill
			b.URL, b.Order = "list", backwards
			calls, err := upTo(t, &Transport{Stream: live("now"), Client: handler(tc.answer)}, targetOf(t, feedWith(b), "5"), "now")
			if d := cmp.Diff(append(tc.want, "now"), calls); d != "" {
				t.Errorf("%s%v", d, err)
			}
		})
	}
}

// An item without an id on a later page ends the connection: on the next one
// its gap comes before what follows it.
func TestAnItemWithoutAnIDLater(t *testing.T) {
	b := subscriptions.Backfill{URL: "list", Param: "at"}
	page := answers(ok(`[{"id":6}]`), ok(`[{"x":1},{"id":7}]`))
	calls, err := upTo(t, &Transport{Stream: live("now"), Client: handler(page)}, targetOf(t, feedWith(b), "5"), "now")
	if d := cmp.Diff([]string{"resumed", `6={"id":6}`}, calls); d != "" || !errors.Is(err, errMore) {
		t.Errorf("%s%v", d, err)
	}
	calls, err = upTo(t, &Transport{Stream: live("now"), Client: handler(answers(page, ok("[]")))}, targetOf(t, feedWith(b), "6"), "now")
	if d := cmp.Diff([]string{"gap", `7={"id":7}`, "now"}, calls); d != "" {
		t.Errorf("%s%v", d, err)
	}
}
