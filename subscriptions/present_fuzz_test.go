package subscriptions_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	. "bellwire/subscriptions"
)

// asServerReads is the request for a target as a server reads it.
func asServerReads(t *testing.T, target Target) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, target.URL, nil)
	if err != nil {
		t.Fatalf("no request can be made for %q: %v", target.URL, err)
	}
	req.Header = target.Header
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatalf("a server cannot read it: %v", err)
	}
	if wire.Len() != 0 {
		t.Errorf("%q follows the request", wire.String())
	}
	return got
}

// FuzzPresent holds that a server reads the credential that was given, and
// nothing besides: no other header, cookie or parameter.
func FuzzPresent(f *testing.F) {
	for i, secret := range []string{
		"hunter2", "a:b", "a b", " lead and trail ", "a\tb", "q=1&r=2", "a=b; c=d", `"quoted"`, "a,b", "päss", "\xff\xfe", "\r\nX: y", "+%20#?/", "***",
	} {
		for by := range uint8(5) {
			f.Add(by, "sid", secret, uint8(i))
		}
	}
	f.Add(uint8(4), "x-TOKEN", "s", uint8(0))
	f.Add(uint8(2), "a&b=c#", "s", uint8(0))
	f.Add(uint8(1), "us er\"é", "s", uint8(0))
	kinds := []AuthBy{AuthBearer, AuthBasic, AuthQuery, AuthCookie, AuthHeader}
	addresses := []string{"http://feed.example/x", "https://feed.example/x?a=1&sid=***&b=", "http://user:pw@feed.example/?sid=***&sid=***#f"}
	f.Fuzz(func(t *testing.T, by uint8, name, secret string, more uint8) {
		c := Credential{By: kinds[int(by)%len(kinds)], Name: name, Secret: "env:X"}
		if c.By == AuthBearer {
			c.Name = ""
		}
		if c.Validate() != nil || len(name)+len(secret) > MaxSecret {
			return
		}
		feed := Feed{URL: addresses[int(more)%len(addresses)], Headers: []Header{{Name: "X-Other", Value: "1"}}}
		if more&4 != 0 {
			feed.Headers = append(feed.Headers, Header{Name: "Cookie", Value: "other=1"})
		}
		before, err := NewTarget(feed, "")
		if err != nil {
			t.Fatal(err)
		}
		target, err := NewTarget(feed, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := target.Present(c, secret); err != nil {
			if strings.Contains(err.Error(), secret) && len(secret) > 8 {
				t.Errorf("the error tells the secret: %v", err)
			}
			return
		}
		was, is := asServerReads(t, before), asServerReads(t, target)
		presented(t, c, secret, is)
		nothingBesides(t, c, was, is)
	})
}

// presented looks for the credential where it belongs. White space around a
// field's value is not part of it (RFC 9110 §5.5).
func presented(t *testing.T, c Credential, secret string, is *http.Request) {
	t.Helper()
	field := strings.Trim(secret, " \t")
	switch c.By {
	case AuthBearer:
		if got := is.Header.Values("Authorization"); len(got) != 1 || strings.TrimPrefix(got[0], "Bearer") == got[0] || strings.Trim(got[0][len("Bearer"):], " \t") != field {
			t.Errorf("bearer %q became %q", secret, got)
		}
	case AuthBasic:
		if user, password, ok := is.BasicAuth(); c.Name != "" && (!ok || user != c.Name || password != secret) {
			t.Errorf("%q and %q became %q and %q", c.Name, secret, user, password)
		}
	case AuthQuery:
		q, err := url.ParseQuery(is.URL.RawQuery)
		if err != nil || !slices.Contains(q[c.Name], secret) {
			t.Errorf("%q=%q became %q", c.Name, secret, is.URL.RawQuery)
		}
	case AuthCookie:
		n := 0
		for _, pair := range strings.Split(strings.Join(is.Header.Values("Cookie"), "; "), ";") {
			if name, value, _ := strings.Cut(strings.Trim(pair, " \t"), "="); name == c.Name && strings.Trim(value, " \t") == field {
				n++
			}
		}
		if n != 1 {
			t.Errorf("cookie %s=%q became %q", c.Name, secret, is.Header.Values("Cookie"))
		}
	case AuthHeader:
		if c.Name = http.CanonicalHeaderKey(c.Name); c.Name == "Host" {
			return // a transport's business
		}
		if got := is.Header.Values(c.Name); len(got) == 0 || got[len(got)-1] != field {
			t.Errorf("header %s: %q became %q", c.Name, secret, got)
		}
	}
}

// nothingBesides compares everything but the credential.
func nothingBesides(t *testing.T, c Credential, was, is *http.Request) {
	t.Helper()
	own := map[AuthBy]string{AuthBearer: "Authorization", AuthBasic: "Authorization", AuthCookie: "Cookie", AuthHeader: http.CanonicalHeaderKey(c.Name)}[c.By]
	for name := range is.Header {
		if name != own && !slices.Equal(was.Header[name], is.Header[name]) {
			t.Errorf("header %s: %q", name, is.Header[name])
		}
	}
	for name := range was.Header {
		if _, ok := is.Header[name]; !ok {
			t.Errorf("header %s is gone", name)
		}
	}
	cookies := func(r *http.Request) int {
		return strings.Count(strings.Join(r.Header.Values("Cookie"), ";"), "=")
	}
	if c.By == AuthCookie {
		pairs := strings.Split(strings.Join(is.Header.Values("Cookie"), ";"), ";")
		if have := cookies(was); len(pairs) != have+1 {
			t.Errorf("%d cookies became %q", have, pairs)
		}
	}
	if was.Host != is.Host || was.URL.Path != is.URL.Path || was.Method != is.Method {
		t.Errorf("%s %s became %s %s", was.Host, was.URL, is.Host, is.URL)
	}
	wasQ, isQ := was.URL.Query(), is.URL.Query()
	if c.By == AuthQuery {
		if len(isQ[c.Name]) > max(1, len(wasQ[c.Name])) && len(isQ[c.Name]) != len(wasQ[c.Name])+1 {
			t.Errorf("%d parameters %s became %d", len(wasQ[c.Name]), c.Name, len(isQ[c.Name]))
		}
		delete(wasQ, c.Name)
		delete(isQ, c.Name)
	}
	if wasQ.Encode() != isQ.Encode() {
		t.Errorf("parameters %v became %v", wasQ, isQ)
	}
}

// FuzzGap holds that what a gap row tells survives its way through history,
// and that nothing else passes for a gap.
func FuzzGap(f *testing.F) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, g := range []Gap{{}, {From: at, To: at.Add(time.Hour), Reason: GapEvicted}, {To: at, Reason: GapNoResume}} {
		f.Add(g.Event("f").Raw)
	}
	for _, raw := range []string{"", "{}", "null", "[]", `{"from":"9999-12-31T23:59:59-23:59"}`, `{"from":"0000-01-01T00:00:00+23:59","to":"x"}`, `{"reason":7}`, `{"reason":"\u0000\ud800"}`} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if len(raw) > 1<<12 {
			return // rows are our own
		}
		if _, ok := ParseGap(Event{Kind: KindEvent, Raw: raw}); ok {
			t.Error("an event passes for a gap")
		}
		g, ok := ParseGap(Event{Kind: KindGap, Raw: raw})
		if !ok {
			if g != (Gap{}) {
				t.Errorf("nothing, and %+v", g)
			}
			return
		}
		e := g.Event("f")
		again, ok := ParseGap(e)
		if !ok || !again.From.Equal(g.From) || !again.To.Equal(g.To) || again.Reason != g.Reason {
			t.Errorf("%+v became %+v, %v", g, again, ok)
		}
		if e.Kind != KindGap || e.Type != string(g.Reason) || !e.Silent || !e.Read || !e.Received.Equal(g.To) {
			t.Errorf("a row %+v", e)
		}
	})
}
