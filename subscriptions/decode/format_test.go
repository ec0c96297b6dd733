package decode

import (
	"fmt"
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// titles are an events' titles and bodies, one event a line.
func titles(events []subscriptions.Event) string {
	var lines []string
	for _, e := range events {
		line := e.Title
		if e.Body != "" {
			line += " | " + strings.ReplaceAll(e.Body, "\n", "⏎")
		}
		if e.Warning != "" {
			line += " ! " + e.Warning
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestFormats(t *testing.T) {
	for _, tc := range []struct {
		name    string
		mapping subscriptions.Mapping
		data    string
		want    string
	}{
		{"lines", subscriptions.Mapping{Format: "lines", Title: "{{ data.t ?? data }}"}, "{\"t\":\"a\"}\n\n plain \r\n{\"t\":3}", "a\nplain\n3"},
		{"lines, each with its own raw", subscriptions.Mapping{Format: "lines", Skip: `raw == "{}"`}, "{}\n{\"title\":\"x\"}\n{}", "x"},
		{"form", subscriptions.Mapping{Format: "form"}, "title=Disk+full&message=50%25&x=1&x=2", "Disk full | 50%"},
		{"form with JSON in it", subscriptions.Mapping{Format: "form"}, `payload=%7B%22text%22%3A%22hi%22%7D`, "hi"},
		{"form, mapped", subscriptions.Mapping{Format: "form", Title: "{{ data.x[1] }} {{ data.a }}"}, "x=1&x=2&a=b", "2 b"},
		{"no form", subscriptions.Mapping{Format: "form"}, "%zz", "%zz"},
		{"text", subscriptions.Mapping{Format: "text"}, `{"title":"x"}`, `{"title":"x"}`},
		{"text, mapped", subscriptions.Mapping{Format: "text", Title: "{{ data[0:2] }}", Body: "{{ parse(data[2:])[0] }}"}, `42["a"]`, `42 | a`},
		{"html", subscriptions.Mapping{Format: "html"}, "<h1>Hi</h1><p>a <b>b</b></p><script>x()</script><ul><li>1<li>2</ul>", "Hi | a b⏎⏎• 1⏎• 2"},
		{"html in JSON", subscriptions.Mapping{Format: "html"}, `{"title":"A &amp; B","message":"<i>c</i>"}`, "A & B | c"},
		{"markdown", subscriptions.Mapping{Format: "markdown"}, "# Done\n\n**all** *3* `hosts`\n\n- [log](https://a.example/)\n- b\n\n1. x\n2. y\n\n```\ncode  here\n```\n> quote", "Done | all 3 hosts⏎⏎• log (https://a.example/)⏎• b⏎⏎1. x⏎2. y⏎⏎code  here⏎> quote"},
		{"markdown in JSON", subscriptions.Mapping{Format: "markdown"}, `{"title":"T","message":"**b** & \\*"}`, "T | b & *"},
		{"auto, JSON in a string", subscriptions.Mapping{Title: "{{ data.a }}", Body: "{{ data.b }}"}, `"{\"a\":12345678901234567890,\"b\":1.50}"`, "12345678901234567890 | 1.5"},
		{"auto, text", subscriptions.Mapping{Title: "<{{ data }}>"}, `hello`, "<hello> | hello"},
		{"JSON lines", subscriptions.Mapping{}, "{\"title\":\"a\"}\n{\"title\":\"b\"}\n", "a\nb"},
		{"a pretty object is one", subscriptions.Mapping{}, "{\n \"title\":\"a\",\n \"x\":{\n}\n}", "a"},
		{"a list of objects", subscriptions.Mapping{}, `[{"title":"a"},{"title":"b"}]`, "a\nb"},
		{"a list of objects, mapped", subscriptions.Mapping{Title: "{{ data.x }}", Skip: "data.x == 2"}, `[{"x":1},{"x":2},{"x":3}]`, "1\n3"},
		{"a mixed list is one", subscriptions.Mapping{}, `[{"title":"a"},1]`, `Deploys | [{"title":"a"},1]`},
		{"events, several", subscriptions.Mapping{Events: "data.items", Title: "{{ data.x }} of {{ len(raw) }}"}, `{"items":[{"x":1},null,{"x":2}]}`, "1 of 32\n2 of 32"},
		{"events, none", subscriptions.Mapping{Events: "data.items"}, `{"x":1}`, ""},
		{"events, one", subscriptions.Mapping{Events: "parse(data.payload)"}, `{"payload":"{\"title\":\"in\"}"}`, "in"},
		{"events, too many", subscriptions.Mapping{Events: "map(data, data)"}, "[" + strings.Repeat("1,", 1000) + "1]", "A message with more than 1000 events in it"},
		{"a failing title", subscriptions.Mapping{Title: "{{ int(data.title) }}"}, `{"title":"x"}`, "x ! title: "},
		{"a failing skip", subscriptions.Mapping{Skip: "int(data.title) > 1"}, `{"title":"x"}`, "x ! skip: "},
		{"a failing events", subscriptions.Mapping{Events: "int(data.title)"}, `{"title":"x"}`, "x ! events: "},
		{"both blank", subscriptions.Mapping{Title: "{{ data.a }}", Body: "{{ data.b }}"}, `{"title":"x","message":"y"}`, "x | y"},
		{"title blank", subscriptions.Mapping{Title: "{{ data.a }}", Body: "b"}, `{"title":"x","message":"y"}`, "b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := decodeAll(mapped(tc.mapping), subscriptions.Message{Data: tc.data, Received: received})
			text := titles(got)
			if strings.HasSuffix(tc.want, ": ") {
				text = text[:min(len(text), len(tc.want))]
			}
			if text != tc.want {
				t.Errorf("got  %q\nwant %q", text, tc.want)
			}
			for _, e := range got {
				check(t, e)
			}
		})
	}
}

func TestALongListIsOneRow(t *testing.T) {
	payload := "[" + strings.Repeat(`{"title":"x"},`, MaxEvents) + `{"title":"x"}]`
	got := decodeAll(feed, subscriptions.Message{Data: payload})
	if len(got) != 1 || got[0].Title != "A message with more than 1000 events in it" || got[0].Raw != payload {
		t.Errorf("%d events, %q", len(got), got[0].Title)
	}
}

// Every event of a message has a key of its own, the same when it comes again.
func TestKeysOfSeveralEvents(t *testing.T) {
	keys := func(f subscriptions.Feed, m subscriptions.Message) (keys []string) {
		for _, e := range decodeAll(f, m) {
			keys = append(keys, e.DedupeKey)
		}
		return keys
	}
	same := subscriptions.Message{ID: "7", Data: `[{"title":"x"},{"title":"x"},{"title":"y"}]`}
	got := keys(feed, same)
	if len(got) != 3 || got[0] == got[1] || got[0] == "" {
		t.Errorf("keys %q", got)
	}
	if diff := cmp.Diff(got, keys(feed, same)); diff != "" {
		t.Error(diff)
	}
	same.ID = ""
	if got := keys(feed, same); got[0] != "" {
		t.Errorf("without an id there is the key %q", got)
	}
	// With a field of its own an event is known in any company.
	f := feed
	f.Dedupe.Field = "k"
	a := keys(f, subscriptions.Message{ID: "1", Data: `[{"k":1},{"k":2}]`})
	b := keys(f, subscriptions.Message{ID: "2", Data: `[{"k":2},{"k":3}]`})
	if a[1] != b[0] || a[0] == b[1] {
		t.Errorf("%q and %q", a, b)
	}
	// So it is with a cursor of its own.
	f = mapped(subscriptions.Mapping{Events: "data.p", Cursor: "{{ data.o }}"})
	d := mustCompile(f)
	res := d.Decode(subscriptions.Message{Data: `{"p":[{"o":5,"title":"a"},{"o":6,"title":"b"}]}`, Cursor: "x"}, "4")
	if res.Cursor != "6" || res.Events[0].DedupeKey == res.Events[1].DedupeKey || res.Events[0].DedupeKey == "" {
		t.Errorf("%+v", res)
	}
	if got := d.PayloadCursor()(subscriptions.Message{Data: `{"p":[{"o":9}]}`}); got != "9" {
		t.Errorf("inside the payload: %q", got)
	}
}

func TestMemoryReachesTheMapping(t *testing.T) {
	f := mapped(subscriptions.Mapping{Cursor: `{{ json({"epoch": memory.epoch, "offset": data.o}) }}`, Title: "{{ memory.name }}"})
	got := mustCompile(f).Decode(subscriptions.Message{Data: `{"o":3}`, Memory: map[string]any{"epoch": "e", "name": "n"}}, "")
	if got.Cursor != `{"epoch":"e","offset":3}` || got.Events[0].Title != "n" {
		t.Errorf("%+v", got)
	}
	if got := mustCompile(f).Decode(subscriptions.Message{Data: `{"o":3}`}, ""); got.Events[0].Title != "Deploys: o" && got.Events[0].Title == "" {
		t.Errorf("%+v", got)
	}
}

func FuzzMapping(f *testing.F) {
	for _, s := range []string{"data.title", "data", "map(data, # + 1)", "parse(raw)", "data.items", "plain(data)", "markdown(raw)", "[data, data]", "split(raw, \",\")"} {
		for i, data := range []string{`{"title":"x","items":[1,{"a":2}]}`, "a,b\nc", `[{"title":"x"},{"title":"y"}]`, "a=b&c=d", "**x** <b>y</b>"} {
			f.Add(s, data, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, source, data string, format uint8) {
		hole := fmt.Sprintf("{{ %s }}", source)
		feed := mapped(subscriptions.Mapping{
			Format: formats[int(format)%len(formats)], Events: source, Title: hole, Body: "b" + hole, Link: hole, Priority: hole, Tags: hole,
			Icon: hole, Image: hole, Time: hole, ID: hole, Type: hole, Group: hole, Cursor: hole,
		})
		if format&64 != 0 {
			feed.Mapping.Events = ""
		}
		d, err := Compile(feed)
		if err != nil {
			return
		}
		m := subscriptions.Message{ID: "1", Data: data, Received: received}
		got := d.Decode(m, "before")
		for _, e := range got.Events {
			check(t, e)
			if e.DedupeKey == "" || len(e.Tags) > MaxTags || strings.ContainsAny(e.Warning+e.Group+strings.Join(e.Tags, ""), "\n\r\x00") {
				t.Errorf("%+v", e)
			}
		}
		if len(got.Events) > MaxEvents || got.Cursor != "before" && !sendable(got.Cursor) {
			t.Errorf("%d events, cursor %q", len(got.Events), got.Cursor)
		}
	})
}

func BenchmarkDecodeMapped(b *testing.B) {
	d := mustCompile(mapped(subscriptions.Mapping{
		Format: "json", KeepAlive: `data.event == "keepalive"`, Skip: `data.event != "message"`,
		Title: `{{ default(data.title, data.topic) }}`, Body: `{{ data.message }}`, Link: `{{ data.click ?? data.attachment.url }}`,
		Priority: `{{ data.priority }}`, Tags: `{{ data.tags }}`, Time: `{{ data.time }}`, ID: `{{ data.id }}`, Group: `{{ data.topic }}`,
	}))
	data := `{"id":"sPs71M8A2T","time":1772366000,"expires":1772409200,"event":"message","topic":"mytopic","title":"Backup of the house finished","message":"12 new files, 3 changed, 0 removed.\nTook 00:02:10 on the slow disk, as ever.","priority":4,"tags":["warning","floppy_disk"],"click":"https://example.com/backup/12"}`
	m := subscriptions.Message{Type: "message", Data: data, Received: received}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(m, "")
	}
}
