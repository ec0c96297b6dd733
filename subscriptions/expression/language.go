package expression

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"
)

// kept are expr's own functions that stay within bounds by themselves. What
// is missing makes texts or compares values of any size, or walks into nested
// ones; some of it has a bounded stand-in in ours.
var kept = []string{
	"all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast", "findLastIndex", "count", "sum", "reduce",
	"len", "abs", "ceil", "floor", "round", "int", "float", "trim", "trimPrefix", "trimSuffix",
	"indexOf", "lastIndexOf", "hasPrefix", "hasSuffix", "now", "duration", "first", "last", "take", "keys", "values",
	"bitnot",
}

// makesText names our functions that get the run's budget first: they make
// texts, or take their time.
var makesText = map[string]bool{"replace": true, "join": true, "json": true, "string": true, "split": true, "lower": true, "upper": true, "truncate": true, "plain": true, "markdown": true, "match": true}

// language is what every expression is compiled with.
func language(g *guard, more []expr.Option) []expr.Option {
	options := slices.Clone(functions().options)
	return append(append(options, expr.Patch(g), expr.Patch(unchecked{}), expr.MaxNodes(MaxNodes)), more...)
}

// Functions are the names of all functions, in order.
func Functions() []string { return slices.Clone(functions().names) }

// vocabulary is what there is to call.
type vocabulary struct {
	options []expr.Option
	names   []string
}

var functions = sync.OnceValue(func() vocabulary {
	options := []expr.Option{expr.Env(scope{}), expr.DisableAllBuiltins()}
	var names []string
	for _, name := range kept {
		if _, ok := builtin.Index[name]; ok {
			options = append(options, expr.EnableBuiltin(name))
			names = append(names, name)
		}
	}
	add := func(name string, f func(args ...any) (any, error), types ...any) {
		options = append(options, expr.Function(name, f, types...))
		if !strings.HasPrefix(name, "__") { // the guard's own
			names = append(names, name)
		}
	}
	add("__step", func(args ...any) (any, error) { return nil, args[0].(*budget).step() }, new(func(*budget) any))
	add("__member", func(args ...any) (any, error) { return member(args[0], args[1]), nil }, new(func(any, any) any))
	add("__add", func(args ...any) (any, error) { return sum(args[0].(*budget), args[1], args[2]) }, new(func(*budget, any, any) any))
	add("__equal", func(args ...any) (any, error) { return equal(args[0].(*budget), args[1], args[2], 0) }, new(func(*budget, any, any) bool))
	add("__in", func(args ...any) (any, error) { return in(args[0].(*budget), args[1], args[2]) }, new(func(*budget, any, any) bool))
	add("__list", func(args ...any) (any, error) { return list(args[0]), nil }, new(func(any) []any))

	add("default", func(args ...any) (any, error) { return fallback(args[0], args[1]), nil }, new(func(any, any) any))
	add("date", date, new(func(any) string), new(func(any, string) string))
	add("ago", func(args ...any) (any, error) { return ago(args[0]), nil }, new(func(any) string))
	add("host", func(args ...any) (any, error) { return host(args[0]), nil }, new(func(any) string))
	add("parse", func(args ...any) (any, error) { return parse(args[0]), nil }, new(func(any) any))
	for name, f := range textFunctions {
		add(name, func(args ...any) (any, error) {
			b, ok := args[0].(*budget)
			if !ok {
				return nil, fmt.Errorf("%s cannot be called like this", name)
			}
			return f.run(b, args[1:])
		}, f.types...)
	}
	slices.Sort(names)
	return vocabulary{options, names}
})

// A textFunction makes texts within a budget.
type textFunction struct {
	run   func(b *budget, args []any) (any, error)
	types []any
}

var textFunctions = map[string]textFunction{
	"string":   {func(b *budget, a []any) (any, error) { return text(b, a[0]) }, []any{new(func(*budget, any) string)}},
	"json":     {func(b *budget, a []any) (any, error) { return toJSON(b, a[0]) }, []any{new(func(*budget, any) string)}},
	"lower":    {func(b *budget, a []any) (any, error) { return lower(b, a[0]) }, []any{new(func(*budget, any) string)}},
	"upper":    {func(b *budget, a []any) (any, error) { return upper(b, a[0]) }, []any{new(func(*budget, any) string)}},
	"markdown": {func(b *budget, a []any) (any, error) { return markdown(b, a[0]) }, []any{new(func(*budget, any) string)}},
	"plain":    {func(b *budget, a []any) (any, error) { return plain(b, a[0]) }, []any{new(func(*budget, any) string)}},
	"truncate": {func(b *budget, a []any) (any, error) { return truncate(b, a[0], a[1].(int)) }, []any{new(func(*budget, any, int) string)}},
	"replace":  {func(b *budget, a []any) (any, error) { return replace(b, a[0], a[1], a[2]) }, []any{new(func(*budget, any, any, any) string)}},
	"split":    {func(b *budget, a []any) (any, error) { return split(b, a[0], a[1]) }, []any{new(func(*budget, any, any) []any)}},
	"match":    {func(b *budget, a []any) (any, error) { return match(b, a[0], a[1]) }, []any{new(func(*budget, any, any) bool)}},
	"join":     {join, []any{new(func(*budget, any, ...any) string)}},
}

// date writes a time; layout is Go's, or one of date, time and datetime.
func date(args ...any) (any, error) {
	t, ok := moment(args[0])
	if !ok {
		return "", nil
	}
	layout := "datetime"
	if len(args) > 1 {
		layout = args[1].(string)
	}
	switch layout {
	case "date":
		layout = time.DateOnly
	case "time":
		layout = time.TimeOnly
	case "datetime":
		layout = time.DateTime
	}
	if len(layout) > 100 {
		return nil, fmt.Errorf("a date's layout is longer than 100 bytes")
	}
	return t.Local().Format(layout), nil
}
