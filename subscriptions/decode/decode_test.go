package decode

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

var (
	received = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	feed     = subscriptions.Feed{ID: "deploys", Name: "Deploys"}
)

// shown is the part of an event that a payload decides.
type shown struct {
	ID, Title, Body, Link string
	Priority              int
	Time                  time.Time
}

func decodeText(t *testing.T, data string) subscriptions.Event {
	t.Helper()
	return one(t, subscriptions.Message{Type: "message", Data: data, Received: received})
}

func mustCompile(f subscriptions.Feed) *Decoder {
	d, err := Compile(f)
	if err != nil {
		panic(err)
	}
	return d
}

func decodeAll(f subscriptions.Feed, m subscriptions.Message) []subscriptions.Event {
	return mustCompile(f).Decode(m, "").Events
}

// cursorOf is the position after m where the one before it is m's own.
func cursorOf(f subscriptions.Feed, m subscriptions.Message) string {
	return mustCompile(f).Decode(m, m.Cursor).Cursor
}

func one(t *testing.T, m subscriptions.Message) subscriptions.Event {
	t.Helper()
	events := decodeAll(feed, m)
	if len(events) != 1 {
		t.Fatalf("%d events, want 1", len(events))
	}
	return events[0]
}

func TestDecode(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	long := strings.Repeat("word ", 100)
	tests := []struct {
		name, data string
		want       shown // Priority 0 stands for the default
	}{
		// The dialects of known servers.
		{
			"ntfy",
			`{"id":"sPs71M8A2T","time":1772366000,"expires":1772409200,"event":"message","topic":"mytopic","title":"Backup","message":"Disk full\nsecond line","priority":5,"tags":["warning"],"click":"https://example.com/disk"}`,
			shown{"sPs71M8A2T", "Backup", "Disk full\nsecond line", "https://example.com/disk", 5, at("2026-03-01T11:53:20Z")},
		},
		{
			"ntfy without a title",
			`{"id":"a","time":1772366000,"event":"message","topic":"t","message":"Hello"}`,
			shown{"a", "Hello", "", "", 0, at("2026-03-01T11:53:20Z")},
		},
		{
			"Gotify",
			`{"id":25,"appid":5,"message":"**Backup** was successfully finished.","title":"Backup","priority":8,"date":"2026-02-27T19:36:10.5Z"}`,
			shown{"25", "Backup", "**Backup** was successfully finished.", "", 4, at("2026-02-27T19:36:10.5Z")},
		},
		{
			"GitHub",
			`{"id":"22249084964","type":"IssuesEvent","repo":{"id":1,"name":"o/r"},"payload":{"action":"opened","title":"Crash at start","html_url":"x","url":"https://api.github.com/repos/o/r/issues/1"},"created_at":"2026-02-28T10:11:12Z"}`,
			shown{"22249084964", "Crash at start", "", "https://api.github.com/repos/o/r/issues/1", 0, at("2026-02-28T10:11:12Z")},
		},
		{
			"an Alertmanager alert",
			`{"status":"firing","severity":"critical","summary":"Instance down","description":"node-1 has been down for 5 minutes","timestamp":"2026-03-01T11:00:00.000+01:00"}`,
			shown{"", "Instance down", "node-1 has been down for 5 minutes", "", 5, at("2026-03-01T10:00:00Z")},
		},
		{
			"Home Assistant, two envelopes",
			`{"id":1,"type":"event","event":{"event_type":"persistent_notification","data":{"title":"Door","message":"Left open"},"time_fired":"x"}}`,
			shown{"1", "Door", "Left open", "", 0, time.Time{}},
		},
		{
			"Home Assistant, nothing to read",
			`{"id": 1, "type": "event", "event": {"event_type": "state_changed", "data": {"entity_id": "light.bed", "new \" state": "on"}}}`,
			shown{"1", "light.bed", "type: event\nevent_type: state_changed\nnew \" state: on", "", 0, time.Time{}},
		},
		{
			"Mastodon, JSON inside a string",
			`{"stream":["user"],"event":"update","payload":"{\"id\":\"108914327388663283\",\"created_at\":\"2026-03-01T09:00:00.000Z\",\"url\":\"https://m.example/@a/1\",\"content\":\"<p>Hi &amp; bye</p>\"}"}`,
			shown{"108914327388663283", "Hi & bye", "", "https://m.example/@a/1", 0, at("2026-03-01T09:00:00Z")},
		},
		{"type and data", `{"type":"error","data":"disk failed"}`, shown{Title: "disk failed"}},
		{"a number as data", `{"type":"temperature","data":21.50}`, shown{Title: "21.50"}},
		{"an event's name is no text", `{"event":"ping"}`, shown{Title: "Deploys", Body: `{"event":"ping"}`}},

		// Text.
		{"plain text", "hello", shown{Title: "hello"}},
		{"lines", "deploy done\r\nall 3 hosts\tok\n", shown{Title: "deploy done", Body: "all 3 hosts\tok"}},
		{"long text", long + "\nend", shown{Title: "Deploys", Body: long + "\nend"}},
		{"a number", "42", shown{Title: "42"}},
		{"a JSON string", `"hello \u4f60\u597d"`, shown{Title: "hello 你好"}},
		{"JSON in a JSON string", `"{\"title\":\"inside\"}"`, shown{Title: "inside"}},
		{"Chinese", `{"title":"部署完成","message":"三台主机正常"}`, shown{Title: "部署完成", Body: "三台主机正常"}},
		{"emoji", "👩‍👩‍👧 🇩🇪 done", shown{Title: "👩‍👩‍👧 🇩🇪 done"}},
		{"right to left", `{"title":"اكتمل النشر","body":"שלום"}`, shown{Title: "اكتمل النشر", Body: "שלום"}},
		{"empty", "", shown{Title: "Deploys", Body: "Empty message"}},
		{"white space", " \n\t ", shown{Title: "Deploys", Body: "Empty message"}},
		{"nothing visible", "\u200b\x00\u202e", shown{Title: "Deploys", Body: "Empty message"}},
		{"broken JSON", `{"title":"x"`, shown{Title: `{"title":"x"`}},
		{"byte order mark", "\uFEFF{\"title\":\"x\"}", shown{Title: "x"}},

		// Shapes.
		{"array", `[1, {"title": "x"}]`, shown{Title: "Deploys", Body: `[1,{"title":"x"}]`}},
		{"array of one", `[{"title":"x"}]`, shown{Title: "x"}},
		{"empty object", `{}`, shown{Title: "Deploys", Body: "Empty message"}},
		{"empty array", `[]`, shown{Title: "Deploys", Body: "Empty message"}},
		{"wrong types", `{"title":{"en":"x"},"subject":"y","message":["z"],"body":null,"text":true,"content":"c","priority":{},"time":[],"id":{"a":1}}`, shown{Title: "y", Body: "c"}},
		{"blank fields are none", `{"title":"  ","summary":"s","message":"","text":"t"}`, shown{Title: "s", Body: "t"}},
		{"case of names", `{"Title":"T","MESSAGE":"M","Id":7}`, shown{ID: "7", Title: "T", Body: "M"}},
		{"order of names", `{"summary":"3","subject":"2","title":"1","description":"5","content":"4","text":"3","body":"2","message":"1"}`, shown{Title: "1", Body: "1"}},
		{"duplicate names", `{"title":"first","title":"second"}`, shown{Title: "first"}},
		{"outer fields win", `{"title":"outer","data":{"title":"inner","body":"b","id":"i"}}`, shown{ID: "i", Title: "outer", Body: "b"}},
		{"outer id wins by level", `{"uuid":"outer","data":{"title":"t","id":"inner"}}`, shown{ID: "outer", Title: "t"}},
		{"envelopes in order", `{"notification":{"title":"4"},"payload":{"title":"3"},"event":{"title":"2"},"data":{"title":"1"}}`, shown{Title: "1"}},
		{"deep inside", `{"data":{"data":{"data":{"title":"deep"}}}}`, shown{Title: "deep"}},
		{"too deep inside", `{"a":{"a":{"a":{"a":{"a":{"title":"deep"}}}}}}`, shown{Title: "Deploys", Body: `{"a":{"a":{"a":{"a":{"a":{"title":"deep"}}}}}}`}},
		{"names that look like paths", `{"a.title":"x","ti*le":"y","@this":"z","data.title":"w","#":1,"title":"t"}`, shown{Title: "t"}},
		{"huge id", `{"id":123456789012345678901234567890,"title":"t"}`, shown{ID: "123456789012345678901234567890", Title: "t"}},
		{"precise id", `{"id":9007199254740993,"title":"t"}`, shown{ID: "9007199254740993", Title: "t"}},
		{"numbers as text", `{"title":1e3,"message":-0.50}`, shown{Title: "1e3", Body: "-0.50"}},

		// Hostile.
		{"controls", "{\"title\":\"a\\u0000b\\u001b[31mc\\u0085d\\u202ee\\u2066f\\u007f\",\"message\":\"x\\u0008y\\nz\"}", shown{Title: "ab[31mc def", Body: "xy\nz"}},
		{"lone surrogate", `{"title":"a\ud800b"}`, shown{Title: "a\uFFFDb"}},
		{"script link", `{"title":"t","url":"javascript:alert(1)"}`, shown{Title: "t"}},
		{"next link when the first is no good", `{"title":"t","url":"/relative","link":"file:///etc/passwd","click":"https://a.example/"}`, shown{Title: "t", Link: "https://a.example/"}},
		{"implausible time", `{"title":"t","time":"1999-12-31T23:59:59Z","timestamp":1772366000}`, shown{Title: "t", Time: at("2026-03-01T11:53:20Z")}},
		{"battery level", `{"title":"t","level":85}`, shown{Title: "t"}},
		{"priority off the scale", `{"title":"t","priority":99}`, shown{Title: "t", Priority: 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want.Priority == 0 {
				tt.want.Priority = 3
			}
			tt.want.Body = strings.TrimSpace(tt.want.Body)
			e := decodeText(t, tt.data)
			got := shown{e.MessageID, e.Title, e.Body, e.Link, e.Priority, e.Time}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if e.Raw != tt.data {
				t.Errorf("Raw is %q", e.Raw)
			}
		})
	}
}

func TestDecodeMessage(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 1234)
	tests := []struct {
		name string
		m    subscriptions.Message
		want subscriptions.Event
	}{
		{
			"the transport's id comes first",
			subscriptions.Message{ID: "7", Type: "push", Data: `{"id":"8","title":"t"}`},
			subscriptions.Event{MessageID: "7", Type: "push", Title: "t", Raw: `{"id":"8","title":"t"}`},
		},
		{
			"empty with a name",
			subscriptions.Message{Type: "reload"},
			subscriptions.Event{Type: "reload", Title: "Deploys: reload"},
		},
		{
			"a hostile name",
			subscriptions.Message{Type: "a\x00\nb", Data: "x"},
			subscriptions.Event{Type: "a b", Title: "x", Raw: "x"},
		},
		{
			"oversize",
			subscriptions.Message{ID: "9", Type: "message", Oversize: 2_590_000},
			subscriptions.Event{MessageID: "9", Type: "message", Title: "An event of at least 2.5 MB was too large to keep"},
		},
		{
			"binary image",
			subscriptions.Message{Type: "message", Data: png, Binary: true},
			subscriptions.Event{Type: "message", Title: "Binary message (image/png, 1.2 kB)"},
		},
		{
			"binary JSON",
			subscriptions.Message{Type: "message", Data: `{"title":"t"}`, Binary: true},
			subscriptions.Event{Type: "message", Title: "t", Raw: `{"title":"t"}`},
		},
		{
			"binary text",
			subscriptions.Message{Type: "message", Data: "héllo", Binary: true},
			subscriptions.Event{Type: "message", Title: "héllo", Raw: "héllo"},
		},
		{
			"text that is not UTF-8",
			subscriptions.Message{Type: "message", Data: "h\xffllo"},
			subscriptions.Event{Type: "message", Title: "h\uFFFDllo", Raw: "h\uFFFDllo"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.m.Received = received
			tt.want.Feed, tt.want.Kind, tt.want.Priority, tt.want.Received = feed.ID, subscriptions.KindEvent, 3, received
			got := one(t, tt.m)
			got.DedupeKey = ""
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCursorOnlyGivesNoEvent(t *testing.T) {
	if got := decodeAll(feed, subscriptions.Message{ID: "1", Cursor: "1", CursorOnly: true}); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestUnnamedFeedHasATitle(t *testing.T) {
	for want, f := range map[string]subscriptions.Feed{"some-id": {ID: "some-id", Name: " "}, "Event": {}} {
		if got := decodeAll(f, subscriptions.Message{})[0].Title; got != want {
			t.Errorf("title %q, want %q", got, want)
		}
	}
}

func TestDedupeKey(t *testing.T) {
	base := subscriptions.Message{ID: "1", Type: "message", Data: `{"n":1}`, Received: received}
	key := one(t, base).DedupeKey
	if len(key) != 32 {
		t.Fatalf("key %q", key)
	}
	replayed := base
	replayed.Received = received.Add(time.Hour)
	replayed.Cursor = "5"
	if got := one(t, replayed).DedupeKey; got != key {
		t.Error("a replay of the same bytes has another key")
	}
	for name, m := range map[string]subscriptions.Message{
		"payload":         {ID: "1", Type: "message", Data: `{"n":2}`},
		"type":            {ID: "1", Type: "other", Data: `{"n":1}`},
		"id":              {ID: "2", Type: "message", Data: `{"n":1}`},
		"shifted borders": {ID: "1", Type: "messag", Data: `e{"n":1}`},
		"oversize":        {ID: "1", Type: "message", Oversize: 5},
	} {
		if got := one(t, m).DedupeKey; got == key || got == "" {
			t.Errorf("%s: key %q", name, got)
		}
	}
	// An id that was only guessed from the payload may name a thing (a door)
	// that says the same words again.
	for _, data := range []string{"text", `{"title":"t"}`, "", `{"id":"door","state":"open"}`} {
		if got := decodeText(t, data).DedupeKey; got != "" {
			t.Errorf("%q without an id has the key %q", data, got)
		}
	}
	resumes := feed
	resumes.Resume = subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "id"}
	for data, want := range map[string]bool{`{"id":1,"n":1}`: true, `{"n":1}`: false} {
		if got := decodeAll(resumes, subscriptions.Message{Data: data, Cursor: "0"})[0].DedupeKey; (got != "") != want {
			t.Errorf("%s with a cursor in the payload has the key %q", data, got)
		}
	}
	longID := strings.Repeat("x", 5000)
	a := one(t, subscriptions.Message{ID: longID + "a"})
	b := one(t, subscriptions.Message{ID: longID + "b"})
	if a.DedupeKey == b.DedupeKey {
		t.Error("ids that differ only behind the limit have the same key")
	}
}

// Which messages are the same event is the feed's setting.
func TestDedupeSettings(t *testing.T) {
	backfill := subscriptions.Settings{Resume: subscriptions.Resume{By: subscriptions.ResumeByBackfill, Field: "id"}}
	byField := subscriptions.Settings{Dedupe: subscriptions.Dedupe{Field: "meta.uid"}}
	off := subscriptions.Settings{Dedupe: subscriptions.Dedupe{Off: true}}
	both := backfill
	both.Dedupe = byField.Dedupe
	cursor := subscriptions.Settings{Resume: subscriptions.Resume{Field: "id"}}
	live := func(id, data string) subscriptions.Message {
		return subscriptions.Message{ID: id, Type: "message", Data: data}
	}
	fetched := func(id, data string) subscriptions.Message {
		return subscriptions.Message{ID: id, Cursor: id, Type: "message", Data: data, Backfilled: true}
	}
	const same, different, none = "the same", "different", "none"
	for _, tc := range []struct {
		name     string
		settings subscriptions.Settings
		a, b     subscriptions.Message
		want     string
	}{
		{"written differently", backfill, live("", `{"id":7,"x":1}`), fetched("7", "{\n\"x\":1.0, \"id\":\"7\"}"), same},
		{"another type", backfill, subscriptions.Message{Type: "news", Data: `{"id":7}`}, fetched("7", "seven"), same},
		{"fetched, with another id inside", backfill, fetched("8", `{"id":7}`), live("", `{"id":8}`), same},
		{"another id", backfill, live("", `{"id":7}`), fetched("8", `{"id":7}`), different},
		{"the stream's own id is no position", backfill, live("a", `{"id":7}`), live("b", `{"id":7}`), same},
		{"without the position", backfill, live("", "hello"), live("", "hello"), none},
		{"without it, by the stream's id", backfill, live("a", "hello"), live("a", "hallo"), different},
		{"an id alone is never id and payload", backfill, live("7", "x"), fetched("7", "x"), different},
		{"by a field", byField, live("1", `{"meta":{"uid":"u"},"n":1}`), live("2", `{"meta":{"uid":"u"},"n":2}`), same},
		{"by another field's value", byField, live("1", `{"meta":{"uid":"u"}}`), live("1", `{"meta":{"uid":"v"}}`), different},
		{"a message lacks the field", byField, live("1", `{"n":1}`), live("1", `{"n":1}`), same},
		{"a message lacks the field, and is another", byField, live("1", `{"n":1}`), live("1", `{"n":2}`), different},
		{"a field before the position", both, live("", `{"id":1,"meta":{"uid":5}}`), fetched("2", `{"meta":{"uid":"5"}}`), same},
		{"the position without the field", both, live("", `{"id":1}`), fetched("1", `{}`), same},
		{"off", off, live("1", `{"id":1}`), live("1", `{"id":1}`), none},
		{"a position by header", cursor, live("", `{"id":1,"x":1}`), live("", `{"id":1,"x":2}`), different},
		{"the same position by header", cursor, live("", `{"id":1,"x":1}`), live("", `{"id":1,"x":1}`), same},
	} {
		f := feed
		f.Settings = tc.settings
		a, b := decodeAll(f, tc.a)[0].DedupeKey, decodeAll(f, tc.b)[0].DedupeKey
		got := different
		switch {
		case a == "" && b == "":
			got = none
		case a == b:
			got = same
		}
		if got != tc.want {
			t.Errorf("%s: %q and %q, want %s", tc.name, a, b, tc.want)
		}
	}
}

func TestCursorOfABackfilledMessage(t *testing.T) {
	f := feed
	f.Resume = subscriptions.Resume{By: subscriptions.ResumeByBackfill, Field: "id"}
	m := subscriptions.Message{Data: `{"id":3}`, Cursor: "7", Backfilled: true}
	if got := cursorOf(f, m); got != "7" {
		t.Errorf("the position is %q", got)
	}
}

func TestBounds(t *testing.T) {
	million := strings.Repeat("字", 350_000)
	deep := strings.Repeat(`{"data":[`, 100_000)
	for name, data := range map[string]string{
		"title":            `{"title":"` + million + `"}`,
		"body":             `{"title":"t","body":"` + million + `"}`,
		"text":             million,
		"id":               `{"title":"t","id":"` + million + `"}`,
		"link":             `{"title":"t","url":"https://example.com/` + million + `"}`,
		"unreadable":       `{"x":"` + million + `"}`,
		"depth bomb":       deep,
		"valid depth bomb": strings.Repeat("[", 400_000) + strings.Repeat("]", 400_000),
		"number":           `{"id":` + strings.Repeat("9", 500_000) + `,"priority":1e999,"time":1e999}`,
		"controls":         `{"title":"` + strings.Repeat(`\u0000`, 100_000) + `"}`,
	} {
		t.Run(name, func(t *testing.T) { check(t, decodeText(t, data)) })
	}
	e := decodeText(t, `{"title":"`+million+`"}`)
	if n := utf8.RuneCountInString(e.Title); n != MaxTitle || !strings.HasSuffix(e.Title, "字…") {
		t.Errorf("title of %d runes", n)
	}
	if !strings.HasPrefix(e.Body, "字字") || !strings.HasSuffix(e.Body, "字…") || len(e.Body) < MaxBody-8 {
		t.Errorf("what a cut title said is not in the body: %d bytes", len(e.Body))
	}
}

// check holds for every event, whatever was sent.
func check(t *testing.T, e subscriptions.Event) {
	t.Helper()
	fail := func(format string, args ...any) { t.Helper(); t.Errorf(format+"\n%.500q", append(args, e)...) }
	for name, s := range map[string]string{"title": e.Title, "body": e.Body, "link": e.Link, "id": e.MessageID, "type": e.Type, "raw": e.Raw} {
		if !utf8.ValidString(s) {
			fail("%s is not UTF-8", name)
		}
		if name != "raw" && strings.ContainsFunc(s, func(r rune) bool {
			return kind(r) == dropped || name != "body" && (r == '\n' || r == '\t')
		}) {
			fail("%s holds a control character", name)
		}
	}
	if strings.TrimSpace(e.Title) == "" || utf8.RuneCountInString(e.Title) > MaxTitle {
		fail("bad title")
	}
	if len(e.Body) > MaxBody || utf8.RuneCountInString(e.MessageID) > MaxID || utf8.RuneCountInString(e.Type) > MaxType || len(e.Link) > MaxLink {
		fail("not bounded")
	}
	if e.Priority < subscriptions.PriorityMin || e.Priority > subscriptions.PriorityMax {
		fail("priority %d", e.Priority)
	}
	if e.Link != "" && !strings.HasPrefix(strings.ToLower(e.Link), "http") && !strings.HasPrefix(strings.ToLower(e.Link), "mailto:") {
		fail("link")
	}
	if len(e.Actions) > subscriptions.MaxActions {
		fail("%d actions", len(e.Actions))
	}
	for _, a := range e.Actions {
		if err := a.Validate(); err != nil || a.Label != Line(a.Label, subscriptions.MaxActionLabel) {
			fail("an action %+v: %v", a, err)
		}
	}
	if len(e.DedupeKey)%32 != 0 {
		fail("dedupe key %q", e.DedupeKey)
	}
	if !e.Time.IsZero() && (e.Time.Year() < 2000 || e.Time.After(e.Received.Add(24*time.Hour))) {
		fail("time %v", e.Time)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"id":1,"time":1772366000,"title":"t","message":"m\nn","priority":"high","click":"https://a.b/c"}`,
		`{"event":"update","payload":"{\"content\":\"x\"}"}`, `[{"title":"x"}]`, `"text"`, "a\r\nb", "\xff\x00\u202e", `{"url":"mailto:a@b"}`,
		`{"title":"t","actions":[{"action":"http","label":"l","url":"http://a.b/","headers":{"a":"b"}}]}`,
		`{"a":{"b":[1,{"c":12345678901234567890}]}}`, "\x89PNG\r\n\x1a\n",
	} {
		f.Add("", "message", s, "a.b.1.c", false)
		f.Add("id", "x", s, `a\.b`, true)
	}
	f.Fuzz(func(t *testing.T, id, kind, data, path string, binary bool) {
		m := subscriptions.Message{ID: id, Cursor: "c", Type: kind, Data: data, Binary: binary, Received: received}
		fd := subscriptions.Feed{Name: "n", Settings: subscriptions.Settings{Resume: subscriptions.Resume{Field: path}}}
		e := decodeAll(fd, m)[0]
		check(t, e)
		if again := decodeAll(fd, m)[0]; !cmp.Equal(e, again) {
			t.Errorf("twice the same message: %s", cmp.Diff(e, again))
		}
		if c := cursorOf(fd, m); c == "" || !utf8.ValidString(c) || len(c) > MaxCursor || strings.ContainsFunc(c, isControl) {
			t.Errorf("cursor %q", c)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := `{"id":"sPs71M8A2T","time":1772366000,"expires":1772409200,"event":"message","topic":"mytopic","title":"Backup of the house finished","message":"12 new files, 3 changed, 0 removed.\nTook 00:02:10 on the slow disk, as ever.","priority":4,"tags":["warning","floppy_disk"],"click":"https://example.com/backup/12"}`
	m := subscriptions.Message{Type: "message", Data: data, Received: received}
	d := mustCompile(feed)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(m, "")
	}
}

func ExampleDecoder_Decode() {
	d, err := Compile(subscriptions.Feed{Name: "Deploys"})
	if err != nil {
		panic(err)
	}
	e := d.Decode(subscriptions.Message{
		Type: "message",
		Data: `{"id":7,"title":"Build failed","text":"2 tests","severity":"error","url":"https://ci.example/7"}`,
	}, "").Events[0]
	fmt.Println(e.MessageID, e.Title, "/", e.Body, e.Priority, e.Link)
	// Output: 7 Build failed / 2 tests 4 https://ci.example/7
}
