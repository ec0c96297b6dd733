package subscriptions

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	const text = `{"a":{"b.c":[10,{"d":"x"}],"a":1},"a":2,"":{"":3},"n":null}`
	for path, want := range map[string]string{
		"":           text,
		"a.a":        "1",
		`a.b\.c.0`:   "10",
		`a.b\.c.1.d`: `"x"`,
		"n":          "null",
		".":          "3",
		`a.b\.c.2`:   "",
		`a.b\.c.-1`:  "",
		`a.b\.c.x`:   "",
		"a.b.c":      "",
		"n.x":        "",
		"a.a.a":      "",
		"z":          "",
	} {
		got, ok := Lookup([]byte(text), path)
		if string(got) != want || ok != (want != "") {
			t.Errorf("%q: %s, %v", path, got, ok)
		}
	}
	for _, broken := range []string{"", "{", `{"a"`, `{"x":[}`, `{"a":`, "[1", "text"} {
		if got, ok := Lookup([]byte(broken), "a"); ok {
			t.Errorf("%q: %s", broken, got)
		}
	}
}

func TestElements(t *testing.T) {
	for text, want := range map[string][]string{
		`[]`:                   nil,
		` [1, "a" ,{"b":[]}] `: {"1", `"a"`, `{"b":[]}`},
	} {
		if got, err := Elements([]byte(text), 3); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]error{"[1,2,3,4]": ErrTooLong, "[1": ErrNoList, "[1]]": ErrNoList, "{}": ErrNoList, "": ErrNoList, "[1,]": ErrNoList} {
		if got, err := Elements([]byte(text), 3); err != want || got != nil {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}
