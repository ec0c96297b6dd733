package manual

import (
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// ManPages are the manual's pages of section 1 by the names of their files:
// one of the program, and one of each command that people see.
func ManPages(app *kong.Application, about About) map[string][]byte {
	pages := map[string][]byte{app.Name + ".1": programPage(app, about)}
	for _, n := range Commands(app) {
		pages[app.Name+"-"+n.Name+".1"] = commandPage(app, n, about)
	}
	return pages
}

// A page is roff with the macros of man(7), all of it ASCII.
type page struct{ strings.Builder }

func newPage(name string, about About) *page {
	p := &page{}
	date := ""
	if !about.Date.IsZero() {
		date = about.Date.UTC().Format(time.DateOnly)
	}
	fmt.Fprintf(p, ".TH %s 1 \"%s\" \"%s\" \"Bellwire manual\"\n", roff(strings.ToUpper(name)), date, roff(strings.TrimSpace("Bellwire "+about.Version)))
	p.WriteString(".nh\n.ad l\n") // no hyphens in what may be copied
	return p
}

// macro is a request with its arguments.
func (p *page) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, a := range args {
		p.WriteString(` "` + strings.ReplaceAll(roff(a), `"`, `\(dq`) + `"`)
	}
	p.WriteByte('\n')
}

// maxLine is how long a line of a page's source becomes.
const maxLine = 78

// text is text that is filled, in short lines of source.
func (p *page) text(s string) {
	length := 0
	for i, word := range strings.Fields(s) {
		w := roff(word)
		switch {
		case i == 0:
		case length+1+len(w) > maxLine:
			p.WriteByte('\n')
			length = 0
		default:
			p.WriteByte(' ')
			w = strings.TrimPrefix(w, `\&`) // in a line it is nothing special
			length++
		}
		p.WriteString(w)
		length += len(w)
	}
	p.WriteByte('\n')
}

// roff is s for a line of its own: nothing in it is a request or an escape.
func roff(s string) string {
	var out strings.Builder
	for i, r := range s {
		if i == 0 && (r == '.' || r == '\'') {
			out.WriteString(`\&`)
		}
		switch r {
		case '\\':
			out.WriteString(`\e`)
		case '-':
			out.WriteString(`\-`)
		case '\'':
			out.WriteString(`\(aq`)
		case '`':
			out.WriteString(`\(ga`)
		case '^':
			out.WriteString(`\(ha`)
		case '~':
			out.WriteString(`\(ti`)
		default:
			if r > 0x7e {
				fmt.Fprintf(&out, `\[u%04X]`, r)
			} else {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}

// bold is s in bold, for a line of text.
func bold(s string) string { return `\fB` + roff(s) + `\fR` }

func (p *page) blocks(list []block) {
	for i, b := range list {
		if i > 0 {
			p.macro("PP")
		}
		if !b.code {
			p.text(b.text)
			continue
		}
		p.WriteString(".RS 4\n.nf\n")
		for line := range strings.SplitSeq(b.text, "\n") {
			p.WriteString(roff(line) + "\n")
		}
		p.WriteString(".fi\n.RE\n")
	}
}

// entries are tagged paragraphs.
func (p *page) entries(section string, list []Entry) {
	if len(list) == 0 {
		return
	}
	p.macro("SH", section)
	for _, e := range list {
		p.entry(bold(e.Name), e.Text)
	}
}

func (p *page) entry(tag, text string) {
	p.WriteString(".TP\n" + tag + "\n")
	p.text(text)
}

func (p *page) options(list []group) {
	for _, g := range list {
		if len(g.flags) == 0 {
			continue
		}
		if g.title != "" {
			p.macro("SS", g.title)
		}
		for _, f := range g.flags {
			p.entry(optionTag(f), meaning(f.Value))
		}
	}
}

// optionTag is an option in bold, with its value in italics.
func optionTag(f *kong.Flag) string {
	name, v, has := strings.Cut(option(f), "=")
	tag := bold(name)
	if has {
		tag += `=\fI` + roff(v) + `\fR`
	}
	return tag
}

// last are the sections that every page ends with.
func (p *page) last(about About, see []string) {
	p.entries("EXIT STATUS", about.Exit)
	p.entries("ENVIRONMENT", about.Environment)
	p.entries("FILES", about.Files)
	p.macro("SH", "SEE ALSO")
	for i, name := range see {
		see[i] = `\fB` + roff(name) + `\fR(1)`
	}
	p.WriteString(strings.Join(see, ",\n") + "\n")
	for _, s := range about.SeeAlso {
		p.macro("PP")
		p.text(s)
	}
	if about.Homepage != "" {
		p.macro("PP")
		p.text(about.Homepage)
	}
}

func programPage(app *kong.Application, about About) []byte {
	p := newPage(app.Name, about)
	// The rest, exit codes in short, has a section of its own.
	first, _, _ := strings.Cut(app.Help, "\n\n")
	p.macro("SH", "NAME")
	p.text(app.Name + " - " + about.Purpose)
	p.macro("SH", "SYNOPSIS")
	p.WriteString(bold(app.Name) + ` [\fIcommand\fR] [\fIoption\fR ...]` + "\n")
	p.macro("SH", "DESCRIPTION")
	text, _ := blocks(first)
	p.blocks(text)
	p.macro("SH", "COMMANDS")
	title := ""
	var see []string
	for _, n := range Commands(app) {
		see = append(see, app.Name+"-"+n.Name)
		if g := n.Group; g != nil && g.Title != title {
			title = g.Title
			p.macro("SS", strings.TrimSuffix(title, ":"))
		}
		p.entry(bold(app.Name+"-"+n.Name)+"(1)", n.Help)
	}
	p.macro("SH", "OPTIONS")
	p.options(groups(app.Node))
	if list, _ := blocks(about.Examples); len(list) > 0 {
		p.macro("SH", "EXAMPLES")
		p.blocks(list)
	}
	p.last(about, see)
	return []byte(p.String())
}

func commandPage(app *kong.Application, n *kong.Node, about About) []byte {
	name := app.Name + "-" + n.Name
	p := newPage(name, about)
	p.macro("SH", "NAME")
	p.text(name + " - " + phrase(n.Help))
	p.macro("SH", "SYNOPSIS")
	p.WriteString(bold(app.Name + " " + n.Name))
	for _, a := range n.Positional {
		p.WriteString(` \fI` + roff(argument(a)) + `\fR`)
	}
	p.WriteString(" [\\fIoption\\fR ...]\n")
	p.macro("SH", "DESCRIPTION")
	text, examples := blocks(n.Help + "\n\n" + n.Detail)
	p.blocks(text)
	if len(n.Positional) > 0 {
		p.macro("SH", "ARGUMENTS")
		for _, a := range n.Positional {
			p.entry(`\fI`+roff(strings.ToUpper(a.Name))+`\fR`, meaning(a))
		}
	}
	p.macro("SH", "OPTIONS")
	p.options(groups(n))
	all := groups(app.Node)
	all[0].title = ""
	if len(n.Flags) > 0 {
		all[0].title = "Of every command"
	}
	p.options(all)
	if len(examples) > 0 {
		p.macro("SH", "EXAMPLES")
		p.blocks(examples)
	}
	p.last(about, []string{app.Name})
	return []byte(p.String())
}
