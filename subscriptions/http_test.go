package subscriptions_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	. "bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

func TestHTTPError(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		header http.Header
		class  Class
		code   Code
		after  time.Duration
	}{
		{"200 of another type", 200, http.Header{"Content-Type": {"text/html"}}, NeedsUser, CodeNotStream, 0},
		{"204 ends for good", 204, nil, Ended, CodeEnded, 0},
		{"205 is no stream", 205, nil, NeedsUser, CodeNotStream, 0},
		{"299 is no stream", 299, nil, NeedsUser, CodeNotStream, 0},
		{"301 without an address", 301, nil, NeedsUser, CodeRedirect, 0},
		{"304 is no stream", 304, nil, NeedsUser, CodeNotStream, 0},
		{"400", 400, nil, NeedsUser, CodeNotStream, 0},
		{"401", 401, nil, NeedsUser, CodeUnauthorized, 0},
		{"403", 403, nil, NeedsUser, CodeForbidden, 0},
		{"403 of a rate limit", 403, http.Header{"Retry-After": {"60"}}, RetryAfter, CodeForbidden, time.Minute},
		{"404", 404, nil, NeedsUser, CodeNotFound, 0},
		{"407", 407, nil, NeedsUser, CodeUnauthorized, 0},
		{"408", 408, nil, Transient, CodeTimeout, 0},
		{"410", 410, nil, NeedsUser, CodeGone, 0},
		{"418", 418, nil, NeedsUser, CodeNotStream, 0},
		{"425", 425, nil, Transient, CodeTimeout, 0},
		{"429", 429, nil, Transient, CodeBusy, 0},
		{"429 with seconds", 429, http.Header{"Retry-After": {"7"}}, RetryAfter, CodeBusy, 7 * time.Second},
		{"500", 500, nil, Transient, CodeServer, 0},
		{"502", 502, nil, Transient, CodeServer, 0},
		{"503", 503, nil, Transient, CodeBusy, 0},
		{"503 with seconds", 503, http.Header{"Retry-After": {"120"}}, RetryAfter, CodeBusy, 2 * time.Minute},
		{"503 with nonsense", 503, http.Header{"Retry-After": {"soon"}}, Transient, CodeBusy, 0},
		{"504 with zero", 504, http.Header{"Retry-After": {"0"}}, RetryAfter, CodeServer, time.Second},
		{"599", 599, nil, Transient, CodeServer, 0},
		{"Retry-After of a 204 means nothing", 204, http.Header{"Retry-After": {"5"}}, Ended, CodeEnded, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := HTTPError(&http.Response{StatusCode: tc.status, Status: "999 \x1b[31mwords of the server's", Header: tc.header})
			if got.Class != tc.class || got.Code != tc.code || got.After != tc.after {
				t.Errorf("got %s, %s, after %v (%v)", got.Class, got.Code, got.After, got)
			}
			if !strings.Contains(got.Error(), fmt.Sprint(tc.status)) || strings.Contains(got.Error(), "words") {
				t.Errorf("text %q", got)
			}
		})
	}
}

func TestHTTPErrorQuotesAShortCleanType(t *testing.T) {
	h := http.Header{"Content-Type": {"text/\x1b[31m\u202ehtml" + strings.Repeat("x", 1<<16)}}
	text := HTTPError(&http.Response{StatusCode: 200, Header: h}).Error()
	if len(text) > 200 || strings.ContainsAny(text, "\x1b\u202e") || !strings.Contains(text, "html") {
		t.Errorf("text %q", text)
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name, value string
		want        time.Duration
		ok          bool
	}{
		{"seconds", "90", 90 * time.Second, true},
		{"spaces around", " 90\t", 90 * time.Second, true},
		{"zero is raised", "0", time.Second, true},
		{"too long is lowered", "86400", time.Hour, true},
		{"overflow is lowered", strings.Repeat("9", 40), time.Hour, true},
		{"date", "Sun, 01 Mar 2026 12:05:00 GMT", 5 * time.Minute, true},
		{"date of RFC 850", "Sunday, 01-Mar-26 12:05:00 GMT", 5 * time.Minute, true},
		{"date in the past", "Sun, 01 Mar 2026 11:00:00 GMT", time.Second, true},
		{"date next year", "Mon, 01 Mar 2027 12:00:00 GMT", time.Hour, true},
		{"none", "", 0, false},
		{"negative", "-5", 0, false},
		{"plus sign", "+5", 0, false},
		{"fraction", "1.5", 0, false},
		{"digits of another script", "١٠", 0, false},
		{"words", "tomorrow", 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, ok := ParseRetryAfter(tc.value, now); got != tc.want || ok != tc.ok {
				t.Errorf("got %v, %v, want %v, %v", got, ok, tc.want, tc.ok)
			}
		})
	}
}

type timeout struct{ error }

func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

func TestDialError(t *testing.T) {
	own := Failf(NeedsUser, CodeRedirect, "no further")
	inURL := func(err error) error {
		return fmt.Errorf("dialing wss://h/?token=hunter2: %w", &url.Error{Op: "Get", URL: "https://u:hunter2@h/?token=hunter2", Err: err})
	}
	for _, tc := range []struct {
		name  string
		err   error
		class Class
		code  Code
	}{
		{"its own", inURL(own), NeedsUser, CodeRedirect},
		{"unknown authority", inURL(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), NeedsUser, CodeCertificate},
		{"expired", inURL(x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}), NeedsUser, CodeCertificate},
		{"wrong host", inURL(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}), NeedsUser, CodeCertificate},
		{"http on the https port", inURL(http.ErrSchemeMismatch), NeedsUser, CodeNotStream},
		{"no such host", inURL(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}}), Transient, CodeUnreachable},
		{"resolver timeout", inURL(&net.DNSError{Err: "i/o timeout", Name: "h", IsTimeout: true}), Transient, CodeUnreachable},
		{"refused", inURL(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), Transient, CodeUnreachable},
		{"dial timeout", inURL(&net.OpError{Op: "dial", Net: "tcp", Err: timeout{errors.New("i/o timeout")}}), Transient, CodeTimeout},
		{"deadline", inURL(context.DeadlineExceeded), Transient, CodeTimeout},
		{"reset", inURL(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), Transient, CodeLost},
		{"accepted and dropped", inURL(errors.New("http: server closed idle connection")), Transient, CodeLost},
		{"EOF instead of an answer", inURL(io.EOF), Transient, CodeLost},
		{"hung up before the request", inURL(errors.New("http: server closed idle connection")), Transient, CodeLost},
		{"no HTTP", inURL(errors.New("malformed HTTP response \"\x1b" + strings.Repeat("x", 1<<20))), Transient, CodeProtocol},
		{"nested addresses", inURL(inURL(syscall.ECONNRESET)), Transient, CodeLost},
		{"without an address", errors.New("odd"), Transient, CodeProtocol},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := DialError(tc.err)
			if got.Class != tc.class || got.Code != tc.code {
				t.Errorf("got %s, %s (%v)", got.Class, got.Code, got)
			}
			if text := got.Error(); len(text) > 400 || strings.Contains(text, "hunter2") || strings.ContainsRune(text, 0x1b) {
				t.Errorf("text %q", text)
			}
			if got.Hint() == "" {
				t.Error("no hint")
			}
		})
	}
}

// sent is what a server saw of one request.
type sent struct{ Authorization, Cookie, Token, LastEventID, Referer, Accept string }

// recorder redirects everything to the address in its query's "to", or
// answers 200, and remembers the last request.
func recorder(t *testing.T) (base string, last func() sent) {
	t.Helper()
	var got sent
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		got = sent{h.Get("Authorization"), h.Get("Cookie"), h.Get("X-Token"), h.Get("Last-Event-ID"), h.Get("Referer"), h.Get("Accept")}
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() sent { return got }
}

// to is base redirecting to next.
func to(base, next string) string { return base + "/?secret=x&to=" + url.QueryEscape(next) }

func TestCheckRedirectGuardsCredentials(t *testing.T) {
	a, sawA := recorder(t)
	b, sawB := recorder(t)
	full := sent{"Bearer x", "c=1", "t", "7", "", "text/event-stream"}
	bare := sent{LastEventID: "7", Accept: "text/event-stream"}
	ignoreReferer := func(s sent) sent { s.Referer = ""; return s }
	for _, tc := range []struct {
		name, from string
		saw        func() sent
		want       sent
	}{
		{"same origin keeps all", to(a, a+"/end"), func() sent { return ignoreReferer(sawA()) }, full},
		{"relative address keeps all", to(a, "/end"), func() sent { return ignoreReferer(sawA()) }, full},
		{"another port gets none", to(a, b+"/end"), sawB, bare},
		{"another name for the same host gets none", to(a, strings.Replace(a, "127.0.0.1", "[::ffff:127.0.0.1]", 1)+"/end"), sawA, bare},
		{"coming back gets none", to(a, to(b, a+"/end")), sawA, bare},
		{"staying away gets none", to(a, to(b, b+"/end")), sawB, bare},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tc.from, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = http.Header{
				"Authorization": {"Bearer x"}, "Cookie": {"c=1"}, "X-Token": {"t"},
				"Last-Event-Id": {"7"}, "Accept": {"text/event-stream"},
			}
			resp, err := (&http.Client{CheckRedirect: CheckRedirect}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if d := cmp.Diff(tc.want, tc.saw()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCheckRedirectKeepsThePasswordOfTheAddress(t *testing.T) {
	a, saw := recorder(t)
	b, sawB := recorder(t)
	withPassword := strings.Replace(a, "http://", "http://user:pass@", 1)
	for _, tc := range []struct {
		name, to string
		saw      func() sent
		want     string
	}{
		{"same origin", a + "/end", saw, "Basic dXNlcjpwYXNz"},
		{"another origin", b + "/end", sawB, ""},
	} {
		resp, err := (&http.Client{CheckRedirect: CheckRedirect}).Get(to(withPassword, tc.to))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := tc.saw().Authorization; got != tc.want {
			t.Errorf("%s: sent %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestCheckRedirectRefuses(t *testing.T) {
	a, _ := recorder(t)
	b, _ := recorder(t)
	secure := httptest.NewUnstartedServer(http.RedirectHandler(a, http.StatusFound))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	loop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusSeeOther)
	}))
	t.Cleanup(loop.Close)

	for _, tc := range []struct {
		name, from string
		header     http.Header
		text       string
	}{
		{"https to http", secure.URL, nil, "secure"},
		{"for ever", loop.URL + "/", nil, "more than 10 redirects"},
		{"file", to(a, "file:///etc/passwd"), nil, "no web address"},
		{"ftp with a password", to(a, "ftp://u:hunter2@h/"), nil, "no web address"},
		{"unreadable", to(a, "http://h:port/?token=hunter2"), nil, "cannot be read"},
		{"sub-protocols to another origin", to(a, b), http.Header{"Sec-Websocket-Protocol": {"bearer.hunter2"}}, "sub-protocols"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := secure.Client()
			c.CheckRedirect = CheckRedirect
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tc.from, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tc.header != nil {
				req.Header = tc.header
			}
			resp, err := c.Do(req)
			if err == nil {
				resp.Body.Close()
				t.Fatal("followed")
			}
			e := DialError(err)
			if e.Class != NeedsUser || e.Code != CodeRedirect || !strings.Contains(e.Error(), tc.text) {
				t.Errorf("got %s, %s: %v", e.Class, e.Code, e)
			}
			if strings.Contains(e.Error(), "hunter2") {
				t.Errorf("text %q", e)
			}
		})
	}
}

func TestCheckRedirectFollowsTenTimes(t *testing.T) {
	hops := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hops < MaxRedirects {
			hops++
			http.Redirect(w, r, "/next", http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)
	resp, err := (&http.Client{CheckRedirect: CheckRedirect}).Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if hops != MaxRedirects {
		t.Errorf("%d redirects", hops)
	}
}

// The way to https on the default ports cannot be had over loopback.
func TestCheckRedirectUpgrade(t *testing.T) {
	for _, tc := range []struct {
		from, to string
		keep     bool
	}{
		{"http://h/a", "https://h/b", true},
		{"http://h:80/a", "https://H:443/b", true},
		{"http://h:8080/a", "https://h/b", false},
		{"http://h/a", "https://h:8443/b", false},
		{"http://h/a", "https://www.h/b", false},
	} {
		request := func(raw string) *http.Request {
			r := httptest.NewRequest(http.MethodGet, raw, nil)
			r.Header.Set("Authorization", "Bearer x")
			return r
		}
		next := request(tc.to)
		if err := CheckRedirect(next, []*http.Request{request(tc.from)}); err != nil {
			t.Error(err)
		}
		if kept := next.Header.Get("Authorization") != ""; kept != tc.keep {
			t.Errorf("%s to %s: credentials kept is %v", tc.from, tc.to, kept)
		}
	}
}
