package expression

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
)

// A budget bounds one run. Runs are single goroutines.
type budget struct {
	began time.Time // zero before the first look: most runs take none
	steps int
	bytes int
}

// stepsPerLook is how many steps are taken between two looks at the clock.
const stepsPerLook = 64

var (
	errTime   = errors.New("the expression takes too long")
	errText   = errors.New("the expression makes a text that is too long")
	errLength = errors.New("the expression makes a list that is too long")
)

func newBudget() *budget { return new(budget) }

// step is taken before each turn of a loop.
func (b *budget) step() error {
	if b.steps++; b.steps%stepsPerLook == 0 {
		return b.look()
	}
	return nil
}

func (b *budget) look() error {
	switch now := time.Now(); {
	case b.began.IsZero():
		b.began = now
	case now.Sub(b.began) > MaxTime:
		return errTime
	}
	return nil
}

// text pays for a text of n bytes that is made.
func (b *budget) text(n int) error {
	b.bytes += n
	if n > MaxText || b.bytes > 16*MaxText {
		return errText
	}
	return b.step()
}

// guard replaces, in a parsed expression, what could fail or grow without
// need: member access by one that knows nil, operators that make or compare
// values of any size by bounded ones, and the bodies of loops by counted ones.
type guard struct {
	err    error
	secret bool // it uses the credential
	event  bool // it uses the row of history
	// ranges are those that have been made lists: visits repeat.
	ranges map[ast.Node]bool
}

// Visit implements [ast.Visitor].
func (g *guard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.MemberNode:
		g.ofEvent(n)
		if !g.static(n) {
			ast.Patch(node, call("__member", n.Node, n.Property))
		}
	case *ast.BinaryNode:
		g.operator(node, n)
	case *ast.CallNode:
		g.called(n)
	case *ast.BuiltinNode:
		fromTheEnd(node, n)
	case *ast.IdentifierNode:
		switch n.Value {
		case "secret":
			g.secret = true
		case "event":
			g.event = true
		case "$env":
			// Everything by another name, the secret among it.
			g.refuse(n, "$env is not known here")
		}
	case *ast.PredicateNode:
		body := n.Node
		if s, ok := body.(*ast.SequenceNode); ok && len(s.Nodes) > 0 && isCall(s.Nodes[0], "__step") {
			return
		}
		n.Node = &ast.SequenceNode{Nodes: []ast.Node{call("__step", budgetName()), body}}
	}
}

// fromTheEnd replaces findLast and findLastIndex, which leave something on
// expr's stack for each element they look at, and so give the wrong arguments
// to a call that they are in: the last to meet a condition is what is left of
// reduce(list, condition ? # : #acc, nil).
func fromTheEnd(node *ast.Node, n *ast.BuiltinNode) {
	element := ""
	switch n.Name {
	case "findLast":
	case "findLastIndex":
		element = "index"
	default:
		return
	}
	if len(n.Arguments) != 2 {
		return
	}
	p, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return
	}
	body, ok := p.Node.(*ast.SequenceNode) // the guard's own: a step, and what there was
	if !ok || len(body.Nodes) != 2 {
		return
	}
	body.Nodes[1] = &ast.ConditionalNode{Cond: body.Nodes[1], Exp1: &ast.PointerNode{Name: element}, Exp2: &ast.PointerNode{Name: "acc"}}
	ast.Patch(node, &ast.BuiltinNode{Name: "reduce", Arguments: []ast.Node{n.Arguments[0], p, &ast.NilNode{}}})
}

// unchecked makes expr check every call once more. It takes one whose type it
// knows for done, also where an argument was found to be wrong before the
// guard had replaced something, and compiles that.
type unchecked struct{}

// Visit implements [ast.Visitor].
func (unchecked) Visit(node *ast.Node) {
	if c, ok := (*node).(*ast.CallNode); ok {
		c.SetNature(nature.Nature{})
	}
}

// Reset and ShouldRepeat make it the last of the visitors.
func (unchecked) Reset()             {}
func (unchecked) ShouldRepeat() bool { return false }

// operator replaces one that makes or compares what a server sent. Between
// values whose kinds are known the compiler's own checks are worth more.
func (g *guard) operator(node *ast.Node, n *ast.BinaryNode) {
	if n.Operator == "matches" {
		g.pattern(n.Right)
		ast.Patch(node, call("match", budgetName(), n.Left, n.Right))
		return
	}
	if known(n.Left) && known(n.Right) && n.Operator != "+" && n.Operator != ".." {
		return
	}
	switch n.Operator {
	case "..":
		// It would be a []int, which is no value of the language's.
		if !g.ranges[n] {
			if g.ranges == nil {
				g.ranges = map[ast.Node]bool{}
			}
			g.ranges[n] = true
			ast.Patch(node, call("__list", n))
		}
	case "+":
		ast.Patch(node, call("__add", budgetName(), n.Left, n.Right))
	case "==":
		ast.Patch(node, call("__equal", budgetName(), n.Left, n.Right))
	case "!=":
		ast.Patch(node, &ast.UnaryNode{Operator: "not", Node: call("__equal", budgetName(), n.Left, n.Right)})
	case "in":
		ast.Patch(node, call("__in", budgetName(), n.Left, n.Right))
	}
}

// known reports whether a node's kind is one of the simple ones.
func known(n ast.Node) bool {
	t := n.Type()
	if t == nil {
		return false
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Float64, reflect.String:
		return true
	}
	return false
}

// static reports whether a member is one of the scope's own structs.
func (g *guard) static(n *ast.MemberNode) bool {
	id, ok := n.Node.(*ast.IdentifierNode)
	return ok && id.Value == "feed"
}

// ofEvent refuses a member that no event has: a mistake would be nil.
func (g *guard) ofEvent(n *ast.MemberNode) {
	id, ok := n.Node.(*ast.IdentifierNode)
	name, written := n.Property.(*ast.StringNode)
	if ok && written && id.Value == "event" && !slices.Contains(EventNames(), name.Value) {
		g.refuse(n, fmt.Sprintf("an event has no %q, but %s", name.Value, strings.Join(EventNames(), ", ")))
	}
}

// called gives our functions that make texts the budget they are bounded by.
func (g *guard) called(n *ast.CallNode) {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	if id.Value == "match" && len(n.Arguments) == 2 {
		g.pattern(n.Arguments[1])
	}
	if makesText[id.Value] && (len(n.Arguments) == 0 || !isBudget(n.Arguments[0])) {
		n.Arguments = append([]ast.Node{budgetName()}, n.Arguments...)
	}
}

// pattern checks a regular expression that is written out.
func (g *guard) pattern(n ast.Node) {
	s, ok := n.(*ast.StringNode)
	if !ok || g.err != nil {
		return
	}
	if _, err := pattern(s.Value); err != nil {
		g.refuse(n, err.Error())
	}
}

// refuse is an error at a node; the first one counts.
func (g *guard) refuse(n ast.Node, message string) {
	if g.err == nil {
		g.err = &Error{Line: 1, Column: n.Location().From + 1, Message: message}
	}
}

func call(name string, arguments ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
}

func isCall(n ast.Node, name string) bool {
	c, ok := n.(*ast.CallNode)
	if !ok {
		return false
	}
	id, ok := c.Callee.(*ast.IdentifierNode)
	return ok && id.Value == name
}

func budgetName() ast.Node { return &ast.IdentifierNode{Value: "__budget"} }

func isBudget(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == "__budget"
}
