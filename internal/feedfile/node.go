package feedfile

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A reader turns YAML into what encoding/json can read, checked against a
// schema, and notes where everything is.
type reader struct {
	anchors map[string]ast.Node
	nodes   int
	bytes   int // of texts
	// lines are the lines of values by their path, like feeds.0.mapping.title.
	lines map[string]int
}

// read is the value of a node.
func (r *reader) read(n ast.Node, s *schema, path string, depth int) (any, error) {
	r.nodes++
	if depth > maxDepth || r.nodes > maxNodes {
		return nil, at(n.GetToken(), "there is too much in one place")
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		v, err := r.read(n.Value, s, path, depth+1)
		r.anchors[n.Name.GetToken().Value] = n.Value // after: no node is inside itself
		return v, err
	case *ast.AliasNode:
		to := r.anchors[n.Value.GetToken().Value]
		if to == nil {
			return nil, at(n.GetToken(), "there is no anchor %q above", n.Value.GetToken().Value)
		}
		return r.read(to, s, path, depth+1)
	case *ast.TagNode:
		return nil, at(n.GetToken(), "tags are not understood here")
	}
	t := start(n)
	if t.Position != nil {
		if _, known := r.lines[path]; !known {
			r.lines[path] = t.Position.Line
		}
	}
	if len(s.OneOf) > 0 { // a text, or else the other
		if _, ok := plainText(n); ok {
			return r.read(n, s.OneOf[0], path, depth)
		}
		return r.read(n, s.OneOf[1], path, depth)
	}
	switch s.Type {
	case object:
		return r.object(n, s, path, depth)
	case array:
		return r.array(n, s, path, depth)
	}
	v, err := scalar(n, s, path)
	if s, ok := v.(string); ok {
		if r.bytes += len(s); r.bytes > maxText {
			return nil, at(t, "there is too much in one place")
		}
	}
	return v, err
}

func (r *reader) object(n ast.Node, s *schema, path string, depth int) (any, error) {
	pairs, ok := members(n)
	if !ok {
		return nil, at(start(n), "%s must have names and values", what(path))
	}
	out := make(map[string]any, len(pairs))
	for _, pair := range pairs {
		key, ok := plainText(pair.Key)
		if !ok {
			return nil, at(pair.Key.GetToken(), "a name must be a text")
		}
		member, known := s.Properties[key]
		if !known {
			if member, known = s.Others.(*schema); !known {
				return nil, at(pair.Key.GetToken(), "unknown field %q%s", clip(key), suggest(key, s))
			}
		}
		if _, twice := out[key]; twice {
			return nil, at(pair.Key.GetToken(), "%q is there twice", clip(key))
		}
		inner := strings.TrimPrefix(path+"."+key, ".")
		r.lines[inner] = pair.Key.GetToken().Position.Line
		if _, null := pair.Value.(*ast.NullNode); null {
			out[key] = nil // as if it were not there
			continue
		}
		v, err := r.read(pair.Value, member, inner, depth+1)
		if err != nil {
			return nil, err
		}
		out[key] = v
	}
	for _, name := range s.Required {
		if out[name] == nil {
			return nil, at(start(n), "%s has no %q", what(path), name)
		}
	}
	return withoutNulls(out), nil
}

func withoutNulls(m map[string]any) map[string]any {
	for k, v := range m {
		if v == nil {
			delete(m, k)
		}
	}
	return m
}

func (r *reader) array(n ast.Node, s *schema, path string, depth int) (any, error) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		return nil, at(start(n), "%s must be a list", what(path))
	}
	if s.MaxItems > 0 && len(seq.Values) > s.MaxItems {
		return nil, at(start(n), "%s has more than %d entries", what(path), s.MaxItems)
	}
	out := make([]any, 0, len(seq.Values))
	for i, v := range seq.Values {
		item, err := r.read(v, s.Items, path+"."+itoa(i), depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// scalar is the value of one that is no list and has no members.
func scalar(n ast.Node, s *schema, path string) (any, error) {
	t := start(n)
	switch s.Type {
	case boolean:
		if b, ok := n.(*ast.BoolNode); ok {
			return b.Value, nil
		}
		return nil, at(t, "%s must be true or false", what(path))
	case integer:
		v, ok := whole(n)
		if !ok || s.Minimum != nil && v < int64(*s.Minimum) {
			return nil, at(t, "%s must be a number from 0 on", what(path))
		}
		if s.Const != nil && s.Const != int(v) {
			return nil, at(t, "%s %d is not known to this Bellwire", what(path), v)
		}
		return v, nil
	}
	v, ok := plainText(n)
	if !ok {
		return nil, at(t, "%s must be a text", what(path))
	}
	return v, s.checkText(t, path, v)
}

// checkText reports what is wrong with a text; it does not quote it.
func (s *schema) checkText(t *token.Token, path, v string) error {
	switch {
	case s.duration:
		if _, err := time.ParseDuration(v); err != nil {
			return at(t, `%s must be a time like "1m30s"`, what(path))
		}
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, v):
		return at(t, "%s must be one of %s", what(path), strings.Join(s.Enum, ", "))
	case s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v):
		hint := ""
		if len(s.Examples) > 0 {
			hint = ", but like " + strings.Join(s.Examples, " or ")
		}
		return at(t, "%s cannot be that%s", what(path), hint)
	}
	return nil
}

// members are the names and values of a mapping.
func members(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// plainText is a scalar as it is written: a number is fine for a name.
func plainText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func whole(n ast.Node) (int64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := i.Value.(type) {
	case int64:
		return v, v <= math.MaxInt32
	case uint64:
		return int64(v), v <= math.MaxInt32 //nolint:gosec // bounded
	}
	return 0, false
}

// start is the first token of a node: that of a mapping is its first colon
// otherwise.
func start(n ast.Node) *token.Token {
	if pairs, ok := members(n); ok && len(pairs) > 0 {
		return pairs[0].Key.GetToken()
	}
	return n.GetToken()
}
