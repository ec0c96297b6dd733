package subscriptions

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOpeningFrames(t *testing.T) {
	for name, tc := range map[string]struct {
		frames []string
		cursor string
		want   []string
	}{
		"plain":               {[]string{"join a", "join b"}, "", []string{"join a", "join b"}},
		"no cursor yet":       {[]string{"hello", `{"last_seq":{{ cursor }}}`}, "", []string{"hello"}},
		"a number":            {[]string{`{"last_seq":{{cursor}}}`}, "42", []string{`{"last_seq":42}`}},
		"a string":            {[]string{`{"since":"{{ cursor }}"}`}, "a\"b\\", []string{`{"since":"a\"b\\"}`}},
		"an array":            {[]string{`{"since":{{ cursor }}}`}, `[{"o":1}]`, []string{`{"since":[{"o":1}]}`}},
		"twice":               {[]string{`{{cursor}} "{{cursor}}"`}, "é", []string{`é "é"`}},
		"behind an escape":    {[]string{`"\"{{cursor}}" {{cursor}}`}, `"`, []string{`"\"\"" "`}},
		"other braces":        {[]string{`{{ name }} {{`}, "1", []string{`{{ name }} {{`}},
		"a cursor with holes": {[]string{`{{cursor}}`}, "{{cursor}}", []string{`{{cursor}}`}},
	} {
		s := Settings{Frames: tc.frames}
		if diff := cmp.Diff(tc.want, s.OpeningFrames(tc.cursor)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestBackfillAddress(t *testing.T) {
	for name, tc := range map[string]struct {
		feed, url, param, position, want string
	}{
		"relative":              {"wss://example.org/stream?token=x", "message?limit=200", "since", "7", "https://example.org/message?limit=200&since=7"},
		"absolute":              {"https://example.org/sse", "https://example.org/old", "after", "a b", "https://example.org/old?after=a+b"},
		"a hole":                {"ws://example.org/", "/from/{{ cursor }}/all", "", "1/2", "http://example.org/from/1%2F2/all"},
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

func TestValidateSettings(t *testing.T) {
	ws := func(s Settings) Feed { return Feed{Transport: TransportWebSocket, Settings: s} }
	backfill := func(b Backfill) Feed {
		return ws(Settings{Resume: Resume{By: ResumeByBackfill, Field: "id", Backfill: b}})
	}
	for name, tc := range map[string]struct {
		feed Feed
		want string
	}{
		"frames":                    {ws(Settings{Frames: []string{"a"}}), ""},
		"frames of an event stream": {Feed{Transport: TransportSSE, Settings: Settings{Frames: []string{"a"}}}, "only a feed of the kind websocket sends frames"},
		"an empty frame":            {ws(Settings{Frames: []string{""}}), "a frame must have 1 to 16384 bytes"},
		"by frame":                  {ws(Settings{Frames: []string{"{{cursor}}"}, Resume: Resume{By: ResumeByFrame}}), ""},
		"by no frame":               {ws(Settings{Frames: []string{"{{x}}"}, Resume: Resume{By: ResumeByFrame}}), "resuming by frame needs a frame with {{ cursor }} in it"},
		"heartbeat":                 {ws(Settings{Heartbeat: Heartbeat{Send: "ping", Every: time.Second}}), ""},
		"heartbeat without text":    {ws(Settings{Heartbeat: Heartbeat{Every: time.Second}}), "a heartbeat needs a text to send"},
		"heartbeat too often":       {ws(Settings{Heartbeat: Heartbeat{Send: "ping", Every: 1}}), "the times of a heartbeat must be between 1s and 1h0m0s"},
		"heartbeat for no answer":   {ws(Settings{Heartbeat: Heartbeat{Send: "ping", Within: time.Second}}), "a heartbeat that expects nothing cannot say within what time"},
		"heartbeat of an SSE feed":  {Feed{Transport: TransportSSE, Settings: Settings{Heartbeat: Heartbeat{Send: "ping"}}}, "only a feed of the kind websocket has a heartbeat"},
		"backfill":                  {backfill(Backfill{URL: "message", Order: BackfillBackwards}), ""},
		"backfill from nowhere":     {backfill(Backfill{}), "resuming by backfill needs its address"},
		"backfill from elsewhere":   {backfill(Backfill{URL: "https://example.com/"}), "the backfill must be of the same server as the feed: its credentials go there"},
		"backfill sideways":         {backfill(Backfill{URL: "message", Order: "sideways"}), `unknown order of pages "sideways"`},
		"backfill that is not used": {ws(Settings{Resume: Resume{Backfill: Backfill{URL: "message"}}}), "only a feed that resumes by backfill has one"},
		"backfill without a place":  {ws(Settings{Resume: Resume{By: ResumeByBackfill, Backfill: Backfill{URL: "message"}}}), "resuming by backfill needs to know where a payload holds its position"},
		"dedupe both ways":          {ws(Settings{Dedupe: Dedupe{Field: "a", Off: true}}), "events cannot be told apart by a field and not at all"},
		"attempts":                  {ws(Settings{MaxAttempts: -1}), "the number of attempts cannot be below 0"},
	} {
		tc.feed.URL = "wss://example.org/stream"
		err := tc.feed.Validate()
		if got := ""; err != nil && err.Error() != tc.want || err == nil && got != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
