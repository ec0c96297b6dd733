package detect_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/detect"
)

// forever writes without an end until the client is gone.
func forever(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(text)); err != nil {
				return
			}
		}
	}
}

// Whatever a server does, its detection ends, and nothing of it is kept that
// is larger than a body may be.
func TestHostileServers(t *testing.T) {
	silence := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string // the first candidate, or the error
	}{
		"a page without an end":     {forever("text/html", "<div><table><tr><td>"), "nothing"},
		"links without an end":      {forever("text/html", `<link rel="alternate" type="text/event-stream" href="/x">`), "nothing"},
		"attributes without an end": {forever("text/html", `<link a=b `+strings.Repeat("c=d ", 1000)), "nothing"},
		"JSON without an end":       {forever("application/json", `[[[[{"a":`), "likely poll [] "},
		"30 MB of JSON":             {says("application/json", "["+strings.Repeat(`{"title":"x"},`, 30<<20/14)+`{}]`), "likely poll [] "},
		"deep JSON":                 {says("application/json", strings.Repeat("[", 60<<10)), "likely poll [] "},
		"a stream without an end":   {forever("text/event-stream", "data: x\n\n"), "likely sse [] "},
		"an event without an end":   {forever("text/event-stream", "data: "+strings.Repeat("x", 4000)+"\n"), "likely sse [] "},
		"silence behind the header": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			_ = http.NewResponseController(w).Flush()
			silence(w, r)
		}, "nothing"},
		"a redirect to itself": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, "error: no more requests"},
		"a redirect to another host": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://user:hush@other.example.org/x?token=hush", http.StatusFound)
		}, "error: redirected to http://***@other.example.org/x?token=***: probe that address"},
		"a redirect to another port": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, "error: redirected to http://127.0.0.1:1/: probe that address"},
		"a redirect that is no page": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(302)
		}, "error: redirected to file:///etc/passwd, which is no web address"},
		"everything is forbidden":     {refuses(403, "no"), "nothing"},
		"everything is too much":      {refuses(429, "no"), "nothing"},
		"everything is an event page": {page("<script>"), "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				tt.handler(w, r)
			}))
			t.Cleanup(server.Close)
			d := detector(t)
			d.Listen = time.Millisecond
			found, err := d.Detect(t.Context(), server.URL)
			got := tell(found, server.URL)
			if err != nil {
				got = "error: " + err.Error()
			}
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("%s, not %s; %v", got, tt.want, found.Notes)
			}
			if requests.Load() > detect.MaxRequests {
				t.Errorf("%d requests", requests.Load())
			}
			for _, c := range found.Candidates {
				for _, e := range c.Events {
					if len(e.Raw) > detect.MaxBody {
						t.Errorf("an event of %d bytes", len(e.Raw))
					}
				}
			}
		})
	}
}

// A server that never answers is given up after one request.
func TestSilentServer(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	_, err := detector(t).Detect(t.Context(), server.URL)
	if e, ok := errors.AsType[*subscriptions.Error](err); !ok || e.Code != subscriptions.CodeTimeout || requests.Load() != 1 {
		t.Errorf("%v after %d requests", err, requests.Load())
	}
}

// Credentials in an address go to this address and to no other.
func TestCredentialsStay(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, has := r.BasicAuth(); (has || r.URL.Query().Has("token")) && r.URL.Path != "/live" {
			t.Errorf("%s has credentials", r.URL.Path)
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	_, err := detector(t).Detect(t.Context(), strings.Replace(server.URL, "://", "://user:hush@", 1)+"/live?token=hush")
	if err != nil {
		t.Fatal(err)
	}
}

func TestSchemes(t *testing.T) {
	server := httptest.NewServer(site{"/live": stream("data: x\n\n")})
	t.Cleanup(server.Close)
	bare := strings.TrimPrefix(server.URL, "http://")
	found, err := detector(t).Detect(t.Context(), bare+"/live")
	if err != nil || found.Asked != server.URL+"/live" || tell(found, server.URL) != "likely sse [] /live" {
		t.Errorf("%+v, %v", found, err)
	}
	server.Close()
	_, err = detector(t).Detect(t.Context(), bare)
	if e, ok := errors.AsType[*subscriptions.Error](err); !ok || e.Code != subscriptions.CodeUnreachable {
		t.Errorf("nobody there: %v", err)
	}
	for _, raw := range []string{"", "://", "ftp://example.org", "https://", "http://[::1", strings.Repeat("x", 10_000)} {
		if _, err := detector(t).Detect(t.Context(), raw); err == nil {
			t.Errorf("%.20q is an address", raw)
		}
	}
}

func TestStreamsThatPagesName(t *testing.T) {
	server := httptest.NewServer(site{"*": says("text/html", `<html><head><link rel=alternate type="text/event-stream" href="/live?x=1&amp;token=hush"></head>`)})
	t.Cleanup(server.Close)
	found, err := detector(t).Detect(t.Context(), server.URL+"/news")
	if err != nil || len(found.Notes) != 1 || found.Notes[0] != "The page names a stream: try "+server.URL+"/live?x=1&token=***" {
		t.Errorf("%v, %v", found.Notes, err)
	}
}
