//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"syscall"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/nchantest"
	"bellwire/subscriptions"
)

// upstreams are the streams that a team's gateway is subscribed to.
var upstreams = []string{"ci", "ops"}

// A team is one Bellwire that sends on what its streams say to an engine, and
// the desktops that are subscribed there.
type team struct {
	t testing.TB
	// bin is what gateway and desktops run.
	bin string
	// The streams are at upstream, the team's own is at engine: two servers.
	upstream, engine *nchantest.Server
	gateway          *program
	desktops         []*program
	sent             [2]int // of each of upstreams
}

// newTeam starts the servers and the gateway. to is where the gateway reaches
// the engine; empty: there.
func newTeam(tb testing.TB, bin, to string, engine *nchantest.Server) *team {
	tb.Helper()
	w := &team{t: tb, bin: bin, upstream: nchantest.Start(tb), engine: engine, gateway: newProgram(tb)}
	if to == "" {
		to = engine.URL("")
	}
	w.gateway.bin = bin
	w.gateway.start("--headless", "--notifier", "none")
	for _, name := range upstreams {
		id := w.gateway.run("add", w.upstream.URL("/sse/"+name), "--transport", "sse", "--name", name, "--forward", "team=webhook:"+to+"/publong/team")
		w.gateway.awaitState(id, subscriptions.StateOpen)
		w.upstream.AwaitSubscribers(tb, name, 1)
	}
	return w
}

// join adds n desktops whose feed is at base, which leads to the engine.
func (w *team) join(base string, n int) {
	w.t.Helper()
	for range n {
		p := newProgram(w.t)
		p.bin = w.bin
		w.desktops = append(w.desktops, p)
		p.launchQuietly()
	}
	for _, p := range w.desktops {
		p.awaitAnswer()
		_, err := p.client().AddFeed(w.t.Context(), control.NewFeed{
			ID: "team", URL: base + "/all/team", Name: "Team", Transport: subscriptions.TransportSSE,
			Settings: subscriptions.Settings{Dedupe: subscriptions.Dedupe{Field: "key"}},
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	for _, p := range w.desktops {
		p.awaitOpen(1)
	}
	w.engine.AwaitSubscribers(w.t, "team", n)
}

// launchQuietly starts a daemon and waits for nothing.
func (p *program) launchQuietly() {
	p.t.Helper()
	p.cmd = exec.Command(p.bin, "run", "--headless", "--notifier", "none")
	p.cmd.Env, p.cmd.Stderr, p.cmd.Stdout = p.env, p.log, p.log
	// There are many: they end with the test process, whatever becomes of that.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.groups = append(p.groups, p.cmd)
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) awaitAnswer() {
	p.t.Helper()
	p.awaitPolled(func() bool {
		_, err := p.client().Status(p.t.Context())
		return err == nil
	}, "an answer")
}

// publish sends n numbered events to each of the streams.
func (w *team) publish(n int) {
	w.t.Helper()
	for i, name := range upstreams {
		var bodies []string
		for j := range n {
			bodies = append(bodies, teamEvent(name, w.sent[i]+j))
		}
		w.upstream.Publish(w.t, name, "", bodies...)
		w.sent[i] += n
	}
}

// teamEvent is what a build server may say.
func teamEvent(stream string, n int) string {
	return fmt.Sprintf(`{"title":"%s %d: build finished","body":"All 312 tests passed in 4 min 10 s on runner-7.","url":"https://ci.example.org/%s/%d","n":%d}`, stream, n, stream, n, n)
}

// total is how many events there are by now.
func (w *team) total() int { return w.sent[0] + w.sent[1] }

// awaitAll waits until every desktop has committed everything.
func (w *team) awaitAll() {
	w.t.Helper()
	for i, p := range w.desktops {
		p.awaitPolled(func() bool {
			s, err := p.client().Status(w.t.Context())
			return err == nil && s.Events >= int64(w.total())
		}, "%d events on desktop %d", w.total(), i)
	}
}

// check compares the history of desktops with what was published: each number
// of each stream once, in order, and not a word of anything else.
func (w *team) check(desktops []*program) {
	w.t.Helper()
	for i, p := range desktops {
		next := map[string]int{}
		for _, r := range p.history("team") {
			var e struct {
				Feed struct{ Name string }
				Data struct{ N int }
			}
			if err := json.Unmarshal([]byte(r.Raw), &e); r.Kind != string(subscriptions.KindEvent) || err != nil {
				w.t.Errorf("desktop %d: row %d is a %s: %v", i, r.Seq, r.Kind, err)
				continue
			}
			if e.Data.N != next[e.Feed.Name] {
				w.t.Errorf("desktop %d: row %d is %s %d, want %d", i, r.Seq, e.Feed.Name, e.Data.N, next[e.Feed.Name])
			}
			next[e.Feed.Name] = e.Data.N + 1
		}
		for j, name := range upstreams {
			if next[name] != w.sent[j] {
				w.t.Errorf("desktop %d: %d of the %d events of %s", i, next[name], w.sent[j], name)
			}
		}
	}
}

// inEngine is how many messages the engine keeps for the desktops.
func (w *team) inEngine() (n int) {
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.engine.URL("/publong/team"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	var info struct{ Messages int }
	if json.NewDecoder(resp.Body).Decode(&info) != nil { // nobody has published yet
		return 0
	}
	return info.Messages
}

// awaitInEngine waits until the gateway has sent on everything.
func (w *team) awaitInEngine(n int) {
	w.t.Helper()
	w.gateway.awaitPolled(func() bool { return w.inEngine() >= n }, "%d events at the engine", n)
}
