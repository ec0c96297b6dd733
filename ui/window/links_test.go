package window

import (
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

func TestFindLinks(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"none":                    {"just words, ftp://host/ and www.example.org", nil},
		"in a sentence":           {"see https://a.example/x?y=1#z.", []string{"https://a.example/x?y=1#z"}},
		"two":                     {"http://a.example and HTTPS://b.example/!", []string{"http://a.example", "HTTPS://b.example/"}},
		"in brackets":             {"(https://a.example/x_(y)), [https://b.example]", []string{"https://a.example/x_(y)", "https://b.example"}},
		"in quotes":               {`"https://a.example" <https://b.example>`, []string{"https://a.example", "https://b.example"}},
		"Chinese around it":       {"请看https://a.example/x。谢谢", []string{"https://a.example/x"}},
		"mail":                    {"mailto:ana@example.org, mailto:nobody", []string{"mailto:ana@example.org"}},
		"no host":                 {"https:// and http:///x", nil},
		"a name before the host":  {"https://bank.example@evil.example/", nil},
		"inside a word":           {"xhttps://a.example", nil},
		"a script":                {"javascript:alert(1) file:///etc/passwd", nil},
		"hidden direction change": {"https://a.example/\u202egpj.exe", []string{"https://a.example/"}},
		"too long":                {"https://a.example/" + strings.Repeat("x", maxLink), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, l := range findLinks(c.in) {
				got = append(got, l.url)
				if c.in[l.from:l.to] != l.url {
					t.Errorf("%q is not at %d", l.url, l.from)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	if n := len(findLinks(strings.Repeat("https://a.example ", 1000))); n != maxLinks {
		t.Errorf("%d links", n)
	}
}

// The pieces of a link, put together, are the link; whatever lines were broken.
func FuzzPlaceLinks(f *testing.F) {
	for _, s := range []string{
		"see https://a.example/x and  https://b.example/a/b/c/d/e/f \n\nhttp://c.example",
		"日本語https://a.example/日本 x", "a  \n  b https://x.example",
	} {
		f.Add(s, 12)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		s = strings.ReplaceAll(printable(s), "\t", "    ")
		broken := breakLines(s, float32(max(1, width%200)*10), measure)
		links := findLinks(s)
		lines := strings.Split(broken, "\n")
		got := make([]string, len(links))
		for _, p := range placeLinks(s, broken, links) {
			got[p.link] += lines[p.line][p.from:p.to]
		}
		for i, l := range links {
			if got[i] != l.url {
				t.Errorf("%q became %q in %q", l.url, got[i], broken)
			}
		}
	})
}

func TestLinksInAText(t *testing.T) {
	var opened []string
	f := plenty()
	f.events[4].Body = "The log: https://ci.example.org/log, the rest: https://ci.example.org/rest."
	h := open(t, f, Options{OpenLink: func(l string) error { opened = append(opened, l); return nil }})
	h.loaded()
	h.selectEvent(5)
	h.read(5)
	spots := h.detail.body.Objects[1:]
	if len(spots) != 2 {
		t.Fatalf("%d places to click", len(spots))
	}
	first := spots[0].(*firstSpot)
	test.Tap(first)
	h.win.Canvas().Focus(spots[1].(*firstSpot))
	h.key(fyne.KeyReturn)
	if d := cmp.Diff([]string{"https://ci.example.org/log", "https://ci.example.org/rest"}, opened); d != "" {
		t.Error(d)
	}
}

func TestRowTimesStayRight(t *testing.T) {
	f := newFake()
	f.status.Feeds = plenty().status.Feeds[:1]
	f.events = []subscriptions.Event{
		{Seq: 1, Kind: subscriptions.KindEvent, Feed: "ci", Title: "a", Read: true, Received: noon.Add(-3*time.Hour - 10*time.Minute)},
		{Seq: 2, Kind: subscriptions.KindEvent, Feed: "ci", Title: "b", Read: true, Received: noon.Add(-30 * time.Second)},
	}
	h := open(t, f, Options{})
	h.loaded()
	says := func(want ...string) {
		t.Helper()
		var got []string
		for i := range h.events.list.lines {
			if r := h.events.list.body.rows[i]; r != nil && r.isEvent() && r.line.heading == "" {
				got = append(got, r.looks.when)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	says("now", "3 h")
	h.advance(29 * time.Second)
	says("now", "3 h")
	h.advance(time.Second)
	says("1 min", "3 h")
	for range 49 {
		h.advance(time.Minute)
	}
	says("50 min", "3 h")
	h.advance(10 * time.Minute)
	says("1 h", "4 h")
	// From here on nothing changes but by the hour.
	if next := h.nextTimer().Sub(h.time); next < 40*time.Minute {
		t.Errorf("wakes after %s", next)
	}
	h.advance(13 * time.Hour) // past midnight
	if got := h.events.list.lines[0].heading; got != "Yesterday" {
		t.Errorf("the day is called %q", got)
	}
}
