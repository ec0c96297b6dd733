package subscriptions_test

import (
	"errors"
	"strings"
	"testing"

	. "bellwire/subscriptions"
)

func TestActionValidate(t *testing.T) {
	ok := Action{Label: "Close", URL: "https://a.example/x?y#z", Method: "POST", Headers: []Header{{Name: "X-A", Value: "b\tc"}}, Body: "x"}
	long := strings.Repeat("x", MaxActionBody+1)
	for name, tc := range map[string]struct {
		edit func(*Action)
		want string // part of the error; empty: none
	}{
		"a request":                {func(*Action) {}, ""},
		"a link":                   {func(a *Action) { *a = Action{Label: "Open", URL: "http://[::1]:8080/"} }, ""},
		"a mail":                   {func(a *Action) { *a = Action{Label: "Write", URL: "mailto:a@b.example"} }, ""},
		"a request to a mail":      {func(a *Action) { a.URL = "mailto:a@b.example" }, "http:// or https://"},
		"no label":                 {func(a *Action) { a.Label = " " }, "label"},
		"a label of two lines":     {func(a *Action) { a.Label = "a\nb" }, "label"},
		"a long label":             {func(a *Action) { a.Label = strings.Repeat("字", MaxActionLabel+1) }, "label"},
		"no address":               {func(a *Action) { a.URL = "" }, "http:// or https://"},
		"a file":                   {func(a *Action) { a.URL = "file:///etc/passwd" }, "http:// or https://"},
		"a path":                   {func(a *Action) { a.URL = "/x" }, "http:// or https://"},
		"no host":                  {func(a *Action) { a.URL = "https:///x" }, "http:// or https://"},
		"a web socket":             {func(a *Action) { a.URL = "wss://a.example/" }, "http:// or https://"},
		"a user":                   {func(a *Action) { a.URL = "https://u:hunter2@a.example/" }, "must not name a user"},
		"an empty user":            {func(a *Action) { a.URL = "https://@a.example/" }, "must not name a user"},
		"not an address":           {func(a *Action) { a.URL = "https://a.example/%zz" }, "cannot be read"},
		"a long address":           {func(a *Action) { a.URL = "https://a.example/" + strings.Repeat("x", MaxActionURL) }, "cannot be read or is longer"},
		"a method of another kind": {func(a *Action) { a.Method = "post" }, "method"},
		"a link with a body":       {func(a *Action) { a.Method = "" }, "a link has neither"},
		"a long body":              {func(a *Action) { a.Body = long }, "body"},
		"a body of bytes":          {func(a *Action) { a.Body = "\xff" }, "body"},
		"a long header":            {func(a *Action) { a.Headers[0].Value = long }, "a header must be"},
		"a header that breaks out": {func(a *Action) { a.Headers[0].Value = "a\r\nb: c" }, "control character"},
		"a header of bytes":        {func(a *Action) { a.Headers[0].Value = "\xff" }, "a header must be"},
		"Host":                     {func(a *Action) { a.Headers[0].Name = "HOST" }, "Host is not a payload's"},
		"Cookie":                   {func(a *Action) { a.Headers[0].Name = "cookie" }, "Cookie is not a payload's"},
		"TE":                       {func(a *Action) { a.Headers[0].Name = "TE" }, "Te is not a payload's"},
		"a proxy's":                {func(a *Action) { a.Headers[0].Name = "proxy-connection" }, "Proxy-Connection is not a payload's"},
		"nine headers":             {func(a *Action) { a.Headers = make([]Header, 9) }, "more than 8"},
	} {
		a := ok
		a.Headers = append([]Header(nil), ok.Headers...)
		tc.edit(&a)
		err := a.Validate()
		if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestAllowAction(t *testing.T) {
	for name, tc := range map[string]struct {
		feed  string
		hosts []string
		to    string
		own   bool
		ok    bool
	}{
		"the feed's own":              {"https://a.example/events", nil, "https://a.example/do", true, true},
		"in other letters":            {"https://a.EXAMPLE/events", nil, "https://A.example/do", true, true},
		"on another port, unsecured":  {"https://a.example/events", nil, "http://a.example:81/do", true, true},
		"of a web socket":             {"wss://a.example/events", nil, "https://a.example/do", true, true},
		"IPv6":                        {"ws://[2001:db8::1]:8080/", nil, "http://[2001:DB8::1]/do", true, true},
		"IPv6 of another kind":        {"ws://[2001:db8::1]:8080/", nil, "http://[2001:db8::2]/do", false, false},
		"another":                     {"https://a.example/", nil, "https://b.example/", false, false},
		"one that ends like it":       {"https://a.example/", nil, "https://evil-a.example/", false, false},
		"one inside it":               {"https://a.example/", nil, "https://x.a.example/", false, false},
		"one it is inside":            {"https://a.example/", nil, "https://example/", false, false},
		"another with a dot":          {"https://a.example/", nil, "https://a.example./", false, false},
		"its name as a user":          {"https://a.example/", nil, "https://a.example@b.example/", false, false},
		"its name behind a backslash": {"https://a.example/", nil, `https://b.example\@a.example/`, false, false},
		"its name in a fragment":      {"https://a.example/", nil, "https://b.example#a.example", false, false},
		"one that was named":          {"https://a.example/", []string{"c.example", "B.example"}, "http://b.example:99/", false, true},
		"inside one that was named":   {"https://a.example/", []string{"b.example"}, "http://x.b.example/", false, false},
		"IPv6 that was named":         {"https://a.example/", []string{"[::1]"}, "http://[::1]:99/", false, true},
		"no wild cards":               {"https://a.example/", []string{"*.b.example"}, "http://x.b.example/", false, false},
	} {
		f := Feed{URL: tc.feed, Settings: Settings{Notify: Notify{ActionHosts: tc.hosts}}}
		own, err := f.AllowAction(Action{Label: "x", URL: tc.to, Method: "POST"})
		if own != tc.own || (err == nil) != tc.ok {
			t.Errorf("%s: %v, %v", name, own, err)
		}
	}
	f := Feed{URL: "https://a.example/"}
	if _, err := f.AllowAction(Action{Label: "x", URL: "https://b.example/"}); err != nil {
		t.Errorf("a link to another host: %v", err)
	}
	if _, err := f.AllowAction(Action{Label: "x", URL: "https://b.example/", Method: "POST"}); !errors.Is(err, ErrHostNotAllowed) {
		t.Error(err)
	}
}
