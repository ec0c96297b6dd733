package feedfile

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write docs/feeds.schema.json")

const schemaFile = "../../docs/feeds.schema.json"

func TestSchemaIsWrittenDown(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaFile, SchemaJSON(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(SchemaJSON()), string(b)); d != "" {
		t.Errorf("docs/feeds.schema.json is old; write it with: go test ./internal/feedfile -run Schema -update\n%s", d)
	}
}

// Every constant of an enumerated type is in the schema, and nothing else.
func TestEnumsAreWhole(t *testing.T) {
	declared := map[string][]string{}
	files, err := os.ReadDir("../../subscriptions")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), "../../subscriptions/"+f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type == nil || len(spec.Values) == 0 {
				return true
			}
			if name, ok := spec.Type.(*ast.Ident); ok {
				for _, v := range spec.Values {
					if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						s, _ := strconv.Unquote(lit.Value)
						declared[name.Name] = append(declared[name.Name], s)
					}
				}
			}
			return true
		})
	}
	for typ, values := range enums() {
		slices.Sort(values)
		slices.Sort(declared[typ.Name()])
		if d := cmp.Diff(declared[typ.Name()], values); d != "" {
			t.Errorf("%s (-declared +in the schema):\n%s", typ, d)
		}
	}
	// A type of texts that is none of them would be unchecked.
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Slice, reflect.Map:
			walk(typ.Elem())
		case reflect.Struct:
			for _, f := range reflect.VisibleFields(typ) {
				if f.IsExported() {
					walk(f.Type)
				}
			}
		case reflect.String:
			if typ.PkgPath() != "" && enums()[typ] == nil && typ != reflect.TypeFor[subscriptions.SecretRef]() {
				t.Errorf("%s has no place in enums", typ)
			}
		}
	}
	walk(reflect.TypeFor[File]())
}

// What the file's feed has, the daemon's request has too, by the same name.
func TestFieldsAreTheDaemons(t *testing.T) {
	have := structSchema(reflect.TypeFor[control.NewFeed]()).Properties
	for name := range structSchema(reflect.TypeFor[Feed]()).Properties {
		if have[name] == nil {
			t.Errorf("a request has no %q", name)
		}
		delete(have, name)
	}
	for _, act := range []string{"accept_certificate", "preset", "options", "detect"} { // of adding, no setting
		delete(have, act)
	}
	for name := range have {
		t.Errorf("a file has no %q", name)
	}
}

func drawFeed(t *rapid.T) Feed {
	nasty := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune(" \t\n\r:#-'\"\\{}[]!&*%@`?|>,\u0085\u2028\ufeffab~1")), rapid.Rune()))
	word := rapid.OneOf(rapid.SampledFrom([]string{"", "yes", "null", "~", "0x10", "1e3", "- a", "a: b", "{{ data[\"x\"] ?? 'y' }}", "a\nb\n", "a\n\nb", " a", "a ", "<<", "=", ".inf", "1_000", "2026-11-21", "12:30:45", "a\n b", "\n", "***"}), nasty)
	seconds := rapid.Custom(func(t *rapid.T) subscriptions.Duration {
		return subscriptions.Duration(rapid.Int64Range(0, 1<<50).Draw(t, "d"))
	})
	return rapid.Custom(func(t *rapid.T) Feed {
		f := Feed{
			ID: rapid.StringMatching(`([a-z0-9][a-z0-9-]{0,39})?`).Draw(t, "id"), Name: word.Draw(t, "name"), URL: "https://example.org/" + rapid.StringMatching(`[a-z~%?&=#:.-]{0,9}`).Draw(t, "url"),
			Transport: rapid.SampledFrom([]subscriptions.TransportName{"", "sse", "websocket", "poll", "longpoll"}).Draw(t, "transport"),
			Paused:    rapid.Bool().Draw(t, "paused"), Proxy: rapid.SampledFrom([]string{"", "none", "http://***@127.0.0.1:8080"}).Draw(t, "proxy"),
			TLS: subscriptions.TLS{CAFile: word.Draw(t, "ca"), Pins: rapid.SliceOfN(word, 0, 2).Draw(t, "pins")},
		}
		for range rapid.IntRange(0, 2).Draw(t, "n") {
			f.Headers = append(f.Headers, subscriptions.Header{Name: word.Draw(t, "h"), Value: word.Draw(t, "v")})
			f.Auth = append(f.Auth, Credential{By: rapid.SampledFrom([]subscriptions.AuthBy{"bearer", "basic", "query", "cookie", "header", "proxy", "frame"}).Draw(t, "by"), Name: word.Draw(t, "n"), Secret: subscriptions.SecretRef(rapid.SampledFrom([]string{"keyring", "env:", "file:", "command:"}).Draw(t, "ref"))})
			if f.Auth[len(f.Auth)-1].Secret != "keyring" {
				f.Auth[len(f.Auth)-1].Secret += subscriptions.SecretRef(word.Draw(t, "rest"))
			}
			f.Frames = append(f.Frames, subscriptions.Frame{After: word.Draw(t, "after"), Send: word.Draw(t, "send")})
			f.Conversation.Replies = append(f.Conversation.Replies, subscriptions.Reply{When: word.Draw(t, "w"), Send: word.Draw(t, "s")})
		}
		f.Settings.Subprotocols = rapid.SliceOfN(word, 0, 3).Draw(t, "sub")
		if m := rapid.MapOfN(word, word, 0, 3).Draw(t, "remember"); len(m) > 0 {
			f.Conversation.Remember = m
		}
		f.Heartbeat = subscriptions.Heartbeat{Send: word.Draw(t, "hb"), Every: seconds.Draw(t, "every")}
		f.KeepAlive, f.MaxAttempts = seconds.Draw(t, "keep"), rapid.IntRange(0, 1<<31-1).Draw(t, "max")
		f.Look = subscriptions.Look{Folder: word.Draw(t, "folder"), Icon: word.Draw(t, "icon"), Colour: rapid.SampledFrom([]string{"", "red", "grey"}).Draw(t, "colour")}
		f.Keep = subscriptions.Keep{Days: rapid.IntRange(-1, 1000).Draw(t, "days"), Events: rapid.IntRange(-1, 1000).Draw(t, "events")}
		f.Dedupe.Off = rapid.Bool().Draw(t, "off")
		f.Resume = subscriptions.Resume{By: rapid.SampledFrom([]subscriptions.ResumeBy{"", "query", "backfill"}).Draw(t, "resume"), Field: word.Draw(t, "field"), Backfill: subscriptions.Backfill{URL: word.Draw(t, "b"), Order: rapid.SampledFrom([]subscriptions.BackfillOrder{"", "forwards", "backwards"}).Draw(t, "o")}}
		f.Mapping = subscriptions.Mapping{Title: word.Draw(t, "title"), Body: word.Draw(t, "body"), Format: rapid.SampledFrom([]subscriptions.Format{"", "json", "html"}).Draw(t, "format")}
		return f
	}).Draw(t, "feed")
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := []Feed{drawFeed(t), drawFeed(t)}
		want[1].ID = ""
		b, err := Marshal(File{Feeds: want})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Parse(b)
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		var got []Feed
		for _, e := range doc.Entries {
			got = append(got, e.Feed)
			if !strings.HasPrefix(strings.Split(string(b), "\n")[e.Line-1], "  - ") {
				t.Errorf("a feed begins in line %d?\n%s", e.Line, b)
			}
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(Credential{})); d != "" {
			t.Fatalf("(-written +read)\n%s\n%s", d, b)
		}
		again, err := Marshal(File{Feeds: got})
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("written differently the second time (%v):\n%s", err, again)
		}
	})
}

func TestMistakes(t *testing.T) {
	const head = "version: 1\nfeeds:\n  - url: https://example.org/\n"
	for name, tc := range map[string]struct{ text, want string }{
		"empty":             {"", "the file is empty"},
		"only a comment":    {"# x\n", "the file is empty"},
		"a text":            {"hello", "line 1, column 1: this is no file of feeds"},
		"a page":            {"<html>\n<body>", "this is no file of feeds"},
		"another version":   {"version: 2\nfeeds: []", `line 1, column 10: "version" 2 is not known to this Bellwire`},
		"no version":        {"feeds: []", `the file has no "version"`},
		"no address":        {"version: 1\nfeeds:\n  - name: x\n", `line 3, column 5: the feed has no "url"`},
		"unknown":           {head + "    titel: x\n", `line 4, column 5: unknown field "titel"`},
		"unknown, deep":     {head + "    mapping:\n      titel: x\n", `line 5, column 7: unknown field "titel", did you mean "title"?`},
		"twice":             {head + "    name: a\n    name: b\n", `line 5, column 5: mapping key "name" already defined`},
		"a list of texts":   {head + "    headers: x\n", `line 4, column 14: "headers" must be a list`},
		"a number":          {head + "    max_attempts: some\n", `line 4, column 19: "max_attempts" must be a number`},
		"below 0":           {head + "    max_attempts: -1\n", `"max_attempts" must be a number`},
		"huge":              {head + "    max_attempts: 99999999999999999999\n", `"max_attempts" must be a number`},
		"no boolean":        {head + "    paused: yes\n", `line 4, column 13: "paused" must be true or false`},
		"no duration":       {head + "    keep_alive: soon\n", `line 4, column 17: "keep_alive" must be a time like "1m30s"`},
		"no enum":           {head + "    resume: {by: magic}\n", `"resume.by" must be one of last-event-id, query`},
		"a secret, plain":   {head + "    auth: [{by: bearer, secret: hush-hush}]\n", `line 4, column 33: "auth.secret" cannot be that, but like keyring or env:TOKEN`},
		"an entry is text":  {"version: 1\nfeeds: [x]", "line 2, column 9: the feed must have names and values"},
		"two ids":           {"version: 1\nfeeds:\n  - {id: a, url: 'http://x/'}\n  - {id: a, url: 'http://y/'}\n", `line 4: the id "a" is that of line 3 already`},
		"two documents":     {head + "---\nversion: 1\n", "one document"},
		"a merge":           {"version: 1\nfeeds:\n  - &a {url: 'http://x/'}\n  - <<: *a\n", "is not understood here"},
		"a tag":             {"version: 1\nfeeds: !x []", "tags are not understood"},
		"no anchor":         {"version: 1\nfeeds: [*a]", `there is no anchor "a"`},
		"inside itself":     {"version: 1\nfeeds: &a [*a]", `there is no anchor "a"`},
		"broken":            {"version: 1\nfeeds: [", "line 2, column 8"},
		"no text":           {"version: 1\x00", "no text in UTF-8"},
		"too large":         {"# " + strings.Repeat("x", MaxSize), "larger than"},
		"too deep":          {strings.Repeat("[", 1<<19), "too much"},
		"too deep, entries": {strings.Repeat("- ", 1<<18), "too much"},
		"too deep, lines":   {"version: 1\nfeeds:\n" + deep(60), "unknown field"},
		"too many keys":     {manyKeys(30_000), "too much"},
		"too many anchors":  {strings.Repeat("&a ", 300_000), "too much"},
		"too many tags":     {strings.Repeat("!!a ", 200_000), "too much"},
		"too many feeds":    {"version: 1\nfeeds:\n" + strings.Repeat(" - {url: 'http://x/'}\n", MaxFeeds+1), `"feeds" has more than 10000 entries`},
		"billion laughs":    {laughs(), "too much"},
		"one long laugh":    {"version: 1\nfeeds:\n - {name: &a " + strings.Repeat("x", 1<<19) + ", url: 'http://x/'}\n" + strings.Repeat(" - {name: *a, url: 'http://x/'}\n", 900), "too much"},
	} {
		_, err := Parse([]byte(tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
		if e := (*Error)(nil); err != nil && (!errors.As(err, &e) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s- a:\n", strings.Repeat("  ", i))
	}
	return b.String()
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "key-%d: v\n", i)
	}
	return b.String()
}

// laughs is a list of many headers, again and again.
func laughs() string {
	return "version: 1\nfeeds:\n  - {url: 'http://x/', headers: &h [" + strings.Repeat("{name: a, value: b},", 20_000) + "]}\n" + strings.Repeat("  - {url: 'http://x/', headers: *h}\n", 990)
}

// The bounds leave room for what people have.
func TestManyFeeds(t *testing.T) {
	var file File
	for i := range MaxFeeds {
		file.Feeds = append(file.Feeds, Feed{ID: fmt.Sprint("f", i), URL: fmt.Sprintf("https://example.org/%d", i), Name: "a: b", Paused: true})
	}
	b, err := Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := Parse(b); err != nil || len(doc.Entries) != MaxFeeds {
		t.Errorf("%d feeds of %d bytes: %v", len(doc.Entries), len(b), err)
	}
	script := strings.Repeat("a line\n", 5000)
	b, err = Marshal(File{Feeds: []Feed{{URL: "https://example.org/", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Body: script}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := Parse(b); err != nil || doc.Entries[0].Feed.Mapping.Body != script {
		t.Error(err)
	}
}

func TestAliasesAreFollowed(t *testing.T) {
	doc, err := Parse([]byte("version: 1\nfeeds:\n  - url: http://x/\n    mapping: &m {title: T}\n  - url: http://y/\n    mapping: *m\n"))
	if err != nil || len(doc.Entries) != 2 || doc.Entries[1].Feed.Mapping.Title != "T" {
		t.Errorf("%+v, %v", doc, err)
	}
}

// Ten lines that would be a thousand million texts ("billion laughs").
func TestAliasesThatGrow(t *testing.T) {
	text := "version: 1\nfeeds:\n  - url: http://x/\n    subprotocols:\n      - &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		text += "      - &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "*" + string(c-1) + "]\n"
	}
	if _, err := Parse([]byte(text)); err == nil {
		t.Error("it was read")
	}
	// The same where lists of lists are never wanted, but text is.
	text = "version: 1\nfeeds:\n"
	for range 500 {
		text += "  - url: http://x/\n    mapping: {body: *a}\n"
	}
	text = strings.Replace(text, "*a", "&a "+strings.Repeat("x", 200_000), 1)
	if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "too much") && !strings.Contains(err.Error(), "large") {
		t.Errorf("a hundred million characters: %v", err)
	}
}

// The examples in the description are right.
func TestDescribed(t *testing.T) {
	b, err := os.ReadFile("../../docs/feeds-file.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(b), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	doc, err := Parse([]byte(example))
	if err != nil || len(doc.Entries) != 1 {
		t.Errorf("%+v, %v", doc, err)
	}
	for name := range structSchema(reflect.TypeFor[Feed]()).Properties {
		if !strings.Contains(string(b), "`"+name+"`") {
			t.Errorf("docs/feeds-file.md says nothing of %q", name)
		}
	}
}

func TestLines(t *testing.T) {
	doc, err := Parse([]byte("version: 1\nfeeds:\n  - url: http://x/\n    mapping:\n      title: T\n      body: B\n\n  - name: y\n    url: http://y/\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"": 3, "mapping": 4, "mapping.title": 5, "mapping.body": 6, "mapping.link": 4, "resume.by": 3} {
		if got := doc.Entries[0].LineOf(path); got != want {
			t.Errorf("%q is in line %d, not %d", path, got, want)
		}
	}
	if doc.Entries[1].Line != 8 {
		t.Errorf("the second begins in line %d", doc.Entries[1].Line)
	}
}

func TestDiff(t *testing.T) {
	a := Feed{URL: "http://x/", Name: "A", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "T"}, MaxAttempts: 3}}
	b := a
	b.Name, b.Mapping.Title, b.Mapping.Body, b.MaxAttempts = "B", "", "x", 0
	b.Frames = []subscriptions.Frame{{Send: "hi"}}
	want := []FieldChange{{"frames[0].send", "", "hi"}, {"mapping.body", "", "x"}, {"mapping.title", "T", ""}, {"max_attempts", "3", ""}, {"name", "A", "B"}}
	if d := cmp.Diff(want, Diff(a, b)); d != "" {
		t.Error(d)
	}
	if d := Diff(a, a); d != nil {
		t.Error(d)
	}
}

func TestHideSecrets(t *testing.T) {
	for raw, want := range map[string]string{
		"https://x/?token=***&topic=t&key=": "https://x/?token=***&topic=t&key=",
		"https://x/?token=%zz&a=1":          "https://x/?token=***&a=1",
		"https://***@x/?a=b%20c":            "https://***@x/?a=b%20c",
		"https://ann:hush@x/":               "https://***@x/",
		"none":                              "none",
		"":                                  "",
	} {
		if got := hideSecrets(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	whole, err := Marshal(File{Feeds: []Feed{{ID: "a", URL: "https://example.org/", Settings: subscriptions.Settings{Frames: []subscriptions.Frame{{Send: "a\nb"}}, Mapping: subscriptions.Mapping{Title: "{{ data.x }}"}}}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{string(whole), "https://x/\n", "subscribe:\n - topic: a\n", "version: 1\nfeeds: &a [*a, {url: x}]", "a: |\n  b\n? c", "{a: [}", "- - :", "feeds:\n\t- x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc, err := Parse([]byte(s))
		if err != nil || doc.Kind != KindBellwire {
			return
		}
		var feeds []Feed
		for _, e := range doc.Entries {
			feeds = append(feeds, e.Feed)
		}
		b, err := Marshal(File{Feeds: feeds})
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(b)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v\n%s", err, b)
		}
		for i, e := range again.Entries {
			if d := cmp.Diff(feeds[i], e.Feed, cmpopts.EquateEmpty(), cmp.AllowUnexported(Credential{})); d != "" {
				t.Fatalf("%s\n%s", d, b)
			}
		}
	})
}
