package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"bellwire/internal/doctor"
)

// In a terminal what is for reading is broken at its width; what is to be
// typed never is, and elsewhere nothing is.
func TestWriteReport(t *testing.T) {
	command := "bellwire --dir /" + strings.Repeat("long/", 30) + " restore FILE"
	words := strings.TrimSpace(strings.Repeat("wörter ", 30))
	r := doctor.Report{Failures: 1, Findings: []doctor.Finding{
		{Group: "A", Name: "one", Status: doctor.Fail, Found: words, Do: words + "\n  " + command},
	}}
	for _, terminal := range []bool{true, false} {
		var b strings.Builder
		writeReport(&b, r, terminal)
		typed, whole := false, 0
		for line := range strings.Lines(b.String()) {
			line = strings.TrimRight(line, "\n")
			plain := strings.NewReplacer("\x1b[31m", "", "\x1b[0m", "").Replace(line)
			typed = typed || strings.TrimSpace(line) == command
			if terminal && utf8.RuneCountInString(plain) > reportWidth && !strings.Contains(line, command) {
				t.Errorf("too wide: %q", line)
			}
			if strings.HasSuffix(line, words) {
				whole++
			}
		}
		if !typed {
			t.Errorf("the command is not on a line of its own:\n%s", b.String())
		}
		if (whole == 2) == terminal {
			t.Errorf("terminal %t:\n%s", terminal, b.String())
		}
	}
}

func TestFirstOf(t *testing.T) {
	failed := func(name, do string) doctor.Finding { return doctor.Finding{Name: name, Status: doctor.Fail, Do: do} }
	warned := doctor.Finding{Name: "tray", Status: doctor.Warn, Do: "x"}
	for want, found := range map[string][]doctor.Finding{
		"disk space":  {warned, failed("data folder", "See disk space"), failed("disk space", "Look"), failed("database", "Look")},
		"data folder": {warned, failed("data folder", "See disk space")},
		"":            {warned},
	} {
		if got := firstOf(doctor.Report{Findings: found}); got != want {
			t.Errorf("it begins with %q, want %q", got, want)
		}
	}
}
