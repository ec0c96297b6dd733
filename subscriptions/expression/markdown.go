package expression

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	source "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxMarkdown is how much of a Markdown text is read, in bytes: some of it takes
// time in proportion to its square. What is behind is left out; no event shows
// as much.
const maxMarkdown = 16 << 10

// Markdown is the text of Markdown (CommonMark) as a desktop can show it:
// without its marks, lists with their bullets or numbers, code as it is, and
// links as their text with the address behind it.
func Markdown(s string) string {
	s = cut(s, maxMarkdown)
	if !strings.ContainsAny(s, "*_`#[<>+-~=1\\&") {
		return s
	}
	w := plainer{source: []byte(s)}
	w.blocks(goldmark.DefaultParser().Parse(source.NewReader(w.source)), "")
	return strings.TrimSpace(w.out.String())
}

// maxIndent is how far a text is indented, in bytes; deeper nesting is not
// shown.
const maxIndent = 16

// A plainer writes a Markdown tree as plain text.
type plainer struct {
	source []byte
	out    strings.Builder
}

// blocks writes the blocks in n, each line behind the given indent.
func (w *plainer) blocks(n ast.Node, indent string) {
	indent = indent[:min(len(indent), maxIndent)]
	number := 0
	if list, ok := n.(*ast.List); ok {
		number = list.Start
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.List:
			w.blocks(c, indent)
			w.gap(c)
		case *ast.ListItem:
			mark := "• "
			if list, ok := n.(*ast.List); ok && list.IsOrdered() {
				mark = strconv.Itoa(number) + ". "
				number++
			}
			w.out.WriteString(indent + mark)
			w.item(c, indent)
		case *ast.Blockquote:
			w.blocks(c, indent+"> ")
		case *ast.ThematicBreak:
			w.line(indent + "———")
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			w.code(c, indent)
			w.gap(c)
		case *ast.HTMLBlock:
			w.out.WriteString(indent + Plain(w.segments(c)))
			w.line("")
			w.gap(c)
		default:
			w.out.WriteString(indent)
			w.inlines(c, indent)
			w.line("")
			w.gap(c)
		}
	}
}

// item writes a list's item, whose first line has its mark already.
func (w *plainer) item(n ast.Node, indent string) {
	first := n.FirstChild()
	if first == nil {
		w.line("")
		return
	}
	w.inlines(first, indent+"  ")
	w.line("")
	for c := first.NextSibling(); c != nil; c = c.NextSibling() {
		if _, ok := c.(*ast.List); ok {
			w.blocks(c, indent+"  ")
			continue
		}
		w.out.WriteString(indent + "  ")
		w.inlines(c, indent+"  ")
		w.line("")
	}
}

// inlines writes what is inside a block.
func (w *plainer) inlines(n ast.Node, indent string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			w.out.Write(resolved(c.Segment.Value(w.source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				w.line("")
				w.out.WriteString(indent)
			}
		case *ast.String:
			w.out.Write(c.Value)
		case *ast.Link:
			w.link(c, string(c.Destination), indent)
		case *ast.Image:
			w.link(c, string(c.Destination), indent)
		case *ast.AutoLink:
			w.out.Write(c.Label(w.source))
		case *ast.RawHTML:
		default:
			w.inlines(c, indent)
		}
	}
}

// resolved is a text without its escapes (CommonMark §2.4, §2.5).
func resolved(s []byte) []byte {
	if !bytes.ContainsAny(s, "\\&") {
		return s
	}
	return util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(s)))
}

// link writes a link's text, and its address where that is another.
func (w *plainer) link(n ast.Node, to, indent string) {
	at := w.out.Len()
	w.inlines(n, indent)
	switch shown := w.out.String()[at:]; {
	case to == "" || shown == to:
	case shown == "":
		w.out.WriteString(to)
	default:
		w.out.WriteString(" (" + to + ")")
	}
}

// code writes a block of code as it is.
func (w *plainer) code(n ast.Node, indent string) {
	for line := range strings.Lines(w.segments(n)) {
		w.out.WriteString(indent + line)
	}
}

func (w *plainer) segments(n ast.Node) string {
	return string(n.Lines().Value(w.source))
}

func (w *plainer) line(s string) {
	w.out.WriteString(s)
	w.out.WriteByte('\n')
}

// gap leaves a line between paragraphs.
func (w *plainer) gap(n ast.Node) {
	if next := n.NextSibling(); next != nil && next.HasBlankPreviousLines() && next.Kind() != ast.KindListItem {
		w.out.WriteByte('\n')
	}
}
