package subscriptions

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// SplitPath cuts a path into JSON at its dots; a backslash takes the next
// character as it is. Nothing else has a meaning of its own. The empty path
// is one empty name.
func SplitPath(path string) []string {
	names := []string{""}
	for i := 0; i < len(path); i++ {
		last := len(names) - 1
		switch c := path[i]; {
		case c == '.':
			names = append(names, "")
		case c == '\\' && i+1 < len(path):
			i++
			names[last] += path[i : i+1]
		default:
			names[last] += path[i : i+1]
		}
	}
	return names
}

// Lookup is the value at a path in a JSON text, as it is written; the text
// itself with the empty path. A name selects the first member of an object
// that has it, or, being a number, an element of an array. ok is false where
// there is nothing, and where the text up to there is not valid.
func Lookup(text []byte, path string) (value json.RawMessage, ok bool) {
	value = text
	if path == "" {
		return value, true
	}
	for _, name := range SplitPath(path) {
		if value, ok = Member(value, name); !ok {
			return nil, false
		}
	}
	return value, true
}

// Member is one step of [Lookup].
func Member(text []byte, name string) (value json.RawMessage, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(text))
	open, err := dec.Token()
	if err != nil {
		return nil, false
	}
	left := 0 // elements before the one asked for
	switch open {
	case json.Delim('{'):
	case json.Delim('['):
		if left, err = strconv.Atoi(name); err != nil || left < 0 {
			return nil, false
		}
	default:
		return nil, false
	}
	for dec.More() {
		this := left == 0
		if open == json.Delim('{') {
			key, err := dec.Token()
			if err != nil {
				return nil, false
			}
			this = key == name
		}
		if err := dec.Decode(&value); err != nil {
			return nil, false
		}
		if this {
			return value, true
		}
		left--
	}
	return nil, false
}

// Why [Elements] fails.
var (
	ErrNoList  = errors.New("no list")
	ErrTooLong = errors.New("the list is too long")
)

// Elements are the elements of a JSON array, as they are written. The error
// is [ErrNoList], or [ErrTooLong] where there are more than limit.
func Elements(text []byte, limit int) (elements []string, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, ErrNoList
	}
	for dec.More() {
		var element json.RawMessage
		if err := dec.Decode(&element); err != nil {
			return nil, ErrNoList
		}
		if len(elements) == limit {
			return nil, ErrTooLong
		}
		elements = append(elements, string(element))
	}
	if t, err := dec.Token(); err != nil || t != json.Delim(']') {
		return nil, ErrNoList
	}
	if rest := text[dec.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		return nil, ErrNoList
	}
	return elements, nil
}
