package doctor

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// Checks run side by side, are told in their order whatever time they take,
// and one that hangs keeps nobody waiting.
func TestExamine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		let := make(chan struct{})
		takes := func(d time.Duration, text string) func(context.Context, *Options) []Finding {
			return func(context.Context, *Options) []Finding { time.Sleep(d); return []Finding{good("%s", text)} }
		}
		start := time.Now()
		r := examine(t.Context(), Options{Program: "bellwire"}, []check{
			{"A", "slow", takes(4*time.Second, "a")},
			{"A", "hangs", func(context.Context, *Options) []Finding { <-let; return nil }},
			{"B", "quick", takes(0, "b\x1b[2Jc\n"+strings.Repeat("x", 2*maxFound))},
			{"B", "heeds", func(ctx context.Context, _ *Options) []Finding {
				<-ctx.Done()
				return []Finding{warning("do", "late")}
			}},
			{"B", "many", func(context.Context, *Options) []Finding {
				return make([]Finding, 2*maxFindings)
			}},
		}, Limit)
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("it took %s", took)
		}
		close(let)
		var order []string
		for _, f := range r.Findings[:4] {
			order = append(order, f.Group+" "+f.Name+" "+string(f.Status))
		}
		if d := cmp.Diff([]string{"A slow ok", "A hangs fail", "B quick ok", "B heeds warn"}, order); d != "" {
			t.Error(d)
		}
		if text := r.Findings[2].Found; len(text) > maxFound+3 || strings.ContainsAny(text, "\x1b\n") {
			t.Errorf("%q is no bounded line", text)
		}
		if len(r.Findings) != 4+maxFindings+1 || r.Failures != 1 || r.Warnings != 1 {
			t.Errorf("%d findings, %d failures, %d warnings", len(r.Findings), r.Failures, r.Warnings)
		}
	})
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for name, test := range map[string]struct {
		o    Options
		want Status
	}{
		"right":                      {Options{Built: now.Add(-time.Hour), Newest: now.Add(time.Second)}, OK},
		"nothing to compare it with": {Options{}, OK},
		"before the build":           {Options{Built: now.Add(time.Hour)}, Fail},
		"before history":             {Options{Newest: now.Add(2 * time.Hour)}, Warn},
	} {
		test.o.Now = now
		if f := lookClock(t.Context(), &test.o)[0]; f.Status != test.want || (f.Do == "") != (f.Status == OK) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	t.Setenv("TZ", "Mars/Olympus")
	if f := lookClock(t.Context(), &Options{Now: now})[0]; f.Status != Warn || !strings.Contains(f.Found, "Mars/Olympus") {
		t.Errorf("an unknown zone: %+v", f)
	}
}

// One server that is wrong is not believed against others.
func TestClockOfServers(t *testing.T) {
	at := func(ahead ...time.Duration) (all []answer) {
		for _, d := range ahead {
			all = append(all, answer{host: "h", dated: true, ahead: d})
		}
		return all
	}
	for name, test := range map[string]struct {
		answers []answer
		want    Status
	}{
		"nobody tells":      {[]answer{{host: "h"}}, ""},
		"close":             {at(20 * time.Second), OK},
		"minutes":           {at(3 * time.Minute), Warn},
		"hours":             {at(-3 * time.Hour), Fail},
		"one of two":        {at(0, 3*time.Hour), OK},
		"one of three":      {at(0, 3*time.Hour, time.Second), OK},
		"all but one":       {at(0, 3*time.Hour, 3*time.Hour), Fail},
		"two that disagree": {at(2*time.Hour, 3*time.Hour), Fail},
	} {
		found := clockFinding(test.answers)
		if test.want == "" && len(found) == 0 {
			continue
		}
		if len(found) != 1 || found[0].Status != test.want {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestLogErrors(t *testing.T) {
	log := `half a line level=ERROR msg=broken
time=2026-03-04T05:00:00.000Z level=ERROR msg=old
time=2026-03-04T06:00:00.000Z level=WARN msg="storing level=ERROR is text"
time=2026-03-04T06:00:00.000Z level=ERROR msg="storing events" feed=a error="disk \"full\""
time=2026-03-04T06:01:00.000Z level=INFO msg=fine
`
	n, last := logErrors([]byte(log), time.Date(2026, 3, 4, 5, 30, 0, 0, time.UTC))
	if n != 1 || last.text != `storing events: disk "full"` {
		t.Errorf("%d, %+v", n, last)
	}
}

func TestParseProxy(t *testing.T) {
	for value, want := range map[string]string{
		"http://proxy:3128": "proxy:3128", "proxy:3128": "proxy:3128", "socks5://u:p@[::1]:1": "[::1]:1",
		"ftp://x": "", "http://": "", "http://%zz": "", "://": "",
	} {
		u, err := parseProxy(value)
		if (err == nil) != (want != "") || err == nil && u.Host != want {
			t.Errorf("%q: %v, %v", value, u, err)
		}
		if err != nil && strings.Contains(err.Error(), "zz") {
			t.Errorf("the address, which may hold a password, is quoted: %v", err)
		}
	}
}

// Nothing of an address but its server is asked for.
func TestOrigin(t *testing.T) {
	for in, want := range map[string]string{
		"wss://ann:pw@example.org:8443/deep?token=x#y": "https://example.org:8443/",
		"ws://example.org/a":                           "http://example.org/",
		"https://example.org":                          "https://example.org/",
	} {
		u, err := url.Parse(in)
		if err != nil || origin(u) != want {
			t.Errorf("%s: %s, %v", in, origin(u), err)
		}
	}
}

func TestServers(t *testing.T) {
	o := Options{Feeds: []subscriptions.Feed{
		{URL: "https://a.example/1"},
		{URL: "wss://a.example/2"},
		{URL: "https://a.example/3", Proxy: "none"},
		{URL: "https://b.example/", Paused: true},
		{URL: "https://%zz"},
	}}
	if got := o.servers(); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

// A hotspot leads everybody to itself; a server that has moved does not make
// one.
func TestHotspot(t *testing.T) {
	hotspot := func(answers ...answer) bool {
		for _, f := range serverFindings(answers) {
			if strings.Contains(f.Do, "http://login.example in a browser") {
				return f.Status == Warn
			}
		}
		return false
	}
	away, here := answer{host: "a", away: "login.example"}, answer{host: "b"}
	if !hotspot(away) || !hotspot(away, away) || hotspot(away, here) || hotspot(here) {
		t.Error("a hotspot is told wrongly")
	}
	page := control.Feed{URL: "http://a.example/x"}
	page.Code, page.Error = subscriptions.CodeNotStream, "the server answered with text/html"
	if hint := portalHint(page); !strings.Contains(hint, "open http://a.example in a browser") {
		t.Errorf("a feed that gets a web page: %q", hint)
	}
}

func TestBackups(t *testing.T) {
	dir := t.TempDir()
	o := Options{Program: "bellwire", Database: filepath.Join(dir, "bellwire.db"), Data: dir, Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	if f := lookBackups(t.Context(), &o)[0]; f.Status != OK || !strings.Contains(f.Found, "bellwire backup FILE makes one") {
		t.Errorf("none: %+v", f)
	}
	if err := os.Mkdir(filepath.Join(dir, "backups"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bellwire-schema5-20260301T050607.db", "bellwire-schema6-20260302T050607.db", "bellwire-replaced-20260303T050607.db"} {
		if err := os.WriteFile(filepath.Join(dir, "backups", name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := lookBackups(t.Context(), &o)[0]
	for _, part := range []string{"2 backups", "(2 days ago)", "bellwire-schema6-20260302T050607.db", "; and 1 database that restoring has set aside"} {
		if f.Status != OK || !strings.Contains(f.Found, part) {
			t.Errorf("no %q in %+v", part, f)
		}
	}
}

func TestUpgrade(t *testing.T) {
	for state, test := range map[control.UpgradeState]struct {
		want      Status
		found, do string
	}{
		control.UpgradeReady:   {Warn, "Bellwire 1 runs, and Bellwire 2 is installed", "bellwire restart"},
		control.UpgradeBroken:  {Fail, "what is installed at /b cannot be started: it crashed", "Install Bellwire again"},
		control.UpgradeRemoved: {Warn, "there is no /b", "bellwire quit"},
	} {
		up := &control.Upgrade{State: state, Path: "/b", Version: "2", Problem: "it crashed"}
		o := Options{Program: "bellwire", Version: "2", Daemon: &control.Status{Version: "1", Upgrade: up}}
		f := lookUpgrade(t.Context(), &o)
		if len(f) != 1 || f[0].Status != test.want || !strings.Contains(f[0].Found, test.found) || !strings.Contains(f[0].Do, test.do) {
			t.Errorf("%s: %+v", state, f)
		}
		if f := lookVersion(t.Context(), &o)[0]; f.Status != OK {
			t.Errorf("it is told twice: %+v", f)
		}
		// A restart becomes what is installed there, which is the same one again.
		o.Daemon.Upgrade = nil
		if f := lookVersion(t.Context(), &o)[0]; f.Status != Warn || !strings.HasSuffix(f.Do, "\n  bellwire quit; bellwire") {
			t.Errorf("another one runs: %+v", f)
		}
	}
}

// What is to be typed stays whole, whatever its length, and on a line of its
// own.
func TestDoLines(t *testing.T) {
	long := "  bellwire --dir /" + strings.Repeat("x", 4000)
	for in, want := range map[string]string{
		"":                             "",
		"Type:" + run + "a\x1b[2J\nor": "Type:\n  a [2J\nor",
		long[2:]:                       long[2:],
		"x:\n" + long:                  "x:\n" + long,
	} {
		if d := cmp.Diff(want, doLines(in)); d != "" {
			t.Error(d)
		}
	}
}

func TestWord(t *testing.T) {
	for in, want := range map[string]string{"/a/b-1.db": "/a/b-1.db", "/a b": "'/a b'", "a'b": `'a'\''b'`, "": "''", "$(x)": "'$(x)'", `C:\bw`: `'C:\bw'`} {
		if got := ofUnix.word(in); got != want {
			t.Errorf("for Unix %q is %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{`C:\Users\a\b-1.db`: `C:\Users\a\b-1.db`, `C:\a b`: `'C:\a b'`, "a'b": "'a''b'", "": "''", "$(x)": "'$(x)'", "a,b": "'a,b'", "C:\\`x": "'C:\\`x'"} {
		if got := ofWindows.word(in); got != want {
			t.Errorf("for Windows %q is %s, want %s", in, got, want)
		}
	}
}

// What is to be done names only what the system has.
func TestHintsForWindows(t *testing.T) {
	h := ofWindows
	for _, do := range []string{
		h.readLog, h.endOfLog, h.starter, h.clock, h.mayRead("P"), h.mayLog("P"), h.mayWrite("P", true), h.writable("P", "A"),
		h.copied, h.space("P"), h.renamed, h.aside("P", "F"), h.integrity("P"),
	} {
		for word := range strings.FieldsSeq(do) {
			switch word {
			case "systemd", "sudo", "chmod", "chown", "mv", "cp", "du", "less", "tail", "Debian:":
				t.Errorf("Windows has no %q: %s", word, do)
			}
		}
		if do == "" {
			t.Error("a hint is missing")
		}
	}
}
