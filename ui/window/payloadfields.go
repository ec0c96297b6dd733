package window

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A payloadField is a value in a JSON payload.
type payloadField struct {
	path  []any // names and places in lists
	name  string
	value string
}

// payloadFields are the values in a JSON object, in their order and bounded as
// the detail's are. Of a list of objects the first one is looked into; other
// lists are values.
func payloadFields(raw string) []payloadField {
	var out []payloadField
	if len(raw) == 0 || nextMark(raw) != '{' || !json.Valid([]byte(raw)) {
		return nil
	}
	walkFields([]byte(raw), nil, 1, &out)
	return out
}

func walkFields(object []byte, path []any, depth int, out *[]payloadField) {
	dec := json.NewDecoder(strings.NewReader(string(object)))
	if _, err := dec.Token(); err != nil {
		return
	}
	for dec.More() && len(*out) < maxFields {
		key, err := dec.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || dec.Decode(&value) != nil {
			return
		}
		addField(value, append(path[:len(path):len(path)], name), depth, out)
	}
}

func addField(value json.RawMessage, path []any, depth int, out *[]payloadField) {
	text := string(value)
	inner := nextMark(text[1:])
	switch {
	case text[0] == '{' && inner != '}' && depth < maxDepth:
		walkFields(value, path, depth+1, out)
		return
	case text[0] == '[' && inner == '{' && depth < maxDepth:
		var list []json.RawMessage
		if json.Unmarshal(value, &list) == nil && len(list) > 0 {
			walkFields(list[0], append(path[:len(path):len(path)], 0), depth+1, out)
			return
		}
	case text[0] == '"':
		_ = json.Unmarshal(value, &text)
	}
	if len(*out) < maxFields {
		*out = append(*out, payloadField{path, clip(pathText(path), 2*maxFieldName), clip(text, maxFieldValue)})
	}
}

// pathText is a path for reading.
func pathText(path []any) string {
	var b strings.Builder
	for at, step := range path {
		switch s := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(s) + "]")
		case string:
			if at > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s)
		}
	}
	return b.String()
}
