package poll

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzPosition(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", "[]", "42", `{"etag":"\"a\"","modified":"x","since":"1"}`,
		`{"body":"q83vq83v","seen":"q83vq83vq83vq83v"}`, `{"body":"AA=="}`, `{"etag":"a\nb"}`,
		`{"body":"q83vq83v","taken":3}`, `{"taken":-1}`, ` {"since":"\u0000"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if len(cursor) > 32<<10 {
			return // storage bounds cursors; a worker that is busy passes for one that hangs
		}
		p, ok := parsePosition(cursor)
		if !ok {
			if d := cmp.Diff(position{}, p); d != "" {
				t.Error(d)
			}
			return
		}
		req, err := http.NewRequest(http.MethodGet, "http://poll.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		p.conditional(req.Header)
		for name, values := range req.Header {
			if !sendable(values[0], maxValidator) {
				t.Errorf("%s: %q", name, values[0])
			}
		}
		again, ok := parsePosition(p.String())
		if !ok || again.String() != p.String() || again.ETag != p.ETag || again.Since != p.Since {
			t.Errorf("%q became %q", p, again)
		}
		if q, ok := parsePosition(p.see(digest(cursor)).String()); !ok || !q.seen()[digest(cursor)] {
			t.Errorf("%q cannot be gone on with", p)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{`[1,"a",{"b":[]}]`, `{"a":{"b":[1]}}`, `[`, `[1]]`, `{"a":`, "\x00", `{"a":null}`} {
		f.Add([]byte(seed), "a.b")
		f.Add([]byte(seed), "")
	}
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		if len(body) > 64<<10 || len(path) > 1<<10 {
			return
		}
		items, list, err := split(body, path)
		if (err != nil || !list) && items != nil {
			t.Errorf("%q, and %v, %v", items, list, err)
		}
		if len(items) > 1 {
			if a, b := age(items[0], items[1]), age(items[1], items[0]); a != -b {
				t.Errorf("%q and %q are each older than the other", items[0], items[1])
			}
		}
	})
}

func TestSeenIsBounded(t *testing.T) {
	p := position{}
	for i := range maxSeen + 10 {
		p = p.see(digest(fmt.Sprint(i)))
	}
	p = p.see(digest("20"), digest("new"))
	seen := p.seen()
	if len(seen) != maxSeen || !seen[digest("20")] || !seen[digest("new")] || seen[digest("10")] || !seen[digest("12")] {
		t.Errorf("%d seen", len(seen))
	}
	if n := len(p.String()); n > 9<<10 {
		t.Errorf("a cursor of %d bytes", n)
	}
}
