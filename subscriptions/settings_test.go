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
		s := Settings{Frames: frames(tc.frames...)}
		if diff := cmp.Diff(tc.want, s.OpeningFrames(tc.cursor)); diff != "" {
			t.Errorf("%s: %s", name, diff)
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
		"frames":                    {ws(Settings{Frames: frames("a")}), ""},
		"frames of an event stream": {Feed{Transport: TransportSSE, Settings: Settings{Frames: frames("a")}}, "only a feed of the kind websocket sends frames"},
		"an empty frame":            {ws(Settings{Frames: frames("")}), "a frame must have 1 to 16384 bytes"},
		"by frame":                  {ws(Settings{Frames: frames("{{cursor}}"), Resume: Resume{By: ResumeByFrame}}), ""},
		"by no frame":               {ws(Settings{Frames: frames("{{x}}"), Resume: Resume{By: ResumeByFrame}}), "resuming by frame needs a frame with {{ cursor }} in it"},
		"heartbeat":                 {ws(Settings{Heartbeat: Heartbeat{Send: "ping", Every: Duration(time.Second)}}), ""},
		"heartbeat without text":    {ws(Settings{Heartbeat: Heartbeat{Every: Duration(time.Second)}}), "a heartbeat needs a text to send"},
		"heartbeat too often":       {ws(Settings{Heartbeat: Heartbeat{Send: "ping", Every: 1}}), "the times of a heartbeat must be between 1s and 1h0m0s"},
		"heartbeat for no answer":   {ws(Settings{Heartbeat: Heartbeat{Send: "ping", Within: Duration(time.Second)}}), "a heartbeat that expects nothing cannot say within what time"},
		"heartbeat for a blank":     {ws(Settings{Heartbeat: Heartbeat{Send: "ping", Expect: " "}}), "the answer to a heartbeat cannot be blank"},
		"heartbeat with a secret":   {ws(Settings{Heartbeat: Heartbeat{Send: `{"token":"x"}`}}), "a heartbeat cannot hold a secret"},
		"heartbeat with a hole":     {ws(Settings{Heartbeat: Heartbeat{Send: "{{ secret }}"}}), "a heartbeat cannot hold a secret"},
		"heartbeat of an SSE feed":  {Feed{Transport: TransportSSE, Settings: Settings{Heartbeat: Heartbeat{Send: "ping"}}}, "only a feed of the kind websocket has a heartbeat"},
		"backfill":                  {backfill(Backfill{URL: "message", Order: BackfillBackwards}), ""},
		"backfill from nowhere":     {backfill(Backfill{}), "resuming by backfill needs its address"},
		"backfill from elsewhere":   {backfill(Backfill{URL: "https://example.com/"}), "https://example.com/ must be of the same server as the feed: its credentials go there"},
		"backfill sideways":         {backfill(Backfill{URL: "message", Order: "sideways"}), `unknown order of pages "sideways"`},
		"backfill that is not used": {ws(Settings{Resume: Resume{Backfill: Backfill{URL: "message"}}}), "only a feed that resumes by backfill has one"},
		"backfill without a place":  {ws(Settings{Resume: Resume{By: ResumeByBackfill, Backfill: Backfill{URL: "message"}}}), "resuming by backfill needs to know where a payload holds its position"},
		"backfill with a password":  {backfill(Backfill{URL: "wss://u:p@example.org/x"}), "the address of the backfill must hold no credentials: those of the feed are sent there too"},
		"backfill with a user":      {backfill(Backfill{URL: "//u@example.org/x"}), "the address of the backfill must hold no credentials: those of the feed are sent there too"},
		"backfill with a token":     {backfill(Backfill{URL: "message?limit=2&Tok%65n=x"}), "the address of the backfill must hold no credentials: those of the feed are sent there too"},
		"backfill with a key":       {backfill(Backfill{URL: "message?a;apikey=x"}), "the address of the backfill must hold no credentials: those of the feed are sent there too"},
		"backfill by page token":    {backfill(Backfill{URL: "message", Param: "token"}), ""},
		"backfill, all different":   {ws(Settings{Dedupe: Dedupe{Off: true}, Resume: Resume{By: ResumeByBackfill, Field: "id", Backfill: Backfill{URL: "message"}}}), "a feed that resumes by backfill has to tell its events apart: what is fetched and what is live overlap"},
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
