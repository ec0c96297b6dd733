package window

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/ui/words"
)

// A suggestion is something that can stand in a search.
type suggestion struct {
	insert string // replaces what is being written
	note   string // what it finds
}

// maxSuggestions is how many are shown at a time.
const maxSuggestions = 8

// searchKeys are the conditions of the search language, those that are wanted
// most often first.
var searchKeys = []string{"from", "is", "priority", "after", "before", "on", "has", "tag", "folder"}

// beingWritten is where the word begins that ends at the cursor; both count
// characters.
func beingWritten(text string, cursor int) (start int, word string) {
	runes := []rune(text)
	cursor = max(0, min(cursor, len(runes)))
	quoted := false
	for i, r := range runes[:cursor] {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			start = i + 1
		}
	}
	return start, string(runes[start:cursor])
}

// isUnfinished reports whether a search ends with a condition that says
// nothing yet.
func isUnfinished(text string) bool {
	_, word := beingWritten(text, utf8.RuneCountInString(text))
	key, value, ok := strings.Cut(strings.TrimPrefix(word, "-"), ":")
	return ok && strings.Trim(value, `"<>=`) == "" && slices.Contains(searchKeys, strings.ToLower(key))
}

// suggest tells what could be written at the cursor.
func suggest(text string, cursor int, feeds []control.Feed, now time.Time) []suggestion {
	_, word := beingWritten(text, cursor)
	negated := strings.HasPrefix(word, "-")
	word = strings.ToLower(strings.TrimPrefix(word, "-"))
	var found []suggestion
	key, value, isCondition := strings.Cut(word, ":")
	switch {
	case strings.TrimSpace(text) == "":
		found = openers(now)
	case isCondition:
		for _, s := range values(key, feeds, now) {
			plain := strings.ToLower(strings.Trim(strings.TrimPrefix(s.insert, key+":"), `"`))
			if value = strings.Trim(value, `"`); strings.Contains(plain, value) && plain != value {
				found = append(found, s)
			}
		}
	case len(word) >= 2:
		for _, k := range searchKeys {
			if strings.HasPrefix(k, word) {
				found = append(found, suggestion{k + ":", words.Say("search.key." + k)})
			}
		}
	}
	if negated {
		for i := range found {
			found[i].insert = "-" + found[i].insert
		}
	}
	return found[:min(len(found), maxSuggestions)]
}

// openers are suggested before anything is written.
func openers(now time.Time) []suggestion {
	return []suggestion{
		{"from:", words.Say("search.key.from")},
		{"is:unread", words.Say("search.is.unread")},
		{"priority:>=4", words.Say("search.priority.high")},
		{"after:" + now.AddDate(0, 0, -7).Local().Format(time.DateOnly), words.Say("search.after.week")},
		{"before:", words.Say("search.key.before")},
		{"has:link", words.Say("search.has.link")},
		{`"…"`, words.Say("search.exact")},
		{"-", words.Say("search.without")},
	}
}

// values are what can stand after a condition's name.
func values(key string, feeds []control.Feed, now time.Time) (found []suggestion) {
	day := func(days int, note string) suggestion {
		return suggestion{key + ":" + now.AddDate(0, 0, days).Local().Format(time.DateOnly), words.Say(note)}
	}
	fixed := func(values ...string) {
		for _, v := range values {
			found = append(found, suggestion{key + ":" + v, words.Say("search." + key + "." + v)})
		}
	}
	switch key {
	case "from", "feed":
		for _, f := range feeds {
			found = append(found, suggestion{key + ":" + quoted(oneLine(f.Name, maxTitle)), ""})
		}
	case "folder":
		for _, f := range feeds {
			s := suggestion{key + ":" + quoted(oneLine(f.Look.Folder, maxTitle)), ""}
			if f.Look.Folder != "" && !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	case "is":
		fixed("unread", "read", "gap", "notice")
	case "has":
		fixed("link", "image")
	case "priority":
		found = []suggestion{
			{"priority:5", words.Say("search.priority.urgent")},
			{"priority:>=4", words.Say("search.priority.high")},
			{"priority:<3", words.Say("search.priority.low")},
		}
	case "before", "after", "on":
		found = []suggestion{day(0, "search.today"), day(-1, "search.yesterday"), day(-7, "search.week"), day(-30, "search.month")}
	}
	return found
}

// quoted is a name as it stands in a search.
func quoted(name string) string {
	name = strings.ReplaceAll(name, `"`, "")
	if strings.ContainsAny(name, " \t()") {
		return `"` + name + `"`
	}
	return name
}
