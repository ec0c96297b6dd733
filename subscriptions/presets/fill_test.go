package presets_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/converse"
	"bellwire/subscriptions/decode"
	"bellwire/subscriptions/presets"
)

// everywhere has an option wherever one can stand.
const everywhere = `
title: Everywhere
transport: websocket
address: /a/${v}?p=${v}&fixed=1
options:
  v: {about: Anything.}
frames:
  - send: '{"quoted":"${v}","in a hole":"{{ "${v}" }}","bare":{{ json(${v}) }},"single":"{{ ''${v}'' }}"}'
resume: {by: query, param: since, start: '{"v":"${v}"}'}
mapping:
  skip: 'data.v != "${v}" or data.v != ''${v}'' or data.v != ${v}'
  title: '{${v}} in a template: {{ "${v}" }}'
  body: '${v}'
  id: '{{ ${v} }}'
`

// However an option's value is written, it stays a value.
func TestHostileOptions(t *testing.T) {
	p, err := presets.Parse("everywhere", []byte(everywhere))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{
		`plain`, `"`, `'`, "`", `\`, `\"`, `"}`, `${v}`, `$`, `{{ secret }}`, `{{`, `}}`, `{`, `}`, `{{{`, `a{`, `{a`, "two\nlines", "tab\tand\rreturn",
		`" + secret + "`, `' + secret + '`, `"}}{{ raw }}`, `é\u00e9 日本 🔔`, `<a href="x">&amp;`, "\x01\x7f", " spaces ", `../..//x?y=1&z#f%2F`, "\u2028", `//host.example.org/x`,
	} {
		f, err := p.Feed("https://example.org/", map[string]string{"v": v})
		if err != nil {
			t.Errorf("%q: %v", v, err)
			continue
		}
		if !strings.HasPrefix(f.URL, "wss://example.org/a/") || strings.Count(f.URL, "?") != 1 || strings.Count(f.URL, "&") != 1 {
			t.Errorf("%q is in the address %s", v, f.URL)
		}
		checkFrame(t, f, v)
		var start struct{ V string }
		if err := json.Unmarshal([]byte(f.Resume.Start), &start); err != nil || start.V != v {
			t.Errorf("%q is %q in %s (%v)", v, start.V, f.Resume.Start, err)
		}
		d, err := decode.Compile(f)
		if err != nil {
			t.Errorf("%q: %v", v, err)
			continue
		}
		payload, _ := json.Marshal(map[string]string{"v": v})
		r := d.Decode(subscriptions.Message{Data: string(payload), Received: time.Now()}, "")
		if r.Skipped || len(r.Events) != 1 {
			t.Errorf("%q is another in an expression: %s", v, f.Mapping.Skip)
			continue
		}
		// A title is one line.
		if want := decode.Line("{"+v+"} in a template: "+v, decode.MaxTitle); r.Events[0].Title != want {
			t.Errorf("%q: the title is %q, not %q; %s", v, r.Events[0].Title, want, r.Events[0].Warning)
		}
		if want := decode.Line(v, decode.MaxID); strings.TrimSpace(v) == v && r.Events[0].MessageID != want {
			t.Errorf("%q: the id is %q", v, r.Events[0].MessageID)
		}
	}
}

func checkFrame(t *testing.T, f subscriptions.Feed, v string) {
	script, err := converse.Compile(f)
	if err != nil {
		t.Errorf("%q: %v", v, err)
		return
	}
	said, err := script.Begin("", "hush").Open()
	if err != nil || len(said) != 1 {
		t.Errorf("%q: %v, %v", v, said, err)
		return
	}
	var frame map[string]string
	if err := json.Unmarshal([]byte(said[0].Text), &frame); err != nil {
		t.Errorf("%q makes the frame %s: %v", v, said[0].Text, err)
		return
	}
	for where, got := range frame {
		if got != v {
			t.Errorf("%q is %q where it is %s", v, got, where)
		}
	}
	if len(frame) != 4 {
		t.Errorf("%q makes the frame %s", v, said[0].Text)
	}
}

func TestAddresses(t *testing.T) {
	set, err := presets.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		preset, from string
		options      map[string]string
		want         string
	}{
		{"ntfy", "https://ntfy.example.org/alerts", nil, "https://ntfy.example.org/alerts/sse"},
		{"ntfy", "https://ntfy.example.org/alerts/json", nil, "https://ntfy.example.org/alerts/sse"},
		{"ntfy", "wss://ntfy.example.org/a,b/ws?auth=x", nil, "https://ntfy.example.org/a,b/sse?auth=x"},
		{"ntfy", "https://ntfy.example.org", map[string]string{"topic": "a"}, "https://ntfy.example.org/a/sse"},
		{"ntfy", "https://ntfy.example.org/alerts", map[string]string{"topic": "other"}, "https://ntfy.example.org/other/sse"},
		{"gotify", "https://example.org/gotify/", nil, "wss://example.org/gotify/stream"},
		{"gotify", "wss://example.org/gotify/stream", nil, "wss://example.org/gotify/stream"},
		{"gotify", "http://user@10.0.0.7:8080", nil, "ws://user@10.0.0.7:8080/stream"},
		{"mercure", "https://example.org/.well-known/mercure?topic=a&topic=b", nil, "https://example.org/.well-known/mercure?topic=a&topic=b&match=a"},
		{"mercure", "https://example.org/.well-known/mercure?topic=a", map[string]string{"topic": "c d"}, "https://example.org/.well-known/mercure?topic=c%20d&match=c%20d"},
		{"mercure", "https://example.org", nil, "https://example.org/.well-known/mercure?topic=*&match=*"},
		{"phoenix", "wss://example.org/socket/websocket", map[string]string{"topic": "room:lobby"}, "wss://example.org/socket/websocket?vsn=1.0.0"},
		{"phoenix", "https://abc.supabase.co", nil, "wss://abc.supabase.co/realtime/v1/websocket?vsn=1.0.0"},
		{"jetstream", "https://jetstream.example.org/subscribe?wantedDids=did:plc:x&wantedDids=did:plc:y", nil, "wss://jetstream.example.org/subscribe?wantedDids=did:plc:x&wantedDids=did:plc:y&wantedCollections=app.bsky.feed.post"},
		{"mastodon", "https://example.org/@you", map[string]string{"stream": "hashtag", "tag": "bells & whistles"}, "https://example.org/api/v1/streaming/hashtag?tag=bells%20%26%20whistles"},
		{"wikimedia", "https://stream.wikimedia.org/v2/stream/page-create,page-delete", nil, "https://stream.wikimedia.org/v2/stream/page-create,page-delete"},
		{"nchan", "wss://example.org/sub/a?b=c", nil, "wss://example.org/sub/a?b=c"},
	} {
		p, _ := set.Get(tt.preset)
		f, err := p.Feed(tt.from, tt.options)
		if err != nil || f.URL != tt.want {
			t.Errorf("%s at %s: %s (%v), not %s", tt.preset, tt.from, f.URL, err, tt.want)
		}
	}
	for _, tt := range []struct {
		preset, from string
		options      map[string]string
		want         string
	}{
		{"ntfy", "https://ntfy.example.org", nil, "the preset ntfy has to be told: topic"},
		{"ntfy", "https://ntfy.example.org", map[string]string{"topic": "a b"}, `the option topic: "a b" does not fit`},
		{"ntfy", "https://ntfy.example.org", map[string]string{"tpoic": "a"}, `the preset ntfy has no option "tpoic"; it has topic`},
		{"poll", "https://ntfy.example.org", map[string]string{"x": "a"}, `the preset poll has no option "x": it has none`},
		{"gotify", "ftp://x", nil, "the address must start with"},
	} {
		p, _ := set.Get(tt.preset)
		if _, err := p.Feed(tt.from, tt.options); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s at %s: %v, not %s", tt.preset, tt.from, err, tt.want)
		}
	}
}
