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

	"bellwire/subscriptions"
)

// maxItems is how many items one answer may list: as many as can be told from
// new ones the next time.
const maxItems = maxSeen

var errTooMany = fmt.Errorf("the answer lists more than %d items: ask for fewer of them in the address", maxItems)

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
		items, err = elements(body)
		if errors.Is(err, subscriptions.ErrNoList) {
			return nil, false, nil // text that begins like one
		}
		return items, true, err
	}
	raw, ok := subscriptions.Lookup(body, path)
	if !ok {
		return nil, false, fmt.Errorf("the answer has no %q", path)
	}
	if string(raw) == "null" {
		return nil, true, nil
	}
	if items, err = elements(raw); errors.Is(err, subscriptions.ErrNoList) {
		err = fmt.Errorf("what the answer has at %q is no list", path)
	}
	return items, true, err
}

// elements are the items of a list.
func elements(raw []byte) (items []string, err error) {
	items, err = subscriptions.Elements(raw, maxItems)
	if errors.Is(err, subscriptions.ErrTooLong) {
		err = errTooMany
	}
	return items, err
}

// ages are members that tell which of two items is older, the surest first.
var ages = [...]string{"created_at", "createdAt", "published_at", "published", "timestamp", "time", "date", "id"}

// age compares what two items say of themselves: negative when a is older, 0
// when they do not tell.
func age(a, b string) int {
	for _, name := range ages {
		x, okX := subscriptions.Member([]byte(a), name)
		y, okY := subscriptions.Member([]byte(b), name)
		if !okX || !okY {
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
