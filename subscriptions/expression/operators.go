package expression

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// sum is a + b: of numbers, of a time and a duration, or of texts, where
// nothing is an empty text.
func sum(b *budget, x, y any) (any, error) {
	switch x := x.(type) {
	case int:
		switch y := y.(type) {
		case int:
			return x + y, nil
		case float64:
			return float64(x) + y, nil
		}
	case float64:
		switch y := y.(type) {
		case int:
			return x + float64(y), nil
		case float64:
			return x + y, nil
		}
	case time.Time:
		if d, ok := y.(time.Duration); ok {
			return x.Add(d), nil
		}
	case time.Duration:
		if d, ok := y.(time.Duration); ok {
			return x + d, nil
		}
	}
	left, err := text(b, x)
	if err != nil {
		return nil, err
	}
	right, err := text(b, y)
	if err != nil {
		return nil, err
	}
	if err := b.text(len(left) + len(right)); err != nil {
		return nil, err
	}
	return left + right, nil
}

// equal compares values of any size. A number equals another of the same
// value, and nothing else.
func equal(b *budget, x, y any, depth int) (bool, error) {
	if depth > maxDepth {
		return false, errText
	}
	if err := b.step(); err != nil {
		return false, err
	}
	switch x := x.(type) {
	case []any:
		y, ok := y.([]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for i := range x {
			if same, err := equal(b, x[i], y[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		y, ok := y.(map[string]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for name, v := range x {
			w, ok := y[name]
			if !ok {
				return false, nil
			}
			if same, err := equal(b, v, w, depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	return equalLeaves(x, y), nil
}

func equalLeaves(x, y any) bool {
	switch x := x.(type) {
	case int:
		if y, ok := y.(float64); ok {
			return float64(x) == y
		}
	case float64:
		if y, ok := y.(int); ok {
			return x == float64(y)
		}
	case time.Time:
		y, ok := y.(time.Time)
		return ok && x.Equal(y)
	}
	switch y.(type) {
	case nil, bool, int, float64, string, Number, time.Duration:
		return x == y // of types that can be compared
	}
	return false
}

// list is a range as a list like all others.
func list(v any) []any {
	numbers, _ := v.([]int)
	out := make([]any, len(numbers))
	for i, n := range numbers {
		out[i] = n
	}
	return out
}

// in reports whether x is an element of a list or a name in an object.
func in(b *budget, x, y any) (bool, error) {
	switch y := y.(type) {
	case nil:
		return false, nil
	case []any:
		for _, e := range y {
			if same, err := equal(b, x, e, 0); same || err != nil {
				return same, err
			}
		}
		return false, nil
	case map[string]any:
		name, _ := scalar(x)
		_, ok := y[name]
		return ok, nil
	case []string:
		s, ok := x.(string)
		return ok && slices.Contains(y, s), nil
	case []int:
		n, ok := x.(int)
		return ok && slices.Contains(y, n), nil
	case map[string]struct{}: // a list written out, as the compiler keeps it
		s, ok := x.(string)
		_, there := y[s]
		return ok && there, nil
	case map[int]struct{}:
		n, ok := x.(int)
		_, there := y[n]
		return ok && there, nil
	}
	return false, fmt.Errorf("nothing can be in %s", kind(y))
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}

// moment reads a time: one itself, seconds, milli-, micro- or nanoseconds
// since 1970 (their size tells which), or a text in RFC 3339 or a usual
// notation.
func moment(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, !v.IsZero()
	case int:
		return since1970(float64(v))
	case float64:
		return since1970(v)
	case string:
		for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", time.DateOnly, time.RFC1123Z, time.RFC1123} {
			if t, err := time.Parse(layout, v); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

func since1970(n float64) (time.Time, bool) {
	if !(n > 0 && n < 1e20) {
		return time.Time{}, false
	}
	for n >= 1e11 { // seconds have at most 11 digits until the year 5138
		n /= 1e3
	}
	return time.UnixMicro(int64(n * 1e6)), true
}

// kind is a value's type, for people.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case bool:
		return "a truth value"
	case int, float64, Number:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case time.Time:
		return "a time"
	}
	return fmt.Sprintf("a %T", v)
}

// cut is s with at most limit bytes, cut between characters.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && s[limit]&0xC0 == 0x80 {
		limit--
	}
	return s[:limit]
}
