package converse

import (
	"strings"
	"time"

	"bellwire/subscriptions/expression"
)

// MaxMemory is the largest value that is remembered, in bytes of its JSON.
const MaxMemory = 4 << 10

// maxLevels is how deeply a remembered value may nest.
const maxLevels = 32

// keep copies a value, so that it does not hold on to the message that it is
// from; ok is false where it is too large.
func keep(v any) (kept any, ok bool) {
	k := keeper{left: MaxMemory}
	kept = k.value(v, 0)
	return kept, k.left >= 0
}

type keeper struct{ left int }

// value stops to copy where nothing is left.
func (k *keeper) value(v any, depth int) any {
	if depth > maxLevels {
		k.left = -1
	}
	switch v := v.(type) {
	case string:
		if k.pay(len(v) + 2) {
			return strings.Clone(v)
		}
	case expression.Number:
		if k.pay(len(v)) {
			return expression.Number(strings.Clone(string(v)))
		}
	case []any:
		list := make([]any, 0, min(len(v), MaxMemory))
		for _, e := range v {
			if !k.pay(2) {
				return nil
			}
			list = append(list, k.value(e, depth+1))
		}
		return list
	case map[string]any:
		m := make(map[string]any, min(len(v), MaxMemory))
		for name, e := range v {
			if !k.pay(len(name) + 4) {
				return nil
			}
			m[strings.Clone(name)] = k.value(e, depth+1)
		}
		return m
	case nil, bool, int, float64, time.Time, time.Duration:
		k.pay(8)
		return v
	default:
		k.left = -1 // nothing that a message can hold
	}
	return nil
}

func (k *keeper) pay(n int) bool {
	k.left -= n
	return k.left >= 0
}
