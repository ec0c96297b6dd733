//go:build linux

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bellwire/internal/manual"

	"github.com/google/go-cmp/cmp"
)

// bashCompletes lets the sourced script complete lines, each given as bash
// does: the line, and its words, separated at = and : too. What it asks of the
// line's editor is only heard.
const bashCompletes = `
source "$1"
compopt() { echo "compopt $2"; }
try() {
	COMP_LINE=$1
	COMP_POINT=${#COMP_LINE}
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_bellwire bellwire
	printf '%s|%s\n' "$COMP_LINE" "${COMPREPLY[*]}"
}
`

// Completions in bash: of commands, options, values, and of the feeds and
// events that the running daemon has. Nothing that a feed says is executed.
func TestBashCompletion(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer server.Close()
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	trap := filepath.Join(t.TempDir(), "trap")
	evil := "$(touch " + trap + ")`touch " + trap + "`;\x1b]0;x\x07'\"\n"
	p.run("add", server.URL, "--name", evil)
	p.run("add", server.URL, "--name", "Deploys")
	p.run("notify-test", "--title", "Seen: "+evil, "--body", evil)
	for _, id := range []string{"$(touch x)", "a;b", "../a", "-x"} {
		if p.importsID(id) == exitOK {
			t.Errorf("a feed has the id %q", id)
		}
	}

	script := filepath.Join(t.TempDir(), "bellwire")
	if err := os.WriteFile(script, manual.Completions()["bash/bellwire"], 0o600); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(p.feedIDs(), " ")
	var tries, want strings.Builder
	for _, l := range []struct {
		words, want string // words: a blank before those that have one on the line
		asks        string
	}{
		{"bellwire| pr", "probe presets", ""},
		{"bellwire| pause| d", "deploys", ""},
		{"bellwire| pause| ", all, ""},
		{"bellwire| tail| --feed| d", "deploys", ""},
		{"bellwire| tail| --feed|=|d", "deploys", ""},
		{"bellwire| tail| --feed|=", all, ""},
		{"bellwire| why| ", "1", ""},
		{"bellwire| run| --notifier|=|t", "terminal", ""},
		{"bellwire| add| http|://|h|:|1/x| --transport|=|l", "longpoll", ""},
		{"bellwire| add| x| --tr", "--transport", ""},
		{"bellwire| add| x| --colour| r", "red", ""},
		{"bellwire| add| x| --preset| go", "gotify", ""},
		{"bellwire| add| x| --map| ti", "title= time=", "compopt nospace\ncompopt nospace\n"},
		{"bellwire| add| x| --map| title|=", "", "compopt nospace\n"},
		{"bellwire| add| x| --map| title|=|x| --colour| r", "red", ""},
		{"bellwire| import| ", "", "compopt default\n"},
		{"bellwire| --dir| ", "", "compopt dirnames\n"},
		{"bellwire| --dir| /nowhere| pause| ", "", ""},
		{"bellwire| pause| $(touch " + trap + ")", "", ""},
	} {
		line := strings.ReplaceAll(l.words, "|", "")
		tries.WriteString("try '" + line + "'")
		for word := range strings.SplitSeq(l.words, "|") {
			tries.WriteString(" '" + strings.TrimPrefix(word, " ") + "'")
		}
		tries.WriteString("\n")
		want.WriteString(l.asks + line + "|" + l.want + "\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "--norc", "-c", bashCompletes+tries.String(), "bash", script)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(strings.Split(want.String(), "\n"), strings.Split(string(out), "\n")); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(trap); err == nil {
		t.Error("what a feed says was executed")
	}
	// Without a daemon nothing is said, and it does not fail.
	p.run("quit")
	if out := p.run("complete", "--", "pause", ""); out != "" {
		t.Errorf("without a daemon: %q", out)
	}
}

// importsID imports a feed with an id of somebody's own.
func (p *program) importsID(id string) int {
	cmd := exec.Command(p.bin, "import", "--yes", "-")
	cmd.Env = p.env
	cmd.Stdin = strings.NewReader("version: 1\nfeeds:\n  - id: '" + id + "'\n    url: http://127.0.0.1:9/x\n")
	_ = cmd.Run() // the code tells
	return cmd.ProcessState.ExitCode()
}

func (p *program) feedIDs() (ids []string) {
	p.t.Helper()
	feeds, err := p.client().Feeds(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range feeds {
		ids = append(ids, f.ID)
	}
	return ids
}

// Somebody who pressed a key does not wait for a daemon that hangs.
func TestCompletionDoesNotWait(t *testing.T) {
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer p.cmd.Process.Signal(syscall.SIGCONT)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.bin, "complete", "--", "pause", "")
	cmd.Env = p.env
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%q, %v", out, err)
	}
}
