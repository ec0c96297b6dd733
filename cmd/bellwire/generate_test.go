package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"bellwire/internal/manual"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// generated is what the command writes, by paths.
func generated(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	var errs strings.Builder
	if code := run(t.Context(), []string{"generate", "--epoch", "1772366000", "--release", "1.0", dir}, stdio{strings.NewReader(""), io.Discard, &errs}); code != 0 {
		t.Fatal(errs.String())
	}
	files := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

// The reference is what the commands say of themselves, in every build.
func TestCommandsReferenceIsUpToDate(t *testing.T) {
	files := generated(t)
	b, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files["commands.md"], string(b)); diff != "" {
		t.Errorf("docs/commands.md is out of date; write it anew with:\n  go run -tags headless ./cmd/bellwire generate build/manual && cp build/manual/commands.md docs/\n%s", diff)
	}
}

func TestGenerateIsDeterministic(t *testing.T) {
	if diff := cmp.Diff(generated(t), generated(t)); diff != "" {
		t.Error(diff)
	}
}

// What packages take.
func TestGeneratedFiles(t *testing.T) {
	files := generated(t)
	want := []string{"completions/bash/bellwire", "completions/zsh/_bellwire", "completions/fish/bellwire.fish", "man/man1/bellwire.1"}
	for _, n := range manual.Commands(modelOf(t)) {
		want = append(want, "man/man1/bellwire-"+n.Name+".1")
	}
	for _, name := range want {
		if files[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	if len(files) != len(want)+1 {
		t.Errorf("%d files, want %d", len(files), len(want)+1)
	}
	for name, page := range files {
		if !strings.HasPrefix(name, "man/") {
			continue
		}
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"} {
			if !strings.Contains(page, "\n.SH \""+section+"\"\n") {
				t.Errorf("%s has no section %s", name, section)
			}
		}
		for line := range strings.SplitSeq(page, "\n") {
			checkRoff(t, name, line)
		}
	}
}

// checkRoff is a lint for the little roff there is: requests that are known,
// escapes that are meant, and nothing that is not ASCII.
func checkRoff(t *testing.T, name, line string) {
	t.Helper()
	if request, ok := strings.CutPrefix(line, "."); ok {
		request, _, _ = strings.Cut(request, " ")
		switch request {
		case "TH", "SH", "SS", "TP", "PP", "RS", "RE", "nf", "fi", "nh", "ad":
		default:
			t.Errorf("%s: the request %q", name, line)
		}
		if strings.Count(line, `"`)%2 != 0 {
			t.Errorf("%s: quotes in %q", name, line)
		}
	}
	for i := 0; i < len(line); i++ {
		if line[i] >= utf8.RuneSelf || line[i] < ' ' {
			t.Errorf("%s: not ASCII: %q", name, line)
		}
		if line[i] != '\\' {
			continue
		}
		known := false
		for _, e := range []string{"e", "-", "&", "fB", "fI", "fR", "(aq", "(ga", "(ha", "(ti", "(dq", "[u"} {
			known = known || strings.HasPrefix(line[i+1:], e)
		}
		if !known {
			t.Errorf("%s: the escape in %q", name, line[i:])
		}
		i++
	}
}

func modelOf(t *testing.T) *kong.Application {
	t.Helper()
	k, err := newParser(&cli{}, stdio{nil, io.Discard, io.Discard}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return k.Model
}

// Every example in a help text is a command line that is understood.
func TestExamplesAreCommandLines(t *testing.T) {
	app := modelOf(t)
	texts := []string{aboutProgram().Examples}
	for _, n := range manual.Commands(app) {
		texts = append(texts, n.Detail)
	}
	count := 0
	for _, text := range texts {
		for line := range strings.SplitSeq(text, "\n") {
			example, ok := strings.CutPrefix(line, "  bellwire ")
			if !ok {
				continue
			}
			count++
			k, err := newParser(&cli{}, stdio{nil, io.Discard, io.Discard}, func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := k.Parse(shellWords(example)); err != nil {
				t.Errorf("bellwire %s: %v", example, err)
			}
		}
	}
	if count < 30 {
		t.Errorf("%d examples: were they found?", count)
	}
}

// shellWords splits a line as shells do; it knows single quotes.
func shellWords(line string) (words []string) {
	quoted, word := false, false
	var out strings.Builder
	for _, r := range line + " " {
		switch {
		case r == '\'':
			quoted, word = !quoted, true
		case r == ' ' && !quoted:
			if word {
				words = append(words, out.String())
			}
			out.Reset()
			word = false
		default:
			out.WriteRune(r)
			word = true
		}
	}
	return words
}

// Every command says more than its one line, and every flag something.
func TestHelpIsComplete(t *testing.T) {
	for _, n := range manual.Commands(modelOf(t)) {
		if n.Detail == "" || !strings.HasSuffix(n.Help, ".") {
			t.Errorf("bellwire %s: %q, %q", n.Name, n.Help, n.Detail)
		}
		for _, f := range n.Flags {
			if !strings.HasSuffix(f.Help, ".") || strings.Contains(f.Help, "''") {
				t.Errorf("bellwire %s --%s: %q", n.Name, f.Name, f.Help)
			}
		}
	}
}
