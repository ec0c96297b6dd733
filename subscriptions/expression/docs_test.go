package expression_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions/expression"

	"github.com/expr-lang/expr/parser/operator"
	"github.com/google/go-cmp/cmp"
)

// docsPath is the reference that these tests hold.
const docsPath = "../../docs/expressions.md"

// tables are the rows of the tables in a page whose last column has the given
// head; each row its cells.
func tables(page, last string) (rows [][]string) {
	in := false
	for line := range strings.SplitSeq(page, "\n") {
		if !strings.HasPrefix(line, "|") {
			in = false
			continue
		}
		cells := cells(line)
		switch {
		case cells[len(cells)-1] == last:
			in = true
		case in && !strings.HasPrefix(cells[0], "---"):
			rows = append(rows, cells)
		}
	}
	return rows
}

// cells are those of a table's row; \| in one is a bar.
func cells(line string) (out []string) {
	line = strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00")
	for c := range strings.SplitSeq(line, "|") {
		out = append(out, strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|")))
	}
	return out
}

func code(cell string) string { return strings.TrimSuffix(strings.TrimPrefix(cell, "`"), "`") }

// docs are the page and what its examples are run with.
func docs(t *testing.T) (string, expression.Scope) {
	t.Helper()
	b, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	here := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = here })
	_, rest, _ := strings.Cut(string(b), "```json\n")
	payload, _, _ := strings.Cut(rest, "\n```")
	s := scope(t, payload)
	s.N = 1
	s.Event = map[string]any{"title": "Build failed"}
	return string(b), s
}

// Every example of the reference is true.
func TestDocumentedExpressions(t *testing.T) {
	page, s := docs(t)
	rows := tables(page, "result")
	if len(rows) < 90 {
		t.Errorf("%d examples: were they found?", len(rows))
	}
	for _, row := range rows {
		source, want := code(row[len(row)-2]), code(row[len(row)-1])
		e, err := expression.Compile("json(" + source + ")")
		if strings.HasPrefix(source, "let ") {
			e, err = expression.Compile(strings.Replace(source, "; ", "; json(", 1) + ")")
		}
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := e.Eval(s); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %s", source, got, err, want)
		}
	}
	for _, row := range tables(page, "error") {
		source, want := code(row[0]), code(row[1])
		e, err := expression.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if _, err := e.Eval(s); fmt.Sprint(err) != want {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
	}
}

func TestDocumentedTemplates(t *testing.T) {
	page, s := docs(t)
	fill := func(fill func(*expression.Template, expression.Scope) (string, error), rows [][]string) {
		if len(rows) < 2 {
			t.Errorf("%d examples: were they found?", len(rows))
		}
		for _, row := range rows {
			tm, err := expression.CompileTemplate(code(row[0]))
			if err != nil {
				t.Errorf("%s: %v", row[0], err)
				continue
			}
			if got, err := fill(tm, s); err != nil || got != code(row[1]) {
				t.Errorf("%s is %q, %v; want %s", row[0], got, err, row[1])
			}
		}
	}
	before, sent, _ := strings.Cut(page, "\n| sent |")
	fill((*expression.Template).Text, tables(before, "text"))
	fill((*expression.Template).Frame, tables("| sent |"+sent, "text"))
}

// Every function and operator there is has its row.
func TestEverythingIsDocumented(t *testing.T) {
	page, _ := docs(t)
	name := regexp.MustCompile("`([a-zA-Z]+)\\(")
	var told []string
	for _, row := range tables(page, "result") {
		for _, m := range name.FindAllStringSubmatch(row[0], -1) {
			told = append(told, m[1])
		}
	}
	slices.Sort(told)
	if diff := cmp.Diff(expression.Functions(), slices.Compact(told)); diff != "" {
		t.Errorf("docs/expressions.md does not have the functions there are: %s", diff)
	}
	_, section, _ := strings.Cut(page, "\n## Operators\n")
	section, _, _ = strings.Cut(section, "\n## ")
	section = strings.ReplaceAll(section, `\|`, "|")
	for _, operators := range []map[string]operator.Operator{operator.Binary, operator.Unary} {
		for o := range operators {
			if !strings.Contains(section, "`"+o+"`") {
				t.Errorf("the operator %s is not told of", o)
			}
		}
	}
	for _, n := range expression.EventNames() {
		if !strings.Contains(page, "`"+n+"`") && !strings.Contains(page, "`event."+n+"`") {
			t.Errorf("event.%s is not told of", n)
		}
	}
}

// What looks from the end leaves nothing behind that a call around it takes
// for its argument.
func TestFromTheEnd(t *testing.T) {
	s := scope(t, `{"l":[{"n":1},{"n":2},{"n":3}],"k":[[1,2],[3]]}`)
	for source, want := range map[string]any{
		`findLast(data.l, .n < 3).n`:                             2,
		`"x" + string(findLast(data.l, .n < 3).n) + "y"`:         "x2y",
		`[findLast(data.l, .n < 2).n, findLast(data.l, .n > 9)]`: []any{1, nil},
		`findLastIndex(data.l, .n < 3) + 10`:                     11,
		`findLastIndex(data.l, #index < 2)`:                      1,
		`findLastIndex(data.l, .n > 9)`:                          nil,
		`map(data.k, findLast(#, # > 0))`:                        []any{2, 3},
		`findLast(data.k, findLast(#, # > 1) == 2)`:              []any{1, 2},
		`findLast([], true)`:                                     nil,
	} {
		e, err := expression.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := e.Eval(s); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s is %#v, %v", source, got, err)
		}
	}
}

// What a range is: a list like all others.
func TestRangesHaveTexts(t *testing.T) {
	s := scope(t, "{}")
	for source, want := range map[string]any{
		`1..3`:                     []any{1, 2, 3},
		`string(1..3)`:             "[1,2,3]",
		`join(1..3, "-")`:          "1-2-3",
		`{"a": 1..2}`:              map[string]any{"a": []any{1, 2}},
		`1..3 == [1, 2, 3]`:        true,
		`[1, 2, 3] == 1..3`:        true,
		`2 in 1..3`:                true,
		`(1..3)[1]`:                2,
		`len(filter(1..5, # > 3))`: 2,
	} {
		e, err := expression.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := e.Eval(s); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s is %#v, %v", source, got, err)
		}
	}
}
