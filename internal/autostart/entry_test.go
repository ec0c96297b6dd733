package autostart

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The first are the specification's own examples.
func TestExecLine(t *testing.T) {
	for want, argv := range map[string][]string{
		`/opt/bellwire run`:                       {"/opt/bellwire", "run"},
		`"/opt/My Programs/bellwire" --dir "a b"`: {"/opt/My Programs/bellwire", "--dir", "a b"},
		`"\\$HOME" "back\\\\slash" "\\"q\\""`:     {"$HOME", `back\slash`, `"q"`},
		`100%% ""`:                                {"100%", ""},
		`"two\nlines"`:                            {"two\nlines"},
	} {
		if got := execLine(argv); got != want {
			t.Errorf("%q is written %s, want %s", argv, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		argv := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`[ a"\\$%~\n\t]{0,8}`)), 1, 4).Draw(t, "argv")
		line := execLine(argv)
		e := readEntry(group + "\nExec=" + line)
		got, _ := e.get("Exec")
		back, err := splitExec(got)
		if d := cmp.Diff(argv, back); err != nil || d != "" {
			t.Fatalf("%q, written %s: %v\n%s", argv, line, err, d)
		}
	})
}

func TestExecOfOthers(t *testing.T) {
	for line, want := range map[string][]string{
		`bellwire %U run %f`:                     {"bellwire", "run"},
		`sh -c "sleep 10; exec bellwire run %%"`: {"sh", "-c", "sleep 10; exec bellwire run %"},
		`bellwire\srun`:                          {"bellwire", "run"},
		`"open`:                                  nil,
		``:                                       nil,
		`%U`:                                     nil,
	} {
		got, err := splitExec(line)
		if d := cmp.Diff(want, got); d != "" || (err == nil) != (want != nil) {
			t.Errorf("%s: %v\n%s", line, err, d)
		}
	}
}

func TestEntriesAreChangedInPlace(t *testing.T) {
	e := readEntry("# mine\n[Desktop Entry]\nExec = a\n\n[Desktop Action x]\nHidden=true\nExec=b\n")
	if got, ok := e.get("Exec"); got != "a" || !ok || e.is("Hidden", true) || e.is("Hidden", false) {
		t.Errorf("%q", got)
	}
	want := "# mine\n[Desktop Entry]\nExec = a\nHidden=true\n\n[Desktop Action x]\nHidden=true\nExec=b\n"
	if got := e.with("Hidden", "true").String(); got != want {
		t.Errorf("%s", got)
	}
}

func TestAgents(t *testing.T) {
	p := Program{ID: "bellwire", Name: "Bellwire", Argv: []string{"/Applications/A & B.app/bellwire", "run"}}
	there := func(path string) bool { return path == p.Argv[0] }
	a, err := readAgent(p.agent())
	if d := cmp.Diff(p.Argv, a.argv); err != nil || d != "" || !a.starts(there) {
		t.Errorf("%v, %+v\n%s", err, a, d)
	}
	for name, text := range map[string]string{
		"switched off": "<plist><dict><key>Disabled</key><true/><key>RunAtLoad</key><true/><key>Program</key><string>" + "/Applications/A &amp; B.app/bellwire</string></dict></plist>",
		"not at login": "<plist><dict><key>Program</key><string>/Applications/A &amp; B.app/bellwire</string></dict></plist>",
		"gone":         "<plist><dict><key>RunAtLoad</key><true/><key>Program</key><string>/gone</string></dict></plist>",
		"empty":        "",
	} {
		if a, err := readAgent([]byte(text)); err == nil && a.starts(there) {
			t.Errorf("%s: starts as %+v", name, a)
		}
	}
}

func TestApproved(t *testing.T) {
	for first, want := range map[byte]bool{2: false, 6: false, 3: true, 7: true} {
		if got := switchedOff([]byte{first, 0, 0, 0}); got != want {
			t.Errorf("%d means switched off: %v", first, got)
		}
	}
	if switchedOff(nil) {
		t.Error("nothing means switched off")
	}
}
