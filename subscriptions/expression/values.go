package expression

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// A Number is one that neither an int nor a float64 holds exactly, as it was
// written.
type Number string

// maxDepth is how deeply JSON may nest.
const maxDepth = 512

// FromJSON is what s says, where it is JSON: nil, bool, int, float64, string,
// [Number], []any or map[string]any. Of equal names the first counts. ok is
// false for anything else, and for what nests too deeply.
func FromJSON(s string) (v any, ok bool) {
	if TooDeep(s) || !gjson.Valid(s) {
		return nil, false
	}
	return FromResult(gjson.Parse(s)), true
}

// FromResult is FromJSON for what has been checked and parsed.
func FromResult(r gjson.Result) any { return fromResult(r) }

func fromResult(r gjson.Result) any {
	switch {
	case r.Type == gjson.String:
		return r.Str
	case r.Type == gjson.Number:
		return number(r)
	case r.Type == gjson.True:
		return true
	case r.Type == gjson.False:
		return false
	case r.IsObject():
		m := make(map[string]any, 8)
		r.ForEach(func(key, value gjson.Result) bool {
			if _, twice := m[key.Str]; !twice {
				m[key.Str] = fromResult(value)
			}
			return true
		})
		return m
	case r.IsArray():
		list := []any{}
		r.ForEach(func(_, value gjson.Result) bool {
			list = append(list, fromResult(value))
			return true
		})
		return list
	}
	return nil
}

// number keeps integers exact.
func number(r gjson.Result) any {
	if strings.ContainsAny(r.Raw, ".eE") {
		if math.IsInf(r.Num, 0) {
			return Number(r.Raw)
		}
		return r.Num
	}
	if n, err := strconv.Atoi(r.Raw); err == nil {
		return n
	}
	return Number(r.Raw)
}

// TooDeep reports whether s, if it is JSON, nests more than 512 levels: what
// people see lies near the top, and parsers call themselves.
func TooDeep(s string) bool {
	depth, inString := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			inString = !inString
		case inString:
			if c == '\\' {
				i++
			}
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// parse is JSON inside a text; the text itself where it is none.
func parse(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	if inner, ok := FromJSON(s); ok {
		return inner
	}
	return s
}

// member is of.name or of[name]; nil where there is no such thing.
func member(of, name any) any {
	switch of := of.(type) {
	case map[string]any:
		if s, ok := scalar(name); ok {
			return of[s]
		}
	case []any:
		if i, ok := index(name, len(of)); ok {
			return of[i]
		}
	}
	return nil
}

func index(v any, n int) (int, bool) {
	i, ok := v.(int)
	if ok && i < 0 {
		i += n
	}
	return i, ok && i >= 0 && i < n
}

// scalar is the text of a text, a number or a truth value.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case Number:
		return string(v), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	case time.Time:
		return v.Format(time.RFC3339), true
	case time.Duration:
		return v.String(), true
	}
	return "", false
}

// Text is v as a template shows it: nothing for nil, a text or number as it
// is, everything else as JSON. It is bounded by [MaxText].
func Text(v any) (string, error) { return text(newBudget(), v) }

func text(b *budget, v any) (string, error) {
	if v == nil {
		return "", nil
	}
	if s, ok := scalar(v); ok {
		return s, nil
	}
	return toJSON(b, v)
}

// toJSON is v as JSON on one line.
func toJSON(b *budget, v any) (string, error) {
	w := writer{budget: b}
	if err := w.value(v, 0); err != nil {
		return "", err
	}
	return w.String(), b.text(w.Len())
}

// A writer writes values that may hold the same part many times: bounded
// while it writes.
type writer struct {
	bytes.Buffer
	budget *budget
}

func (w *writer) value(v any, depth int) error {
	if depth > maxDepth || w.Len() > MaxText {
		return errText
	}
	if err := w.budget.step(); err != nil {
		return err
	}
	switch v := v.(type) {
	case Number:
		w.WriteString(string(v))
	case []any:
		w.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				w.WriteByte(',')
			}
			if err := w.value(e, depth+1); err != nil {
				return err
			}
		}
		w.WriteByte(']')
	case map[string]any:
		return w.object(v, depth)
	default:
		return w.leaf(v)
	}
	return nil
}

func (w *writer) object(m map[string]any, depth int) error {
	w.WriteByte('{')
	for i, name := range sortedKeys(m) {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := w.leaf(name); err != nil {
			return err
		}
		w.WriteByte(':')
		if err := w.value(m[name], depth+1); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	return nil
}

func (w *writer) leaf(v any) error {
	switch v.(type) {
	case nil, bool, int, float64, string, time.Time, time.Duration:
	default:
		return fmt.Errorf("%s has no text", kind(v))
	}
	enc := json.NewEncoder(&w.Buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	w.Truncate(w.Len() - 1) // the line end
	return nil
}
