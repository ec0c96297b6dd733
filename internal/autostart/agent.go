package autostart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// label is the name of p's launch agent.
func (p Program) label() string { return "io." + p.ID + "." + strings.ReplaceAll(p.Name, " ", "") }

// agent is p as a launch agent of macOS: a property list.
func (p Program) agent() []byte {
	var b bytes.Buffer
	text := func(tag, s string) {
		b.WriteString("<" + tag + ">")
		_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
		b.WriteString("</" + tag + ">\n")
	}
	b.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
`)
	text("key", "Label")
	text("string", p.label())
	text("key", "ProgramArguments")
	b.WriteString("<array>\n")
	for _, arg := range p.Argv {
		text("string", arg)
	}
	b.WriteString("</array>\n")
	text("key", "RunAtLoad")
	b.WriteString("<true/>\n")
	text("key", "LimitLoadToSessionType")
	text("string", "Aqua")
	b.WriteString("</dict>\n</plist>\n")
	return b.Bytes()
}

// A launchAgent is what matters of one.
type launchAgent struct {
	argv               []string
	runAtLoad, disable bool
}

// readAgent reads a property list in XML.
func readAgent(text []byte) (a launchAgent, err error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	key, seen := "", false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && seen {
			return a, nil
		}
		if err != nil {
			return a, err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "dict":
			seen = true
		case "key":
			err = d.DecodeElement(&key, &start)
		case "string":
			var s string
			err = d.DecodeElement(&s, &start)
			if key == "ProgramArguments" || key == "Program" {
				a.argv = append(a.argv, s)
			}
		case "true":
			a.runAtLoad = a.runAtLoad || key == "RunAtLoad"
			a.disable = a.disable || key == "Disabled"
		}
		if err != nil {
			return a, err
		}
	}
}

// starts reports whether launchd would start a's program at login.
func (a launchAgent) starts(exists func(string) bool) bool {
	return a.runAtLoad && !a.disable && len(a.argv) > 0 && exists(a.argv[0])
}
