package window

import (
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"pgregory.net/rapid"
)

func TestPretty(t *testing.T) {
	for name, c := range map[string]struct {
		in, want string
		cut      bool
	}{
		"object":           {`{"a":1,"b":[true,{}],"c":[]}`, "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    {}\n  ],\n  \"c\": []\n}", false},
		"spaces are ours":  {"{ \"a\" :\n 1 , \"b\" : [ ] }", "{\n  \"a\": 1,\n  \"b\": []\n}", false},
		"marks in strings": {`["{,:\"}"]`, "[\n  \"{,:\\\"}\"\n]", false},
		"plain text":       {"not json\x00\x1b[31m", "not json[31m", false},
		"invalid UTF-8":    {"a\xffb", "a\uFFFDb", false},
		"too long":         {strings.Repeat("界", 100), strings.Repeat("界", 21), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, cut := pretty(c.in, 64)
			if got != c.want || cut != c.cut {
				t.Errorf("got %q, %v", got, cut)
			}
		})
	}
}

// Deep nesting must not grow with its square.
func TestPrettyIsBounded(t *testing.T) {
	deep := strings.Repeat("[", 9000) + "1" + strings.Repeat("]", 9000)
	got, cut := pretty(deep, maxRaw)
	if len(got) > maxRaw || !cut {
		t.Errorf("%d bytes, cut %v", len(got), cut)
	}
}

func TestPrettyKeepsTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := map[string]any{}
		for _, k := range rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "keys") {
			in[k] = rapid.SliceOf(rapid.String()).Draw(t, "value")
		}
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := pretty(string(raw), 1<<20)
		var back map[string]any
		if err := json.Unmarshal([]byte(got), &back); err != nil {
			t.Fatalf("%q is no JSON: %v", got, err)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(raw) {
			t.Fatalf("%s became %s", raw, again)
		}
	})
}

// table lists fields, one a line.
func table(fields []field) string {
	width := 0
	for _, f := range fields {
		width = max(width, utf8.RuneCountInString(f.name))
	}
	var lines []string
	for _, f := range fields {
		lines = append(lines, fmt.Sprintf("%-*s  %s", width, f.name, f.value))
	}
	return strings.Join(lines, "\n")
}

func TestFields(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"in their order":   {`{"b":1,"a":"x"}`, "b  1\na  x"},
		"nested":           {`{"commit":{"author":{"name":"Ana"}},"n":null}`, "commit.author.name  Ana\nn                   null"},
		"lists stay":       {`{"tags":["a","b"],"none":{}}`, "tags  [\"a\",\"b\"]\nnone  {}"},
		"large numbers":    {`{"id":12345678901234567890}`, "id  12345678901234567890"},
		"lines are folded": {`{"a":"x\ny"}`, "a  x y"},
		"no object":        {`[1,2]`, ""},
		"no JSON":          {`hello`, ""},
		"cut off":          {`{"a":1,"b`, "a  1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := table(fieldsOf(c.in)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	many := "{" + strings.Repeat(`"`+strings.Repeat("k", 500)+`":"`+strings.Repeat("v", 5000)+`",`, 500) + `"z":1}`
	if got := table(fieldsOf(many)); len(got) > maxFields*(maxFieldName+maxFieldValue+10) {
		t.Errorf("%d bytes of fields", len(got))
	}
}

// Every character is ten wide here.
func measure(s string) float32 { return 10 * float32(utf8.RuneCountInString(s)) }

func TestBreakLines(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"short":             {"one two", "one two"},
		"at a space":        {"one two three", "one two\nthree"},
		"in a long word":    {"abcdefghijklmnop", "abcdefghij\nklmnop"},
		"ideographs":        {"一二三四五六七八九十一二", "一二三四五六七八九十\n一二"},
		"indents stay":      {"    code", "    code"},
		"own breaks stay":   {"a\n\nb", "a\n\nb"},
		"tabs":              {"\ta", "    a"},
		"nothing":           {"", ""},
		"spaces at the end": {"one two     ", "one two"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := breakLines(c.in, 100, measure); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestBreakLinesLosesNothing(t *testing.T) {
	strip := func(s string) string { return strings.Join(strings.Fields(s), "") }
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOf(rapid.RuneFrom([]rune("ab cé\n界カ🚀,."))).Draw(t, "text")
		got := breakLines(in, 60, measure)
		if strip(got) != strip(in) {
			t.Fatalf("%q became %q", in, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if measure(strings.TrimLeft(line, " ")) > 60 {
				t.Fatalf("%q is too wide", line)
			}
		}
	})
}

func TestFit(t *testing.T) {
	test.NewTempApp(t)
	style := fyne.TextStyle{}
	for _, text := range []string{"short", strings.Repeat("long ", 100), strings.Repeat("W", 1<<20), "a b", ""} {
		got := fit(text, 120, 13, style)
		if w := fyne.MeasureText(got, 13, style).Width; w > 120 {
			t.Errorf("%.20q became %v wide", text, w)
		}
		if len(text) < 6 && got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// The table of colours promises WCAG 2.2's contrasts.
func TestContrast(t *testing.T) {
	type pair struct {
		front, back fyne.ThemeColorName
		least       float64
	}
	pairs := []pair{
		{theme.ColorNameForeground, theme.ColorNameBackground, 7},
		{theme.ColorNameForeground, colourSelected, 7},
		{theme.ColorNameForeground, colourAlarm, 7},
		{theme.ColorNameForeground, colourNotice, 7},
		{theme.ColorNameForeground, theme.ColorNameButton, 7},
		{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary, 4.5},
		{theme.ColorNameForegroundOnError, theme.ColorNameError, 4.5},
		{theme.ColorNameError, theme.ColorNameBackground, 4.5},
		{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground, 4.5},
		{theme.ColorNameDisabled, colourSidebar, 4.5},
		{colourSecondary, theme.ColorNameBackground, 4.5},
		{colourSecondary, colourSidebar, 4.5},
		{colourSecondary, colourSelected, 4.5},
		{colourWaitText, colourSidebar, 4.5},
		{colourWaitText, colourResting, 4.5},
		{colourNeedsText, colourSidebar, 4.5},
		{colourNeedsText, colourResting, 4.5},
		{colourLive, colourSidebar, 3},
		{colourWaiting, colourSidebar, 2.9},
		{colourNeeds, colourSidebar, 3},
		{colourPaused, colourSidebar, 3},
		{colourUrgent, theme.ColorNameBackground, 3},
		{colourHigh, theme.ColorNameBackground, 3},
		{colourSpark, colourSidebar, 3},
		{colourSpark, colourResting, 3},
	}
	for _, colour := range subscriptions.Colours {
		name, ok := lookColour(subscriptions.Look{Colour: colour})
		if !ok {
			t.Errorf("%s cannot be drawn", colour)
		}
		pairs = append(pairs, pair{name, colourSidebar, 3}, pair{name, colourResting, 2.9})
	}
	for _, c := range pairs {
		for _, name := range []string{"light", "dark"} {
			l := newLook(name)
			got := contrast(l.Color(c.front, 0), l.Color(c.back, 0))
			if got < c.least {
				t.Errorf("%s: %s on %s is %.2f:1, want %v:1", name, c.front, c.back, got, c.least)
			}
		}
	}
}

func contrast(a, b color.Color) float64 {
	light := func(c color.Color) float64 {
		r, g, b, _ := c.RGBA()
		f := func(v uint32) float64 {
			x := float64(v) / 0xffff
			if x <= 0.04045 {
				return x / 12.92
			}
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		return 0.2126*f(r) + 0.7152*f(g) + 0.0722*f(b)
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
