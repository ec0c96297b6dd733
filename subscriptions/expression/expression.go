package expression

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Bounds; see the package's comment.
const (
	MaxSource = 4 << 10 // bytes
	MaxNodes  = 300
	MaxTime   = 100 * time.Millisecond
	MaxText   = 1 << 20 // bytes
	MaxItems  = 10_000
)

// A Scope is what an expression sees.
type Scope struct {
	Data     any       `expr:"data"`
	Raw      string    `expr:"raw"`
	Type     string    `expr:"type"`
	ID       string    `expr:"id"`
	Cursor   string    `expr:"cursor"`
	Feed     Feed      `expr:"feed"`
	Received time.Time `expr:"received"`
	// Memory, N and Secret are for conversations: what was remembered of
	// messages, the number of the next frame (from 1), and the credential that
	// is presented in frames.
	Memory map[string]any `expr:"memory"`
	N      int            `expr:"n"`
	Secret string         `expr:"secret"`
	// Event is the row of history that the payload became, for what is done
	// with events later; its names are [EventNames].
	Event map[string]any `expr:"event"`
}

// EventNames are the members of event.
func EventNames() []string {
	return []string{"seq", "kind", "type", "id", "title", "body", "link", "priority", "tags", "group", "time", "received", "via"}
}

// A Feed is what an expression sees of the feed.
type Feed struct {
	ID   string `expr:"id"`
	Name string `expr:"name"`
	URL  string `expr:"url"` // without credentials
}

// scope is a Scope with what bounds the run.
type scope struct {
	Scope
	Budget *budget `expr:"__budget"`
}

// An Expression is compiled and can be evaluated.
type Expression struct {
	source  string
	program *vm.Program
	secret  bool
	event   bool
}

// An Error is an expression that cannot be compiled.
type Error struct {
	// Line and Column are where, from 1, in characters.
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("column %d: %s", e.Column, e.Message)
}

// Compile checks an expression of any result. The error is an [*Error].
func Compile(source string) (*Expression, error) { return compile(source) }

// CompileCondition checks one whose result is true or false.
func CompileCondition(source string) (*Expression, error) { return compile(source, expr.AsBool()) }

func compile(source string, options ...expr.Option) (*Expression, error) {
	if len(source) > MaxSource {
		return nil, &Error{1, 1, fmt.Sprintf("the expression is longer than %d bytes", MaxSource)}
	}
	if strings.TrimSpace(source) == "" {
		return nil, &Error{1, 1, "the expression is empty"}
	}
	g := &guard{}
	program, err := expr.Compile(source, language(g, options)...)
	if err == nil && g.err != nil {
		err = g.err
	}
	if err != nil {
		return nil, located(err)
	}
	return &Expression{source, program, g.secret, g.event}, nil
}

// located is an error of expr's as ours: without the drawing of the source.
func located(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*file.Error](err); ok {
		return &Error{max(e.Line, 1), e.Column + 1, e.Message}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return &Error{1, 1, first}
}

// String is the source.
func (e *Expression) String() string { return e.source }

// UsesSecret reports whether the expression looks at the credential.
func (e *Expression) UsesSecret() bool { return e.secret }

// UsesEvent reports whether the expression looks at the row of history.
func (e *Expression) UsesEvent() bool { return e.event }

// A machine runs one expression at a time.
type machine struct {
	vm.VM
	scope  scope
	budget budget
}

// machines are kept from one run to the next.
var machines = sync.Pool{New: func() any { return &machine{VM: vm.VM{MemoryBudget: 10 * MaxItems}} }}

// Eval is the expression's value: nil, a bool, an int, a float64, a string,
// a [Number], a time, a []any or a map[string]any. The error is one line.
func (e *Expression) Eval(s Scope) (value any, err error) {
	m := machines.Get().(*machine)
	m.budget = budget{}
	m.scope = scope{Scope: s, Budget: &m.budget}
	value, err = m.Run(e.program, &m.scope)
	if err != nil {
		return nil, running(err) // and the machine is left to the collector
	}
	if value == any(&m.scope) { // of $env, which is no value for anybody
		return nil, errors.New("$env is no value")
	}
	m.scope = scope{}
	machines.Put(m)
	return value, nil
}

// Condition is the value of one compiled by [CompileCondition].
func (e *Expression) Condition(s Scope) (bool, error) {
	value, err := e.Eval(s)
	if err != nil {
		return false, err
	}
	yes, ok := value.(bool)
	if !ok {
		return false, fmt.Errorf("the condition is neither true nor false, but %s", kind(value))
	}
	return yes, nil
}

// running is an error while running, in one bounded line.
func running(err error) error {
	var e *file.Error
	if errors.As(err, &e) {
		if e.Prev != nil {
			return running(e.Prev)
		}
		return errors.New(oneLine(e.Message))
	}
	return errors.New(oneLine(err.Error()))
}

func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return cut(strings.ToValidUTF8(s, "\uFFFD"), 300)
}
