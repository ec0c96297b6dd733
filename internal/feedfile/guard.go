package feedfile

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of what is parsed. The parser needs quadratic time for some texts
// (keys of one mapping, anchors, nested brackets), so they are looked at
// first; a text of MaxSize takes at most a second or two.
const (
	maxDepth   = 32
	maxKeys    = 1000 // of one mapping in block style
	maxAnchors = 1000
	maxNodes   = 500_000 // with aliases followed
	maxText    = 4 << 20 // bytes of all texts, with aliases followed
)

// parse is the one document of a YAML text; nil for an empty one.
func parse(b []byte) (ast.Node, error) {
	if len(b) > MaxSize {
		return nil, mistake(0, 0, "the file is larger than %d bytes", MaxSize)
	}
	if !utf8.Valid(b) || strings.ContainsRune(string(b), 0) {
		return nil, mistake(0, 0, "the file is no text in UTF-8")
	}
	tokens := lexer.Tokenize(string(b))
	if err := guard(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, at(doc.Body.GetToken(), "a file has one document")
		}
		body = doc.Body
	}
	return body, nil
}

// guard refuses what would be expensive to parse.
func guard(tokens token.Tokens) error {
	g := guarded{keys: map[int]int{}}
	for i, t := range tokens {
		if t.Position.Line != g.line {
			g.line, g.entries = t.Position.Line, 0
			g.newLine(t)
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			g.flow++
		case token.SequenceEndType, token.MappingEndType:
			g.flow--
		case token.SequenceEntryType:
			g.entries++
		case token.AnchorType, token.TagType, token.AliasType:
			g.anchors++
		case token.MappingKeyType, token.MergeKeyType, token.DirectiveType:
			return at(t, "%q is not understood here: write it out", t.Value)
		case token.InvalidType:
			return at(t, "it cannot be read as YAML")
		}
		if g.flow > maxDepth || g.entries > maxDepth || g.anchors > maxAnchors || g.keys[t.Position.Column] > maxKeys || i > maxNodes {
			return at(t, "there is too much in one place")
		}
	}
	return nil
}

type guarded struct {
	line, flow, entries, anchors int
	keys                         map[int]int // lines that begin in a column, of the mappings around
}

func (g *guarded) newLine(t *token.Token) {
	for column := range g.keys {
		if column > t.Position.Column {
			delete(g.keys, column)
		}
	}
	if g.flow == 0 && t.Type != token.SequenceEntryType && t.Type != token.CommentType {
		g.keys[t.Position.Column]++
	}
}

// syntaxError is the parser's error with its place.
func syntaxError(err error) error {
	type placed interface {
		error
		GetMessage() string
		GetToken() *token.Token
	}
	if e, ok := errors.AsType[placed](err); ok && e.GetToken() != nil {
		return at(e.GetToken(), "%s", e.GetMessage())
	}
	return mistake(0, 0, "it cannot be read as YAML")
}
