package expression_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions/expression"

	"github.com/google/go-cmp/cmp"
)

// payload is what most tests look at.
const payload = `{
	"title": "Build failed", "n": 3, "f": 1.5, "ok": true, "none": null, "empty": "",
	"big": 12345678901234567890, "exact": 9007199254740993,
	"tags": ["ci", "urgent"], "repo": {"name": "web", "url": "https://git.example.org/web"},
	"commits": [{"id": "a", "msg": "one"}, {"id": "b", "msg": "two"}],
	"html": "<p>Hello <b>you</b> &amp; me</p><p>Bye</p>", "inner": "{\"a\":{\"b\":7}}",
	"at": 1772366000
}`

func scope(t testing.TB, raw string) expression.Scope {
	t.Helper()
	data, ok := expression.FromJSON(raw)
	if !ok {
		data = raw
	}
	return expression.Scope{
		Data: data, Raw: raw, Type: "push", ID: "17", Cursor: "42",
		Feed:     expression.Feed{ID: "ci", Name: "CI builds", URL: "https://ci.example.org/sse"},
		Received: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

func TestEval(t *testing.T) {
	s := scope(t, payload)
	for source, want := range map[string]any{
		`data.title`:                              "Build failed",
		`data.missing`:                            nil,
		`data.missing.deep.er`:                    nil,
		`data.title.missing`:                      nil,
		`data.missing ?? feed.name`:               "CI builds",
		`data.none ?? "x"`:                        "x",
		`data.empty ?? "x"`:                       "",
		`default(data.empty, "x")`:                "x",
		`data?.repo?.name`:                        "web",
		`data["repo"]["name"]`:                    "web",
		`data.tags[0]`:                            "ci",
		`data.tags[-1]`:                           "urgent",
		`data.tags[9]`:                            nil,
		`"ci" in data.tags`:                       true,
		`"no" in data.tags`:                       false,
		`"name" in data.repo`:                     true,
		`data.n in [1, 2, 3]`:                     true,
		`type in ["push", "pull"]`:                true,
		`"x" in data.missing`:                     false,
		`data.n + 1`:                              4,
		`data.n + data.f`:                         4.5,
		`data.title + "!"`:                        "Build failed!",
		`data.title + data.missing`:               "Build failed",
		`data.n == 3`:                             true,
		`data.n == 3.0`:                           true,
		`data.n != "3"`:                           true,
		`data.n > 2 && data.ok`:                   true,
		`data.missing == nil`:                     true,
		`data.repo == data.repo`:                  true,
		`data.exact`:                              9007199254740993,
		`data.big`:                                expression.Number("12345678901234567890"),
		`string(data.big)`:                        "12345678901234567890",
		`map(data.commits, .msg)`:                 []any{"one", "two"},
		`join(map(data.commits, .id))`:            "a, b",
		`join(data.tags, "/")`:                    "ci/urgent",
		`count(data.commits, .id == "a")`:         1,
		`filter(data.tags, # != "ci")`:            []any{"urgent"},
		`len(data.commits)`:                       2,
		`lower(data.title)`:                       "build failed",
		`upper(feed.id)`:                          "CI",
		`truncate(data.title, 6)`:                 "Build…",
		`truncate("héllo", 5)`:                    "héllo",
		`replace(data.title, "failed", "passed")`: "Build passed",
		`match(data.title, "^Build")`:             true,
		`data.title matches "FAILED"`:             false,
		`data.title matches "(?i)FAILED"`:         true,
		`data.missing matches "x"`:                false,
		`host(data.repo.url)`:                     "git.example.org",
		`plain(data.html)`:                        "Hello you & me\n\nBye",
		`parse(data.inner).a.b`:                   7,
		`json(data.repo)`:                         `{"name":"web","url":"https://git.example.org/web"}`,
		`split("a,b", ",")`:                       []any{"a", "b"},
		`data.ok ? "yes" : "no"`:                  "yes",
		`let r = data.repo; r.name`:               "web",
		`raw contains "urgent"`:                   true,
		`date(received, "2006")`:                  "2026",
		`cursor`:                                  "42",
		`trim("  a ")`:                            "a",
		`data.n ? 1 : 2`:                          nil, // an error, see below
	} {
		e, err := expression.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got, err := e.Eval(s)
		if source == `data.n ? 1 : 2` {
			if err == nil {
				t.Errorf("%s: %v", source, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", source, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", source, diff)
		}
	}
}

func TestTextAsData(t *testing.T) {
	s := scope(t, "plain words")
	for source, want := range map[string]any{
		`data`:                 "plain words",
		`data.title`:           nil,
		`data.title ?? data`:   "plain words",
		`data contains "word"`: true,
	} {
		e, err := expression.Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Eval(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", source, got, err)
		}
	}
}

func TestCompileErrorsNameTheColumn(t *testing.T) {
	for source, want := range map[string]*expression.Error{
		`data.title ==`:           {Line: 1, Column: 13},
		`dat.title`:               {Line: 1, Column: 1},
		`feed.nme`:                {Line: 1, Column: 6},
		`1 + + )`:                 {Line: 1, Column: 7},
		``:                        {Line: 1, Column: 1},
		`type == 3`:               {Line: 1, Column: 6},
		`raw matches "("`:         {Line: 1, Column: 13},
		`match(raw, "a{5000}")`:   {Line: 1, Column: 12},
		`repeat("x", 10)`:         {Line: 1, Column: 1},
		"true and\n  nothing":     {Line: 2, Column: 3},
		strings.Repeat("1+", 400): {Line: 1, Column: 1},
	} {
		_, err := expression.Compile(source)
		e, ok := errors.AsType[*expression.Error](err)
		if !ok {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if strings.Contains(e.Message, "\n") || e.Message == "" {
			t.Errorf("%s: message %q", source, e.Message)
		}
		if len(source) < 100 && (e.Line != want.Line || e.Column != want.Column) {
			t.Errorf("%s: %v, want line %d, column %d", source, e, want.Line, want.Column)
		}
	}
}

func TestTemplate(t *testing.T) {
	s := scope(t, payload)
	for source, want := range map[string]string{
		`{{ data.title ?? feed.name }}`:        "Build failed",
		`{{data.repo.name}}: {{ data.title }}`: "web: Build failed",
		`no holes`:                             "no holes",
		``:                                     "",
		`{{ data.missing }}`:                   "",
		`{{ {"a": "}}"}["a"] }}`:               "}}",
		`{{ data.tags }}`:                      `["ci","urgent"]`,
		`{{ data.n }} of {{ data.big }}`:       "3 of 12345678901234567890",
		`{ "x" }`:                              `{ "x" }`,
		`{{ data.title matches '}}' ? 1 : "é" }}`: "é",
	} {
		tm, err := expression.CompileTemplate(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := tm.Text(s); err != nil || got != want {
			t.Errorf("%s: %q, %v", source, got, err)
		}
	}
	for source, want := range map[string][2]int{
		`é {{ data.x + }}`:  {1, 14},
		"a\nb {{ nobody }}": {2, 6},
		`x {{ data`:         {1, 3},
	} {
		_, err := expression.CompileTemplate(source)
		e, ok := errors.AsType[*expression.Error](err)
		if !ok || e.Line != want[0] || e.Column != want[1] {
			t.Errorf("%q: %v", source, err)
		}
	}
	one, err := expression.CompileTemplate(`{{ data.n }}`)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := one.Value(s); v != 3 || err != nil {
		t.Errorf("the value of one hole: %v, %v", v, err)
	}
}

func TestFrame(t *testing.T) {
	s := scope(t, `{"s":"a\"b","n":null,"seq":7,"l":[1]}`)
	tm, err := expression.CompileTemplate(`{"q":"x {{ data.s }}","n":{{ data.n }},"ack":{{ data.seq }},"l":{{ data.l }}}`)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tm.Frame(s); err != nil || got != `{"q":"x a\"b","n":null,"ack":7,"l":[1]}` {
		t.Errorf("%s, %v", got, err)
	}
}

// Whatever would loop, eat the memory or run for a second is refused or cut.
func TestHostileExpressionsAreCut(t *testing.T) {
	big := scope(t, `{"s":"`+strings.Repeat("a", 900<<10)+`","l":[`+strings.Repeat("1,", 9_000)+`1]}`)
	double := "let a = [1,1]; "
	for i := range 40 {
		prev := string(rune('a' + i%26))
		if i >= 26 {
			prev += "x"
		}
		next := string(rune('a' + (i+1)%26))
		if i+1 >= 26 {
			next += "x"
		}
		double += "let " + next + " = [" + prev + "," + prev + "]; "
	}
	for name, source := range map[string]string{
		"loops":            `count(1..9000, count(1..9000, # > 0) > 0)`,
		"long range":       `1..1000000000`,
		"doubling":         `reduce(1..60, #acc + #acc, "xxxxxxxx")`,
		"growing":          `reduce(1..9000, #acc + data.s, "")`,
		"replace":          `replace(replace(data.s, "a", data.s), "a", data.s)`,
		"nested maps":      `map(1..5000, map(1..5000, #))`,
		"strings in loops": `map(1..9000, lower(data.s))`,
		"patterns":         `count(1..9000, match(data.s, "(a?){200}b"))`,
		"all of it":        double + `json(ox)`,
		"equal":            double + `ox == [nx,nx]`,
		"join":             `join(map(1..9000, data.s))`,
		"find":             `count(data.l, count(data.l, count(data.l, # == 2) > 0) > 0)`,
		"contains":         `count(1..9000, data.s contains "b")`,
		"in":               `count(1..9000, 2 in data.l)`,
	} {
		e, err := expression.Compile(source)
		if err != nil {
			continue
		}
		if v, err := e.Eval(big); err == nil {
			t.Errorf("%s was not cut: %T", name, v)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{`data.a ?? "x"`, `map(data, .b)`, `{{ data }}`, `"a" in raw`, `reduce(data, #acc + #, "")`, `let x = 1; x`, `data[1:2]`, `truncate(raw, 3)`} {
		f.Add(s, `{"a":[1,"b",{"c":null}]}`)
	}
	f.Fuzz(func(t *testing.T, source, raw string) {
		if len(raw) > 10_000 {
			return
		}
		s := scope(t, raw)
		if e, err := expression.Compile(source); err == nil {
			_, _ = e.Eval(s)
		} else if _, ok := errors.AsType[*expression.Error](err); !ok {
			t.Errorf("no place: %v", err)
		}
		if tm, err := expression.CompileTemplate(source); err == nil {
			if text, err := tm.Text(s); err == nil && len(text) > expression.MaxText {
				t.Errorf("%d bytes", len(text))
			}
		} else if _, ok := errors.AsType[*expression.Error](err); !ok {
			t.Errorf("no place: %v", err)
		}
	})
}

func BenchmarkTemplate(b *testing.B) {
	s := scope(b, payload)
	tm, err := expression.CompileTemplate(`{{ data.repo.name }}: {{ data.title ?? feed.name }}`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tm.Text(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFromJSON(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		expression.FromJSON(payload)
	}
}
