package subscriptions

import (
	"strings"
	"testing"
)

func TestForwardsAreValidated(t *testing.T) {
	hook := Forward{Name: "team", To: ForwardWebhook, URL: "https://example.org/hook"}
	with := func(change func(*Forward)) []Forward {
		w := hook
		change(&w)
		return []Forward{w}
	}
	secret := Credential{By: AuthForward, Name: "team", Secret: "env:T"}
	for name, tc := range map[string]struct {
		forwards []Forward
		auth     []Credential
		want     string // of the error; empty: none
	}{
		"a webhook":                {[]Forward{hook}, nil, ""},
		"with a secret":            {[]Forward{hook}, []Credential{secret}, ""},
		"a secret in the path":     {with(func(w *Forward) { w.URL += "/***" }), []Credential{secret}, ""},
		"a secret in the query":    {with(func(w *Forward) { w.URL += "?key=***" }), []Credential{secret}, ""},
		"a secret in a header":     {with(func(w *Forward) { w.Headers = []Header{{"X-Api-Key", "***"}} }), []Credential{secret}, ""},
		"ntfy":                     {with(func(w *Forward) { w.To, w.URL = ForwardNtfy, "https://ntfy.example.org/a" }), nil, ""},
		"mercure":                  {with(func(w *Forward) { w.To, w.Topic = ForwardMercure, "https://example.org/a" }), nil, ""},
		"a program":                {[]Forward{{Name: "p", To: ForwardProgram, Program: []string{"cat"}}}, nil, ""},
		"no topic for ntfy":        {with(func(w *Forward) { w.To, w.URL = ForwardNtfy, "https://ntfy.example.org/" }), nil, "ends in one topic"},
		"a stream of ntfy's":       {with(func(w *Forward) { w.To, w.URL = ForwardNtfy, "https://ntfy.example.org/a/sse" }), nil, "ends in one topic"},
		"two topics of ntfy's":     {with(func(w *Forward) { w.To, w.URL = ForwardNtfy, "https://ntfy.example.org/a,b" }), nil, "ends in one topic"},
		"no topic for mercure":     {with(func(w *Forward) { w.To = ForwardMercure }), nil, "a topic is needed"},
		"two of a name":            {[]Forward{hook, hook}, nil, "two forwards"},
		"no name":                  {with(func(w *Forward) { w.Name = "" }), nil, "needs a name"},
		"another kind":             {with(func(w *Forward) { w.To = "fax" }), nil, "no kind \"fax\""},
		"another scheme":           {with(func(w *Forward) { w.URL = "wss://example.org/" }), nil, "must start with http"},
		"a program and an address": {with(func(w *Forward) { w.Program = []string{"cat"} }), nil, "no program"},
		"a user in the address":    {with(func(w *Forward) { w.URL = "https://ann:hush@example.org/" }), nil, "must hold no user"},
		"a token in the address":   {with(func(w *Forward) { w.URL += "?token=hush" }), nil, "stored as it is"},
		"a token in a header":      {with(func(w *Forward) { w.Headers = []Header{{"Authorization", "Bearer hush"}} }), nil, "stored as it is"},
		"a place without a secret": {with(func(w *Forward) { w.URL += "/***" }), nil, "and there is none"},
		"a secret for nothing":     {nil, []Credential{secret}, "no such forward"},
		"a secret for a program":   {[]Forward{{Name: "team", To: ForwardProgram, Program: []string{"cat"}}}, []Credential{secret}, "no such forward"},
		"two secrets":              {[]Forward{hook}, []Credential{secret, secret}, "two secrets"},
	} {
		f := Feed{URL: "https://example.org/events", Transport: TransportSSE, Settings: Settings{Forwards: tc.forwards}, Auth: tc.auth}
		err := f.Validate()
		if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}
