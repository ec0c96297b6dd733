package subscriptions

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBackfillAddress(t *testing.T) {
	for name, tc := range map[string]struct {
		feed, url, param, position, want string
	}{
		"relative":              {"wss://example.org/stream?token=x", "message?limit=200", "since", "7", "https://example.org/message?limit=200&since=7"},
		"absolute":              {"https://example.org/sse", "https://example.org/old", "after", "a b", "https://example.org/old?after=a+b"},
		"a hole":                {"ws://example.org/", "/from/{{ cursor }}/all", "", "1/2", "http://example.org/from/1%2F2/all"},
		"a hole in the query":   {"ws://example.org/", "/all?since={{cursor}}", "", "a b&c=+", "http://example.org/all?since=a%20b%26c%3D%2B"},
		"a hole that climbs":    {"ws://example.org/", "{{cursor}}/x", "", "//example.com", "http://example.org/%2F%2Fexample.com/x"},
		"no position":           {"ws://example.org/", "/all", "since", "", "http://example.org/all"},
		"elsewhere":             {"wss://example.org/", "https://example.com/", "since", "1", ""},
		"elsewhere, by slashes": {"wss://example.org/", "//example.com/", "since", "1", ""},
		"a hole for the host":   {"wss://example.org/", "//{{cursor}}/", "", "example.com", ""},
		"unreadable":            {"wss://example.org/", "http://[", "since", "1", ""},
	} {
		u, err := Backfill{URL: tc.url, Param: tc.param}.At(tc.feed, tc.position)
		if tc.want == "" {
			if err == nil {
				t.Errorf("%s: got %s", name, u)
			}
			continue
		}
		if err != nil || u.String() != tc.want {
			t.Errorf("%s: %v, %v", name, u, err)
		}
	}
}

// A page's request has what the stream presents, and nothing of its handshake.
func TestBackfillAt(t *testing.T) {
	f := Feed{
		URL:      "wss://example.org/stream?topic=a&k=***",
		Headers:  []Header{{Name: "X-Plain", Value: "x"}, {Name: "Sec-WebSocket-Protocol", Value: "token"}, {Name: "Last-Event-ID", Value: "3"}},
		Settings: Settings{Resume: Resume{By: ResumeByBackfill, Field: "id", Backfill: Backfill{URL: "/list?n=2", Param: "since"}}},
	}
	tg, err := NewTarget(f, "7")
	if err != nil {
		t.Fatal(err)
	}
	if tg.URL != f.URL {
		t.Errorf("the stream is at %s", tg.URL)
	}
	for _, c := range []Credential{{By: AuthQuery, Name: "k"}, {By: AuthQuery, Name: "l"}, {By: AuthBearer}} {
		if err := tg.Present(c, "s&t"); err != nil {
			t.Fatal(err)
		}
	}
	u, header, err := tg.BackfillAt("9")
	if err != nil || u.String() != "https://example.org/list?n=2&since=9&k=s%26t&l=s%26t" {
		t.Errorf("%v, %v", u, err)
	}
	if d := cmp.Diff(http.Header{"X-Plain": {"x"}, "Authorization": {"Bearer s&t"}}, header); d != "" {
		t.Error(d)
	}
	tg.Resume.Backfill.URL = "//example.com/"
	if _, _, err := tg.BackfillAt("9"); AsError(err).Code != CodeBadFeed {
		t.Errorf("elsewhere: %v", err)
	}
}
