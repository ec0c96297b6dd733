package subscriptions

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// redirected is a request to to, made by a redirect of from.
func redirected(t *testing.T, from, to string) *http.Request {
	t.Helper()
	ask := func(url string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	// The chain is http.Client's: by way of another address of the Internet.
	between := ask("http://203.0.113.9/")
	between.Response = &http.Response{Request: ask(from)}
	r := ask(to)
	r.Response = &http.Response{Request: between}
	return r
}

func TestCheckInward(t *testing.T) {
	for name, tc := range map[string]struct {
		from, to string
		inside   bool
	}{
		"elsewhere in the Internet":         {"http://203.0.113.5/", "http://203.0.113.6/", false},
		"this machine":                      {"http://203.0.113.5/", "http://127.0.0.1:631/?token=hush", true},
		"this machine by its name":          {"https://203.0.113.5/", "https://Admin.LocalHost./", true},
		"this machine, IPv6":                {"http://203.0.113.5/", "http://[::1]/", true},
		"this machine, IPv4 inside IPv6":    {"http://203.0.113.5/", "http://[::ffff:127.0.0.1]/", true},
		"the router":                        {"http://203.0.113.5/", "http://192.168.1.1/reboot", true},
		"a private network of networks":     {"http://203.0.113.5/", "http://100.101.102.103/", true},
		"beside it":                         {"http://203.0.113.5/", "http://100.128.0.1/", false},
		"a cloud's credentials":             {"http://203.0.113.5/", "http://169.254.169.254/latest", true},
		"a private network to this machine": {"http://192.168.1.5/", "http://127.0.0.1/", true},
		"within a private network":          {"http://192.168.1.5/", "http://192.168.1.7/", false},
		"outwards":                          {"http://127.0.0.1/", "http://203.0.113.5/", false},
		"the same host":                     {"http://127.0.0.1/", "http://127.0.0.1:81/", false},
	} {
		err := CheckInward(redirected(t, tc.from, tc.to), nil)
		if (err != nil) != tc.inside {
			t.Errorf("%s: %v", name, err)
		}
		if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Class != NeedsUser || e.Code != CodeRedirect) {
			t.Errorf("%s: %v", name, err)
		}
	}
	through := func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.example:3128") }
	if err := CheckInward(redirected(t, "http://203.0.113.5/", "http://127.0.0.1/"), through); err != nil {
		t.Errorf("with a proxy: %v", err)
	}
	if r := redirected(t, "http://203.0.113.5/", "http://127.0.0.1/"); CheckInward(r.Response.Request.Response.Request, nil) != nil {
		t.Error("a request of nobody's redirect was refused")
	}
}

// It is what the clients of feeds are held to.
func TestClientsFollowNoRedirectInside(t *testing.T) {
	asked := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(inner.Close)
	c := NewClient(Target{URL: "http://203.0.113.5/"}, ClientOptions{})
	defer c.CloseIdleConnections()
	resp, err := c.Transport.RoundTrip(redirected(t, "http://203.0.113.5/", inner.URL))
	if err == nil {
		resp.Body.Close()
	}
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeRedirect || asked {
		t.Errorf("%v, asked: %v", err, asked)
	}
}
