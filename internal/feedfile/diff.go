package feedfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A FieldChange is a field that differs between two feeds. Before or After is
// empty where the feed does not have it.
type FieldChange struct {
	Path          string // like mapping.title or frames[1].send
	Before, After string
}

// Diff is in what two feeds differ, in the order of the fields' names.
func Diff(before, after Feed) (changes []FieldChange) {
	old, now := flatten(before), flatten(after)
	paths := slices.Collect(maps.Keys(old))
	for path := range now {
		if _, both := old[path]; !both {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for _, path := range paths {
		if old[path] != now[path] {
			changes = append(changes, FieldChange{path, old[path], now[path]})
		}
	}
	return changes
}

// flatten is f's values by their paths.
func flatten(f Feed) map[string]string {
	out := map[string]string{}
	b, err := json.Marshal(f)
	if err != nil {
		return out // made of texts and numbers
	}
	var v any
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	if d.Decode(&v) == nil {
		flattenInto(out, "", v)
	}
	return out
}

func flattenInto(out map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			flattenInto(out, strings.TrimPrefix(path+"."+name, "."), member)
		}
	case []any:
		for i, item := range v {
			flattenInto(out, fmt.Sprintf("%s[%d]", path, i), item)
		}
	default:
		out[path] = fmt.Sprint(v)
	}
}
