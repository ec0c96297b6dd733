package backfill

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

var pages = subscriptions.Backfill{URL: "list?limit=3", Order: backwards, Param: "at"}

// Other strategies are the stream's own business.
func TestTransparent(t *testing.T) {
	f := feedWith(subscriptions.Backfill{})
	f.Resume = subscriptions.Resume{Field: "id"}
	calls, err := upTo(t, &Transport{Stream: live("now")}, targetOf(t, f, "5"), "now")
	if d := cmp.Diff([]string{"resumed", "now"}, calls); d != "" {
		t.Errorf("%s%v", d, err)
	}
}

// While the fetch lasts the stream is alive and waits; what it asks for is
// told once it is open.
func TestTheStreamWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetched := make(chan struct{})
		slow := func(w http.ResponseWriter, req *http.Request) {
			<-fetched
			ok(`[{"id":6},{"id":5}]`)(w, req)
		}
		var waited time.Duration
		tr := &Transport{Client: handler(slow), Stream: stream(func(ctx context.Context, s subscriptions.Sink) error {
			began := time.Now()
			s.Opened(true)
			s.Retry(7 * time.Second)
			s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
			go func() {
				time.Sleep(20 * time.Second)
				close(fetched)
			}()
			if err := s.Message(ctx, subscriptions.Message{Data: "now", Received: time.Now()}); err != nil {
				return err
			}
			waited = time.Since(began)
			s.Alive(subscriptions.Life{Kind: subscriptions.LifeKeepAlive})
			s.Retry(8 * time.Second)
			return s.Message(ctx, subscriptions.Message{Data: "then", Received: time.Now()})
		})}
		calls, _ := upTo(t, tr, targetOf(t, feedWith(pages), "5"), "then")
		if d := cmp.Diff([]string{"resumed", "retry 7s", `6={"id":6}`, "now", "retry 8s", "then"}, calls); d != "" {
			t.Error(d)
		}
		if waited != 20*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

// The fetch ends with the stream, and the reason is the stream's.
func TestTheStreamEndsMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := subscriptions.Failf(subscriptions.Transient, subscriptions.CodeClosed, "closed")
		tr := &Transport{Client: handler(never), Stream: stream(func(_ context.Context, s subscriptions.Sink) error {
			s.Opened(true)
			time.Sleep(time.Second)
			return closed
		})}
		calls, err := upTo(t, tr, targetOf(t, feedWith(pages), "5"), "-")
		if !errors.Is(err, closed) || len(calls) != 0 {
			t.Errorf("%q, %v", calls, err)
		}
	})
}

// A stream that does not open is not filled up.
func TestTheStreamDoesNotOpen(t *testing.T) {
	refused := subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeForbidden, "no")
	tr := &Transport{Client: handler(never), Stream: stream(func(context.Context, subscriptions.Sink) error { return refused })}
	if calls, err := upTo(t, tr, targetOf(t, feedWith(pages), "5"), "-"); !errors.Is(err, refused) || len(calls) != 0 {
		t.Errorf("%q, %v", calls, err)
	}
}

func TestCancelled(t *testing.T) {
	for name, tr := range map[string]*Transport{
		"while it learns":  {Client: handler(never), Stream: live()},
		"while it fetches": {Client: handler(never), Stream: live("now")},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			cursor := map[string]string{"while it fetches": "5"}[name]
			s := &sink{t: t}
			if err := tr.Run(ctx, targetOf(t, feedWith(pages), cursor), s); !errors.Is(err, context.DeadlineExceeded) || len(s.calls) != 0 {
				t.Errorf("%s: %q, %v", name, s.calls, err)
			}
		})
	}
}

// What the sink refuses ends the connection.
func TestTheSinkRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("full")
		s := &sink{t: t, refuse: full, enough: make(chan struct{})}
		tr := &Transport{Client: handler(ok(`[{"id":6},{"id":5}]`)), Stream: live("now")}
		if _, err := s.runUpTo(tr, targetOf(t, feedWith(pages), "5")); !errors.Is(err, full) {
			t.Errorf("ended: %v", err)
		}
	})
}

// Pages get the credentials of the stream; nobody else does.
func TestCredentials(t *testing.T) {
	const secret = "hush"
	check := func(req *http.Request) (names []string) {
		for name, values := range req.Header {
			if strings.Contains(strings.Join(values, " "), secret) {
				names = append(names, name)
			}
		}
		if strings.Contains(req.URL.RawQuery, secret) {
			names = append(names, "query")
		}
		return names
	}
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		elsewhere = check(req)
		ok(`[{"id":6},{"id":5}]`)(w, req)
	}))
	defer other.Close()
	var asked *http.Request
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked = req
		http.Redirect(w, req, other.URL+"/list", http.StatusFound)
	}))
	defer own.Close()

	f := feedWith(pages)
	f.URL = strings.Replace(own.URL, "http", "ws", 1) + "/stream?topic=a"
	f.Headers = []subscriptions.Header{{Name: "X-Plain", Value: "x"}}
	tg := targetOf(t, f, "5")
	for by, name := range map[subscriptions.AuthBy]string{
		subscriptions.AuthBearer: "", subscriptions.AuthQuery: "k", subscriptions.AuthCookie: "c", subscriptions.AuthHeader: "X-Gotify-Key",
	} {
		if err := tg.Present(subscriptions.Credential{By: by, Name: name}, secret); err != nil {
			t.Fatal(err)
		}
	}
	tg.Header.Set("Sec-WebSocket-Protocol", secret)
	calls, err := upTo(t, &Transport{Stream: live("now")}, tg, "now")
	if d := cmp.Diff([]string{"resumed", `6={"id":6}`, "now"}, calls); d != "" {
		t.Fatalf("%s%v", d, err)
	}
	if d := cmp.Diff(url.Values{"limit": {"3"}, "k": {secret}}, asked.URL.Query()); d != "" || asked.URL.Path != "/list" {
		t.Errorf("%s %s", asked.URL.Path, d)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + secret, "Cookie": "c=" + secret, "X-Gotify-Key": secret, "X-Plain": "x", "Sec-WebSocket-Protocol": "",
	} {
		if got := asked.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if len(elsewhere) > 0 {
		t.Errorf("another origin was told %q", elsewhere)
	}
}

// The feed's own trust holds for its pages.
func TestCertificates(t *testing.T) {
	own := httptest.NewUnstartedServer(ok(`[{"id":6},{"id":5}]`))
	own.Config.ErrorLog = log.New(io.Discard, "", 0)
	own.StartTLS()
	defer own.Close()
	f := feedWith(pages)
	f.URL = strings.Replace(own.URL, "https", "wss", 1) + "/stream"
	tg := targetOf(t, f, "5")
	_, err := upTo(t, &Transport{Stream: live("now")}, tg, "now")
	wantError(t, err, subscriptions.NeedsUser, subscriptions.CodeCertificate)
	tg.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
	tg.TLS.RootCAs.AddCert(own.Certificate())
	calls, err := upTo(t, &Transport{Stream: live("now")}, tg, "now")
	if d := cmp.Diff([]string{"resumed", `6={"id":6}`, "now"}, calls); d != "" {
		t.Errorf("%s%v", d, err)
	}
}

// A bomb is read as far as the limit and counts as too much.
func TestBomb(t *testing.T) {
	bomb := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		spaces := strings.Repeat(" ", 1<<20)
		for range 64 {
			if _, err := io.WriteString(z, spaces); err != nil {
				return
			}
		}
		_ = z.Close()
	}))
	defer bomb.Close()
	f := feedWith(pages)
	f.URL = bomb.URL
	calls, err := upTo(t, &Transport{Stream: live("now")}, targetOf(t, f, "5"), "now")
	if d := cmp.Diff([]string{"gap", "now"}, calls); d != "" {
		t.Errorf("%s%v", d, err)
	}
}

// Answers are compressed where the server likes to.
func TestGzip(t *testing.T) {
	compressed := func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("accepts %q", req.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `[{"id":6},{"id":5}]`)
		_ = z.Close()
	}
	calls, err := upTo(t, &Transport{Stream: live("now"), Client: handler(compressed)}, targetOf(t, feedWith(pages), "5"), "now")
	if d := cmp.Diff([]string{"resumed", `6={"id":6}`, "now"}, calls); d != "" {
		t.Errorf("%s%v", d, err)
	}
}
