package poll

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxItems is how many items one answer may list: as many as can be told from
// new ones the next time.
const maxItems = maxSeen

var (
	errNoList  = errors.New("no list")
	errTooMany = fmt.Errorf("the answer lists more than %d items: ask for fewer of them in the address", maxItems)
)

// split finds the items of an answer: those of the array at path or, without
// a path, of the answer that is an array itself. list is false where the
// answer is one item. null is an empty list.
func split(body []byte, path string) (items []string, list bool, err error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, false, nil
	}
	if path == "" {
		if body[0] != '[' {
			return nil, false, nil
		}
		if items, err = elements(body); errors.Is(err, errNoList) {
			return nil, false, nil // text that begins like one
		}
		return items, true, err
	}
	raw := json.RawMessage(body)
	for _, name := range names(path) {
		if raw, err = member(raw, name); err != nil {
			return nil, false, fmt.Errorf("the answer has no %q", path)
		}
	}
	if string(raw) == "null" {
		return nil, true, nil
	}
	if items, err = elements(raw); errors.Is(err, errNoList) {
		err = fmt.Errorf("what the answer has at %q is no list", path)
	}
	return items, true, err
}

// elements are the elements of a JSON array, as they are written.
func elements(raw []byte) (items []string, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, errNoList
	}
	for dec.More() {
		var item json.RawMessage
		if err := dec.Decode(&item); err != nil {
			return nil, errNoList
		}
		if len(items) == maxItems {
			return nil, errTooMany
		}
		items = append(items, string(item))
	}
	if t, err := dec.Token(); err != nil || t != json.Delim(']') {
		return nil, errNoList
	}
	if rest := raw[dec.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		return nil, errNoList
	}
	return items, nil
}

// member is the first member of a JSON object with the given name.
func member(raw []byte, name string) (value json.RawMessage, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errNoList
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		if key == name {
			return value, nil
		}
	}
	return nil, errNoList
}

// names cuts a path at its dots.
func names(path string) []string {
	all := []string{""}
	for i := 0; i < len(path); i++ {
		last := len(all) - 1
		switch c := path[i]; {
		case c == '.':
			all = append(all, "")
		case c == '\\' && i+1 < len(path):
			i++
			all[last] += path[i : i+1]
		default:
			all[last] += path[i : i+1]
		}
	}
	return all
}

// ages are members that tell which of two items is older, the surest first.
var ages = [...]string{"created_at", "createdAt", "published_at", "published", "timestamp", "time", "date", "id"}

// age compares what two items say of themselves: negative when a is older, 0
// when they do not tell.
func age(a, b string) int {
	for _, name := range ages {
		x, errX := member([]byte(a), name)
		y, errY := member([]byte(b), name)
		if errX != nil || errY != nil {
			continue
		}
		if c := compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// compare orders two JSON values that are numbers, perhaps as strings, or
// times; 0 for any others.
func compare(x, y json.RawMessage) int {
	a, b := strings.Trim(string(x), `"`), strings.Trim(string(y), `"`)
	if digits(a) && digits(b) {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	if x, errX := strconv.ParseFloat(a, 64); errX == nil && !strings.ContainsAny(a, "xXnN") {
		if y, errY := strconv.ParseFloat(b, 64); errY == nil && !strings.ContainsAny(b, "xXnN") {
			return cmp.Compare(x, y)
		}
	}
	at, errA := parseTime(a)
	bt, errB := parseTime(b)
	if errA != nil || errB != nil {
		return 0
	}
	return at.Compare(bt)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return http.ParseTime(s)
}
