package manual

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// Kind is a kind of value that a completion asks for. A flag or an argument
// says it with the tag complete, which may also list values, or by its name or placeholder.
type Kind string

const (
	Feeds   Kind = "feeds"   // ids of feeds
	Events  Kind = "events"  // numbers of events
	Presets Kind = "presets" // names of presets
	Fields  Kind = "fields"  // fields of a mapping, with =
	Files   Kind = "files"   // the shell's own
	Folders Kind = "folders" // the shell's own
)

// A Candidate is a word that may come next, and what it means; that may be
// empty.
type Candidate struct{ Value, About string }

// A Completion is what may take the place of the last word.
type Completion struct {
	Candidates []Candidate
	// Ask is [Files] or [Folders] where the shell knows better; else empty.
	Ask Kind
}

// Complete completes the last of words, which follow the program's name on
// its command line. The last one may be empty. source knows the values of a
// kind, and is given the folder that --dir names, if it does.
func Complete(app *kong.Application, words []string, source func(kind Kind, dir string) []Candidate) Completion {
	if len(words) == 0 {
		return Completion{}
	}
	c := &completer{source: source, node: app.Node, given: map[string]bool{}}
	last := len(words) - 1
	for _, w := range words[:last] {
		c.pass(w)
	}
	out := c.next(words[last])
	var fitting []Candidate
	for _, x := range out.Candidates {
		if strings.HasPrefix(x.Value, words[last]) && harmless(x.Value) {
			fitting = append(fitting, Candidate{x.Value, line(x.About)})
		}
	}
	out.Candidates = fitting
	return out
}

// A completer is somewhere in a line of words.
type completer struct {
	source  func(Kind, string) []Candidate
	node    *kong.Node
	waiting *kong.Flag // for its value
	given   map[string]bool
	place   int  // the next argument
	only    bool // arguments alone, behind --
	dir     string
}

// pass goes past a word.
func (c *completer) pass(w string) {
	switch {
	case c.waiting != nil:
		c.value(c.waiting, w)
		c.waiting = nil
	case w == "--" && !c.only:
		c.only = true
	case strings.HasPrefix(w, "-") && len(w) > 1 && !c.only:
		name, v, has := strings.Cut(w, "=")
		f := c.flag(name)
		if f == nil {
			return
		}
		c.given[f.Name] = true
		for _, other := range c.flags() {
			if shared(f.Xor, other.Xor) {
				c.given[other.Name] = true
			}
		}
		if has {
			c.value(f, v)
		} else if !f.IsBool() && !f.IsCounter() {
			c.waiting = f
		}
	default:
		for _, n := range c.commands() {
			if n.Name == w {
				c.node = n
				return
			}
		}
		c.place++
	}
}

func (c *completer) value(f *kong.Flag, v string) {
	if f.Name == "dir" {
		c.dir = v
	}
}

func shared(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// commands are what may follow the program's name.
func (c *completer) commands() []*kong.Node {
	if c.node.Type != kong.ApplicationNode || c.place > 0 || c.only {
		return nil
	}
	return c.node.Children
}

// flags are those of the command and of all commands.
func (c *completer) flags() (out []*kong.Flag) {
	for n := c.node; n != nil; n = n.Parent {
		out = append(out, n.Flags...)
	}
	return out
}

func (c *completer) flag(name string) *kong.Flag {
	for _, f := range c.flags() {
		if name == "--"+f.Name || f.Short != 0 && name == "-"+string(f.Short) {
			return f
		}
	}
	return nil
}

// next is what may come in the place of word.
func (c *completer) next(word string) Completion {
	if c.waiting != nil {
		return c.values(c.waiting.Value, c.waiting.PlaceHolder)
	}
	if strings.HasPrefix(word, "-") && !c.only {
		name, _, has := strings.Cut(word, "=")
		if !has {
			return Completion{Candidates: c.options()}
		}
		f := c.flag(name)
		if f == nil || f.IsBool() {
			return Completion{}
		}
		out := c.values(f.Value, f.PlaceHolder)
		for i := range out.Candidates {
			out.Candidates[i].Value = name + "=" + out.Candidates[i].Value
		}
		return out
	}
	var out Completion
	for _, n := range c.commands() {
		if !n.Hidden {
			out.Candidates = append(out.Candidates, Candidate{n.Name, n.Help})
		}
	}
	if args := c.node.Positional; len(args) > 0 {
		a := args[min(c.place, len(args)-1)]
		if c.place < len(args) || a.IsCumulative() {
			return c.values(a, "")
		}
	}
	return out
}

// options are the flags that can still be given.
func (c *completer) options() (out []Candidate) {
	for _, f := range c.flags() {
		if !f.Hidden && (!c.given[f.Name] || f.IsCumulative()) {
			out = append(out, Candidate{"--" + f.Name, f.Help})
		}
	}
	return out
}

// values are those of a flag or an argument.
func (c *completer) values(v *kong.Value, placeholder string) Completion {
	if v.Enum != "" {
		return oneOf(v.Enum)
	}
	kind := kindOf(v, placeholder)
	if strings.Contains(string(kind), ",") {
		return oneOf(string(kind))
	}
	switch kind {
	case "":
		return Completion{}
	case Files, Folders:
		return Completion{Ask: kind}
	default:
		return Completion{Candidates: c.source(kind, c.dir)}
	}
}

// oneOf are values with commas between them.
func oneOf(list string) (out Completion) {
	for e := range strings.SplitSeq(list, ",") {
		out.Candidates = append(out.Candidates, Candidate{Value: e})
	}
	return out
}

// kindOf is the kind of a value: as its tag says, else by its placeholder or,
// of an argument, its name.
func kindOf(v *kong.Value, placeholder string) Kind {
	if kind := v.Tag.Get("complete"); kind != "" {
		return Kind(kind)
	}
	if v.Flag == nil {
		placeholder = cmp.Or(placeholder, strings.ToUpper(v.Name))
	}
	switch placeholder {
	case "ID", "FEED":
		return Feeds
	case "SEQ":
		return Events
	case "FILE":
		return Files
	case "DIR":
		return Folders
	}
	return ""
}

// harmless reports whether a word means nothing to any shell, wherever it
// comes from.
func harmless(s string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		case strings.ContainsRune("-_.,:=+@/", r):
		default:
			return false
		}
	}
	return s != ""
}

// maxAbout is how much of what a word means is told, in characters.
const maxAbout = 60

// line is s on one bounded line, and nothing that moves a terminal's cursor.
func line(s string) string {
	out := make([]rune, 0, maxAbout)
	for _, r := range s {
		if len(out) == maxAbout {
			return strings.TrimSpace(string(out[:maxAbout-1])) + "…"
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = ' '
		}
		if r == ' ' && len(out) > 0 && out[len(out)-1] == ' ' {
			continue
		}
		out = append(out, r)
	}
	return strings.TrimSpace(string(out))
}
