package subscriptions

import (
	"testing"
	"time"
)

// While there is no cursor, a feed may still have to say where to start.
func TestResumeStart(t *testing.T) {
	for cursor, want := range map[string]string{"": "http://x/?a=1&cf_connect=%7B%7D", `{"o":1}`: "http://x/?a=1&cf_connect=%7B%22o%22%3A1%7D"} {
		f := Feed{URL: "http://x/?a=1", Transport: TransportSSE, Settings: Settings{Resume: Resume{By: ResumeByQuery, Param: "cf_connect", Start: "{}"}}}
		if target, err := NewTarget(f, cursor); err != nil || target.URL != want {
			t.Errorf("from %q: %s, %v", cursor, target.URL, err)
		}
		f.Resume.Start = ""
		if target, err := NewTarget(f, ""); err != nil || target.URL != f.URL {
			t.Errorf("without a start: %s, %v", target.URL, err)
		}
	}
}

func TestValidateSettings(t *testing.T) {
	ws := func(s Settings) Feed { return Feed{Transport: TransportWebSocket, Settings: s} }
	sse := func(s Settings) Feed { return Feed{Transport: TransportSSE, Settings: s} }
	replies := func(r ...Reply) Feed { return ws(Settings{Conversation: Conversation{Replies: r}}) }
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
		"by an expression":          {ws(Settings{Frames: frames(`40{{ cursor != "" ? cursor : "" }}`), Resume: Resume{By: ResumeByFrame}}), ""},
		"by another's cursor":       {ws(Settings{Frames: frames(`{{ data.cursor }}`), Resume: Resume{By: ResumeByFrame}}), "resuming by frame needs a frame with {{ cursor }} in it"},
		"heartbeat by expression":   {ws(Settings{Heartbeat: Heartbeat{Send: `{{ "x" + secret }}`}}), "a heartbeat cannot hold a secret"},
		"a known cadence":           {sse(Settings{KeepAlive: Duration(25 * time.Second)}), ""},
		"a cadence too fast":        {sse(Settings{KeepAlive: 1}), "the time between keep-alives must be between 1s and 1h0m0s"},
		"replies":                   {replies(Reply{When: "true", Send: "x"}), ""},
		"a reply to nothing":        {replies(Reply{Send: "x"}), "reply 1: it does not say to what"},
		"a reply of nothing":        {replies(Reply{When: "true"}), "reply 1: it must have 1 to 16384 bytes"},
		"a reply with the secret":   {replies(Reply{When: "true", Send: `{{ json(secret) }}`}), "reply 1: it cannot hold a secret"},
		"a reply with a secret":     {replies(Reply{When: "true", Send: `{"token":"x"}`}), "reply 1: it cannot hold a secret"},
		"a reply with their token":  {replies(Reply{When: "true", Send: `{"token":"{{ data.token }}"}`}), ""},
		"a reply by request":        {replies(Reply{When: "true", Send: "x", Post: "/join"}), ""},
		"a reply elsewhere":         {replies(Reply{When: "true", Send: "x", Post: "https://example.com/"}), "reply 1: https://example.com/ must be of the same server as the feed: its credentials go there"},
		"a reply with a token":      {replies(Reply{When: "true", Send: "x", Post: "/join?token=x"}), "reply 1: its address must hold no credentials: those of the feed are sent there too"},
		"a reply with a user":       {replies(Reply{When: "true", Send: "x", Post: "//u:p@example.org/"}), "reply 1: its address must hold no credentials: those of the feed are sent there too"},
		"too many replies":          {replies(make([]Reply, 33)...), "more than 32 replies"},
		"a reply of an SSE feed":    {sse(Settings{Conversation: Conversation{Replies: []Reply{{When: "true", Send: "x"}}}}), "reply 1: a feed of the kind sse answers by a request: post says where"},
		"a conversation by polls":   {Feed{Transport: TransportPoll, Settings: Settings{Conversation: Conversation{Closed: "true"}}}, "only a feed of the kind websocket or sse has a conversation"},
		"a name to remember by":     {ws(Settings{Conversation: Conversation{Remember: map[string]string{"a b": "1"}}}), `"a b" is no name to remember something by`},
		"attempts":                  {ws(Settings{MaxAttempts: -1}), "the number of attempts cannot be below 0"},
	} {
		tc.feed.URL = "wss://example.org/stream"
		err := tc.feed.Validate()
		if got := ""; err != nil && err.Error() != tc.want || err == nil && got != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
