package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// licence is a file of a module that says on what terms it may be passed on.
type licence struct {
	file string
	text []byte
	id   string // of SPDX, "" when the text is none of those known
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|copyright|notice|patents|unlicense)([.-].*)?$`)

// licencesIn reads them from the top of a module, in the order of their names.
func licencesIn(dir string) ([]licence, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []licence
	for _, e := range entries {
		if !e.Type().IsRegular() || !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		found = append(found, licence{file: e.Name(), text: text, id: identify(text)})
	}
	return found, nil
}

// known are phrases that only the texts of these licences have. The first
// that fits counts: BSD-3-Clause is BSD-2-Clause and a sentence more.
var known = []struct{ id, phrase string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from this software"},
	{"BSD-2-Clause", "redistributions in binary form must reproduce the above copyright notice"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"Zlib", "the origin of this software must not be misrepresented"},
}

// identify finds the SPDX identifier of a licence's text.
func identify(text []byte) string {
	words := strings.ToLower(strings.Join(strings.Fields(string(text)), " "))
	words = strings.ReplaceAll(words, "license, version", "license version")
	for _, k := range known {
		if strings.Contains(words, k.phrase) {
			return k.id
		}
	}
	return ""
}

// identified is what a bill says of them: every identifier once.
func identified(licences []licence) *cdx.Licenses {
	var choices cdx.Licenses
	seen := map[string]bool{}
	for _, l := range licences {
		if l.id != "" && !seen[l.id] {
			seen[l.id] = true
			choices = append(choices, cdx.LicenseChoice{License: &cdx.License{ID: l.id}})
		}
	}
	if len(choices) == 0 {
		return nil
	}
	return &choices
}

// texts is one file of all of them, since most of these licences ask that
// they go with every copy of the program.
func texts(name string, modules []part) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s contains the following modules, on these terms.\n", name)
	rule := strings.Repeat("=", 72)
	for _, p := range modules {
		title := p.path + " " + p.version
		if p.path == "std" {
			title = "Go's standard library " + p.version
		}
		for _, l := range p.licences {
			text := bytes.TrimSpace(bytes.ReplaceAll(l.text, []byte("\r\n"), []byte("\n")))
			fmt.Fprintf(&b, "\n%s\n%s: %s\n%s\n\n%s\n", rule, title, l.file, rule, text)
		}
	}
	return b.Bytes()
}
