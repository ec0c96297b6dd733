//go:build linux

package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"bellwire/internal/nchantest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// titled are payloads of events from one number on.
func titled(from, n int) (payloads, titles []string) {
	for i := range n {
		title := fmt.Sprintf("mark-%d", from+i)
		payloads = append(payloads, fmt.Sprintf(`{"title":%q,"n":%d}`, title, from+i))
		titles = append(titles, title)
	}
	return payloads, titles
}

func titlesOf(rows []row) (out []string) {
	for _, r := range rows {
		out = append(out, r.Title)
	}
	return out
}

// awaitSteps waits until a program has noted so many steps of a kind.
func (p *program) awaitSteps(n int, what subscriptions.StepKind, why subscriptions.Reason) {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, "bellwire.db")+"?mode=ro")
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	count := 0
	p.awaitPolled(func() bool {
		err := db.QueryRow("SELECT count(*) FROM delivery WHERE step = ? AND why = ?", string(what), string(why)).Scan(&count)
		return err == nil && count >= n
	}, "%d times %s %s", n, what, why)
	if count > n {
		p.t.Errorf("%d times %s %s, want %d", count, what, why, n)
	}
}

// Events go on from one Bellwire over a real server to another one: while the
// server is away and comes back, and over restarts, all of them, once and in
// order.
func TestForwardedEventsArrive(t *testing.T) {
	server := nchantest.Start(t)
	origin, err := url.Parse(server.URL("/"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(origin)
	var down atomic.Bool
	var refused atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			refused.Add(1)
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()

	a, b := newProgram(t), newProgram(t)
	a.start("--headless", "--notifier", "none")
	b.start("--headless", "--notifier", "none")
	src := a.addSecret("hush-hush", server.URL("/sse/src"), "--transport", "sse", "--name", "Source",
		"--forward", "hop=webhook:"+front.URL+"/pub/hop", "--forward-token", "hop", "--forward-when", `hop=data.n != 3`)
	hop := b.run("add", server.URL("/all/hop"), "--transport", "sse", "--name", "Hop")
	a.awaitState(src, subscriptions.StateOpen)
	b.awaitState(hop, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "src", 1)
	server.AwaitSubscribers(t, "hop", 1)

	payloads, titles := titled(0, 30)
	want := append(titles[:3:3], titles[4:]...)
	server.Publish(t, "src", "", payloads[:10]...)
	b.awaitRows(hop, 9)

	down.Store(true)
	server.Publish(t, "src", "", payloads[10:20]...)
	a.awaitRows(src, 20)
	a.awaitPolled(func() bool { return refused.Load() > 1 }, "attempts in vain")
	if said := a.run("feeds"); !strings.Contains(said, src+`: the forward "hop" waits: the server answered 503`) {
		t.Errorf("feeds says\n%s", said)
	}
	a.stop(syscall.SIGKILL) // nothing that is under way has arrived
	a.start("--headless", "--notifier", "none")
	a.awaitState(src, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "src", 1)
	server.Publish(t, "src", "", payloads[20:]...)
	down.Store(false)
	b.awaitRows(hop, len(want))
	a.awaitSteps(len(want), subscriptions.StepForwarded, "")
	a.stop(syscall.SIGTERM)
	a.start("--headless", "--notifier", "none")

	server.Publish(t, "hop", "", `{"title":"the end"}`)
	b.awaitRows(hop, len(want)+1)
	rows := b.history(hop)
	if diff := cmp.Diff(append(want, "the end"), titlesOf(rows)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var p struct {
		Version int
		Via     []string
		Feed    struct{ ID, Name string }
		Data    struct{ N int }
	}
	if err := json.Unmarshal([]byte(rows[5].Raw), &p); err != nil || p.Version != 1 || len(p.Via) != 1 || p.Feed.Name != "Source" || p.Data.N != 6 {
		t.Errorf("%v %s", err, rows[5].Raw)
	}
	noSecret(t, a, "hush-hush")
}

// A circle that no address shows is cut by what events carry.
func TestForwardCirclesAreCut(t *testing.T) {
	server := nchantest.Start(t)
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	there := p.run("add", server.URL("/sse/there"), "--transport", "sse", "--name", "There", "--forward", "on=webhook:"+server.URL("/pub/back"))
	back := p.run("add", server.URL("/sse/back"), "--transport", "sse", "--name", "Back", "--forward", "on=webhook:"+server.URL("/pub/there"))
	for id, channel := range map[string]string{there: "there", back: "back"} {
		p.awaitState(id, subscriptions.StateOpen)
		server.AwaitSubscribers(t, channel, 1)
	}
	server.Publish(t, "there", "", `{"title":"round"}`)
	p.awaitSteps(1, subscriptions.StepKept, subscriptions.ReasonLoop)
	server.Publish(t, "there", "", `{"title":"and round"}`)
	p.awaitSteps(2, subscriptions.StepKept, subscriptions.ReasonLoop)
	p.awaitSteps(2, subscriptions.StepForwarded, "")
	for _, id := range []string{there, back} {
		if diff := cmp.Diff([]string{"round", "and round"}, titlesOf(p.history(id))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", id, diff)
		}
	}
}

// A published is a server that takes what ntfy and Mercure document, and sends
// it to whoever is subscribed.
type published struct {
	*httptest.Server
	t       *testing.T
	mu      sync.Mutex
	events  []string // as an event stream has them
	changed chan struct{}
}

func newPublished(t *testing.T) *published {
	p := &published{t: t, changed: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", p.ntfy)
	mux.HandleFunc("GET /alerts/sse", p.stream)
	mux.HandleFunc("POST /.well-known/mercure", p.mercure)
	mux.HandleFunc("GET /.well-known/mercure", p.stream)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	t.Cleanup(p.CloseClientConnections)
	return p
}

func (p *published) add(event string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, event)
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *published) stream(w http.ResponseWriter, r *http.Request) {
	s := openStream(w)
	for n := 0; ; {
		p.mu.Lock()
		events, changed := p.events[n:], p.changed
		p.mu.Unlock()
		for _, e := range events {
			s.say("%s\n\n", e)
		}
		n += len(events)
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// ntfy: publishing as JSON. https://docs.ntfy.sh/publish/#publish-as-json
func (p *published) ntfy(w http.ResponseWriter, r *http.Request) {
	var m struct {
		Topic, Title, Message, Click string
		Priority                     int
		Tags                         []string
		Actions                      []struct{ Action, Label, URL string }
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8192))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil || r.Header.Get("Authorization") != "Bearer tk_s3cret" || m.Topic != "alerts" || m.Priority < 1 || m.Priority > 5 || m.Message == "" || len(m.Actions) > 3 {
		p.t.Errorf("published to ntfy: %+v, %v", m, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	n := len(p.events)
	p.mu.Unlock()
	b, _ := json.Marshal(map[string]any{"id": fmt.Sprint("m", n), "time": 1793000000 + n, "event": "message", "topic": m.Topic, "title": m.Title, "message": m.Message, "priority": m.Priority, "tags": m.Tags, "click": m.Click})
	p.add("data: " + string(b))
	_, _ = w.Write(b)
}

// mercure: an update. https://mercure.rocks/spec#publication
func (p *published) mercure(w http.ResponseWriter, r *http.Request) {
	err := r.ParseForm()
	id := r.PostForm.Get("id")
	if err != nil || r.Header.Get("Authorization") != "Bearer j.w.t" || r.PostForm.Get("topic") != "https://example.org/books/1" || r.PostForm.Get("data") == "" ||
		!regexp.MustCompile(`^urn:bellwire:[0-9a-f]{32}:\d+$`).MatchString(id) {
		p.t.Errorf("published to Mercure: %v, %v", r.PostForm, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	event := "id: " + id + "\ndata: " + r.PostForm.Get("data")
	if kind := r.PostForm.Get("type"); kind != "" {
		event = "event: " + kind + "\n" + event
	}
	p.add(event)
	fmt.Fprint(w, id)
}

// Two Bellwires that forward to each other over two servers of different
// kinds: nothing goes round twice.
func TestForwardsBetweenTwoBellwires(t *testing.T) {
	server, push := nchantest.Start(t), newPublished(t)
	a, b := newProgram(t), newProgram(t)
	a.start("--headless", "--notifier", "none")
	b.start("--headless", "--notifier", "none")
	src := a.addSecret("tk_s3cret", server.URL("/sse/src"), "--transport", "sse", "--name", "Source", "--forward", "phone=ntfy:"+push.URL+"/alerts", "--forward-token", "phone")
	alerts := b.run("add", push.URL+"/alerts", "--preset", "ntfy", "--name", "Alerts", "--forward", "home=webhook:"+server.URL("/pub/src"))
	a.awaitState(src, subscriptions.StateOpen)
	b.awaitState(alerts, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "src", 1)
	server.PublishTo(t, "/pub/src", "build", `{"title":"Build failed","body":"see the log","url":"https://ci.example.org/7","priority":"high","tags":["ci"]}`)
	a.awaitSteps(1, subscriptions.StepKept, subscriptions.ReasonLoop)
	a.awaitSteps(1, subscriptions.StepForwarded, "")
	b.awaitSteps(1, subscriptions.StepForwarded, "")
	if got := titlesOf(a.history(src)); len(got) != 2 || got[0] != "Build failed" || got[1] != "Build failed" {
		t.Errorf("at home: %q", got)
	}
	if got := b.run("history", "--json", "--feed", alerts); strings.Count(got, "\n") != 0 || !strings.Contains(got, `"title":"Build failed"`) || !strings.Contains(got, `"body":"see the log"`) || !strings.Contains(got, `"link":"https://ci.example.org/7"`) || !strings.Contains(got, `"ci"]`) {
		t.Errorf("on the phone: %s", got)
	}
}

func TestForwardOverMercure(t *testing.T) {
	server, hub := nchantest.Start(t), newPublished(t)
	p := newProgram(t)
	p.start("--headless", "--notifier", "none")
	const topic = "https://example.org/books/1"
	src := p.addSecret("j.w.t", server.URL("/sse/src"), "--transport", "sse", "--name", "Source", "--forward", "hub=mercure:"+hub.URL+"/.well-known/mercure#"+topic, "--forward-token", "hub",
		"--forward-body", `hub={"title":"{{ event.title }}","n":{{ data.n }}}`)
	books := p.run("add", hub.URL+"/.well-known/mercure?topic="+url.QueryEscape(topic), "--transport", "sse", "--name", "Books", "--forward", "on=webhook:"+server.URL("/pub/src"))
	p.awaitState(src, subscriptions.StateOpen)
	p.awaitState(books, subscriptions.StateOpen)
	server.AwaitSubscribers(t, "src", 1)
	server.PublishTo(t, "/pub/src", "book", `{"title":"A \"new\" one","n":7}`)
	p.awaitSteps(1, subscriptions.StepKept, subscriptions.ReasonLoop) // by the id: the body has no marks
	rows := p.history(books)
	if len(rows) != 1 || rows[0].Title != `A "new" one` || rows[0].Raw != `{"title":"A \"new\" one","n":7}` {
		t.Errorf("%+v", rows)
	}
}
