package expression

import (
	"strings"
	"testing"
)

func TestUnknownNamesAreRefused(t *testing.T) {
	for _, source := range []string{
		"nothing", "data.level == nothing", "nothing == 1", "data.x + nothing", "upper(nothing)", "nothing.x", "data[nothing]", "nothing in data",
		"data.x in nothing", "data.x != nothing", "[nothing]", "{a: nothing}", "nothing ?? 1", "data.a ? nothing : 1", "map(data.x, nothing)", "nothing(1)", "not nothing",
		"nothing and true", "nothing > 1", "nothing matches \"x\"", "data.x matches nothing", "data.x contains nothing", "nothing | upper()", "filter(data.x, # == nothing)",
		"-nothing", "default(data.x, nothing)", "join(nothing)", "string(nothing)", "let x = nothing; x", "match(data.x, nothing)",
	} {
		_, err := Compile(source)
		if err == nil || !strings.HasPrefix(err.Error(), "column ") {
			t.Errorf("%s: %v", source, err)
		}
		if err != nil && !strings.Contains(err.Error(), "unknown name nothing") {
			t.Logf("%s: %v", source, err)
		}
	}
}
