package expression_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"

	"pgregory.net/rapid"
)

// Whatever the members of a payload are called, what a click on one writes
// finds it again.
func TestFieldTextsFindTheirField(t *testing.T) {
	words := []string{"data", "in", "not", "nil", "true", "let", "if", "or", "and", "matches", "len", "$env", "#", "}}", "{{", `"`, `\`, "\x00", "\u2028", "a.b", "0"}
	key := rapid.OneOf(rapid.String(), rapid.SampledFrom(words), rapid.StringMatching(`[a-z_$]{1,8}`))
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SliceOfN(rapid.OneOf(
			rapid.Map(key, func(s string) any { return s }),
			rapid.Map(rapid.IntRange(0, 3), func(i int) any { return i }),
		), 0, 5).Draw(t, "path")
		var value any = "found"
		for i := len(path) - 1; i >= 0; i-- {
			switch step := path[i].(type) {
			case int:
				list := make([]any, step+1)
				list[step] = value
				value = list
			case string:
				if !utf8.ValidString(step) {
					t.Skip("no JSON has it")
				}
				value = map[string]any{step: value}
			}
		}
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		data, ok := expression.FromJSON(string(raw))
		if !ok {
			t.Fatalf("%s is no payload", raw)
		}
		s := expression.Scope{Data: data}
		source := subscriptions.FieldExpression(path)
		e, err := expression.Compile(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if got, err := e.Eval(s); err != nil || got != "found" {
			t.Fatalf("%s in %s is %v, %v", source, raw, got, err)
		}
		source = "<" + subscriptions.FieldTemplate(path) + ">"
		tmpl, err := expression.CompileTemplate(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if got, err := tmpl.Text(s); err != nil || got != "<found>" {
			t.Fatalf("%s in %s is %q, %v", source, raw, got, err)
		}
		if strings.ContainsAny(source, "\n\r") {
			t.Fatalf("%q has more than one line", source)
		}
	})
}
