package converse

import (
	"encoding/json"
	"strings"
	"testing"

	"bellwire/subscriptions"
)

// talkative is a feed that does everything with everything.
var talkative = subscriptions.Settings{
	Frames: []subscriptions.Frame{
		{Send: `{"token":"{{ secret }}"}`},
		{After: `raw startsWith "0{" or data.type == "auth_ok"`, Send: `{"id":{{ n }},"since":"{{ cursor }}"}`},
	},
	Heartbeat: subscriptions.Heartbeat{Send: `{"id":{{ n }},"s":"{{ memory.b }}"}`},
	Conversation: subscriptions.Conversation{
		Replies: []subscriptions.Reply{
			{When: `data.seq != nil`, Send: `{"ack":{{ json(data.seq) }},"text":"{{ data.text }}"}`},
			{When: `type == "PB_CONNECT"`, Send: `{"id":"{{ data.clientId }}"}`, Post: "/join"},
			{When: `data[0] == "x" or raw matches "^4[0-9]"`, Send: `{{ json({"raw": raw, "memory": memory}) }}`},
		},
		Remember: map[string]string{"a": "data.a", "b": "data.b ?? raw", "c": `parse(raw[indexOf(raw, "{"):]).pid`, "d": "[data, data]"},
		Refused:  `data.type in ["auth_invalid", 44]`,
		Closed:   `data[0] == "CLOSED" and data[2] matches "^over"`,
	},
}

// Whatever a server says: nothing tells the secret but its frame, what is
// said is JSON where it was written as JSON, memory and answers stay small.
func FuzzHear(f *testing.F) {
	for _, seed := range []string{
		"", "0{}", `40{"sid":"x","pid":"y"}`, `{"type":"auth_ok"}`, `{"seq":12345678901234567890,"text":"\u0000\"\\"}`, `["CLOSED",1,"over"]`,
		`{"a":[[[[[1]]]]],"b":{"c":null}}`, `{"clientId":"{{ secret }}"}`, `{"type":{}}`, strings.Repeat("[", 600), "\xff", `{"seq":1e999}`,
	} {
		f.Add("message", seed, "PB_CONNECT", seed)
	}
	const secret = "hush-hush-hush"
	script, err := Compile(feed(talkative))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, type1, data1, type2, data2 string) {
		if strings.Contains(type1+data1+type2+data2, "hush") {
			return
		}
		talk := script.Begin("7", secret)
		if opening, err := talk.Open(); err != nil || len(opening) != 1 || opening[0].Text != `{"token":"`+secret+`"}` {
			t.Fatal(opening, err)
		}
		for _, m := range []subscriptions.Message{{Type: type1, Data: data1}, {Type: type2, Data: data2}} {
			answers, err := talk.Hear(m)
			if err != nil && (strings.Contains(err.Error(), "hush") || len(err.Error()) > 500 || strings.Contains(err.Error(), "\n")) {
				t.Errorf("error %q", err)
			}
			if len(answers) > MaxAnswers+1 {
				t.Errorf("%d answers", len(answers))
			}
			for _, a := range answers {
				if strings.Contains(a.Text, "hush") || !json.Valid([]byte(a.Text)) || a.Post != "" && a.Post != "https://example.org/join" {
					t.Errorf("said %q to %q", a.Text, a.Post)
				}
			}
			if b, err := json.Marshal(talk.Memory()); err == nil && len(b) > 6*len(talkative.Conversation.Remember)*MaxMemory {
				t.Errorf("%d bytes are remembered", len(b))
			}
			if beat, err := talk.Beat(); err != nil || !json.Valid([]byte(beat)) {
				t.Errorf("beat %q, %v", beat, err)
			}
		}
	})
}
