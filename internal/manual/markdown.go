package manual

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Markdown is the reference of all commands on one page.
func Markdown(app *kong.Application, about About) []byte {
	m := &markdown{}
	// The rest, exit codes in short, has a section of its own.
	first, _, _ := strings.Cut(app.Help, "\n\n")
	text, _ := blocks(first)
	m.paragraph("# Commands")
	m.paragraph("<!-- Made by `bellwire generate`; change the help texts of the commands instead. -->")
	m.blocks(text)
	m.paragraph("Every command has a manual page (`man bellwire-add`) and `--help`. The completions of bash, zsh and fish know commands, options, their values, and the feeds and events of the Bellwire that runs.")
	m.index(app)
	m.paragraph("## Options of every command")
	m.options(groups(app.Node))
	m.entries("## Exit codes", about.Exit)
	m.entries("## Environment", about.Environment)
	m.entries("## Files", about.Files)
	if list, _ := blocks(about.Examples); len(list) > 0 {
		m.paragraph("## Examples")
		m.blocks(list)
	}
	for _, n := range Commands(app) {
		m.command(app, n)
	}
	return []byte(strings.TrimRight(m.String(), "\n") + "\n")
}

type markdown struct{ strings.Builder }

func (m *markdown) paragraph(s string) { m.WriteString(s + "\n\n") }

// index is a table of the commands, by their groups.
func (m *markdown) index(app *kong.Application) {
	m.WriteString("| command | |\n|---|---|\n")
	title := ""
	for _, n := range Commands(app) {
		if g := n.Group; g != nil && g.Title != title {
			title = g.Title
			fmt.Fprintf(m, "| **%s** | |\n", prose(strings.TrimSuffix(title, ":")))
		}
		fmt.Fprintf(m, "| [`%s`](#%s-%s) | %s |\n", n.Name, app.Name, n.Name, strings.ReplaceAll(prose(n.Help), "|", `\|`))
	}
	m.WriteString("\n")
}

func (m *markdown) blocks(list []block) {
	for _, b := range list {
		if b.code {
			m.paragraph("```\n" + b.text + "\n```")
		} else {
			m.paragraph(prose(b.text))
		}
	}
}

func (m *markdown) entries(title string, list []Entry) {
	if len(list) == 0 {
		return
	}
	m.paragraph(title)
	for _, e := range list {
		m.item(e.Name, e.Text)
	}
	m.WriteString("\n")
}

func (m *markdown) item(name, text string) { fmt.Fprintf(m, "- `%s`: %s\n", name, prose(text)) }

func (m *markdown) options(list []group) {
	for _, g := range list {
		if len(g.flags) == 0 {
			continue
		}
		if g.title != "" {
			m.paragraph("**" + prose(g.title) + "**")
		}
		for _, f := range g.flags {
			m.item(option(f), meaning(f.Value))
		}
		m.WriteString("\n")
	}
}

func (m *markdown) command(app *kong.Application, n *kong.Node) {
	m.paragraph("## " + app.Name + " " + n.Name)
	usage := app.Name + " " + n.Name
	for _, a := range n.Positional {
		usage += " " + argument(a)
	}
	if len(n.Flags) > 0 {
		usage += " [OPTION ...]"
	}
	m.paragraph("```\n" + usage + "\n```")
	text, examples := blocks(n.Help + "\n\n" + n.Detail)
	m.blocks(text)
	for _, a := range n.Positional {
		m.item(strings.ToUpper(a.Name), meaning(a))
	}
	if len(n.Positional) > 0 {
		m.WriteString("\n")
	}
	m.options(groups(n))
	if len(examples) > 0 {
		m.paragraph("Examples:")
		m.blocks(examples)
	}
}

// prose is text in which nothing is markup.
var proseMarks = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", ">", "&gt;", "[", `\[`)

func prose(s string) string { return proseMarks.Replace(s) }
