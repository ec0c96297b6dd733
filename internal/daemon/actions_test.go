package daemon

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/notify"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// heard is a server that keeps what it is asked.
type heard struct {
	*httptest.Server
	mu   sync.Mutex
	reqs []*http.Request
	body []string
}

// hear starts a server that answers 204, or as told.
func hear(t *testing.T, answer http.HandlerFunc) *heard {
	t.Helper()
	h := &heard{}
	h.Server = httptest.NewServer(h.handler(answer))
	t.Cleanup(h.Close)
	return h
}

func (h *heard) handler(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		h.reqs, h.body = append(h.reqs, r), append(h.body, string(body))
		h.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// elsewhere is the server by another name than its own.
func (h *heard) elsewhere() string { return strings.Replace(h.URL, "127.0.0.1", otherHost, 1) }

// otherHost is this machine by another name, which needs no look-up.
const otherHost = "[::ffff:127.0.0.1]"

func (h *heard) requests() []*http.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.reqs
}

// declared puts a feed and an event with the actions into history.
func declared(t *testing.T, a *App, f subscriptions.Feed, actions ...subscriptions.Action) subscriptions.Event {
	t.Helper()
	f.ID, f.Name = "f", "Feed"
	ctx := t.Context()
	if _, err := a.db.Feed(ctx, f.ID); err == nil {
		err = a.db.SetFeed(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
	} else if err := a.db.AddFeed(ctx, f); err != nil {
		t.Fatal(err)
	}
	r, err := a.db.Ingest(ctx, subscriptions.Batch{Feed: f.ID, Events: []subscriptions.Event{{
		Feed: f.ID, Kind: subscriptions.KindEvent, Title: "t", Priority: 3, Received: time.Now(), Raw: "{}", Actions: actions,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := a.db.Event(ctx, r.LastSeq)
	if err != nil || len(e.Actions) != len(actions) {
		t.Fatalf("%+v, %v", e, err)
	}
	return e
}

// clicks are what an event's timeline says of its actions.
func clicks(t *testing.T, a *App, seq int64) (said []string) {
	t.Helper()
	steps, err := a.db.Steps(context.WithoutCancel(t.Context()), seq)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.What == subscriptions.StepClicked {
			said = append(said, s.Detail)
		}
	}
	return said
}

func post(to string) subscriptions.Action {
	return subscriptions.Action{Label: "Do it", URL: to, Method: "POST"}
}

// What is sent is what the payload declares, and nothing that tells who the
// feed is.
func TestActSendsWhatIsDeclared(t *testing.T) {
	server := hear(t, nil)
	t.Setenv("ACTION_TEST_SECRET", "hunter2")
	a, _ := open(t, shortDir(t))
	f := subscriptions.Feed{
		URL:     strings.Replace(server.URL, "http", "ws", 1) + "/stream?feed=1",
		Headers: []subscriptions.Header{{Name: "X-Feed", Value: "1"}, {Name: "Cookie", Value: "a=b"}},
		Auth: []subscriptions.Credential{
			{By: subscriptions.AuthBearer, Secret: "env:ACTION_TEST_SECRET"},
			{By: subscriptions.AuthQuery, Name: "token", Secret: "env:ACTION_TEST_SECRET"},
			{By: subscriptions.AuthCookie, Name: "sid", Secret: "env:ACTION_TEST_SECRET_THAT_IS_NOT_THERE"},
		},
	}
	e := declared(t, a, f,
		subscriptions.Action{
			Label: "Do it", URL: server.URL + "/do?a=b%20c#fragment", Method: "PUT", Body: `{"a":1}`,
			Headers: []subscriptions.Header{{Name: "x-own", Value: "1"}, {Name: "X-Own", Value: "2"}, {Name: "Authorization", Value: "Bearer theirs"}},
		},
		subscriptions.Action{Label: "Ask", URL: server.URL + "/ask", Method: "GET"},
	)
	for n := 1; n <= 2; n++ {
		if err := a.act(t.Context(), e, n); err != nil {
			t.Fatal(err)
		}
	}
	reqs := server.requests()
	if len(reqs) != 2 {
		t.Fatalf("%d requests", len(reqs))
	}
	first, second := reqs[0], reqs[1]
	want := http.Header{
		"X-Own": {"1", "2"}, "Authorization": {"Bearer theirs"}, "User-Agent": {"bellwire"}, "Content-Type": {"application/json"}, "Content-Length": {"7"},
	}
	if diff := cmp.Diff(want, first.Header); diff != "" || first.Method != "PUT" || first.RequestURI != "/do?a=b%20c" || server.body[0] != `{"a":1}` {
		t.Errorf("%s %s %q\n%s", first.Method, first.RequestURI, server.body[0], diff)
	}
	if diff := cmp.Diff(http.Header{"User-Agent": {"bellwire"}}, second.Header); diff != "" || second.Method != "GET" || server.body[1] != "" {
		t.Errorf("%s %q\n%s", second.Method, server.body[1], diff)
	}
	if diff := cmp.Diff([]string{"Do it: sent", "Ask: sent"}, clicks(t, a, e.Seq)); diff != "" {
		t.Error(diff)
	}
}

func TestActSendsWhereTheFeedAllows(t *testing.T) {
	server := hear(t, nil)
	a, _ := open(t, shortDir(t))
	f := subscriptions.Feed{URL: server.URL}
	e := declared(t, a, f, post(server.elsewhere()))
	if got := a.buttons(t.Context(), e); got != nil {
		t.Errorf("it is offered: %+v", got)
	}
	err := a.Act(t.Context(), e.Seq, 1)
	refusal, ok := errors.AsType[*control.Error](err)
	if !ok || refusal.Status != http.StatusForbidden || !strings.Contains(refusal.Message, `"::ffff:127.0.0.1"`) || !strings.Contains(refusal.Hint, "notify.action_hosts") {
		t.Errorf("%v", err)
	}
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	f.Notify.ActionHosts = []string{otherHost}
	e = declared(t, a, f, post(server.elsewhere()), subscriptions.Action{Label: "Look", URL: "https://anywhere.example/"})
	want := []notify.Button{{ID: "do-1", Label: "Do it"}, {ID: "do-2", Label: "Look"}}
	if diff := cmp.Diff(want, a.buttons(t.Context(), e)); diff != "" {
		t.Error(diff)
	}
	if err := a.Act(t.Context(), e.Seq, 1); err != nil {
		t.Error(err)
	}
	if n := len(server.requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// History is not trusted either: what decode would not make is not sent.
func TestActRefusesWhatIsOutOfBounds(t *testing.T) {
	server := hear(t, nil)
	a, _ := open(t, shortDir(t))
	for name, action := range map[string]subscriptions.Action{
		"a user":       post(strings.Replace(server.URL, "://", "://u:p@", 1)),
		"a header":     {Label: "x", URL: server.URL, Method: "POST", Headers: []subscriptions.Header{{Name: "Host", Value: "x"}}},
		"a line break": {Label: "x", URL: server.URL, Method: "POST", Headers: []subscriptions.Header{{Name: "X", Value: "a\r\nb: c"}}},
		"a method":     {Label: "x", URL: server.URL, Method: "TRACE"},
		"a file":       {Label: "x", URL: "file:///etc/passwd"},
		"a label":      {Label: "a\nb", URL: server.URL, Method: "POST"},
	} {
		e := declared(t, a, subscriptions.Feed{URL: server.URL}, action)
		err := a.act(t.Context(), e, 1)
		if err == nil || len(a.buttons(t.Context(), e)) > 0 {
			t.Errorf("%s: %v", name, err)
		}
		said := clicks(t, a, e.Seq)
		if len(said) != 1 || !strings.Contains(said[0], ": failed: ") || strings.Contains(said[0], "\n") {
			t.Errorf("%s: %q", name, said)
		}
	}
	e := declared(t, a, subscriptions.Feed{URL: server.URL}, post(server.URL))
	for _, n := range []int{-1, 0, 2, 3} {
		if refusal, ok := errors.AsType[*control.Error](a.Act(t.Context(), e.Seq, n)); !ok || refusal.Status != http.StatusNotFound {
			t.Errorf("action %d is there", n)
		}
	}
	if refusal, ok := errors.AsType[*control.Error](a.Act(t.Context(), e.Seq+1, 1)); !ok || refusal.Status != http.StatusNotFound {
		t.Error("an event that is not there has an action")
	}
	e.Feed = "gone"
	if err := a.act(t.Context(), e, 1); err == nil || a.buttons(t.Context(), e) != nil {
		t.Error("a feed that is gone allows it")
	}
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestActFollowsNoRedirectToAnotherHost(t *testing.T) {
	target := hear(t, nil)
	var to string
	server := hear(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/here" {
			return
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	})
	a, _ := open(t, shortDir(t))
	action := post(server.URL + "/do?token=hunter2")
	action.Headers = []subscriptions.Header{{Name: "X-Key", Value: "hunter2"}}
	e := declared(t, a, subscriptions.Feed{URL: server.URL, Settings: subscriptions.Settings{Notify: subscriptions.Notify{ActionHosts: []string{otherHost}}}}, action)
	for _, tc := range []struct{ to, want string }{
		{"/here", ""},
		{server.URL + "/here", ""},
		{target.URL, ""}, // another port, without the headers
		{target.elsewhere(), "sent the request on to another host"},
		{strings.Replace(target.URL, "://", "://u:p@", 1), "to an address with a user"},
		{"file:///etc/passwd", "sent the request on to another host"},
		{"/again", "redirect"},
	} {
		to = tc.to
		before := len(target.requests())
		err := a.act(t.Context(), e, 1)
		if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("to %s: %v", tc.to, err)
		}
		reqs := target.requests()[before:]
		if want := tc.to == target.URL; (len(reqs) > 0) != want || want && reqs[0].Header.Get("X-Key") != "" {
			t.Errorf("to %s: %d requests", tc.to, len(reqs))
		}
	}
	for _, said := range clicks(t, a, e.Seq) {
		if strings.Contains(said, "hunter2") {
			t.Error(said)
		}
	}
}

func TestActTellsWhatFailed(t *testing.T) {
	server := hear(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/no":
			http.Error(w, "<script>", http.StatusConflict)
		case "/same":
			w.WriteHeader(http.StatusNotModified)
		case "/endless":
			for {
				if _, err := w.Write(make([]byte, 1<<12)); err != nil {
					return
				}
			}
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()
	a, _ := open(t, shortDir(t))
	for to, want := range map[string]string{
		server.URL + "/no":      "Do it: failed: the server answered 409 Conflict",
		server.URL + "/same":    "Do it: failed: the server answered 304 Not Modified",
		server.URL + "/endless": "Do it: sent",
		closed:                  "Do it: failed: ",
	} {
		e := declared(t, a, subscriptions.Feed{URL: server.URL}, post(to))
		err := a.act(t.Context(), e, 1)
		said := clicks(t, a, e.Seq)
		if len(said) != 1 || !strings.HasPrefix(said[0], want) || (err == nil) != strings.HasSuffix(said[0], "sent") {
			t.Errorf("%s: %q, %v", to, said, err)
		}
	}
}

// Somebody who does not wait for the answer has pressed the button all the
// same.
func TestActThatNobodyWaitsFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := hear(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	a, _ := open(t, shortDir(t))
	e := declared(t, a, subscriptions.Feed{URL: server.URL}, post(server.URL))
	if err := a.act(ctx, e, 1); err == nil {
		t.Error("no error")
	}
	if said := clicks(t, a, e.Seq); len(said) != 1 || !strings.HasPrefix(said[0], "Do it: failed: ") {
		t.Errorf("%q", said)
	}
}

func TestActOpensALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a program in the place of the desktop's")
	}
	dir := t.TempDir()
	for _, name := range []string{"xdg-open", "open"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nprintf %s \"$1\" >\"$OUT\"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("OUT", filepath.Join(dir, "out"))
	a, _ := open(t, shortDir(t))
	e := declared(t, a, subscriptions.Feed{URL: "http://127.0.0.1:9/"}, subscriptions.Action{Label: "Look", URL: "https://a.example/x"})
	if err := a.act(t.Context(), e, 1); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out"))
	if string(got) != "https://a.example/x" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if diff := cmp.Diff([]string{"Look: opened"}, clicks(t, a, e.Seq)); diff != "" {
		t.Error(diff)
	}
}
