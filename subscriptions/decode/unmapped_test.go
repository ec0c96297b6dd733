package decode

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/unmapped.golden anew")

// TestUnmapped decodes payloads as real servers send them. What comes out is
// kept in testdata/unmapped.golden, to be read: each has to be a notification
// that a person would accept.
func TestUnmapped(t *testing.T) {
	in, err := os.ReadFile("testdata/unmapped.txt")
	if err != nil {
		t.Fatal(err)
	}
	d := mustCompile(subscriptions.Feed{ID: "feed", Name: "FEED"})
	var out strings.Builder
	for _, c := range strings.Split("\n"+string(in), "\n# ")[1:] {
		name, payload, _ := strings.Cut(strings.TrimSuffix(c, "\n"), "\n")
		fmt.Fprintf(&out, "# %s\n", name)
		for _, e := range d.Decode(subscriptions.Message{Type: "message", Data: payload, Received: received}, "").Events {
			check(t, e)
			fmt.Fprintf(&out, "title     %s\n", e.Title)
			for line := range strings.Lines(e.Body) {
				fmt.Fprintf(&out, "          %s\n", strings.TrimSuffix(line, "\n"))
			}
			if e.Link != "" {
				fmt.Fprintf(&out, "link      %s\n", e.Link)
			}
			if e.Priority != subscriptions.PriorityDefault {
				fmt.Fprintf(&out, "priority  %d\n", e.Priority)
			}
			if len(e.Tags) > 0 {
				fmt.Fprintf(&out, "tags      %s\n", strings.Join(e.Tags, ", "))
			}
			for _, a := range e.Actions {
				fmt.Fprintf(&out, "action    %s: %s\n", a.Label, strings.TrimSpace(a.Method+" "+a.URL))
				for _, h := range a.Headers {
					fmt.Fprintf(&out, "          %s: %s\n", h.Name, h.Value)
				}
				if a.Body != "" {
					fmt.Fprintf(&out, "          %s\n", a.Body)
				}
			}
			if !e.Time.IsZero() {
				fmt.Fprintf(&out, "time      %s\n", e.Time.Format("2006-01-02 15:04:05"))
			}
		}
	}
	if *update {
		if err := os.WriteFile("testdata/unmapped.golden", []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/unmapped.golden")
	if diff := cmp.Diff(string(want), out.String()); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
