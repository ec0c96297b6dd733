package expression

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                 "plain",
		"**bold** _and_ `code`": "bold and code",
		"a &amp; b \\* c":       "a & b * c",
		"[text](https://a.example) <https://b.c>": "text (https://a.example) https://b.c",
		"![alt](https://a.example/p.png)":         "alt (https://a.example/p.png)",
		"- a\n- b\n  - c":                         "• a\n• b\n  • c",
		"3. a\n4. b":                              "3. a\n4. b",
		"Title\n=====\n\ntext":                    "Title\n\ntext",
		"a <b>c</b>":                              "a c",
	} {
		if got := Markdown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// What nests for ever is not written for ever.
func TestMarkdownIsBounded(t *testing.T) {
	for _, s := range []string{
		strings.Repeat(">", 20_000) + strings.Repeat("\na", 20_000), strings.Repeat("- ", 20_000) + "a",
		strings.Repeat("*a ", 15_000), strings.Repeat("[", 30_000), strings.Repeat("`", 30_000) + "a", strings.Repeat("![a](", 8_000),
	} {
		if got := Markdown(s); len(got) > 40*len(s) || !utf8.ValidString(got) {
			t.Errorf("%.20q: %d bytes out of %d", s, len(got), len(s))
		}
	}
}
