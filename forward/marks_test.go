package forward

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestMarksAreFound(t *testing.T) {
	for name, tc := range map[string]struct {
		e    subscriptions.Event
		want []string
	}{
		"none":             {subscriptions.Event{Raw: `{"title":"x"}`, Tags: []string{"ci"}}, nil},
		"a tag":            {subscriptions.Event{Tags: []string{"ci", "via-bellwire-aaaaaaaa"}}, []string{"aaaaaaaa"}},
		"a tag not mapped": {subscriptions.Event{Raw: `{"tags":["x","via-bellwire-aaaaaaaa"]}`}, []string{"aaaaaaaa"}},
		"a list":           {subscriptions.Event{Raw: `{"via":["aaaaaaaaff","bbbbbbbb"]}`}, []string{"aaaaaaaaff", "bbbbbbbb"}},
		"an envelope":      {subscriptions.Event{Raw: `{"pub":{"data":[{"via":["aaaaaaaa"]}]}}`}, []string{"aaaaaaaa"}},
		"Mercure's id":     {subscriptions.Event{MessageID: "urn:bellwire:aaaaaaaaff:7"}, []string{"aaaaaaaaff"}},
		"the same twice":   {subscriptions.Event{Tags: []string{"via-bellwire-aaaaaaaa"}, Raw: `{"via":["aaaaaaaaff"]}`}, []string{"aaaaaaaa"}},
		"something else":   {subscriptions.Event{Tags: []string{"via-bellwire-", "via-bellwire-xyz"}, Raw: `{"via":"Paris","x":{"via":["rail","0123"]}}`}, nil},
		"no JSON":          {subscriptions.Event{Raw: `"via" ["aaaaaaaa"]`}, nil},
		"too deep":         {subscriptions.Event{Raw: strings.Repeat("[", 1<<16) + `{"via":["aaaaaaaa"]}`}, nil},
	} {
		if d := cmp.Diff(tc.want, marksOf(tc.e)); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}

func TestLoopsAreCut(t *testing.T) {
	marked := func(n int) subscriptions.Event {
		e := full
		e.Tags = nil
		for i := range n {
			e.Tags = append(e.Tags, fmt.Sprintf("via-bellwire-%08x", i+1))
		}
		return e
	}
	got, told := sendOne(t, hook("team"), marked(7))
	if !strings.HasPrefix(told, "1 forwarded") || strings.Count(got.Body, "via-bellwire") != 7 || !strings.Contains(got.Body, `"00000007","`+instance+`"]`) {
		t.Errorf("%s %s", told, got.Body)
	}
	if got, told := sendOne(t, hook("team"), marked(8)); told != "1 kept loop team: it has come through 8 Bellwires already" || got.URL != "" {
		t.Errorf("%s %s", told, got.Body)
	}
	for name, e := range map[string]subscriptions.Event{
		"tag":     {Tags: []string{"x", tagPrefix + instance[:8]}},
		"payload": {Raw: `{"via":["ffffffff","` + instance + `"]}`},
		"id":      {MessageID: "urn:bellwire:" + instance + ":1"},
	} {
		if got, told := sendOne(t, hook("team"), e); told != "1 kept loop team: this Bellwire has forwarded it before" || got.URL != "" {
			t.Errorf("%s: %s %s", name, told, got.Body)
		}
	}
}

func TestLoop(t *testing.T) {
	ntfy := func(u string) subscriptions.Forward {
		return subscriptions.Forward{Name: "w", To: subscriptions.ForwardNtfy, URL: u}
	}
	web := func(u string) subscriptions.Forward {
		return subscriptions.Forward{Name: "w", To: subscriptions.ForwardWebhook, URL: u}
	}
	mercure := func(topic string) subscriptions.Forward {
		return subscriptions.Forward{Name: "w", To: subscriptions.ForwardMercure, URL: "https://h/.well-known/mercure", Topic: topic}
	}
	const book, hub = "https://example.org/books/1", "https://h/.well-known/mercure?topic="
	for name, tc := range map[string]struct {
		url  string
		w    subscriptions.Forward
		loop bool
	}{
		"ntfy":                       {"https://h/alerts/sse", ntfy("https://h/alerts"), true},
		"ntfy, WebSocket":            {"wss://h/alerts/ws", ntfy("https://h/alerts"), true},
		"ntfy, as lines":             {"http://h:80/alerts/json?poll=1", ntfy("http://h/alerts/"), true},
		"ntfy, one of several":       {"https://H/a,alerts,b/sse", ntfy("https://h/alerts"), true},
		"ntfy, below":                {"https://h/push/alerts/sse", ntfy("https://h/push/alerts"), true},
		"ntfy, another topic":        {"https://h/alerts/sse", ntfy("https://h/alert"), false},
		"ntfy, another server":       {"https://h/alerts/sse", ntfy("https://i/alerts"), false},
		"ntfy, another port":         {"https://h/alerts/sse", ntfy("https://h:8080/alerts"), false},
		"webhook":                    {"https://h/events?a=1&b=2", web("https://h/events?b=2&a=1"), true},
		"webhook beside":             {"https://h/events", web("https://h/publish"), false},
		"mercure":                    {hub + url.QueryEscape(book), mercure(book), true},
		"mercure, all":               {hub + "*", mercure(book), true},
		"mercure 1":                  {"https://h/.well-known/mercure?match=" + url.QueryEscape(book), mercure(book), true},
		"mercure, a template":        {hub + url.QueryEscape("https://example.org/books/{id}"), mercure(book), true},
		"mercure, another template":  {hub + url.QueryEscape("https://example.org/films/{id}"), mercure(book), false},
		"mercure, another topic":     {hub + "x", mercure(book), false},
		"mercure, a strange pattern": {hub + url.QueryEscape("(+{"), mercure(book), false},
	} {
		err := Loop(subscriptions.Feed{ID: "f", Name: "F", URL: tc.url, Settings: subscriptions.Settings{Forwards: []subscriptions.Forward{tc.w}}}, nil)
		if (err != nil) != tc.loop || err != nil && !strings.Contains(err.Error(), "into the feed itself") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLoopOverOtherFeeds(t *testing.T) {
	of := func(id string, to ...string) subscriptions.Feed {
		f := subscriptions.Feed{ID: id, Name: strings.ToUpper(id), URL: "https://h/" + id + "/sse"}
		for _, topic := range to {
			f.Forwards = append(f.Forwards, subscriptions.Forward{Name: "to-" + topic, To: subscriptions.ForwardNtfy, URL: "https://h/" + topic})
		}
		return f
	}
	others := []subscriptions.Feed{of("a"), of("b", "x", "c"), of("c", "y", "d"), of("d", "d", "c")}
	if err := Loop(of("a", "b"), others); err != nil {
		t.Errorf("no loop of its own: %v", err)
	}
	others[3] = of("d", "c", "a")
	err := Loop(of("a", "z", "b"), others)
	if err == nil || !strings.Contains(err.Error(), `the forward "to-b" sends`) || !strings.Contains(err.Error(), `"B", "C", "D"`) {
		t.Error(err)
	}
	// A new feed has no id yet, and may be the one that closes the circle.
	fresh := of("a", "b")
	fresh.ID = ""
	if err := Loop(fresh, others[1:]); err == nil {
		t.Error("not seen")
	}
}
