package subscriptions_test

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	. "bellwire/subscriptions"
)

// FuzzRetryAfter holds that whatever a server says, the wait stays within
// its bounds, and that both of the header's forms are understood.
func FuzzRetryAfter(f *testing.F) {
	for _, h := range []string{
		"", "0", "7", " 120\t", "-1", "+5", "1.5", "99999999999999999999", "soon", "٣",
		"Fri, 31 Dec 1999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999",
		"Sat, 01 Jan 2000 00:30:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:60 GMT",
	} {
		f.Add(h, uint32(90))
	}
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, h string, seconds uint32) {
		d, ok := ParseRetryAfter(h, now)
		if ok && (d < MinRetryAfter || d > MaxRetryAfter) || !ok && d != 0 {
			t.Errorf("%q: %v, %v", h, d, ok)
		}
		resp := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {h}}}
		if e := HTTPError(resp); (e.Class == RetryAfter) != ok || e.Code != CodeBusy {
			t.Errorf("%q: %s, %s", h, e.Class, e.Code)
		}
		wait := time.Duration(seconds) * time.Second
		want := min(max(wait, MinRetryAfter), MaxRetryAfter)
		for _, form := range []string{
			" " + strconv.FormatUint(uint64(seconds), 10) + "\t",
			now.Add(wait).Format(http.TimeFormat),
		} {
			if d, ok := ParseRetryAfter(form, now); !ok || d != want {
				t.Errorf("%q: %v, %v; want %v", form, d, ok, want)
			}
		}
	})
}

// FuzzAnswer holds what people are shown of an answer: one printable line of
// bounded length, whatever its header says.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "text/html; charset=\"\x1b[31m\u202e", "", "")
	f.Add(302, "", "http://user:hunter2@host/?token=hunter2\r\nX: y", "")
	f.Add(429, strings.Repeat("é", 200), "", "17")
	f.Add(-1, "\xff\xfe", "//", "\x00")
	f.Fuzz(func(t *testing.T, status int, contentType, location, retry string) {
		e := HTTPError(&http.Response{StatusCode: status, Header: http.Header{
			"Content-Type": {contentType}, "Location": {location}, "Retry-After": {retry},
		}})
		shown(t, e)
		if e.Hint() == "" {
			t.Errorf("no hint for %s", e.Code)
		}
		shown(t, DialError(&url.Error{Op: "Get", URL: location, Err: errors.New(contentType)}))
	})
}

func shown(t *testing.T, e *Error) {
	t.Helper()
	text := e.Error()
	if len(text) > 512 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("not fit to be shown: %q", text)
	}
	switch e.Class {
	case Transient, RetryAfter, NeedsUser, Ended:
	default:
		t.Errorf("class %q", e.Class)
	}
}

// FuzzRedirect holds that what a person set never reaches another origin,
// nor an insecure one after a secure one.
func FuzzRedirect(f *testing.F) {
	for _, to := range []string{
		"/same", "https://feed.example/", "https://feed.example:443/", "https://FEED.example/", "https://other.example/",
		"http://feed.example/", "https://feed.example.:443/", "https://user:pass@feed.example/", "//other.example", "ftp://x", "https://feed.example:0443/", "https:feed.example",
	} {
		f.Add("https://feed.example/stream", to)
		f.Add("http://feed.example/stream", to)
	}
	f.Fuzz(func(t *testing.T, from, to string) {
		first, err := ParseURL(from)
		if err != nil || first.Scheme != "http" && first.Scheme != "https" {
			return
		}
		next, err := first.Parse(to)
		if err != nil {
			return
		}
		req := &http.Request{URL: next, Host: "feed.example", Header: http.Header{
			"Authorization": {"Bearer hunter2"}, "Cookie": {"hunter2"}, "X-Api-Key": {"hunter2"}, "Last-Event-Id": {"7"},
		}}
		if err := CheckRedirect(req, []*http.Request{{URL: first}}); err != nil {
			shown(t, AsError(err))
			return
		}
		if next.Scheme != "https" && first.Scheme == "https" {
			t.Errorf("%s led to %s", first, next)
		}
		if strings.EqualFold(first.Hostname(), next.Hostname()) && (first.Scheme == next.Scheme && first.Port() == next.Port()) {
			return
		}
		upgraded := strings.EqualFold(first.Hostname(), next.Hostname()) && defaultPort(first) && defaultPort(next)
		for name, values := range req.Header {
			if strings.Contains(strings.Join(values, ""), "hunter2") && !upgraded {
				t.Errorf("%s went from %s to %s", name, first, next)
			}
		}
	})
}

func defaultPort(u *url.URL) bool {
	return u.Port() == "" || u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443"
}
