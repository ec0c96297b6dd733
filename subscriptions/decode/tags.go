package decode

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// tagsOf are the tags in a value of an expression: a list, or text with
// commas.
func tagsOf(v any) (tags []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			tags = addTag(tags, scalar(result(e)))
		}
	default:
		for s := range strings.SplitSeq(scalar(result(v)), ",") {
			tags = addTag(tags, s)
		}
	}
	return tags
}

// addTag adds one, unless it is there already or there are enough.
func addTag(tags []string, s string) []string {
	s = Line(s, MaxTag)
	if !visible(s) || len(tags) == MaxTags || slices.Contains(tags, s) {
		return tags
	}
	return append(tags, s)
}

// takeTags reads those of a payload: a list of texts or of objects with a
// name, or text with commas.
func (c *content) takeTags(v gjson.Result) bool {
	if v.Type != gjson.JSON && v.Type != gjson.String {
		return false
	}
	tags := make([]string, 0, 4)
	switch {
	case v.IsArray():
		v.ForEach(func(_, e gjson.Result) bool {
			if e.IsObject() {
				e = member(e, "name")
			}
			tags = addTag(tags, scalar(e))
			return len(tags) < MaxTags
		})
	case v.Type == gjson.String:
		for s := range strings.SplitSeq(v.Str, ",") {
			tags = addTag(tags, s)
		}
	}
	if len(tags) == 0 {
		return false
	}
	c.tags = tags
	return true
}
