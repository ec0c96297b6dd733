// Package manual writes what the command line says of itself, from kong's
// model of it: manual pages, a reference in Markdown, and what a shell can
// complete. It must not know what any command does.
//
// What it writes depends on the model and on [About] alone: the same program
// always makes the same bytes.
package manual

import (
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// About is what pages say beside what the model knows.
type About struct {
	// Version and Date stand in the footer of manual pages. Both may be empty.
	Version string
	Date    time.Time
	// Purpose is what the program is, in a few words.
	Purpose string
	// Exit, Environment and Files stand on every page.
	Exit, Environment, Files []Entry
	// Examples are those of the program as a whole.
	Examples string
	// SeeAlso says where there is more to read.
	SeeAlso []string
	// Homepage is an address.
	Homepage string
}

// An Entry is a thing and what it means.
type Entry struct{ Name, Text string }

// A block is a paragraph, or lines that are shown as they are.
type block struct {
	text string
	code bool
}

// blocks are what a help text is made of: the paragraphs, and lines indented
// by two spaces or more. Behind the paragraph "Examples:" there are examples.
func blocks(help string) (text, examples []block) {
	to := &text
	for part := range strings.SplitSeq(help, "\n\n") {
		part = strings.Trim(part, "\n")
		switch {
		case strings.TrimSpace(part) == "":
		case strings.TrimSpace(part) == "Examples:":
			to = &examples
		case strings.HasPrefix(part, "  "):
			lines := strings.Split(part, "\n")
			for i, l := range lines {
				lines[i] = strings.TrimPrefix(l, "  ")
			}
			*to = append(*to, block{strings.Join(lines, "\n"), true})
		default:
			*to = append(*to, block{strings.Join(strings.Fields(part), " "), false})
		}
	}
	return text, examples
}

// Commands are the commands that people see, in their order.
func Commands(app *kong.Application) (out []*kong.Node) {
	for _, n := range app.Children {
		if n.Type == kong.CommandNode && !n.Hidden {
			out = append(out, n)
		}
	}
	return out
}

// A group is options under one title; the first has none.
type group struct {
	title string
	flags []*kong.Flag
}

// groups are a node's own options, by their groups in the order of the model.
func groups(n *kong.Node) (out []group) {
	out = []group{{}}
	at := map[string]int{}
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		i := 0
		if f.Group != nil {
			known := false
			if i, known = at[f.Group.Key]; !known {
				i = len(out)
				at[f.Group.Key] = i
				out = append(out, group{title: strings.TrimSuffix(f.Group.Title, ":")})
			}
		}
		out[i].flags = append(out[i].flags, f)
	}
	return out
}

// option is how a flag is written, its value in capitals.
func option(f *kong.Flag) string {
	out := "--" + f.Name
	if f.Short != 0 {
		out = "-" + string(f.Short) + ", " + out
	}
	if v := value(f); v != "" {
		out += "=" + v
	}
	return out
}

// value stands for a flag's value; empty where it takes none.
func value(f *kong.Flag) string {
	switch {
	case f.IsBool() || f.IsCounter():
		return ""
	case f.PlaceHolder != "":
		return f.PlaceHolder
	case f.Enum != "":
		return "WHICH"
	case strings.HasPrefix(f.Target.Kind().String(), "int"):
		if f.Target.Type() == durationType {
			return "DURATION"
		}
		return "N"
	}
	return "TEXT"
}

// meaning is what a value's help says, and what it leaves out: the values
// there are, the default, and the variable of the environment.
func meaning(v *kong.Value) string {
	out := []string{sentence(v.Help)}
	if v.Enum != "" && !names(v.Help, v.Enum) {
		out = append(out, "One of: "+strings.Join(strings.Split(v.Enum, ","), ", ")+".")
	}
	if v.HasDefault && v.Default != "" && !strings.HasPrefix(v.Default, "-") && !strings.Contains(strings.ToLower(v.Help), "default") {
		out = append(out, "Default: "+v.Default+".")
	}
	for _, name := range v.Tag.Envs {
		out = append(out, "Environment: "+name+".")
	}
	return strings.Join(out, " ")
}

// names reports whether a text has all of a list's values.
func names(text, list string) bool {
	for e := range strings.SplitSeq(list, ",") {
		if !strings.Contains(text, e) {
			return false
		}
	}
	return true
}

// sentence is text that ends.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// phrase is a sentence as a page's name line has it.
func phrase(text string) string {
	if len(text) > 1 && text[1] >= 'a' && text[1] <= 'z' {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	return strings.TrimSuffix(text, ".")
}

// argument is how an argument is written in a line of usage.
func argument(a *kong.Value) string {
	out := strings.ToUpper(a.Name)
	if a.IsCumulative() {
		out += " ..."
	}
	if !a.Required {
		out = "[" + out + "]"
	}
	return out
}

var durationType = reflect.TypeFor[time.Duration]()
