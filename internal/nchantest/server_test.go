package nchantest_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"bellwire/internal/nchantest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// subscribe opens an event stream; next returns its lines one by one, blank
// ones and comments left out.
func subscribe(t *testing.T, url, lastEventID string) (next func() string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	if lastEventID != "" {
		req.Header.Set("Last-Event-ID", lastEventID)
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, resp.Status)
	}
	sc := bufio.NewScanner(resp.Body)
	return func() string {
		t.Helper()
		for sc.Scan() {
			if line := sc.Text(); line != "" && line[0] != ':' {
				return line
			}
		}
		t.Fatalf("the stream ended: %v", sc.Err())
		return ""
	}
}

func TestPublishSubscribeResume(t *testing.T) {
	s := nchantest.Start(t)
	next := subscribe(t, s.URL("/sse/news"), "")
	s.AwaitSubscribers(t, "news", 1)
	s.Publish(t, "news", "headline", "one", "two")

	if got := next(); got != "event: headline" {
		t.Errorf("got %q, want the type", got)
	}
	id, ok := strings.CutPrefix(next(), "id: ")
	if !ok {
		t.Fatal("the second field is no id")
	}
	if got := next(); got != "data: one" {
		t.Errorf("got %q, want the payload", got)
	}
	again := subscribe(t, s.URL("/sse/news"), id)
	again() // its type
	again() // its id
	if got := again(); got != "data: two" {
		t.Errorf("resumed with %q, want the second message", got)
	}
}

func TestRestartKeepsTheAddress(t *testing.T) {
	s := nchantest.Start(t)
	before := s.URL("/")
	s.Stop()
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		c.Close()
		t.Error("a stopped server still accepts")
	}
	s.Stop() // without effect
	s.Restart()
	s.Restart()
	if s.URL("/") != before {
		t.Errorf("address %s became %s", before, s.URL("/"))
	}
	s.Publish(t, "a", "", "x")
}

func TestSuspendIsSilence(t *testing.T) {
	s := nchantest.Start(t)
	s.Suspend()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatalf("the kernel should accept for the suspended worker: %v", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /gone HTTP/1.0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the suspended server answered, or closed: %v", err)
	}
	s.Continue()
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "204") {
		t.Errorf("after Continue: %q, %v", line, err)
	}
	s.Suspend() // Stop must cope with it
}

func TestPrivateWantsACredential(t *testing.T) {
	s := nchantest.Start(t)
	for _, tc := range []struct {
		name, query, header string
		status              int
	}{
		{"none", "", "", http.StatusUnauthorized},
		{"wrong", "", "Bearer wrong", http.StatusUnauthorized},
		{"bearer", "", nchantest.Bearer, http.StatusOK},
		{"basic", "", nchantest.Basic, http.StatusOK},
		{"query", "?" + nchantest.Token, "", http.StatusOK},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL("/private/x"+tc.query), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", "text/event-stream")
			if tc.header != "" {
				req.Header.Set("Authorization", tc.header)
			}
			resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tc.status {
				t.Errorf("got %s, want %d", resp.Status, tc.status)
			}
		})
	}
}

func TestWide(t *testing.T) {
	const hosts = 2
	s := nchantest.StartWide(t, hosts)
	for i := range 2 * hosts {
		subscribe(t, s.URLOf(i, "/calm/news"), "")
	}
	s.AwaitSubscribers(t, "news", 2*hosts)
	if n := s.Subscribers(t); n != 2*hosts {
		t.Errorf("%d subscribers", n)
	}
	c := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer c.CloseIdleConnections()
	resp, err := c.Get(s.SecureURLOf(1, "/nchantest"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("it speaks %s", resp.Proto)
	}
}
