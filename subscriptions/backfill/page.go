package backfill

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bellwire/subscriptions"
)

// A page is what one answer lists.
type page struct {
	items []item // newest first
	// lacking is how many more there are, without an id.
	lacking int
}

// An item is one element of a page.
type item struct {
	id   string
	data string // what the stream would have sent
}

// number is an id that is a whole number.
func (i item) number() (n uint64, ok bool) {
	n, err := strconv.ParseUint(i.id, 10, 64)
	return n, err == nil
}

// parsePage reads a page of up to limit items. The error is
// [subscriptions.ErrTooLong] where there are more.
func parsePage(body []byte, b subscriptions.Backfill, id func(subscriptions.Message) string, limit int) (p page, err error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if len(body) == 0 {
		return page{}, nil
	}
	list, ok := subscriptions.Lookup(bytes.ToValidUTF8(body, []byte("\uFFFD")), b.Items)
	if !ok {
		return page{}, fmt.Errorf("the page has no %q", b.Items)
	}
	if string(list) == "null" {
		return page{}, nil
	}
	elements, err := subscriptions.Elements(list, limit)
	switch {
	case errors.Is(err, subscriptions.ErrNoList) && b.Items != "":
		return page{}, fmt.Errorf("what the page has at %q is no list", b.Items)
	case errors.Is(err, subscriptions.ErrNoList):
		return page{}, errors.New("the page is no JSON list")
	case err != nil:
		return page{}, err
	}
	for _, e := range elements {
		if id := id(subscriptions.Message{Data: e}); id != "" {
			p.items = append(p.items, item{id: id, data: payload(e, b.Payload)})
		} else {
			p.lacking++
		}
	}
	if len(p.items) == 0 && p.lacking > 0 {
		return page{}, errors.New("the items of the page have no id where it should be")
	}
	if !sortNewestFirst(p.items) && b.Order != subscriptions.BackfillBackwards {
		slices.Reverse(p.items)
	}
	return p, nil
}

// payload is what an item has at path: a string's text, or JSON as it is
// written. Where there is nothing, it is the item.
func payload(item, path string) string {
	if path == "" {
		return item
	}
	v, ok := subscriptions.Lookup([]byte(item), path)
	if !ok {
		return item
	}
	if text := ""; strings.HasPrefix(string(v), `"`) && json.Unmarshal(v, &text) == nil {
		return text
	}
	return string(v)
}

// sortNewestFirst sorts items whose ids are whole numbers. It leaves others
// alone and is then false.
func sortNewestFirst(items []item) bool {
	numbers := make(map[string]uint64, len(items))
	for _, i := range items {
		n, ok := i.number()
		if !ok {
			return false
		}
		numbers[i.id] = n
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(numbers[b.id], numbers[a.id]) })
	return true
}
