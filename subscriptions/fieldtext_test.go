package subscriptions

import "testing"

func TestFieldTemplate(t *testing.T) {
	for want, path := range map[string][]any{
		"{{ data }}":                       nil,
		"{{ data.commit.author }}":         {"commit", "author"},
		"{{ data.list[0].name }}":          {"list", 0, "name"},
		`{{ data["a b"] }}`:                {"a b"},
		`{{ data["2nd"]._x1 }}`:            {"2nd", "_x1"},
		`{{ data["in"]["not"].inside }}`:   {"in", "not", "inside"},
		`{{ data["\"}}"]["标题"]["$env"] }}`: {`"}}`, "标题", "$env"},
		`{{ data["a\nb"][""] }}`:           {"a\nb", ""},
	} {
		if got := FieldTemplate(path); got != want {
			t.Errorf("%v is written %s, want %s", path, got, want)
		}
	}
}
