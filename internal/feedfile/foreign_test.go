package feedfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestList(t *testing.T) {
	doc, err := Parse([]byte("# mine\nhttps://example.org/a\n\n  wss://example.org/b?x=1#y # the second\n"))
	want := []Entry{{Feed: Feed{URL: "https://example.org/a"}, Line: 2}, {Feed: Feed{URL: "wss://example.org/b?x=1#y"}, Line: 4}}
	if d := cmp.Diff(want, doc.Entries, cmp.AllowUnexported(Entry{}, Credential{})); d != "" || err != nil || doc.Kind != KindList {
		t.Errorf("%v %s", err, d)
	}
}

func TestNtfy(t *testing.T) {
	doc, err := Parse([]byte(`# ntfy client config file
default-host: https://ntfy.example.org/
default-user: phil
default-password: "mypass"
subscribe:
  - topic: alerts
    command: 'notify-send "$m"'
    if:
      priority: high,urgent
      tags: a b
  - topic: ntfy.sh/mytopic
  - topic: open
    token: ""
  - topic: https://other.example.org/t
    token: tk_x
  - topic: ann
    user: ann
    password: hush
`))
	if err != nil {
		t.Fatal(err)
	}
	type result struct{ name, url, auth, notes string }
	var got []result
	for _, e := range doc.Entries {
		r := result{name: e.Feed.Name, url: e.Feed.URL, notes: strings.Join(e.Notes, ";")}
		for _, c := range e.Feed.Definition().Auth {
			r.auth += fmt.Sprint(c.By, " ", c.Name, " ", c.Value)
		}
		got = append(got, r)
	}
	want := []result{
		{"alerts", "https://ntfy.example.org/alerts/sse?priority=high%2Curgent&tags=a+b", "basic phil mypass", "its command is not run: Bellwire shows notifications itself"},
		{"mytopic", "https://ntfy.sh/mytopic/sse", "", ""},
		{"open", "https://ntfy.example.org/open/sse", "", ""},
		{"t", "https://other.example.org/t/sse", "bearer  tk_x", ""},
		{"ann", "https://ntfy.example.org/ann/sse", "basic ann hush", ""},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(result{})); d != "" {
		t.Error(d)
	}
	if _, err := Parse([]byte("subscribe:\n  - topic: a\n    tokn: x\n")); err == nil || !strings.Contains(err.Error(), `line 3, column 5: unknown field "tokn", did you mean "token"?`) {
		t.Error(err)
	}
}
