package converse

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// feed is one that says what s says.
func feed(s subscriptions.Settings) subscriptions.Feed {
	return subscriptions.Feed{ID: "f", Name: "Feed", URL: "wss://example.org/live?x=1", Transport: subscriptions.TransportWebSocket, Settings: s}
}

func begin(t testing.TB, s subscriptions.Settings, cursor, secret string) subscriptions.Talk {
	t.Helper()
	script, err := Compile(feed(s))
	if err != nil {
		t.Fatal(err)
	}
	return script.Begin(cursor, secret)
}

// frames are frames that wait for nothing.
func frames(texts ...string) (s subscriptions.Settings) {
	for _, text := range texts {
		s.Frames = append(s.Frames, subscriptions.Frame{Send: text})
	}
	return s
}

func replies(r ...subscriptions.Reply) subscriptions.Settings {
	return subscriptions.Settings{Conversation: subscriptions.Conversation{Replies: r}}
}

func texts(answers []subscriptions.Answer) (out []string) {
	for _, a := range answers {
		out = append(out, a.Post+a.Text)
	}
	return out
}

func text(data string) subscriptions.Message {
	return subscriptions.Message{Type: "message", Data: data}
}

// step is one thing that is heard, and what is said then.
type step struct {
	heard string
	said  []string
}

func TestTalk(t *testing.T) {
	frame := func(after, send string) subscriptions.Frame { return subscriptions.Frame{After: after, Send: send} }
	for name, tc := range map[string]struct {
		settings       subscriptions.Settings
		cursor, secret string
		opening        []string
		steps          []step
	}{
		"plain":                   {frames("join a", "join b"), "", "", []string{"join a", "join b"}, nil},
		"no cursor yet":           {frames("hello", `{"last_seq":{{ cursor }}}`), "", "", []string{"hello"}, nil},
		"a number":                {frames(`{"last_seq":{{cursor}}}`), "42", "", []string{`{"last_seq":42}`}, nil},
		"a string":                {frames(`{"since":"{{ cursor }}"}`), "a\"b\\", "", []string{`{"since":"a\"b\\"}`}, nil},
		"JSON":                    {frames(`{"since":{{ cursor }}}`), `[{"o":1}]`, "", []string{`{"since":[{"o":1}]}`}, nil},
		"a cursor with holes":     {frames(`{{cursor}}`), "{{secret}}", "hush", []string{`{{secret}}`}, nil},
		"a secret with holes":     {frames(`{"token":"{{ secret }}"}`), "1", `a"{{ cursor }}`, []string{`{"token":"a\"{{ cursor }}"}`}, nil},
		"a secret in JSON":        {frames(`40{{ json({"token": secret}) }}`), "", `a"b`, []string{`40{"token":"a\"b"}`}, nil},
		"numbers of what is said": {frames(`{{ n }}`, `{{ n }}`), "", "", []string{"1", "2"}, nil},
		"numbers only of that":    {frames(`{{ n }}`, `{{ n }} {{ cursor }}`, `{{ n }}`), "", "", []string{"1", "2"}, nil},
		"nothing is not sent":     {frames(`{{ cursor }}{{ cursor }}`, `{{ cursor + "" }}`, `{{ n }}`), "", "", []string{"1"}, []step{{"x", nil}}},
		"nothing is no reply":     {replies(subscriptions.Reply{When: "true", Send: `{{ data.x ?? "" }}`}), "", "", nil, []step{{"x", nil}, {`{"x":1}`, []string{"1"}}}},
		"after": {
			subscriptions.Settings{Frames: []subscriptions.Frame{
				frame(`data.type == "auth_required"`, `auth {{ secret }}`),
				frame(`data.type == "auth_ok"`, `{"id":{{ n }}}`),
				frame("", `and {{ n }}`),
			}},
			"", "hush", nil,
			[]step{
				{"no JSON", nil},
				{`{"type":"auth_ok"}`, nil},
				{`{"type":"auth_required"}`, []string{"auth hush"}},
				{`{"type":"auth_required"}`, nil},
				{`{"type":"auth_ok"}`, []string{`{"id":2}`, "and 3"}},
				{`{"type":"auth_ok"}`, nil},
			},
		},
		"one message is met by one frame": {
			subscriptions.Settings{Frames: []subscriptions.Frame{frame("true", "a"), frame("true", "b")}},
			"", "", nil,
			[]step{{"1", []string{"a"}}, {"2", []string{"b"}}, {"3", nil}},
		},
		"left out, and those behind it still wait": {
			subscriptions.Settings{Frames: []subscriptions.Frame{frame(`raw == "x"`, "{{ cursor }}"), frame("", "b")}},
			"", "", nil,
			[]step{{"1", nil}, {"x", []string{"b"}}},
		},
		"replies": {
			replies(
				subscriptions.Reply{When: `data.type == "ping"`, Send: `{"type":"pong","n":{{ n }}}`},
				subscriptions.Reply{When: `data.seq != nil`, Send: `{"type":"ack","seq":{{ data.seq }},"id":"{{ data.id }}"}`},
				subscriptions.Reply{When: `int(data.x) == 1`, Send: `never`},
			),
			"", "", nil,
			[]step{
				{`{"type":"ping"}`, []string{`{"type":"pong","n":1}`}},
				{"ping", nil},
				{"", nil},
				{"[]", nil},
				{`{"type":"ping","seq":12345678901234567890,"id":"\""}`, []string{`{"type":"pong","n":2}`, `{"type":"ack","seq":12345678901234567890,"id":"\""}`}},
				{`{"x":"y"}`, nil},
			},
		},
		"a reply by request": {
			replies(subscriptions.Reply{When: "true", Send: "x", Post: "/join"}),
			"", "", nil,
			[]step{{"", []string{"https://example.org/joinx"}}},
		},
		"memory": {
			subscriptions.Settings{
				Conversation: subscriptions.Conversation{
					Remember: map[string]string{"sid": "data.sid"},
					Replies:  []subscriptions.Reply{{When: "memory.sid != nil", Send: `{{ memory.sid }}`}},
				},
			},
			"", "", nil,
			[]step{{"x", nil}, {`{"sid":"a"}`, []string{"a"}}, {`{"sid":null}`, []string{"a"}}, {`{"sid":{"b":[1]}}`, []string{`{"b":[1]}`}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			talk := begin(t, tc.settings, tc.cursor, tc.secret)
			answers, err := talk.Open()
			if diff := cmp.Diff(tc.opening, texts(answers)); diff != "" || err != nil {
				t.Errorf("open: %v %s", err, diff)
			}
			for i, s := range tc.steps {
				answers, err := talk.Hear(text(s.heard))
				if diff := cmp.Diff(s.said, texts(answers)); diff != "" || err != nil {
					t.Errorf("step %d, %s: %v %s", i+1, s.heard, err, diff)
				}
			}
		})
	}
}

// A feed that says nothing that changes has no script, and costs nothing.
func TestNothingToSay(t *testing.T) {
	for _, s := range []subscriptions.Settings{{}, {Heartbeat: subscriptions.Heartbeat{Send: `{"type":"ping"}`}}} {
		if script, err := Compile(feed(s)); script != nil || err != nil {
			t.Errorf("%v, %v", script, err)
		}
	}
}

func TestBeat(t *testing.T) {
	s := frames("{{ n }}")
	s.Heartbeat.Send = `{"id":{{ n }},"seq":{{ memory.seq }}}`
	s.Conversation.Remember = map[string]string{"seq": "data.s"}
	talk := begin(t, s, "", "")
	if _, err := talk.Open(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`{"id":2,"seq":null}`, `{"id":3,"seq":7}`} {
		if got, err := talk.Beat(); got != want || err != nil {
			t.Errorf("beat %d: %s, %v", i+1, got, err)
		}
		if _, err := talk.Hear(text(`{"s":7}`)); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := begin(t, frames("x"), "", "").Beat(); text != "" || err != nil {
		t.Errorf("a feed without one: %q, %v", text, err)
	}
}

func TestRefusedAndClosed(t *testing.T) {
	talk := begin(t, subscriptions.Settings{Conversation: subscriptions.Conversation{
		Refused: `data.type == "auth_invalid"`, Closed: `data.type in ["complete", "auth_invalid"]`,
	}}, "", "")
	for heard, want := range map[string]*subscriptions.Error{
		`{"type":"x"}`:            nil,
		`x`:                       nil,
		`{"type":"complete"}`:     {Class: subscriptions.Transient, Code: subscriptions.CodeClosed},
		`{"type":"auth_invalid"}`: {Class: subscriptions.NeedsUser, Code: subscriptions.CodeUnauthorized},
	} {
		_, err := talk.Hear(text(heard))
		got, _ := errors.AsType[*subscriptions.Error](err)
		if (got == nil) != (want == nil) || got != nil && (got.Class != want.Class || got.Code != want.Code) {
			t.Errorf("%s: %v", heard, err)
		}
	}
}

func TestMissed(t *testing.T) {
	talk := begin(t, subscriptions.Settings{Conversation: subscriptions.Conversation{
		Missed:   `cursor != "" and memory.pid != nil and data.pid != nil and memory.pid != cursor`,
		Remember: map[string]string{"pid": "data.pid"},
	}}, "a", "")
	for _, s := range []struct {
		heard string
		want  bool
	}{{`{}`, false}, {`{"pid":"b"}`, true}, {`{}`, false}, {`{"pid":"a"}`, false}} {
		if _, err := talk.Hear(text(s.heard)); err != nil || talk.Missed() != s.want {
			t.Errorf("%s: %v, %v", s.heard, talk.Missed(), err)
		}
	}
}

// What is no text of the server's is not heard, or as nothing but its type.
func TestWhatIsNotHeard(t *testing.T) {
	talk := begin(t, replies(subscriptions.Reply{When: "true", Send: "{{ type }}:{{ raw }}"}), "", "")
	for _, m := range []subscriptions.Message{{Oversize: 1}, {CursorOnly: true}} {
		if answers, err := talk.Hear(m); answers != nil || err != nil {
			t.Errorf("%v: %v, %v", m, answers, err)
		}
	}
	if answers, _ := talk.Hear(subscriptions.Message{Type: "message", Binary: true}); len(answers) != 1 || answers[0].Text != "message:" {
		t.Errorf("of a binary one: %v", answers)
	}
}

func TestAnswersAreFew(t *testing.T) {
	var many []subscriptions.Reply
	for range subscriptions.MaxReplies {
		many = append(many, subscriptions.Reply{When: "true", Send: "x"})
	}
	s := replies(many...)
	for range subscriptions.MaxFrames {
		s.Frames = append(s.Frames, subscriptions.Frame{Send: "f"})
	}
	s.Frames[0].After = "true"
	answers, err := begin(t, s, "", "").Hear(text("x"))
	if len(answers) != MaxAnswers+subscriptions.MaxFrames || err != nil {
		t.Errorf("%d answers, %v", len(answers), err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	script, err := Compile(feed(subscriptions.Settings{Conversation: subscriptions.Conversation{Remember: map[string]string{"a": "data.a"}}}))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	script.Log = slog.New(slog.NewTextHandler(&log, nil))
	talk := script.Begin("", "")
	deep := strings.Repeat("[", 50) + strings.Repeat("]", 50)
	for heard, fits := range map[string]bool{
		`"` + strings.Repeat("x", MaxMemory-2) + `"`:               true,
		`"` + strings.Repeat("x", MaxMemory-1) + `"`:               false,
		strings.Repeat("9", MaxMemory+1):                           false,
		"[1" + strings.Repeat(",1", MaxMemory) + "]":               false,
		"[" + strings.Repeat(deep+",", 1000) + "1]":                false,
		`{"` + strings.Repeat("x", MaxMemory) + `":1}`:             false,
		`{"x":[1.5,true,null,{"y":"z"}],"n":12345678901234567890}`: true,
		deep: false,
	} {
		before := talk.Memory()
		if _, err := talk.Hear(text(`{"a":` + heard + `}`)); err != nil {
			t.Fatal(err)
		}
		after := talk.Memory()
		if kept := !cmp.Equal(before, after); kept != fits {
			t.Errorf("%.40s…: remembered %v", heard, kept)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "too large to be remembered") {
		t.Errorf("logged %d times: %s", n, log.String())
	}
	if begin(t, frames("x"), "", "").Memory() != nil {
		t.Error("what nobody remembers is no memory")
	}
}

// A memory that somebody holds does not change.
func TestMemoryIsASnapshot(t *testing.T) {
	talk := begin(t, subscriptions.Settings{Conversation: subscriptions.Conversation{Remember: map[string]string{"a": "data.a"}}}, "", "")
	var held []map[string]any
	for _, heard := range []string{"x", `{"a":1}`, `{"a":"2"}`, `{"b":3}`} {
		if _, err := talk.Hear(text(heard)); err != nil {
			t.Fatal(err)
		}
		held = append(held, talk.Memory())
	}
	if diff := cmp.Diff([]map[string]any{{}, {"a": 1}, {"a": "2"}, {"a": "2"}}, held); diff != "" {
		t.Error(diff)
	}
}

// What fails with the secret at hand does not tell it.
func TestErrorsDoNotTellTheSecret(t *testing.T) {
	_, err := begin(t, frames(`{{ int(secret) }}`), "", "hush").Open()
	if err == nil || strings.Contains(err.Error(), "hush") || subscriptions.AsError(err).Code != subscriptions.CodeBadFeed {
		t.Errorf("got %v", err)
	}
	_, err = begin(t, replies(subscriptions.Reply{When: "true", Send: `{{ int(raw) }}`}), "", "hush").Hear(text("x"))
	if err == nil || !strings.HasPrefix(err.Error(), "reply 1: ") || subscriptions.AsError(err).Class != subscriptions.NeedsUser {
		t.Errorf("got %v", err)
	}
}

func TestCompileErrors(t *testing.T) {
	conversation := func(c subscriptions.Conversation) subscriptions.Settings {
		return subscriptions.Settings{Conversation: c}
	}
	const noSecret = "only an opening frame can show the secret"
	for name, tc := range map[string]struct {
		settings subscriptions.Settings
		want     string // its beginning
	}{
		"a frame":              {frames("ok", "abc {{ foo }}"), "frame 2: column 8: "},
		"a hole without end":   {frames("abc {{ n"), "frame 1: column 5: "},
		"a frame's condition":  {subscriptions.Settings{Frames: []subscriptions.Frame{{After: "1 +", Send: "x"}}}, "frame 1, after: column "},
		"no condition":         {subscriptions.Settings{Frames: []subscriptions.Frame{{After: "1", Send: "x"}}}, "frame 1, after: column "},
		"a reply":              {replies(subscriptions.Reply{When: "true", Send: "{{ }}"}), "reply 1: column 3: "},
		"a reply's condition":  {replies(subscriptions.Reply{When: "", Send: "x"}), "reply 1, when: column 1: "},
		"a reply elsewhere":    {replies(subscriptions.Reply{When: "true", Send: "x", Post: "//example.com/"}), "reply 1, post: "},
		"a heartbeat":          {subscriptions.Settings{Heartbeat: subscriptions.Heartbeat{Send: "{{ x }}"}}, "heartbeat: column 4: "},
		"memory":               {conversation(subscriptions.Conversation{Remember: map[string]string{"a": "("}}), "remember a: column "},
		"refused":              {conversation(subscriptions.Conversation{Refused: "data."}), "refused: column "},
		"closed":               {conversation(subscriptions.Conversation{Closed: "data."}), "closed: column "},
		"the secret in a beat": {subscriptions.Settings{Heartbeat: subscriptions.Heartbeat{Send: "{{ secret }}"}}, "heartbeat: " + noSecret},
		"remembered":           {conversation(subscriptions.Conversation{Remember: map[string]string{"a": "secret"}}), "remember a: " + noSecret},
		"answered":             {replies(subscriptions.Reply{When: "true", Send: "{{ secret }}"}), "reply 1: " + noSecret},
		"compared":             {replies(subscriptions.Reply{When: `secret startsWith "a"`, Send: "x"}), "reply 1, when: " + noSecret},
		"waited for":           {subscriptions.Settings{Frames: []subscriptions.Frame{{After: "raw == secret", Send: "x"}}}, "frame 1, after: " + noSecret},
		"by another name":      {replies(subscriptions.Reply{When: "true", Send: `{{ $env["sec" + "ret"] }}`}), "reply 1: column "},
	} {
		_, err := Compile(feed(tc.settings))
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
