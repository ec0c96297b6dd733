package search_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions/search"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	word := func(text string) search.Word { return search.Word{Text: text} }
	phrase := func(text string) search.Word { return search.Word{Text: text, Phrase: true} }
	words := func(w ...search.Word) search.Search { return search.Search{Words: w} }
	where := func(c ...search.Condition) search.Search { return search.Search{Conditions: c} }
	for _, c := range []struct {
		text string
		want search.Search
	}{
		{"", search.Search{}},
		{" \t\n", search.Search{}},
		{"deploy", words(word("deploy"))},
		{"deploy  failed", words(word("deploy"), word("failed"))},
		{`"deploy  failed" now`, words(phrase("deploy failed"), word("now"))},
		{`"deploy"failed`, words(phrase("deploy"), word("failed"))},
		{`"deploy fai`, words(search.Word{Text: "deploy fai", Phrase: true, Open: true})},
		{`""`, search.Search{}},
		{`5"disk`, words(word(`5"disk`))},
		{"-deploy", words(search.Word{Text: "deploy", Not: true})},
		{`-"deploy failed"`, words(search.Word{Text: "deploy failed", Not: true, Phrase: true})},
		{"-", words(word("-"))},
		{"- a", words(word("-"), word("a"))},
		{"--force", words(word("--force"))},
		{"a-b", words(word("a-b"))},
		{"col:x http://example.org/ 12:30 :", words(word("col:x"), word("http://example.org/"), word("12:30"), word(":"))},
		{"-col:x", words(search.Word{Text: "col:x", Not: true})},
		{`"from:x"`, words(phrase("from:x"))},
		{"我爱 北京", words(word("我爱"), word("北京"))},
		{"a　b", words(word("a"), word("b"))},
		{"a\xffb", words(word("a"), word("b"))},

		{"from:deploys", where(search.Condition{Field: search.From, Value: "deploys"})},
		{"FEED:Deploys", where(search.Condition{Field: search.From, Value: "Deploys"})},
		{"from：部署", where(search.Condition{Field: search.From, Value: "部署"})},
		{`from:"my  deploys" x`, search.Search{Words: []search.Word{word("x")}, Conditions: []search.Condition{{Field: search.From, Value: "my deploys"}}}},
		{`from:"my dep`, where(search.Condition{Field: search.From, Value: "my dep"})},
		{"-from:noise", where(search.Condition{Field: search.From, Value: "noise", Not: true})},
		{"folder:work", where(search.Condition{Field: search.Folder, Value: "work"})},
		{"priority:>=4", where(search.Condition{Field: search.Priority, Value: ">=4"})},
		{"is:Unread -is:GAP", where(search.Condition{Field: search.Is, Value: "unread"}, search.Condition{Field: search.Is, Value: "gap", Not: true})},
		{"has:Link", where(search.Condition{Field: search.Has, Value: "link"})},
		{`tag:"floppy disk"`, where(search.Condition{Field: search.Tag, Value: "floppy disk"})},
		{`before:"2026-11-01 14:00"`, where(search.Condition{Field: search.Before, Value: "2026-11-01 14:00"})},
	} {
		got, err := search.Parse(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q:\n%s", c.text, diff)
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for _, c := range []struct{ text, want, hint string }{
		{"priority:high", "cannot read priority:high", "priority:>=4"},
		{"priority:", `cannot read priority:""`, "number from 1 to 5"},
		{"priority:0", "cannot read priority:0", "1 to 5"},
		{"priority:6", "cannot read priority:6", "1 to 5"},
		{"priority:=>4", "cannot read priority:=>4", "1 to 5"},
		{"priority:4.5", "cannot read priority:4.5", "1 to 5"},
		{"-priority:5", "cannot read -priority:5", "minus"},
		{"before:soon", "cannot read before:soon", "2026-11-01"},
		{"before:2026-02-30", "cannot read before:2026-02-30", "2026-11-01"},
		{"after:-2d", "cannot read after:-2d", "after:3h"},
		{"after:3", "cannot read after:3", "after:3h"},
		{"after:9999999999d", "cannot read after:9999999999d", "after:3h"},
		{"-after:2d", "cannot read -after:2d", "minus"},
		{"on:3h", "cannot read on:3h", "on:today"},
		{`on:"2026-11-01 14:00"`, `cannot read on:"2026-11-01 14:00"`, "on:today"},
		{"is:", `cannot read is:""`, "is:unread"},
		{"is:new", "cannot read is:new", "is:unread"},
		{"has:body", "cannot read has:body", "has:link"},
		{"from:", `cannot read from:""`, "name"},
		{`folder:""`, `cannot read folder:""`, "name"},
		{"tag:", `cannot read tag:""`, "tag"},
		{"a is:\x1b[31m" + strings.Repeat("x", 500), "cannot read is: [31m" + strings.Repeat("x", 52) + "…", "is:unread"},
	} {
		_, err := search.Parse(c.text)
		e, ok := errors.AsType[*search.Error](err)
		if !ok {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if diff := cmp.Diff(c.want, e.Error()); diff != "" {
			t.Errorf("%q:\n%s", c.text, diff)
		}
		if !strings.Contains(e.Wants, c.hint) {
			t.Errorf("%q: the hint %q does not say %q", c.text, e.Wants, c.hint)
		}
	}
}

func TestPriorityRange(t *testing.T) {
	for value, want := range map[string][2]int{
		"3": {3, 3}, "=3": {3, 3}, ">3": {4, 5}, ">=3": {3, 5}, "<3": {1, 2}, "<=3": {1, 3}, ">5": {6, 5}, "<1": {1, 0},
	} {
		least, highest, ok := search.Condition{Field: search.Priority, Value: value}.PriorityRange()
		if got := [2]int{least, highest}; got != want || !ok {
			t.Errorf("%q: %v, %v", value, got, ok)
		}
	}
}

// Days are as long as people live them: in Berlin the last Sunday of October
// has 25 hours.
func TestReceived(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err) // Go brings them
	}
	now := time.Date(2026, 10, 26, 13, 30, 15, 500, berlin)
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil && s != "" {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ text, from, until string }{
		{"before:2026-10-25", "", "2026-10-25T00:00:00+02:00"},
		{"after:2026-10-25", "2026-10-25T00:00:00+02:00", ""},
		{"on:2026-10-25", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"on:2026-1-2", "2026-01-02T00:00:00+01:00", "2026-01-03T00:00:00+01:00"},
		{"on:today", "2026-10-26T00:00:00+01:00", "2026-10-27T00:00:00+01:00"},
		{"on:Yesterday", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"before:yesterday", "", "2026-10-25T00:00:00+02:00"},
		{`after:"2026-10-25 14:00"`, "2026-10-25T14:00:00+01:00", ""},
		{"after:2026-10-25T14:00:30", "2026-10-25T14:00:30+01:00", ""},
		{"after:3h", "2026-10-26T10:30:15.0000005+01:00", ""},
		{"before:2d", "", "2026-10-24T14:30:15.0000005+02:00"},
		{"after:1W", "2026-10-19T14:30:15.0000005+02:00", ""},
	} {
		s, err := search.Parse(c.text)
		if err != nil {
			t.Error(err)
			continue
		}
		from, until := s.Conditions[0].Received(now)
		if !from.Equal(at(c.from)) || !until.Equal(at(c.until)) {
			t.Errorf("%s: from %v until %v", c.text, from, until)
		}
	}
}

func TestOnlyTheBeginningCounts(t *testing.T) {
	s, err := search.Parse(strings.Repeat("北 ", 5000))
	if err != nil || len(s.Words) != search.MaxText/4 {
		t.Errorf("%d words, %v", len(s.Words), err)
	}
	s, err = search.Parse("x" + strings.Repeat(" is:read", 500))
	if err != nil || len(s.Conditions) != (search.MaxText-1)/len(" is:read") {
		t.Errorf("%d conditions, %v", len(s.Conditions), err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`from:deploys priority:>=4 before:2026-11-01 is:unread "exact words" -not`, `-"a b" from:"x y" tag:"`, "on:today after：3h",
		`"open phra`, "--a -- - \x00\xff", "HAS:Link -folder:", "\u2028is:gap\u3000",
	} {
		f.Add(text)
	}
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := search.Parse(text)
		if err != nil {
			e, ok := errors.AsType[*search.Error](err)
			if !ok || e.Wants == "" || len(e.Error()) > 500 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, c := range s.Conditions {
			c.Received(now)
			c.PriorityRange()
		}
		again, err := search.Parse(s.String())
		if err != nil {
			t.Fatalf("%q, told as %q: %v", text, s.String(), err)
		}
		if len(s.String()) > search.MaxText {
			return // some quotes were added
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Errorf("%q, told as %q:\n%s", text, s.String(), diff)
		}
	})
}
