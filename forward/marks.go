package forward

import (
	"fmt"
	"slices"
	"strings"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"

	"github.com/tidwall/gjson"
)

const (
	// MarkLength is how much of an instance is enough to tell it by.
	MarkLength = 8
	// MaxMarks is how many Bellwires an event may come through.
	MaxMarks = 8
	// tagPrefix begins the tag that carries a mark.
	tagPrefix = "via-bellwire-"
	// idPrefix begins the id of what is published.
	idPrefix = "urn:bellwire:"
	// maxLevels is how deep marks are looked for in a payload.
	maxLevels = 32
)

// marks are the instances that e has come through, oldest first, this one
// added. The error says that it must not be sent on.
func (r *rule) marks(e subscriptions.Event) ([]string, error) {
	found := marksOf(e)
	own := r.opts.Instance
	switch {
	case slices.ContainsFunc(found, func(m string) bool { return m[:MarkLength] == own[:MarkLength] }):
		return nil, fmt.Errorf("this Bellwire has forwarded it before")
	case len(found) >= MaxMarks:
		return nil, fmt.Errorf("it has come through %d Bellwires already", len(found))
	}
	return append(found, own), nil
}

// marksOf are the marks in an event's tags, id and payload.
func marksOf(e subscriptions.Event) (found []string) {
	add := func(mark string) {
		same := func(m string) bool { return m[:MarkLength] == mark[:MarkLength] }
		if len(found) <= MaxMarks && isMark(mark) && !slices.ContainsFunc(found, same) {
			found = append(found, mark)
		}
	}
	for _, tag := range e.Tags {
		if mark, ok := strings.CutPrefix(tag, tagPrefix); ok {
			add(mark)
		}
	}
	// What only mentions it is no JSON to look through.
	if (strings.Contains(e.Raw, tagPrefix) || strings.Contains(e.Raw, `"via"`)) && !expression.TooDeep(e.Raw) && gjson.Valid(e.Raw) {
		look(gjson.Parse(e.Raw), 0, add)
	}
	if rest, ok := strings.CutPrefix(e.MessageID, idPrefix); ok {
		mark, _, _ := strings.Cut(rest, ":")
		add(mark)
	}
	return found
}

// isMark reports whether s is an instance, or as much of it as a tag carries.
func isMark(s string) bool {
	return len(s) >= MarkLength && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// look hands marks in JSON to add: the texts of a list called via, and tags.
func look(v gjson.Result, level int, add func(string)) {
	if level > maxLevels || !v.IsObject() && !v.IsArray() {
		return
	}
	v.ForEach(func(key, member gjson.Result) bool {
		if mark, ok := strings.CutPrefix(member.Str, tagPrefix); ok {
			add(mark)
		}
		if key.Str == "via" && member.IsArray() {
			member.ForEach(func(_, m gjson.Result) bool {
				add(m.Str)
				return true
			})
		}
		look(member, level+1, add)
		return true
	})
}

// tags are those of e behind the marks: who shortens them keeps the marks.
func tags(e subscriptions.Event, marks []string) []string {
	out := make([]string, 0, len(marks)+len(e.Tags))
	for _, m := range marks {
		out = append(out, tagPrefix+m[:MarkLength])
	}
	for _, t := range e.Tags {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
