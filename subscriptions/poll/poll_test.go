package poll

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func every(f subscriptions.Feed, d time.Duration) subscriptions.Feed {
	f.Poll.Interval = subscriptions.Duration(d)
	return f
}

// What answers bring, one a question, an interval apart.
func TestNews(t *testing.T) {
	since := pollFeed
	since.Resume = subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "n"}
	inside := pollFeed
	inside.Poll.Items = `data.the\.items`
	for _, tc := range []struct {
		name    string
		feed    subscriptions.Feed
		answers []http.HandlerFunc
		want    []string
	}{
		{"a body that changes", pollFeed, []http.HandlerFunc{ok(`{"a":1}`), ok(`{"a":1}`), ok(`{"a":2}`), ok(`{"a":1}`)}, []string{`{"a":1}`, `{"a":2}`, `{"a":1}`}},
		{"the same body with new validators", pollFeed, []http.HandlerFunc{ok("up", `ETag: "1"`), ok("up", `ETag: "2"`)}, []string{"up"}},
		{"text that looks like a list", pollFeed, []http.HandlerFunc{ok("[INFO] up"), ok(`["a"] "b"`)}, []string{"[INFO] up", `["a"] "b"`}},
		{"nothing in every way", pollFeed, []http.HandlerFunc{reply(304, ""), reply(204, ""), ok(""), ok(" \n"), ok("null\n"), ok("[]")}, []string{"null\n"}},
		{"a list that grows at its beginning", pollFeed, []http.HandlerFunc{ok(`["b","a"]`), ok(`["d","c","b","a"]`), ok(`["e","d","c"]`)}, []string{`"a"`, `"b"`, `"c"`, `"d"`, `"e"`}},
		{"a list that grows at its end", pollFeed, []http.HandlerFunc{ok(`[{"id":8},{"id":9}]`), ok(`[{"id":8},{"id":9},{"id":10},{"id":11}]`)}, []string{`{"id":8}`, `{"id":9}`, `{"id":10}`, `{"id":11}`}},
		{"and one without numbers", pollFeed, []http.HandlerFunc{ok(`[]`), ok(`["a"]`), ok(`["a","b","c"]`)}, []string{`"a"`, `"b"`, `"c"`}},
		{"times", pollFeed, []http.HandlerFunc{ok(`[{"time":"2026-01-02T00:00:00Z"},{"time":"2026-01-01T00:00:00+00:00"}]`)}, []string{`{"time":"2026-01-01T00:00:00+00:00"}`, `{"time":"2026-01-02T00:00:00Z"}`}},
		{"an item that was away", pollFeed, []http.HandlerFunc{ok(`["c","b","a"]`), ok(`["c","b"]`), ok(`["c","b","a"]`)}, []string{`"a"`, `"b"`, `"c"`}},
		{"the same item twice", pollFeed, []http.HandlerFunc{ok(`["a","a"]`)}, []string{`"a"`}},
		{"items inside", inside, []http.HandlerFunc{ok(`{"x":[1],"data":{"n":2,"the.items":[{"id":2},{"id":1}]}}`), ok(`{"data":{"the.items":null}}`)}, []string{`{"id":1}`, `{"id":2}`}},
		{"each answer is new by the server's word", pollFeed, []http.HandlerFunc{
			ok("tick", `ETag: 1`, "Vary: If-None-Match, If-Modified-Since"),
			ok("tick", `ETag: 2`, "Vary: If-None-Match, If-Modified-Since"),
			ok(`["a","a"]`, `ETag: 3`, "Vary: Accept, if-none-match"), reply(304, ""),
		}, []string{"tick", "tick", `"a"`, `"a"`}},
		{"an inclusive position", since, []http.HandlerFunc{ok(`[{"n":1},{"n":2}]`), ok(`[{"n":2},{"n":3}]`), ok(`[{"n":3}]`)}, []string{`{"n":1}`, `{"n":2}`, `{"n":3}`}},
		{"what is no UTF-8", pollFeed, []http.HandlerFunc{ok("caf\xe9", "Content-Type: text/plain")}, []string{"caf\uFFFD"}},
		{"a byte order mark", pollFeed, []http.HandlerFunc{ok("\uFEFF[1]")}, []string{"1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, append(tc.answers, reply(304, ""))...)
				r := s.run(tc.feed, "")
				pass(time.Duration(len(tc.answers)+2) * subscriptions.DefaultPollInterval)
				if err := r.stop(); !cmp.Equal(err.Error(), "context canceled") {
					t.Errorf("ended: %v", err)
				}
				if d := cmp.Diff(tc.want, r.got()); d != "" {
					t.Error(d)
				}
				if n := len(r.opened); n != 1 {
					t.Errorf("opened %d times", n)
				}
			})
		})
	}
}

// A stop after any message, and a new Run from its cursor: nothing is lost
// and nothing comes twice.
func TestStopAnywhere(t *testing.T) {
	since := pollFeed
	since.Resume = subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "n"}
	log := func(w http.ResponseWriter, req *http.Request) { // what comes after since, at most two
		var n int
		_, _ = fmt.Sscan(req.URL.Query().Get("since"), &n)
		var items []string
		for i := n; i < 5 && len(items) < 2; i++ {
			items = append(items, fmt.Sprintf(`{"n":%d}`, i+1))
		}
		ok("["+strings.Join(items, ",")+"]")(w, req)
	}
	chain := func(w http.ResponseWriter, req *http.Request) { // the list after the one with this tag
		next := map[string]string{"": "1", "1": "2", "2": "3"}[req.Header.Get("If-None-Match")]
		if next == "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		ok(`["x","x"]`, "ETag: "+next, "Vary: If-None-Match")(w, req)
	}
	window := ok(`["c","b","a","a"]`, `ETag: "w"`)
	for _, tc := range []struct {
		name   string
		feed   subscriptions.Feed
		answer http.HandlerFunc
		want   []string
	}{
		{"a window", pollFeed, window, []string{`"a"`, `"b"`, `"c"`}},
		{"a position in the payload", since, log, []string{`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`, `{"n":5}`}},
		{"lists one after the other", pollFeed, chain, []string{`"x"`, `"x"`, `"x"`, `"x"`, `"x"`, `"x"`}},
		{"lists in a long poll", longFeed, chain, []string{`"x"`, `"x"`, `"x"`, `"x"`, `"x"`, `"x"`}},
	} {
		for stop := range len(tc.want) {
			t.Run(fmt.Sprintf("%s, after %d", tc.name, stop), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := serve(t, tc.answer)
					first := newSink()
					full := fmt.Errorf("full")
					first.gate = func(int) error {
						if len(first.data) == stop {
							return full
						}
						return nil
					}
					tr := &Transport{Long: tc.feed.Transport == subscriptions.TransportLongPoll, Client: s.client()}
					if err := tr.Run(t.Context(), targetOf(t, tc.feed, ""), first); err == nil || err.Error() != "full" {
						t.Errorf("ended: %v", err)
					}
					r := s.run(tc.feed, first.cursor())
					pass(10 * subscriptions.DefaultPollInterval)
					_ = r.stop()
					if d := cmp.Diff(tc.want, append(first.got(), r.got()...)); d != "" {
						t.Error(d)
					}
				})
			})
		}
	}
}

func TestFirstAnswerIsNoArchive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var items []string
		for i := range 100 {
			items = append(items, fmt.Sprintf(`{"id":%d}`, 99-i))
		}
		s := serve(t, ok("["+strings.Join(items, ",")+"]"), ok("["+strings.Join(items[10:], ",")+`,{"id":100}]`))
		r := s.run(pollFeed, "")
		pass(3 * time.Minute)
		_ = r.stop()
		if got := r.got(); len(got) != maxFirst+1 || got[0] != `{"id":80}` || got[maxFirst-1] != `{"id":99}` || got[maxFirst] != `{"id":100}` {
			t.Errorf("got %d: %v", len(got), got)
		}
	})
}

// What is asked, and when.
func TestQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t,
			ok("a", `ETag: W/"1"`, "Last-Modified: Sat, 21 Nov 2026 07:51:17 GMT"),
			reply(304, "", `ETag: "else"`),
			ok("b", "Last-Modified: yesterday"),
			ok("c"),
			ok("d", "X-Poll-Interval: 300"),
			reply(204, "", "Retry-After: 100"),
			reply(304, ""))
		r := s.run(pollFeed, "")
		pass(15 * time.Minute)
		_ = r.stop()
		asked := s.questions()
		var match, modified []string
		for i, q := range asked {
			match, modified = append(match, q.Match), append(modified, q.Modified)
			if i == 0 {
				continue
			}
			low, high := 54*time.Second, 66*time.Second
			switch i {
			case 5:
				low, high = 300*time.Second, 300*time.Second
			case 6:
				low, high = 100*time.Second, 100*time.Second
			}
			if d := q.At - asked[i-1].At; d < low || d > high {
				t.Errorf("question %d came after %v", i, d)
			}
		}
		if d := cmp.Diff([]string{"", `W/"1"`, `W/"1"`, "", "", "", ""}, match[:7]); d != "" {
			t.Error(d)
		}
		date := "Sat, 21 Nov 2026 07:51:17 GMT"
		if d := cmp.Diff([]string{"", date, date, "yesterday", "", "", ""}, modified[:7]); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{"a", "b", "c", "d"}, r.got()); d != "" {
			t.Error(d)
		}
		for _, kind := range r.signs {
			if kind != subscriptions.LifeData {
				t.Errorf("a poll teaches a cadence: %s", kind)
			}
		}
	})
}

// Over a long wait no connection is kept that could wake anybody.
func TestConnectionsBetweenQuestions(t *testing.T) {
	for interval, want := range map[time.Duration]int{10 * time.Second: 1, time.Minute: 3} {
		t.Run(interval.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, ok("a"), ok("b"), ok("c"), never)
				r := s.run(every(pollFeed, interval), "")
				pass(interval * 5 / 2)
				_ = r.stop()
				if n := len(s.questions()); n != 3 || s.dials != want {
					t.Errorf("%d questions over %d connections", n, s.dials)
				}
			})
		})
	}
}

func TestSinceInTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed
		f.URL += "?since=0&limit=5"
		f.Resume = subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "n"}
		s := serve(t, ok(`[{"n":"a b"}]`, `ETag: "1"`), ok(`[]`, `ETag: "2"`), reply(304, ""))
		r := s.run(f, "")
		pass(4 * time.Minute)
		_ = r.stop()
		var got []string
		for _, q := range s.questions()[:3] {
			got = append(got, q.Query+" "+q.Match)
		}
		// The first tag belongs to another address.
		if d := cmp.Diff([]string{"since=0&limit=5 ", "limit=5&since=a+b ", `limit=5&since=a+b "2"`}, got); d != "" {
			t.Error(d)
		}
	})
}

// The poll answers a doubt about the connection, but not before its time.
func TestVerify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, ok("a"), ok("b", "X-Poll-Interval: 90"), reply(304, ""))
		target := targetOf(t, every(pollFeed, time.Hour), "")
		verify := make(chan struct{})
		target.Verify = verify
		r := start(t, &Transport{Client: s.client()}, target)
		pass(10 * time.Second)
		verify <- struct{}{}
		pass(10 * time.Second)
		verify <- struct{}{}
		pass(10 * time.Minute)
		_ = r.stop()
		var at []time.Duration
		for _, q := range s.questions() {
			at = append(at, q.At)
		}
		if d := cmp.Diff([]time.Duration{0, 10 * time.Second, 100 * time.Second}, at); d != "" {
			t.Error(d)
		}
	})
}

// A long poll asks again at once, but does not hammer a server that does not
// keep its questions.
func TestLongPollPace(t *testing.T) {
	held := func(h http.HandlerFunc) http.HandlerFunc { return after(20*time.Second, h) }
	for _, tc := range []struct {
		name    string
		answers []http.HandlerFunc
		want    []time.Duration // when it asks, in seconds
		signs   []subscriptions.LifeKind
	}{
		{
			"kept",
			[]http.HandlerFunc{held(reply(304, "")), held(ok("a")), held(reply(408, "")), never},
			[]time.Duration{0, 20, 40, 60},
			[]subscriptions.LifeKind{"keep-alive", "data", "keep-alive"},
		},
		{
			"news after news",
			[]http.HandlerFunc{ok("a", "ETag: 1"), ok("b", "ETag: 2"), ok("b", "ETag: 3"), never},
			[]time.Duration{0, 0, 0, 0},
			[]subscriptions.LifeKind{"data", "data", "data"},
		},
		{
			"never kept",
			[]http.HandlerFunc{reply(304, ""), reply(204, ""), reply(304, ""), ok("x"), ok("y"), reply(304, ""), never},
			[]time.Duration{0, 1, 3, 7, 8, 9, 10},
			[]subscriptions.LifeKind{"data", "data", "data", "data", "data", "data"},
		},
		{"asked for patience", []http.HandlerFunc{held(reply(204, "", "Retry-After: 30")), never}, []time.Duration{0, 50}, []subscriptions.LifeKind{"keep-alive"}},
		{"silence is no trouble", []http.HandlerFunc{ok("a", "ETag: 1"), never, never}, []time.Duration{0, 0, 150, 300, 450}, []subscriptions.LifeKind{"data"}},
		{"a body that is kept back", []http.HandlerFunc{ok("a", "ETag: 1"), func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("ETag", "2")
			_ = http.NewResponseController(w).Flush()
			never(w, req)
		}, ok("b", "ETag: 2"), held(held(never))}, []time.Duration{0, 0, 150, 150, 300, 450}, []subscriptions.LifeKind{"data", "data"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, tc.answers...)
				r := s.run(longFeed, "")
				pass(500 * time.Second)
				_ = r.stop()
				var at []time.Duration
				for _, q := range s.questions() {
					at = append(at, q.At/time.Second)
				}
				if d := cmp.Diff(tc.want, at[:min(len(tc.want), len(at))]); d != "" {
					t.Error(d)
				}
				if d := cmp.Diff(tc.signs, r.signs); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// Whether the server could go on from where the feed was.
func TestResumed(t *testing.T) {
	since := longFeed
	since.Resume = subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "s", Field: "n"}
	seen := position{}.see(digest(`"a"`), digest(`"b"`)).String()
	for _, tc := range []struct {
		name   string
		feed   subscriptions.Feed
		cursor string
		answer http.HandlerFunc
		want   bool
	}{
		{"a first poll", pollFeed, "", ok(`["a"]`), true},
		{"a cursor of another transport's", pollFeed, "1790000000:3", ok(`["a"]`), false},
		{"and nothing new", pollFeed, "1790000000:3", reply(304, ""), false},
		{"a list that goes on", pollFeed, seen, ok(`["d","c","b"]`), true},
		{"a list that has moved on", pollFeed, seen, ok(`["d","c"]`), false},
		{"an empty list", pollFeed, seen, ok(`[]`), true},
		{"an unchanged list", pollFeed, seen, reply(304, ""), true},
		{"a body", pollFeed, position{Body: make([]byte, digestSize)}.String(), ok("x"), true},
		{"a first long poll", longFeed, "", ok("x"), true},
		{"a long poll without a position", longFeed, "{}", ok("x"), false},
		{"a long poll with a tag", longFeed, position{ETag: "1"}.String(), ok("x"), true},
		{"a long poll with a parameter", since, position{Since: "1"}.String(), ok("x"), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := serve(t, tc.answer).run(tc.feed, tc.cursor)
				if got := <-r.opened; got != tc.want {
					t.Errorf("resumed %v", got)
				}
			})
		})
	}
}

func zipped(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.String()
}

// What cannot be taken in ends the Run.
func TestTrouble(t *testing.T) {
	const gz = "Content-Encoding: gzip"
	inside := pollFeed
	inside.Poll.Items = "items"
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
		panic(http.ErrAbortHandler)
	}
	slow := func(w http.ResponseWriter, req *http.Request) {
		for {
			_, _ = w.Write([]byte("."))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(time.Second):
			case <-req.Context().Done():
				return
			}
		}
	}
	for _, tc := range []struct {
		name   string
		feed   subscriptions.Feed
		answer http.HandlerFunc
		class  subscriptions.Class
		code   subscriptions.Code
	}{
		{"401", pollFeed, reply(401, ""), subscriptions.NeedsUser, subscriptions.CodeUnauthorized},
		{"410", longFeed, reply(410, ""), subscriptions.NeedsUser, subscriptions.CodeGone},
		{"500", longFeed, reply(500, ""), subscriptions.Transient, subscriptions.CodeServer},
		{"429 with a time", pollFeed, reply(429, "", "Retry-After: 7"), subscriptions.RetryAfter, subscriptions.CodeBusy},
		{"408 of a poll", pollFeed, reply(408, ""), subscriptions.Transient, subscriptions.CodeTimeout},
		{"a page", pollFeed, ok("<html>", "Content-Type: text/html; charset=utf-8"), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"a stream", pollFeed, ok("", "Content-Type: text/event-stream"), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"another compression", pollFeed, ok("x", "Content-Encoding: br"), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"two compressions", pollFeed, ok("x", "Content-Encoding: gzip, gzip"), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"no compression at all", pollFeed, ok("not zipped at all", gz), subscriptions.Transient, subscriptions.CodeProtocol},
		{"a broken compression", pollFeed, ok(zipped(strings.Repeat("x", 99))[:15]+"garbage garbage", gz), subscriptions.Transient, subscriptions.CodeProtocol},
		{"half a compression", pollFeed, ok(zipped("hello")[:15], gz), subscriptions.Transient, subscriptions.CodeLost},
		{"half an answer", pollFeed, cut, subscriptions.Transient, subscriptions.CodeLost},
		{"a reset", pollFeed, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, subscriptions.Transient, subscriptions.CodeLost},
		{"a byte a second", pollFeed, slow, subscriptions.Transient, subscriptions.CodeTimeout},
		{"a byte a second, long", longFeed, slow, subscriptions.Transient, subscriptions.CodeTimeout},
		{"no answer", pollFeed, never, subscriptions.Transient, subscriptions.CodeTimeout},
		{"no answer ever", longFeed, never, subscriptions.Transient, subscriptions.CodeTimeout},
		{"too many items", pollFeed, ok("[" + strings.Repeat("1,", maxItems) + "1]"), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"no items", inside, ok(`{"item":[]}`), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"items that are none", inside, ok(`{"items":{}}`), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"no JSON", inside, ok(`items`), subscriptions.NeedsUser, subscriptions.CodeNotStream},
		{"a redirect to nowhere", pollFeed, reply(302, ""), subscriptions.NeedsUser, subscriptions.CodeRedirect},
		{"redirects without an end", pollFeed, reply(302, "", "Location: /x"), subscriptions.NeedsUser, subscriptions.CodeRedirect},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := serve(t, tc.answer).run(tc.feed, "")
				e := wantError(t, r.end(), tc.class, tc.code)
				if tc.class == subscriptions.RetryAfter && e.After != 7*time.Second {
					t.Errorf("after %v", e.After)
				}
				if got := r.got(); len(got) != 0 {
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

// What is too large is a row that says so, once, and the poll goes on.
func TestOversize(t *testing.T) {
	const limit = 1000
	big := strings.Repeat("x", limit+1)
	for _, tc := range []struct {
		name    string
		answers []http.HandlerFunc
		want    []int64 // sizes; 0 for what was kept
	}{
		{"a body", []http.HandlerFunc{ok(big), ok(big), ok("small")}, []int64{limit + 1, 0}},
		{"an item", []http.HandlerFunc{ok(`["` + big + `","a"]`), ok(`["b","` + big + `","a"]`)}, []int64{0, limit + 3, 0}},
		{"an answer", []http.HandlerFunc{ok(strings.Repeat(big, 20)), ok(strings.Repeat(big, 20)), ok("small")}, []int64{limit*maxAnswer + 1, 0}},
		{"a bomb", []http.HandlerFunc{ok(zipped(strings.Repeat("0", 64<<20)), "Content-Encoding: gzip"), ok("small")}, []int64{limit*maxAnswer + 1, 0}},
		{"zipped, and fine", []http.HandlerFunc{ok(zipped(`["a"]`), "Content-Encoding: GZIP")}, []int64{0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, append(tc.answers, reply(304, ""))...)
				target := targetOf(t, pollFeed, "")
				target.MaxMessage = limit
				r := start(t, &Transport{Client: s.client()}, target)
				pass(5 * time.Minute)
				_ = r.stop()
				close(r.messages)
				var got []int64
				for m := range r.messages {
					if got = append(got, m.Oversize); m.Oversize > 0 && m.Data != "" {
						t.Errorf("kept %d bytes", len(m.Data))
					}
				}
				if d := cmp.Diff(tc.want, got); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// A redirect keeps the validators; its target may be another origin.
func TestRedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed
		f.Headers = []subscriptions.Header{{Name: "X-Key", Value: "secret"}}
		var keys []string
		s := serve(t, func(w http.ResponseWriter, req *http.Request) {
			keys = append(keys, req.Host+" "+req.Header.Get("X-Key")+" "+req.Header.Get("If-None-Match"))
			if req.Host == "poll.example" {
				http.Redirect(w, req, "http://other.example/y", http.StatusTemporaryRedirect)
				return
			}
			ok("a", `ETag: "1"`)(w, req)
		})
		r := s.run(f, "")
		pass(70 * time.Second)
		_ = r.stop()
		want := []string{"poll.example secret ", "other.example  ", `poll.example secret "1"`, `other.example  "1"`}
		if d := cmp.Diff(want, keys); d != "" {
			t.Error(d)
		}
		if got := r.got(); len(got) != 1 {
			t.Errorf("got %q", got)
		}
	})
}
