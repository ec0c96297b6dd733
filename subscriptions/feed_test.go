package subscriptions

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRedactURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.org/sse":                        "https://example.org/sse",
		"https://user:pass@example.org/":                 "https://***@example.org/",
		"wss://token@example.org/live":                   "wss://***@example.org/live",
		"https://example.org/?token=abc&topic=t":         "https://example.org/?token=***&topic=t",
		"https://example.org/?topic=t&Access_Token=a%20": "https://example.org/?topic=t&Access_Token=***",
		"https://example.org/?to%6ben=abc":               "https://example.org/?to%6ben=***",
		"https://example.org/?%zz=abc":                   "https://example.org/?%zz=***",
		"https://example.org/?auth":                      "https://example.org/?auth",
		"://":                                            "(unreadable address)",
	} {
		if got := RedactURL(raw); got != want {
			t.Errorf("%s is shown as %s, want %s", raw, got, want)
		}
	}
}

func TestFeedValidate(t *testing.T) {
	good := Feed{Name: "n", URL: "wss://example.org/", Transport: TransportWebSocket}
	for name, tc := range map[string]struct {
		change func(*Feed)
		want   string
	}{
		"good":                 {func(*Feed) {}, ""},
		"long name":            {func(f *Feed) { f.Name = strings.Repeat("n", 201) }, "the name is longer"},
		"no scheme":            {func(f *Feed) { f.URL = "example.org" }, "must start with"},
		"other scheme":         {func(f *Feed) { f.URL = "file:///etc/passwd" }, "must start with"},
		"no host":              {func(f *Feed) { f.URL = "http://:80/" }, "names no host"},
		"long URL":             {func(f *Feed) { f.URL += strings.Repeat("x", MaxURL) }, "longer than"},
		"unreadable URL":       {func(f *Feed) { f.URL = "http://a b/%zz?s3cret" }, "cannot be read"},
		"transport":            {func(f *Feed) { f.Transport = "pigeon" }, "unknown transport"},
		"header name":          {func(f *Feed) { f.Headers = []Header{{"a b", "c"}} }, "not a header name"},
		"header injection":     {func(f *Feed) { f.Headers = []Header{{"A", "b\r\nC: d"}} }, "control character"},
		"many headers":         {func(f *Feed) { f.Headers = make([]Header, 65) }, "more than"},
		"sub-protocol":         {func(f *Feed) { f.Subprotocols = []string{"a,b"} }, "sub-protocol"},
		"query without a name": {func(f *Feed) { f.Resume.By = ResumeByQuery }, "needs the name"},
		"resume strategy":      {func(f *Feed) { f.Resume.By = "magic" }, "unknown resume"},
	} {
		f := good
		tc.change(&f)
		err := f.Validate()
		if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error tells a secret: %v", name, err)
		}
	}
}

func TestNewTarget(t *testing.T) {
	for name, tc := range map[string]struct {
		feed   Feed
		cursor string
		url    string
		header http.Header
	}{
		"first connection": {
			Feed{URL: "https://example.org/?a=1"},
			"",
			"https://example.org/?a=1",
			http.Header{},
		},
		"by header": {
			Feed{URL: "https://example.org/", Headers: []Header{{"x-key", "k"}, {"X-Key", "l"}}},
			"7",
			"https://example.org/",
			http.Header{"X-Key": {"k", "l"}, "Last-Event-Id": {"7"}},
		},
		"by query": {
			Feed{URL: "wss://example.org/?b=%20&a=1", Settings: Settings{Resume: Resume{By: ResumeByQuery, Param: "since"}}},
			`["a b"]&`,
			"wss://example.org/?b=%20&a=1&since=%5B%22a+b%22%5D%26",
			http.Header{},
		},
		"by query, instead of one that is there": {
			Feed{URL: "https://example.org/?since=all", Settings: Settings{Resume: Resume{By: ResumeByQuery, Param: "since"}}},
			"7",
			"https://example.org/?since=7",
			http.Header{},
		},
		"never": {
			Feed{URL: "https://example.org/", Settings: Settings{Resume: Resume{By: ResumeByNone}}},
			"7",
			"https://example.org/",
			http.Header{},
		},
	} {
		got, err := NewTarget(tc.feed, tc.cursor)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got.URL != tc.url || got.Cursor != tc.cursor {
			t.Errorf("%s: %s from %q", name, got.URL, got.Cursor)
		}
		if diff := cmp.Diff(tc.header, got.Header); diff != "" {
			t.Errorf("%s: header (-want +got):\n%s", name, diff)
		}
	}
	_, err := NewTarget(Feed{URL: "gopher://x/"}, "")
	if e := AsError(err); e.Class != NeedsUser || e.Code != CodeBadFeed {
		t.Errorf("a bad address: %v", err)
	}
}

func TestGapIsReadBack(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 2, 0, 0, time.UTC)
	want := Gap{From: at, To: at.Add(12 * time.Minute), Reason: GapEvicted}
	e := want.Event("f")
	got, ok := ParseGap(e)
	if !ok || got != want {
		t.Errorf("read back as %+v, %v", got, ok)
	}
	if !e.Silent || !e.Read || e.Title == "" || e.Kind != KindGap || e.Feed != "f" {
		t.Errorf("event %+v", e)
	}
	if _, ok := ParseGap(Event{Kind: KindEvent, Raw: e.Raw}); ok {
		t.Error("an event passes for a gap")
	}
}

func TestAsError(t *testing.T) {
	inner := Failf(NeedsUser, CodeGone, "gone")
	if got := AsError(fmt.Errorf("wrapped: %w", inner)); got != inner {
		t.Errorf("wrapped: %v", got)
	}
	if got := AsError(errors.New("what")); got.Class != Transient || got.Code != CodeLost {
		t.Errorf("unknown: %+v", got)
	}
	for code := range hints {
		if Fail(Transient, code, inner).Hint() == "" {
			t.Errorf("%s has no hint", code)
		}
	}
}
