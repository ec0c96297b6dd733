package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// module makes a module with a benchmark in a folder that becomes the current one.
func module(t *testing.T, benchmark string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod":          "module sample\n\ngo 1.26\n",
		"sub/sub.go":      "package sub\n",
		"sub/sub_test.go": "package sub\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\n" + benchmark,
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var sampled = []topic{{"Sample", "./sub", "", "1x"}}

func TestRoundsKeepWhatTheFormatKnows(t *testing.T) {
	module(t, `func BenchmarkSample(b *testing.B) {
	fmt.Println("note: a benchmark that talks")
	for _, by := range []string{"a", "b"} {
		b.Run("by="+by, func(b *testing.B) { b.ReportMetric(0, "ns/op"); b.ReportMetric(7, "MB-RSS") })
	}
}

func BenchmarkSampleOther(b *testing.B) { b.Fatal("not of the report") }
`)
	var progress bytes.Buffer
	looked := 0
	if err := rounded(sampled, 2, "", "build/results.txt", &progress, func() error { looked++; return nil }); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	raw, err := os.ReadFile("build/results.txt")
	if err != nil {
		t.Fatal(err)
	}
	r, err := parse(raw, "results.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Sample/by=a", "Sample/by=b"}, r.names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(series{7, 7}, r.find("Sample/by=b", "MB-RSS")); diff != "" || r.rounds != 2 {
		t.Errorf("%d rounds\n%s", r.rounds, diff)
	}
	if looked != 1 {
		t.Errorf("looked %d times at the first round", looked)
	}
	if r.facts["command"] != "make bench ROUNDS=2" || r.facts["note"] != "" || r.facts["version-go"] == "" {
		t.Errorf("facts %v", r.facts)
	}
	if !strings.Contains(progress.String(), "a benchmark that talks") {
		t.Errorf("progress:\n%s", &progress)
	}
}

func TestABenchmarkThatFailsEndsTheRun(t *testing.T) {
	for name, benchmark := range map[string]string{
		"fails":            "func BenchmarkSample(b *testing.B) { fmt.Print(); b.Fatal(`no server`) }\n",
		"is not complete":  "func BenchmarkSample(b *testing.B) { fmt.Print() }\n",
		"is not there":     "func BenchmarkOther(b *testing.B) { fmt.Print() }\n",
		"does not compile": "func BenchmarkSample(b *testing.B) { fmt.Print(1 }\n",
	} {
		t.Run(name, func(t *testing.T) {
			module(t, benchmark)
			var progress bytes.Buffer
			err := rounded(sampled, 3, "", "build/results.txt", &progress, func() error { return errors.New("./sub: a value is missing") })
			if err == nil || !strings.Contains(err.Error(), "./sub") || strings.Contains(progress.String(), "round 2") {
				t.Errorf("%v\n%s", err, &progress)
			}
		})
	}
}

func TestTopicsOfOneProgramRunTogether(t *testing.T) {
	a, b := topic{"A", "./x", "gles", "1x"}, topic{"B", "./y", "", "1x"}
	c, d := topic{"C", "./x", "gles", "1x"}, topic{"D", "./x", "gles", "2s"}
	if diff := cmp.Diff([][]topic{{a, c}, {b}, {d}}, together([]topic{a, b, c, d}), cmp.AllowUnexported(topic{})); diff != "" {
		t.Error(diff)
	}
	if got, want := d.command(), "go test -run '^$' -bench '^BenchmarkD$' -benchtime 2s -tags gles ./x"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestVersionsComeFromTheProgramsThemselves(t *testing.T) {
	for _, c := range []struct {
		program program
		want    string
	}{
		{program{"x", []string{"sh", "-c", "echo 'x 7.88.1 (y) z/1.2'"}}, "7.88.1"},
		{program{"x", []string{"sh", "-c", "echo 'x version: x/1.22' >&2"}}, "1.22"},
		{program{"x", []string{"sh", "-c", "echo none"}}, unknown},
		{program{"x", []string{"a-program-that-is-not-there"}}, "not installed"},
	} {
		if got := c.program.version(); got != c.want {
			t.Errorf("%v: %q, want %q", c.program.args, got, c.want)
		}
	}
}

func TestTheModulesOfNodeAreNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "package.json")
	if err := os.WriteFile(file, []byte(`{"dependencies":{"ws":"8.1.0","eventsource":"4.1.1"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	want := []fact{{"version-npm/eventsource", "4.1.1"}, {"version-npm/ws", "8.1.0"}}
	if diff := cmp.Diff(want, npmModules(file), cmp.AllowUnexported(fact{})); diff != "" {
		t.Error(diff)
	}
}
