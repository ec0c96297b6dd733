package daemon

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// glimpse pulls from a preview until one will do.
func glimpse(t *testing.T, next func() (control.Glimpse, error, bool), what string, will func(control.Glimpse) bool) control.Glimpse {
	t.Helper()
	for {
		g, err, ok := next()
		switch {
		case err != nil:
			t.Fatalf("waiting for %s: %v", what, err)
		case !ok:
			t.Fatalf("ended before %s", what)
		case will(g):
			return g
		}
	}
}

// looking pulls from a preview for as long as the test lasts, 3 min at most.
func looking(t *testing.T, preview func(context.Context, control.NewFeed) iter.Seq2[control.Glimpse, error], n control.NewFeed) func() (control.Glimpse, error, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	next, stop := iter.Pull2(preview(ctx, n))
	t.Cleanup(func() { cancel(); stop() })
	return next
}

func isOpen(g control.Glimpse) bool {
	return g.Status != nil && g.Status.State == subscriptions.StateOpen
}

func isBlocked(g control.Glimpse) bool {
	return g.Status != nil && g.Status.State == subscriptions.StateBlocked
}

func TestPreviewShowsAStreamAndStoresNothing(t *testing.T) {
	server := nchantest.Start(t)
	a, stop := open(t, shortDir(t))
	defer stop()
	client := control.NewClient(a.cfg.Dirs.Socket())
	for name, test := range map[string]struct {
		url  string
		kind subscriptions.TransportName
	}{
		"sse":       {server.URL("/sse/one"), subscriptions.TransportSSE},
		"websocket": {server.WS("/ws/two"), subscriptions.TransportWebSocket},
	} {
		t.Run(name, func(t *testing.T) {
			next := looking(t, client.Preview, control.NewFeed{URL: test.url, Name: "CI", Transport: test.kind})
			def := glimpse(t, next, "the definition", func(g control.Glimpse) bool { return g.Feed != nil }).Feed
			if def.Name != "CI" || def.Transport != test.kind || def.URL != test.url {
				t.Errorf("would save %+v", def)
			}
			glimpse(t, next, "connecting", func(g control.Glimpse) bool {
				return g.Status != nil && g.Status.State == subscriptions.StateConnecting
			})
			glimpse(t, next, "open", isOpen)
			server.AwaitSubscribers(t, map[string]string{"sse": "one", "websocket": "two"}[name], 1)
			server.Publish(t, map[string]string{"sse": "one", "websocket": "two"}[name], "", `{"title":"Built","message":"in 3 s"}`)
			g := glimpse(t, next, "a message", func(g control.Glimpse) bool { return g.Payload != nil })
			if g.Payload.Data != `{"title":"Built","message":"in 3 s"}` || g.Outcome == nil || len(g.Outcome.Events) != 1 || g.Outcome.Events[0].Title != "Built" {
				t.Errorf("saw %+v, %+v", g.Payload, g.Outcome)
			}
		})
	}
	feeds, err := a.Feeds(t.Context())
	rows, err2 := a.History(t.Context(), control.Query{})
	if err != nil || err2 != nil || len(feeds) != 0 || len(rows) != 0 {
		t.Errorf("stored %d feeds and %d rows (%v, %v)", len(feeds), len(rows), err, err2)
	}
}

// What is saved is what was seen.
func TestPreviewFindsOutWhatSavingWould(t *testing.T) {
	server := nchantest.Start(t)
	a, stop := open(t, shortDir(t))
	defer stop()
	n := control.NewFeed{URL: server.URL("/sse/found"), Detect: true}
	next := looking(t, a.Preview, n)
	glimpse(t, next, "the detection", func(g control.Glimpse) bool {
		return g.Detection != nil && g.Detection.Choice() != nil
	})
	def := glimpse(t, next, "the definition", func(g control.Glimpse) bool { return g.Feed != nil }).Feed
	glimpse(t, next, "open", isOpen)
	first, err := a.AddFeed(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.AddFeed(t.Context(), *def)
	if err != nil {
		t.Fatal(err)
	}
	defs, err := a.Definitions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range defs {
		defs[i].ID = ""
	}
	if d := cmp.Diff(defs[0], defs[1]); d != "" || first.Transport != subscriptions.TransportSSE || second.Name != first.Name {
		t.Errorf("saving differs (-as asked +as previewed):\n%s", d)
	}
}

func TestPreviewTellsWhatIsWrong(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/locked" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Hello</title><p>Hello")
	}))
	defer server.Close()
	a, stop := open(t, shortDir(t))
	defer stop()
	for name, test := range map[string]struct {
		feed control.NewFeed
		code subscriptions.Code
	}{
		"locked":             {control.NewFeed{URL: server.URL + "/locked", Transport: subscriptions.TransportSSE}, subscriptions.CodeUnauthorized},
		"a page":             {control.NewFeed{URL: server.URL + "/page", Transport: subscriptions.TransportSSE}, subscriptions.CodeNotStream},
		"a page, found out":  {control.NewFeed{URL: server.URL + "/page", Detect: true}, subscriptions.CodeNotStream},
		"a page, no framing": {control.NewFeed{URL: server.URL + "/page", Transport: subscriptions.TransportWebSocket}, subscriptions.CodeNotStream},
	} {
		t.Run(name, func(t *testing.T) {
			g := glimpse(t, looking(t, a.Preview, test.feed), "blocked", isBlocked)
			if g.Status.Code != test.code || g.Status.Error == "" || g.Status.Hint == "" {
				t.Errorf("%+v", g.Status)
			}
		})
	}
	for name, n := range map[string]control.NewFeed{
		"no address": {URL: "not an address"},
		"no preset":  {URL: server.URL, Preset: "nonsense"},
		"a mapping":  {URL: server.URL, Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "{{ data. }}"}}},
	} {
		t.Run(name, func(t *testing.T) {
			next := looking(t, a.Preview, n)
			_, err, _ := next()
			if e, ok := err.(*control.Error); !ok || e.Status != http.StatusBadRequest {
				t.Errorf("%v", err)
			}
			if _, _, more := next(); more {
				t.Error("goes on")
			}
		})
	}
}

// A preview shows what is kept for a feed to that feed's server only, and
// what was given with the request as it was given.
func TestPreviewShowsSecrets(t *testing.T) {
	server, other := echo(t), echo(t)
	a, stop := open(t, shortDir(t))
	defer stop()
	bearer := control.NewCredential{Credential: subscriptions.Credential{By: subscriptions.AuthBearer}, Value: "hush-1"}
	f, err := a.AddFeed(t.Context(), control.NewFeed{URL: server.URL, Name: "Kept", Auth: []control.NewCredential{bearer}})
	if err != nil {
		t.Fatal(err)
	}
	told := func(n control.NewFeed) string {
		return glimpse(t, looking(t, a.Preview, n), "a message", func(g control.Glimpse) bool { return g.Payload != nil }).Payload.Data
	}
	if got := told(control.NewFeed{URL: server.URL + "?token=hush-2", Auth: []control.NewCredential{bearer}}); !strings.Contains(got, "Bearer hush-1") || !strings.Contains(got, "token=hush-2") {
		t.Errorf("shows %s", got)
	}
	kept := bearer
	kept.Value, kept.Secret = "", control.KeptSecret
	n := control.NewFeed{ID: f.ID, URL: server.URL, Auth: []control.NewCredential{kept}}
	if got := told(n); !strings.Contains(got, "Bearer hush-1") {
		t.Errorf("shows %s", got)
	}
	n.URL = other.URL
	if _, err, _ := looking(t, a.Preview, n)(); err == nil {
		t.Error("a kept secret may go to another server")
	}
}

func TestPreviewIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\n\n", strings.Repeat("é", control.MaxPayload))
		for i := range 5000 {
			if _, err := fmt.Fprintf(w, "data: {\"title\":\"%d\"}\n\n", i); err != nil {
				return
			}
		}
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	defer server.CloseClientConnections()
	a, stop := open(t, shortDir(t))
	defer stop()
	next := looking(t, a.Preview, control.NewFeed{URL: server.URL})
	first := glimpse(t, next, "a message", func(g control.Glimpse) bool { return g.Payload != nil })
	if n := len(first.Payload.Data); n > control.MaxPayload || n < control.MaxPayload-4 || !strings.HasSuffix(first.Payload.Data, "é") {
		t.Errorf("%d bytes of the payload are shown", n)
	}
	var n trickle
	now, shown := time.Now(), 0
	for range 100_000 { // 100 s of a storm
		if n.allow(now) {
			shown++
		}
		now = now.Add(time.Millisecond)
	}
	if shown < 250 || shown > 320 {
		t.Errorf("a storm shows %d messages", shown)
	}
}

// A reader that goes away ends the connection; so does the end of Bellwire.
func TestPreviewEndsWithItsReader(t *testing.T) {
	gone := make(chan struct{}, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: hello\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		gone <- struct{}{}
	}))
	defer server.Close()
	a, stop := open(t, shortDir(t))
	client := control.NewClient(a.cfg.Dirs.Socket())
	ctx, cancel := context.WithCancel(t.Context())
	next, done := iter.Pull2(client.Preview(ctx, control.NewFeed{URL: server.URL}))
	glimpse(t, next, "a message", func(g control.Glimpse) bool { return g.Payload != nil })
	cancel()
	done()
	hangUp := func(what string) {
		t.Helper()
		select {
		case <-gone:
		case <-time.After(3 * time.Minute):
			t.Fatal("the connection outlives ", what)
		}
	}
	hangUp("its reader")
	next, done = iter.Pull2(client.Preview(t.Context(), control.NewFeed{URL: server.URL}))
	defer done()
	glimpse(t, next, "a message", func(g control.Glimpse) bool { return g.Payload != nil })
	stop()
	hangUp("Bellwire")
}

func TestPreviewsAreFew(t *testing.T) {
	server := echo(t)
	a, stop := open(t, shortDir(t))
	defer stop()
	for range maxPreviews {
		glimpse(t, looking(t, a.Preview, control.NewFeed{URL: server.URL}), "open", isOpen)
	}
	_, err, _ := looking(t, a.Preview, control.NewFeed{URL: server.URL})()
	if e, ok := err.(*control.Error); !ok || e.Status != http.StatusTooManyRequests {
		t.Errorf("one more: %v", err)
	}
}

func TestPayloadsAreTried(t *testing.T) {
	a, stop := open(t, shortDir(t))
	defer stop()
	ctx := t.Context()
	mapping := func(title string) control.NewFeed {
		return control.NewFeed{URL: "https://example.org/events", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: title}}}
	}
	got, err := control.NewClient(a.cfg.Dirs.Socket()).TryPayloads(ctx, mapping("{{ data.job }}!"), []control.Payload{{Data: `{"job":"site"}`}, {Data: "no JSON"}})
	if err != nil || len(got) != 2 || got[0].Events[0].Title != "site!" {
		t.Errorf("%+v, %v", got, err)
	}
	for name, test := range map[string]struct {
		feed     control.NewFeed
		payloads []control.Payload
		want     string
	}{
		"a mistake names its field": {mapping("{{ data. }}"), nil, "mapping.title: column "},
		"too many":                  {mapping(""), make([]control.Payload, control.MaxTrials+1), "no more than"},
		"too much":                  {mapping(""), []control.Payload{{Data: strings.Repeat("x", maxTriedBytes+1)}}, "bytes together"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.TryPayloads(ctx, test.feed, test.payloads)
			if e, ok := err.(*control.Error); !ok || e.Status != http.StatusBadRequest || !strings.Contains(e.Message, test.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Where a token is missing the preview says what for, and ends; with one it
// goes on as the preset says.
func TestPreviewAsksForWhatIsMissing(t *testing.T) {
	asked := make(chan string, 64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<title>Gotify</title>")
		case "/version":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"version":"2.4.0","buildDate":"x"}`)
		case "/stream", "/message": // which is asked first
			select {
			case asked <- r.Header.Get("X-Gotify-Key"):
			default:
			}
			w.WriteHeader(http.StatusUnauthorized)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	a, stop := open(t, shortDir(t))
	defer stop()
	n := control.NewFeed{URL: server.URL, Detect: true}
	next := looking(t, a.Preview, n)
	d := glimpse(t, next, "the detection", func(g control.Glimpse) bool { return g.Detection != nil }).Detection
	if c := d.Choice(); c == nil || c.Preset != "gotify" || len(c.Needs) == 0 {
		t.Fatalf("found %+v", d)
	}
	if g, err, more := next(); more {
		t.Fatalf("goes on with %+v, %v", g, err)
	}
	n.Auth = []control.NewCredential{{Value: "tok-1"}}
	next = looking(t, a.Preview, n)
	def := glimpse(t, next, "the definition", func(g control.Glimpse) bool { return g.Feed != nil }).Feed
	if def.Transport != subscriptions.TransportWebSocket || def.Mapping.Title == "" || len(def.Auth) != 1 || def.Auth[0].Name != "X-Gotify-Key" || def.Auth[0].Value != "tok-1" {
		t.Errorf("would save %+v", def)
	}
	g := glimpse(t, next, "blocked", isBlocked)
	if g.Status.Code != subscriptions.CodeUnauthorized || strings.Contains(g.Status.Error+g.Status.Hint, "tok-1") {
		t.Errorf("%+v", g.Status)
	}
	if key := <-asked; key != "tok-1" {
		t.Errorf("the stream was asked with %q", key)
	}
}
