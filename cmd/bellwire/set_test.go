package main

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// What can be given when a feed is added can be changed, each by itself.
func TestEveryFlagCanBeSet(t *testing.T) {
	flags := func(v any) map[string]bool {
		parser, err := kong.New(v)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, f := range parser.Model.Flags {
			out[f.Name] = f.Name != "help"
		}
		return out
	}
	var add addCmd
	var set setCmd
	can := flags(&set)
	once := []string{"preset", "set", "token"} // what a preset fills in is settings afterwards
	for name, counts := range flags(&add) {
		if counts && !can[name] && !slices.Contains(once, name) {
			t.Errorf("add has --%s and set has not", name)
		}
	}
	table := setters()
	for name, counts := range can {
		if _, known := table[name]; counts && !known {
			t.Errorf("--%s changes nothing", name)
		}
	}
	for name := range table {
		if !can[name] {
			t.Errorf("there is no flag --%s", name)
		}
	}
}

func TestSetLeavesTheRest(t *testing.T) {
	parse := func(args ...string) control.NewFeed {
		n := control.NewFeed{
			URL: "wss://x/", Name: "x", Transport: subscriptions.TransportWebSocket,
			Headers: []subscriptions.Header{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}},
			Auth: []control.NewCredential{
				{Credential: subscriptions.Credential{By: subscriptions.AuthBearer, Secret: "keyring"}},
				{Credential: subscriptions.Credential{By: subscriptions.AuthCookie, Name: "sid", Secret: "keyring"}},
			},
			Settings: subscriptions.Settings{Resume: subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "id"}, Mapping: subscriptions.Mapping{Title: "T", Body: "B"}, Notify: subscriptions.Notify{MinPriority: 2}},
		}
		var c setCmd
		parser, err := kong.New(&c)
		if err != nil {
			t.Fatal(err)
		}
		k, err := parser.Parse(append([]string{"x"}, args...))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.change(&env{stdio: stdio{in: strings.NewReader("hush\n")}}, &n, givenFlags(k)); err != nil {
			t.Fatal(err)
		}
		return n
	}
	same := parse()
	for name, tc := range map[string]struct {
		args   []string
		change func(*control.NewFeed)
	}{
		"nothing":  {nil, func(*control.NewFeed) {}},
		"the name": {[]string{"--name=y"}, func(n *control.NewFeed) { n.Name = "y" }},
		"a header": {[]string{"--header=a: 3", "--header=B:"}, func(n *control.NewFeed) { n.Headers = []subscriptions.Header{{Name: "a", Value: "3"}} }},
		"a login": {[]string{"--basic=ann"}, func(n *control.NewFeed) {
			n.Auth = []control.NewCredential{n.Auth[1], {Credential: subscriptions.Credential{By: subscriptions.AuthBasic, Name: "ann"}, Value: "hush"}}
		}},
		"a reference": {[]string{"--cookie=sid", "--secret-from=env:SID"}, func(n *control.NewFeed) { n.Auth[1].Secret = "env:SID" }},
		"no resume":   {[]string{"--no-resume"}, func(n *control.NewFeed) { n.Resume = subscriptions.Resume{By: subscriptions.ResumeByNone, Field: "id"} }},
		"a field":     {[]string{"--map=title=", "--map=link={{ x }}"}, func(n *control.NewFeed) { n.Mapping.Title, n.Mapping.Link = "", "{{ x }}" }},
		"no sound":    {[]string{"--sound=none"}, func(n *control.NewFeed) { n.Notify.Sound = "none" }},
		"rules of notifying": {[]string{"--notify=off", "--action-host=a.example", "--action-host=b.example", `--exec=["x","y z"]`}, func(n *control.NewFeed) {
			n.Notify = subscriptions.Notify{Off: true, MinPriority: 2, ActionHosts: []string{"a.example", "b.example"}, Exec: []string{"x", "y z"}}
		}},
		"no rules of notifying": {[]string{"--notify=on", "--min-priority=0", "--action-host="}, func(n *control.NewFeed) { n.Notify = subscriptions.Notify{} }},
		"a cursor frame": {[]string{"--frame={{ cursor }}"}, func(n *control.NewFeed) {
			n.Frames = []subscriptions.Frame{{Send: "{{ cursor }}"}}
			n.Resume = subscriptions.Resume{By: subscriptions.ResumeByFrame, Field: "id"}
		}},
	} {
		want := same
		want.Auth = append([]control.NewCredential(nil), same.Auth...)
		tc.change(&want)
		if d := cmp.Diff(want, parse(tc.args...)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestAsk(t *testing.T) {
	for said, want := range map[string][2]bool{ // by default no, and yes
		"y\n": {true, true}, " YES \n": {true, true}, "n\n": {false, false}, "what\n": {false, false}, "\n": {false, true}, "": {false, false},
	} {
		for i, otherwise := range []bool{false, true} {
			var asked strings.Builder
			e := &env{stdio: stdio{in: strings.NewReader(said), err: &asked}}
			if got := e.ask("Well?", otherwise); got != want[i] || !strings.HasPrefix(asked.String(), "Well? [") {
				t.Errorf("%q with %v: %v", said, otherwise, got)
			}
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for name, in := range map[string]io.Reader{"a text": strings.NewReader(""), "the null device": null} {
		if e := (&env{stdio: stdio{in: in}}); e.onTerminal() {
			t.Errorf("%s passes for a terminal", name)
		}
	}
}
