package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/feedfile"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// echo is a server whose one event is what it was asked, but for the first
// question.
func echo(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := json.Marshal(map[string]any{"auth": r.Header.Get("Authorization"), "cursor": r.Header.Get("Last-Event-ID"), "query": r.URL.RawQuery})
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("id: 7\ndata: " + string(asked) + "\n\n"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server
}

func TestChangeKeepsIdHistoryCursorAndSecrets(t *testing.T) {
	server, ctx := echo(t), t.Context()
	a, stop := open(t, shortDir(t))
	defer stop()
	bearer := control.NewCredential{Credential: subscriptions.Credential{By: subscriptions.AuthBearer}, Value: "hush-1"}
	f, err := a.AddFeed(ctx, control.NewFeed{URL: server.URL, Name: "Before", Auth: []control.NewCredential{bearer}})
	if err != nil {
		t.Fatal(err)
	}
	events := func() []subscriptions.Event {
		rows, err := a.History(ctx, control.Query{Feed: f.ID, OldestFirst: true})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	await(t, a, "the first event", func() bool { return len(events()) == 1 })

	kept := bearer
	kept.Value, kept.Secret = "", control.KeptSecret
	n := control.NewFeed{URL: server.URL, Name: "After", Auth: []control.NewCredential{kept}}
	c, err := a.ChangeFeed(ctx, f.ID, n)
	if err != nil || c.ForgetsCursor || c.Feed == nil || c.Feed.ID != f.ID || c.Feed.Name != "After" {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := a.ReconnectFeed(ctx, f.ID); err != nil { // a name alone is no reason to
		t.Fatal(err)
	}
	await(t, a, "an event under the new name", func() bool { return len(events()) == 2 })
	if raw := events()[1].Raw; !strings.Contains(raw, `"Bearer hush-1"`) || !strings.Contains(raw, `"cursor":"7"`) {
		t.Errorf("asked like %s", raw)
	}

	// Another address begins anew; the old secret is not left behind.
	n.URL += "/?topic=t"
	bearer.Value = "hush-2"
	n.Auth = []control.NewCredential{bearer}
	if c, err = a.ChangeFeed(ctx, f.ID, n); err != nil || !c.ForgetsCursor || c.NewSecrets != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	await(t, a, "an event of the new address", func() bool {
		rows := events()
		return strings.Contains(rows[len(rows)-1].Raw, "topic=t")
	})
	rows := events()
	if raw := rows[len(rows)-1].Raw; !strings.Contains(raw, `"Bearer hush-2"`) || !strings.Contains(raw, `"cursor":""`) {
		t.Errorf("asked like %s", raw)
	}
	if b, err := os.ReadFile(a.cfg.Dirs.secrets()); err != nil || strings.Contains(string(b), "hush-1") {
		t.Errorf("the old secret is still there (%v)", err)
	}
	// The same again is no change, and no new connection.
	n.Auth = []control.NewCredential{kept}
	before, _ := a.supervisor.Status(f.ID)
	if _, err := a.ChangeFeed(ctx, f.ID, n); err != nil {
		t.Error(err)
	}
	if now, _ := a.supervisor.Status(f.ID); !now.Since.Equal(before.Since) {
		t.Error("it connected anew for nothing")
	}
}

func TestChangeRefuses(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	f, err := a.AddFeed(ctx, control.NewFeed{URL: "http://ann:hush@127.0.0.1:9/x", Proxy: "http://me:hush@127.0.0.1:9", Paused: true, ID: "mine"})
	if err != nil || f.ID != "mine" || f.State != subscriptions.StatePaused {
		t.Fatalf("%+v, %v", f, err)
	}
	basic := control.NewCredential{Credential: subscriptions.Credential{By: subscriptions.AuthBasic, Secret: control.KeptSecret}}
	proxy := control.NewCredential{Credential: subscriptions.Credential{By: subscriptions.AuthProxy, Secret: control.KeptSecret}}
	bearer := control.NewCredential{Credential: subscriptions.Credential{By: subscriptions.AuthBearer, Secret: control.KeptSecret}}
	stored, err := a.db.Feed(ctx, "mine")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		n    control.NewFeed
		want string
	}{
		"no address":     {control.NewFeed{}, "the address must start with"},
		"a bad mapping":  {control.NewFeed{URL: "http://127.0.0.1:9/x", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "{{ ( }}"}}}, "mapping.title: "},
		"another server": {control.NewFeed{URL: "http://127.0.0.1:10/x", Auth: []control.NewCredential{basic}}, "must not see the basic secret"},
		"less safe":      {control.NewFeed{URL: "https://127.0.0.1:9/x", Auth: []control.NewCredential{basic}}, "must not see the basic secret"},
		"another proxy":  {control.NewFeed{URL: "http://127.0.0.1:9/x", Proxy: "http://127.0.0.1:10", Auth: []control.NewCredential{proxy}}, "must not see the proxy secret"},
		"never given":    {control.NewFeed{URL: "http://127.0.0.1:9/x", Auth: []control.NewCredential{bearer}}, "the bearer secret is not kept here"},
		"given once":     {control.NewFeed{URL: "http://127.0.0.1:9/x", Auth: []control.NewCredential{basic, basic}}, "the basic secret is not kept here"},
		"its own entry":  {control.NewFeed{URL: "http://127.0.0.1:9/x", Auth: []control.NewCredential{{Credential: stored.Auth[0]}}}, "entries are Bellwire's own"},
	} {
		for what, err := range map[string]error{"change": errorOf(a.ChangeFeed(ctx, "mine", tc.n)), "try": errorOf(a.TryFeed(ctx, "mine", tc.n))} {
			if e, ok := err.(*control.Error); !ok || e.Status != http.StatusBadRequest || !strings.Contains(e.Message, tc.want) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
	now, err := a.db.Feed(ctx, "mine")
	if d := cmp.Diff(stored, now); d != "" || err != nil {
		t.Errorf("it has been changed: %s %v", d, err)
	}
	if err := errorOf(a.ChangeFeed(ctx, "nobody", control.NewFeed{})); err == nil || err.(*control.Error).Status != http.StatusNotFound {
		t.Error(err)
	}
	for _, id := range []string{"mine", "Not An ID", "-x", strings.Repeat("x", 41)} {
		if _, err := a.AddFeed(ctx, control.NewFeed{URL: "http://127.0.0.1:9/", ID: id}); err == nil {
			t.Errorf("a second feed has the id %q", id)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

// Every kind of feed goes through a file to another Bellwire and is the same
// there, without its secrets.
func TestFeedsMoveByFile(t *testing.T) {
	ctx := t.Context()
	a, _ := open(t, shortDir(t))
	const secret = "hush-hush"
	given := func(by subscriptions.AuthBy, name string) control.NewCredential {
		return control.NewCredential{Credential: subscriptions.Credential{By: by, Name: name}, Value: secret}
	}
	for name, n := range map[string]control.NewFeed{
		"address": {URL: "http://ann:" + secret + "@127.0.0.1:9/?token=" + secret + "&topic=t"},
		"headers": {URL: "http://127.0.0.1:9/", Headers: []subscriptions.Header{{Name: "X-Api-Key", Value: secret}, {Name: "X-Trace", Value: "1"}, {Name: "Authorization", Value: "Bearer " + secret}}},
		"proxy":   {URL: "http://127.0.0.1:9/", Proxy: "socks5://me:" + secret + "@127.0.0.1:9"},
		"bearer":  {URL: "http://127.0.0.1:9/", Auth: []control.NewCredential{given(subscriptions.AuthBearer, ""), given(subscriptions.AuthCookie, "sid"), given(subscriptions.AuthQuery, "key"), given(subscriptions.AuthHeader, "X-Key")}},
		"basic":   {URL: "http://127.0.0.1:9/", Auth: []control.NewCredential{given(subscriptions.AuthBasic, "ann")}},
		"frames":  {URL: "ws://127.0.0.1:9/", Settings: subscriptions.Settings{Frames: []subscriptions.Frame{{Send: `{"token":"` + secret + `"}`}}, Heartbeat: subscriptions.Heartbeat{Send: "ping", Every: 5e9}}},
		"poll":    {URL: "http://127.0.0.1:9/", Transport: subscriptions.TransportPoll, Settings: subscriptions.Settings{Poll: subscriptions.Poll{Interval: 9e9, Items: "a.b"}, Resume: subscriptions.Resume{By: subscriptions.ResumeByQuery, Param: "since", Field: "id"}}},
		"tls":     {URL: "https://127.0.0.1:9/", TLS: subscriptions.TLS{CAFile: "/ca.pem", Pins: []string{strings.Repeat("ab", 32)}}, Auth: []control.NewCredential{{Credential: subscriptions.Credential{By: subscriptions.AuthBearer, Secret: `command:["pass","show","x"]`}}}},
		"mapping": {URL: "http://127.0.0.1:9/", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "{{ data.a }}\n{{ data.b }}", Skip: `data.x == "y: 'z'"`}, MaxAttempts: 3}},
	} {
		n.ID, n.Name, n.Paused = name, name, true
		if _, err := a.AddFeed(ctx, n); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	defs, err := a.Definitions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var file feedfile.File
	for _, n := range defs {
		file.Feeds = append(file.Feeds, feedfile.FromDefinition(n))
	}
	text, err := feedfile.Marshal(file)
	if err != nil || strings.Contains(string(text), secret) {
		t.Fatalf("%v\n%s", err, text)
	}
	doc, err := feedfile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := open(t, shortDir(t))
	for i, e := range doc.Entries {
		n := e.Feed.Definition()
		for i := range n.Auth {
			if n.Auth[i].Secret == control.KeptSecret {
				n.Auth[i].Secret, n.Auth[i].Value = "", "given anew"
				if n.Auth[i].By == subscriptions.AuthProxy || n.Auth[i].By == subscriptions.AuthBasic {
					n.Auth[i].Value = "me:anew"
				}
			}
		}
		if _, err := b.AddFeed(ctx, n); err != nil {
			t.Fatalf("%s: %v", n.ID, err)
		}
		moved, err := b.Definitions(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(defs[i], moved[i]); d != "" {
			t.Errorf("%s is another feed there:\n%s", n.ID, d)
		}
	}
}

// A definition asks for the very feed it is of, whatever is in it.
func TestADefinitionIsItsFeed(t *testing.T) {
	a, _ := open(t, shortDir(t))
	word := rapid.StringMatching(`[a-z*=%&?"{}':, #-]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		n := control.NewFeed{
			URL:       "https://" + rapid.StringMatching(`([a-z]{1,3}(:[a-z]{0,3})?@)?`).Draw(t, "user") + "example.org/" + rapid.StringMatching(`(\?(token|key|a)=[a-z%20*]{0,3}(&(token|b)=[a-z]{0,3})?)?`).Draw(t, "url"),
			Name:      word.Draw(t, "name"),
			Transport: rapid.SampledFrom([]subscriptions.TransportName{"", "sse", "poll", "longpoll", "websocket"}).Draw(t, "transport"),
			Paused:    rapid.Bool().Draw(t, "paused"),
			Proxy:     rapid.SampledFrom([]string{"", "none", "http://me:hush@127.0.0.1:1"}).Draw(t, "proxy"),
			Settings: subscriptions.Settings{
				MaxAttempts: rapid.IntRange(0, 9).Draw(t, "attempts"),
				Dedupe:      subscriptions.Dedupe{Field: word.Draw(t, "field")},
				Resume:      subscriptions.Resume{Field: word.Draw(t, "cursor")},
				Mapping:     subscriptions.Mapping{Title: rapid.StringMatching(`[a-z '":#]{0,9}`).Draw(t, "title")},
			},
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "headers") {
			n.Headers = append(n.Headers, subscriptions.Header{Name: rapid.SampledFrom([]string{"X-Trace", "X-Api-Key", "Authorization"}).Draw(t, "h"), Value: fmt.Sprint("v", i)})
		}
		if rapid.Bool().Draw(t, "reference") {
			n.Auth = []control.NewCredential{{Credential: subscriptions.Credential{By: subscriptions.AuthBearer, Secret: "env:TOKEN"}}}
		}
		first, err := a.draft(t.Context(), n, nil)
		if err != nil {
			t.Skip(err)
		}
		stored := first.whole()
		text, err := feedfile.Marshal(feedfile.File{Feeds: []feedfile.Feed{feedfile.FromDefinition(define(stored))}})
		if err != nil || strings.Contains(string(text), "hush") {
			t.Fatalf("%v\n%s", err, text)
		}
		doc, err := feedfile.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		again, err := a.draft(t.Context(), doc.Entries[0].Feed.Definition(), &stored)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !sameFeed(stored, again.whole()) {
			t.Fatalf("%s", cmp.Diff(stored, again.whole()))
		}
	})
}

func TestTryingAMapping(t *testing.T) {
	server, ctx := echo(t), t.Context()
	a, stop := open(t, shortDir(t))
	defer stop()
	f, err := a.AddFeed(ctx, control.NewFeed{URL: server.URL + "/?q=1"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, a, "the event", func() bool {
		rows, err := a.History(ctx, control.Query{Feed: f.ID})
		return err == nil && len(rows) == 1
	})
	n := control.NewFeed{URL: server.URL + "/?q=1", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "asked {{ data.query }}", Notify: "false"}}}
	trials, err := a.TestFeed(ctx, f.ID, control.Test{Feed: &n, Last: 10})
	if err != nil || len(trials) != 1 || len(trials[0].After.Events) != 1 || trials[0].After.Events[0].Title != "asked q=1" || !trials[0].After.Events[0].Silent || trials[0].Before.Events[0].Silent {
		t.Errorf("%+v, %v", trials, err)
	}
	for name, bad := range map[string]control.Test{"none": {}, "too many": {Last: control.MaxTrials + 1}, "a mistake": {Last: 1, Feed: &control.NewFeed{URL: server.URL, Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Body: "{{"}}}}} {
		if _, err := a.TestFeed(ctx, f.ID, bad); err == nil || err.(*control.Error).Status != http.StatusBadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	if rows, err := a.History(ctx, control.Query{Feed: f.ID}); err != nil || len(rows) != 1 {
		t.Errorf("history now: %+v, %v", rows, err)
	}
}
