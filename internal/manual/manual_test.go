package manual_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"bellwire/internal/manual"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// A line is a command line like ours, small.
type commands struct {
	Dir   string `placeholder:"DIR" env:"DIR" help:"Keep it there."`
	Shout bool   `help:"Be loud."`

	Stop stopCmd `cmd:"" help:"Stop feeds; '.so' and \\fB are nothing special."`
	Play playCmd `cmd:"" help:"Play."`
	Hide playCmd `cmd:"" hidden:""`
}

type stopCmd struct {
	ID    []string      `arg:"" help:"Which."`
	After time.Duration `group:"When:" help:"How long."`
}

func (stopCmd) Help() string {
	return "Words.\n\n.TH at the start of a line, \\ and `quotes`.\n\nExamples:\n\n  stop a-b"
}

type playCmd struct {
	What   string   `arg:"" optional:"" enum:"on,off" default:"on" help:"on or off."`
	Seq    int64    `arg:"" optional:""`
	How    string   `enum:"fast,slow" default:"fast" xor:"how" short:"x" help:"The speed."`
	Why    string   `xor:"how" placeholder:"FILE"`
	Map    []string `complete:"fields" sep:"none" placeholder:"FIELD=TEXT"`
	Colour string   `complete:"red,green"`
}

func model(t *testing.T) *kong.Application {
	t.Helper()
	k, err := kong.New(&commands{}, kong.Name("prog"), kong.Description("Does it."), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	return k.Model
}

func known(kind manual.Kind, dir string) []manual.Candidate {
	switch kind {
	case manual.Feeds:
		return []manual.Candidate{{Value: "ab", About: "A" + dir}, {Value: "b"}, {Value: "$(touch x)", About: "evil"}, {Value: "a;b"}, {Value: "a b"}, {Value: "ac", About: "red \x1b[31m\x00\u202e\n`x`" + strings.Repeat("y", 100)}}
	case manual.Events:
		return []manual.Candidate{{Value: "17", About: "title"}}
	case manual.Fields:
		return []manual.Candidate{{Value: "title="}}
	}
	return nil
}

func TestComplete(t *testing.T) {
	app := model(t)
	for line, want := range map[string]string{
		"":                           "stop\tStop feeds; '.so' and \\fB are nothing special.\nplay\tPlay.\n",
		"p":                          "play\tPlay.\n",
		"hide --x":                   "",
		"stop a":                     "ab\tA\nac\tred [31m `x`" + strings.Repeat("y", 47) + "…\n",
		"--dir /d stop ab ab":        "ab\tA/d\n",
		"--dir=/d stop ab":           "ab\tA/d\n",
		"stop $":                     "",
		"stop -- --a":                "",
		"play o":                     "on\t\noff\t\n",
		"play on 1":                  "17\ttitle\n",
		"play on 17 ":                "",
		"play --how ":                "fast\t\nslow\t\n",
		"play --how=s":               "--how=slow\t\n",
		"play -x s":                  "slow\t\n",
		"play --ho":                  "--how\tThe speed.\n",
		"play --how fast --w":        "",
		"play --how fast --ho":       "",
		"play --map title=x --ma":    "--map\t\n",
		"play --map t":               "title=\t\n",
		"play --why ":                ":files\n",
		"play --why=x":               ":files\n",
		"--dir ":                     ":folders\n",
		"play --colour ":             "red\t\ngreen\t\n",
		"play --nothing ":            "on\t\noff\t\n",
		"play --shout=":              "",
		"--shout play --sh":          "",
		"nothing ":                   "",
		"stop --after 1s --after=2 ": "ab\tA\nb\t\nac\tred [31m `x`" + strings.Repeat("y", 47) + "…\n",
	} {
		var out strings.Builder
		if err := manual.Complete(app, strings.Split(line, " "), known).Write(&out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
	if c := manual.Complete(app, nil, known); len(c.Candidates) > 0 {
		t.Errorf("without a word: %v", c)
	}
}

func TestManPages(t *testing.T) {
	pages := manual.ManPages(model(t), manual.About{
		Version: "1.2", Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Purpose: "it",
		Exit: []manual.Entry{{"0", "Done."}}, Homepage: "https://example.org",
	})
	if len(pages) != 3 {
		t.Errorf("%d pages", len(pages))
	}
	want := `.TH PROG\-STOP 1 "2026-03-01" "Bellwire 1.2" "Bellwire manual"
.nh
.ad l
.SH "NAME"
prog\-stop \- stop feeds; \(aq.so\(aq and \efB are nothing special
.SH "SYNOPSIS"
\fBprog stop\fR \fIID ...\fR [\fIoption\fR ...]
.SH "DESCRIPTION"
Stop feeds; \(aq.so\(aq and \efB are nothing special.
.PP
Words.
.PP
\&.TH at the start of a line, \e and \(gaquotes\(ga.
.SH "ARGUMENTS"
.TP
\fIID\fR
Which.
.SH "OPTIONS"
.SS "When"
.TP
\fB\-\-after\fR=\fIDURATION\fR
How long.
.SS "Of every command"
.TP
\fB\-h, \-\-help\fR
Show context\-sensitive help.
.TP
\fB\-\-dir\fR=\fIDIR\fR
Keep it there. Environment: DIR.
.TP
\fB\-\-shout\fR
Be loud.
.SH "EXAMPLES"
.RS 4
.nf
stop a\-b
.fi
.RE
.SH "EXIT STATUS"
.TP
\fB0\fR
Done.
.SH "SEE ALSO"
\fBprog\fR(1)
.PP
https://example.org
`
	if diff := cmp.Diff(want, string(pages["prog-stop.1"])); diff != "" {
		t.Error(diff)
	}
	for name, page := range pages {
		for line := range strings.SplitSeq(string(page), "\n") {
			if len(line) > 80 {
				t.Errorf("%s: a line of %d bytes: %s", name, len(line), line)
			}
		}
	}
}
