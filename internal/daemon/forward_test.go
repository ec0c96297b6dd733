package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// A hooked is a target of webhooks that can be down.
type hooked struct {
	*httptest.Server
	mu   sync.Mutex
	down bool
	got  []string // titles
	auth []string
	news chan struct{}
}

func newHooked(t *testing.T) *hooked {
	h := &hooked{news: make(chan struct{}, 1)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var p struct{ Title string }
		err := json.NewDecoder(r.Body).Decode(&p)
		h.mu.Lock()
		defer h.mu.Unlock()
		defer func() {
			select {
			case h.news <- struct{}{}:
			default:
			}
		}()
		h.auth = append(h.auth, r.Header.Get("Authorization"))
		if h.down || err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		h.got = append(h.got, p.Title)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hooked) turn(down bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = down
}

func (h *hooked) asked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.auth)
}

// await waits until something is true behind a request.
func (h *hooked) await(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for !done() {
		select {
		case <-h.news:
		case <-ctx.Done():
			t.Fatal("waited in vain for a request")
		}
	}
}

func (h *hooked) titles() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.got)
}

func (h *hooked) forward(name string) subscriptions.Forward {
	return subscriptions.Forward{Name: name, To: subscriptions.ForwardWebhook, URL: h.URL + "/" + name}
}

// numbers is a server of events 1, 2, 3 … and counts who connects.
func numbers(t *testing.T) (server *httptest.Server, publish func(), connections *atomic.Int32) {
	connections = &atomic.Int32{}
	var mu sync.Mutex
	last, changed := 0, make(chan struct{})
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections.Add(1)
		w.Header().Set("Content-Type", "text/event-stream")
		n := 0
		_, _ = fmt.Sscan(r.Header.Get("Last-Event-ID"), &n)
		for {
			mu.Lock()
			now, next := last, changed
			mu.Unlock()
			for ; n < now; n++ {
				fmt.Fprintf(w, "id: %d\ndata: {\"title\":\"e%d\"}\n\n", n+1, n+1)
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-next:
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server, func() {
		mu.Lock()
		defer mu.Unlock()
		last++
		close(changed)
		changed = make(chan struct{})
	}, connections
}

// What becomes of events is no matter of the connection.
func TestForwardsAndNotifyKeepTheConnection(t *testing.T) {
	server, publish, connections := numbers(t)
	h, ctx := newHooked(t), t.Context()
	a, _ := open(t, shortDir(t))
	n := control.NewFeed{URL: server.URL, Name: "N", Transport: subscriptions.TransportSSE}
	f, err := a.AddFeed(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	open := func() bool {
		st, _ := a.supervisor.Status(f.ID)
		return st.State == subscriptions.StateOpen
	}
	await(t, a, "the connection", open)
	before, _ := a.supervisor.Status(f.ID)

	n.Forwards = []subscriptions.Forward{h.forward("team")}
	n.Auth = []control.NewCredential{{Credential: subscriptions.Credential{By: subscriptions.AuthForward, Name: "team"}, Value: "hush-1"}}
	n.Notify = subscriptions.Notify{Off: true, MinPriority: 4}
	c, err := a.ChangeFeed(ctx, f.ID, n)
	if err != nil || c.ForgetsCursor || c.NewSecrets != 1 || len(c.Feed.Forwards) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	publish()
	h.await(t, func() bool { return len(h.titles()) == 1 })
	if got := h.auth[0]; got != "Bearer hush-1" {
		t.Errorf("shown: %q", got)
	}
	b, err := os.ReadFile(a.cfg.Dirs.secrets())
	if err != nil || strings.Count(string(b), "hush-1") != 1 {
		t.Errorf("kept: %v", err)
	}
	stored, err := a.db.Feed(ctx, f.ID)
	if err != nil || len(stored.Forwards) != 1 || !stored.Notify.Off {
		t.Errorf("stored: %+v, %v", stored, err)
	}

	n.Forwards, n.Auth = nil, nil
	if _, err := a.ChangeFeed(ctx, f.ID, n); err != nil {
		t.Fatal(err)
	}
	publish()
	await(t, a, "the second event", func() bool {
		rows, err := a.History(ctx, control.Query{Feed: f.ID})
		return err == nil && len(rows) == 2
	})
	if b, err := os.ReadFile(a.cfg.Dirs.secrets()); err != nil || strings.Contains(string(b), "hush-1") {
		t.Errorf("the secret of a forward that is gone is still there (%v)", err)
	}
	if now, _ := a.supervisor.Status(f.ID); !now.Since.Equal(before.Since) || connections.Load() != 1 {
		t.Errorf("%d connections", connections.Load())
	}
	if d := cmp.Diff([]string{"e1"}, h.titles()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}

	n.Headers = []subscriptions.Header{{Name: "X-Trace", Value: "1"}} // which is asked anew
	if _, err := a.ChangeFeed(ctx, f.ID, n); err != nil {
		t.Fatal(err)
	}
	await(t, a, "a new connection", func() bool { return open() && connections.Load() == 2 })
}

// A target that is down over a restart gets everything once and in order,
// also from a feed that is paused.
func TestForwardsOverARestart(t *testing.T) {
	server, publish, _ := numbers(t)
	h, ctx, dir := newHooked(t), t.Context(), shortDir(t)
	h.turn(true)
	a, stop := open(t, dir)
	f, err := a.AddFeed(ctx, control.NewFeed{URL: server.URL, Name: "N", Transport: subscriptions.TransportSSE, Settings: subscriptions.Settings{Forwards: []subscriptions.Forward{h.forward("team")}}})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		publish()
	}
	h.await(t, func() bool { return h.asked() > 0 })
	await(t, a, "the events", func() bool {
		rows, err := a.History(ctx, control.Query{Feed: f.ID})
		return err == nil && len(rows) == 5 && a.forwarder.Waiting()
	})
	first, err := a.db.Setting(ctx, settingInstance)
	if err != nil || len(first) != 32 {
		t.Errorf("instance %q, %v", first, err)
	}
	if p, err := a.PauseFeed(ctx, f.ID); err != nil || len(p.Waiting) != 1 || p.Waiting[0].Error != "the server answered 503 (Service Unavailable)" {
		t.Fatalf("%+v, %v", p.Waiting, err)
	}
	stop()

	h.turn(false)
	a, stop = open(t, dir)
	h.await(t, func() bool { return len(h.titles()) >= 5 })
	await(t, a, "the last step", func() bool {
		steps, err := a.db.Steps(ctx, 5)
		return err == nil && slices.ContainsFunc(steps, func(s subscriptions.Step) bool { return s.What == subscriptions.StepForwarded })
	})
	if again, err := a.db.Setting(ctx, settingInstance); again != first || err != nil {
		t.Errorf("another instance: %q, %v", again, err)
	}
	stop()
	a, _ = open(t, dir)
	await(t, a, "the feed", func() bool { _, ok := a.supervisor.Status(f.ID); return ok })
	h.turn(true)
	asked := h.asked()
	if _, err := a.ResumeFeed(ctx, f.ID); err != nil {
		t.Fatal(err)
	}
	publish()
	h.await(t, func() bool { return h.asked() > asked })
	if err := a.RemoveFeed(ctx, f.ID); err != nil || a.forwarder.Waiting() {
		t.Errorf("a feed that is gone goes on forwarding (%v)", err)
	}
	if d := cmp.Diff([]string{"e1", "e2", "e3", "e4", "e5"}, h.titles()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// What becomes of events says nothing about what an address is.
func TestForwardsLeaveTheAddressOpen(t *testing.T) {
	n := control.NewFeed{URL: "https://example.org/alerts"}
	n.Forwards = []subscriptions.Forward{{Name: "w", To: subscriptions.ForwardWebhook, URL: "https://example.org/hook"}}
	n.Notify.MinPriority = 3
	if !canDetect(n) {
		t.Error("it is not looked at")
	}
	if n.Poll.Items = "data"; canDetect(n) {
		t.Error("it is known")
	}
}

func TestForwardsAreRefused(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	ntfy := func(topic string) []subscriptions.Forward {
		return []subscriptions.Forward{{Name: "w", To: subscriptions.ForwardNtfy, URL: "http://127.0.0.1:9/" + topic}}
	}
	add := func(topic string, forwards []subscriptions.Forward) error {
		_, err := a.AddFeed(ctx, control.NewFeed{URL: "http://127.0.0.1:9/" + topic + "/sse", ID: topic, Name: strings.ToUpper(topic), Transport: subscriptions.TransportSSE, Paused: true, Settings: subscriptions.Settings{Forwards: forwards}})
		return err
	}
	if err := add("a", ntfy("b")); err != nil {
		t.Fatal(err)
	}
	broken := ntfy("x")
	broken[0].When = "event.priority >"
	for name, tc := range map[string]struct {
		forwards []subscriptions.Forward
		want     string
	}{
		"into itself":  {ntfy("b"), `the forward "w" sends the events of this feed into the feed itself`},
		"round":        {ntfy("a"), `come back by way of "A"`},
		"a mistake":    {broken, `forward "w": when: column 16`},
		"not complete": {[]subscriptions.Forward{{Name: "w", To: subscriptions.ForwardWebhook}}, `forward "w": the address`},
	} {
		err := add("b", tc.forwards)
		e, ok := err.(*control.Error)
		if !ok || e.Status != http.StatusBadRequest || !strings.Contains(e.Message, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.TryFeed(ctx, "a", control.NewFeed{URL: "http://127.0.0.1:9/b/sse", Settings: subscriptions.Settings{Forwards: ntfy("b")}}); err == nil {
		t.Error("a feed that becomes the target of its own forward")
	}
}

// What was given for one target is not shown to another.
func TestForwardSecretsStayWithTheirTarget(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	hook := func(url string) subscriptions.Settings {
		return subscriptions.Settings{Forwards: []subscriptions.Forward{{Name: "team", To: subscriptions.ForwardWebhook, URL: url}}}
	}
	auth := func(secret subscriptions.SecretRef, value string) []control.NewCredential {
		return []control.NewCredential{{Credential: subscriptions.Credential{By: subscriptions.AuthForward, Name: "team", Secret: secret}, Value: value}}
	}
	n := control.NewFeed{URL: "http://127.0.0.1:9/x", ID: "x", Transport: subscriptions.TransportSSE, Paused: true, Settings: hook("http://127.0.0.1:9/a"), Auth: auth("", "hush-hush")}
	if _, err := a.AddFeed(ctx, n); err != nil {
		t.Fatal(err)
	}
	n.Auth = auth(control.KeptSecret, "")
	n.Settings = hook("http://127.0.0.1:10/a")
	if _, err := a.ChangeFeed(ctx, "x", n); err == nil || !strings.Contains(err.Error(), "the forward's address is another server's, which must not see the forward secret") {
		t.Error(err)
	}
	n.Settings = hook("http://127.0.0.1:9/b")
	n.URL = "http://127.0.0.1:11/x" // the feed may move: it is not its secret
	if _, err := a.ChangeFeed(ctx, "x", n); err != nil {
		t.Error(err)
	}
	n.Forwards = nil
	if _, err := a.ChangeFeed(ctx, "x", n); err == nil || !strings.Contains(err.Error(), "no such forward") {
		t.Error(err)
	}
	db, err := os.ReadFile(a.cfg.Dirs.Database())
	if err != nil || strings.Contains(string(db), "hush-hush") {
		t.Errorf("the database holds the secret (%v)", err)
	}
	feeds, err := a.Feeds(ctx)
	if b, _ := json.Marshal(feeds); err != nil || strings.Contains(string(b), "hush-hush") {
		t.Errorf("%s, %v", b, err)
	}
}
