//go:build linux && !headless

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwire/internal/clocktest"
	"bellwire/internal/control"
	"bellwire/internal/faultproxy"
	"bellwire/internal/nchantest"
	"bellwire/notify/notifytest"
	"bellwire/subscriptions"
)

var (
	chaosFor  = flag.Duration("chaos.for", 3*time.Minute, "how long TestChaos goes on")
	chaosSeed = flag.Uint64("chaos.seed", 1, "what TestChaos draws its mishaps from; 0 is another one each time")
)

// TestChaos is a daemon in a world where everything goes wrong, over and over:
// it is killed, connections break in every way, servers restart, forget and
// hang, the disk is full or somebody else's, the clock jumps, the notification
// service crashes and hangs. Publishers number their events meanwhile. After
// each episode the world is whole again, and history has to hold each number
// once and a gap exactly where a server has forgotten; and everybody has to
// have been told of each event once.
//
// The mishaps and their times come from the seed, which is printed. Run it for
// longer, and with other seeds, with make chaos.
func TestChaos(t *testing.T) {
	t.Parallel()
	seed := *chaosSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano()) % 1_000_000
	}
	t.Logf("to replay: make chaos MINUTES=%d SEED=%d", max(1, int(chaosFor.Minutes())), seed)
	c := newChaos(t)
	defer func() {
		if t.Failed() {
			t.Errorf("to replay: make chaos MINUTES=%d SEED=%d", max(1, int(chaosFor.Minutes())), seed)
		}
	}()
	ends := time.Now().Add(*chaosFor)
	for episode := 0; time.Now().Before(ends) && !t.Failed(); episode++ {
		r := rand.New(rand.NewPCG(seed, uint64(episode)))
		c.say("episode %d", episode)
		c.suffer(drawTurns(r))
		c.recover()
		c.look()
		if r.IntN(2) == 0 {
			c.restartServer(r.IntN(2) == 0)
		}
	}
	if !t.Failed() {
		c.recover() // from the last restart of the server
		c.look()
		c.lookBack()
	}
	t.Log(c.summary())
}

// A lane is one feed and what publishes to it.
type lane struct {
	name    string
	proxy   *faultproxy.Proxy
	publish func(n int) // the next n numbers
	audit   audit

	mu   sync.Mutex
	sent int
	seen int64 // the last row that was looked at
}

// chaos is the world of a test of it.
type chaos struct {
	*program
	began    time.Time
	lanes    []*lane
	server   *nchantest.Server
	hub      *hub
	gotify   *gotify
	clock    *clocktest.Clock
	recorder *notifytest.Recorder
	starts   int               // of the daemon
	kills    []int             // see auditShown
	undo     map[string]func() // what is wrong now, and what ends it
	counts   map[string]int    // mishaps by name
	rows     map[subscriptions.EventKind]int
}

func newChaos(t *testing.T) *chaos {
	bus := notifytest.Bus(t)
	c := &chaos{
		began: time.Now(), server: nchantest.Start(t), hub: newHub("Last-Event-ID"), gotify: newGotify(t),
		recorder: notifytest.Record(t, bus), undo: map[string]func(){}, counts: map[string]int{}, rows: map[subscriptions.EventKind]int{},
	}
	env := []string{"DBUS_SESSION_BUS_ADDRESS=" + bus.Address}
	bin := "bellwire"
	if runtime.GOARCH == "amd64" {
		bin = filepath.Join(t.TempDir(), "bellwire")
		clocktest.Build(t, "bellwire/cmd/bellwire", bin, "-race", "-tags", "gles")
		c.clock = clocktest.New(t)
		env = append(env, c.clock.Env())
	}
	c.program = newProgram(t, env...)
	c.bin = bin
	c.startAgain()

	hubServer := httptest.NewServer(c.hub)
	t.Cleanup(func() { c.hub.lose(0, 0); hubServer.Close() })
	nchan := func(name, scheme, path string, l loss, args ...string) {
		at := &lane{name: name, proxy: faultproxy.Start(t, c.server.Addr()), audit: audit{loss: l}, publish: c.publisher(name)}
		c.add(at, append([]string{"add", at.proxy.URL(scheme, path+name)}, args...)...)
	}
	nchan("sse", "http", "/sse/", replays)
	nchan("meta", "ws", "/ws/", replays, "--subprotocol", "ws+meta.nchan")
	nchan("plain", "ws", "/ws/", forgets)
	nchan("longpoll", "http", "/longpoll/", replays, "--transport", "longpoll")
	hubLane := &lane{name: "hub", proxy: faultproxy.Start(t, strings.TrimPrefix(hubServer.URL, "http://")), publish: c.hub.publish}
	hubLane.audit = audit{loss: evicts, evicted: c.hub.forgotten}
	c.add(hubLane, "add", hubLane.proxy.URL("http", "/"))
	gotifyLane := &lane{name: "gotify", proxy: faultproxy.Start(t, strings.TrimPrefix(c.gotify.URL, "http://")), publish: func(n int) { c.gotify.publish(n) }}
	gotifyLane.audit = audit{loss: replays}
	c.lanes = append(c.lanes, gotifyLane)
	c.addSecret(gotifyKey, append([]string{gotifyLane.proxy.URL("ws", "/stream")}, append(gotifyArgs, laneArgs("gotify")...)...)...)
	for _, l := range c.lanes {
		// A gap is an interruption, and behind each there is a connection.
		l.audit.most = func() int { return len(l.proxy.Accepted()) - 1 }
		c.awaitState(l.name, subscriptions.StateOpen)
	}
	for _, name := range []string{"sse", "meta", "plain"} {
		c.server.AwaitSubscribers(t, name, 1)
	}
	for _, l := range c.lanes { // without an event a feed has no position
		l.send(1)
		c.awaitRows(l.name, 1)
	}
	return c
}

// laneArgs name a feed, and tell its events from those of all others. More of
// them are shown alone than would be by default.
func laneArgs(name string) []string {
	return []string{"--name", name, "--map", "title={{ feed.name }} {{ data.title }}", "--burst", "20", "--every", "1s"}
}

func (c *chaos) add(l *lane, args ...string) {
	c.t.Helper()
	c.lanes = append(c.lanes, l)
	c.run(append(args, laneArgs(l.name)...)...)
}

// publisher publishes to a channel of nchan that keeps enough for any absence.
func (c *chaos) publisher(channel string) func(n int) {
	sent := 0
	client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
	c.t.Cleanup(client.CloseIdleConnections)
	return func(n int) {
		for _, body := range numbered(sent+1, n) {
			resp, err := client.Post(c.server.URL("/publong/"+channel), "text/plain", strings.NewReader(body))
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode/100 != 2 {
					err = errors.New(resp.Status)
				}
			}
			if err != nil {
				c.t.Errorf("publishing to %s: %v", channel, err)
				return
			}
			sent++
		}
	}
}

// send publishes the next n numbers of a lane.
func (l *lane) send(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.publish(n)
	l.sent += n
}

func (l *lane) last() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

// say tells what happens and when.
func (c *chaos) say(format string, args ...any) {
	c.t.Logf("%8.2fs %s", time.Since(c.began).Seconds(), fmt.Sprintf(format, args...))
}

// startAgain starts the daemon.
func (c *chaos) startAgain() {
	c.t.Helper()
	c.end("disk held") // it would wait for that, and that for it
	c.start("--headless", "--notifier", "freedesktop")
	c.starts++
}

// A turn of an episode is a mishap that begins, or ends.
type turn struct {
	at    time.Duration
	name  string
	begin func(c *chaos) (end func())
	ends  bool
}

// drawTurns draws an episode's mishaps: some 25 s with several at a time.
func drawTurns(r *rand.Rand) (steps []turn) {
	at := time.Duration(0)
	for at < 20*time.Second {
		at += time.Duration(100+r.IntN(1400)) * time.Millisecond
		m := draw(r)
		steps = append(steps, turn{at: at, name: m.name, begin: m.prepare(r)})
		if m.longest > 0 {
			lasts := m.shortest + time.Duration(r.Int64N(int64(m.longest-m.shortest)))
			steps = append(steps, turn{at: at + lasts, name: m.name, ends: true})
		}
	}
	slices.SortStableFunc(steps, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	return steps
}

// suffer goes through an episode while everybody publishes.
func (c *chaos) suffer(steps []turn) {
	done := make(chan struct{})
	var publishing sync.WaitGroup
	for _, l := range c.lanes {
		// What is published when is not part of the replay: it hangs on the
		// speed of the world.
		publishing.Go(func() { l.publishUntil(done) })
	}
	began := time.Now()
	for _, s := range steps {
		pass(c.t.(*testing.T), s.at-time.Since(began))
		if s.ends {
			c.end(s.name)
			continue
		}
		if _, wrong := c.undo[s.name]; wrong {
			continue
		}
		c.say("%s", s.name)
		c.counts[s.name]++
		if end := s.begin(c); end != nil {
			c.undo[s.name] = end
		}
	}
	close(done)
	for _, name := range slices.Sorted(maps.Keys(c.undo)) {
		c.end(name)
	}
	publishing.Wait()
}

// end ends a mishap, if it is there.
func (c *chaos) end(name string) {
	end := c.undo[name]
	if end == nil {
		return
	}
	delete(c.undo, name)
	c.say("%s: over", name)
	end()
}

// publishUntil publishes in bursts, a storm now and then, until done.
func (l *lane) publishUntil(done <-chan struct{}) {
	h := fnv.New64()
	h.Write([]byte(l.name))
	r := rand.New(rand.NewPCG(h.Sum64(), uint64(l.last())))
	for {
		n := 1 + r.IntN(10)
		if r.IntN(100) == 0 {
			n = 300
		}
		l.send(n)
		select {
		case <-done:
			return
		case <-time.After(time.Duration(20+r.IntN(400)) * time.Millisecond):
		}
	}
}

// recover waits until everything that was published is in history, and told.
// A feed may be about to wait for up to two minutes; a person who looks at it
// is not.
func (c *chaos) recover() {
	c.t.Helper()
	if c.cmd == nil {
		c.startAgain()
	}
	for _, l := range c.lanes {
		var next time.Time
		c.awaitPolled(func() bool {
			if time.Now().After(next) {
				next = time.Now().Add(3 * time.Second)
				c.nudge(l)
				l.send(1) // what comes now is not lost by anybody
			}
			rows, err := c.client().History(c.t.Context(), control.Query{Feed: l.name, Limit: 1})
			return err == nil && len(rows) == 1 && rows[0].Kind == subscriptions.KindEvent && number(c.t, rows[0]) == l.last()
		}, "all that was sent to %s", l.name)
		c.say("history has all of %s", l.name)
	}
	c.awaitPolled(func() bool {
		s, err := c.client().Status(c.t.Context())
		return err == nil && s.Held == 0
	}, "everybody to be told")
	c.say("everybody has been told")
}

// nudge makes a feed that waits try at once.
func (c *chaos) nudge(l *lane) {
	feeds, err := c.client().Feeds(c.t.Context())
	if err != nil {
		c.t.Error(err)
	}
	for _, f := range feeds {
		if f.ID == l.name && f.State != subscriptions.StateOpen {
			_, _ = c.client().ReconnectFeed(c.t.Context(), l.name)
		}
	}
}

var trailingNumber = regexp.MustCompile(`\d+$`)

// number is that of an event.
func number(t testing.TB, e subscriptions.Event) int {
	n, err := strconv.Atoi(trailingNumber.FindString(e.Title))
	if err != nil {
		t.Errorf("a row without a number: %+v", e)
	}
	return n
}

// look audits what has come since the last look.
func (c *chaos) look() {
	c.t.Helper()
	for _, l := range c.lanes {
		for {
			rows, err := c.client().History(c.t.Context(), control.Query{Feed: l.name, After: l.seen, OldestFirst: true, Limit: control.MaxLimit})
			if err != nil {
				c.t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			for _, e := range rows {
				c.rows[e.Kind]++
				l.row(c.t, e)
			}
			l.seen = rows[len(rows)-1].Seq
		}
		c.complain("history of "+l.name, l.audit.end(l.last()))
	}
	all := c.recorder.Notifications()
	if wrong := auditShown(all, c.kills, c.rows[subscriptions.KindEvent]); len(wrong) > 0 {
		c.complain("notifications", wrong)
		for i, n := range all {
			c.t.Logf("%8.2fs notification %d: %q %v", n.Received.Sub(c.began).Seconds(), i, n.Summary, n.Hints["x-dunst-stack-tag"])
		}
	}
	if strings.Contains(c.said(), "DATA RACE") {
		c.t.Error("a data race")
	}
}

func (l *lane) row(t testing.TB, e subscriptions.Event) {
	n := 0
	if e.Kind == subscriptions.KindEvent {
		n = number(t, e)
	}
	l.audit.row(e.Kind, n)
}

func (c *chaos) complain(about string, wrong []string) {
	c.t.Helper()
	for _, w := range wrong {
		c.t.Errorf("%s: %s", about, w)
	}
}

// restartServer restarts nchan, which forgets everything: what it had is in
// history, since it does not say what it has forgotten.
func (c *chaos) restartServer(kill bool) {
	c.say("server restarted (killed: %v)", kill)
	c.counts["server restarted"]++
	nextSecond(c.t) // it numbers anew, within a second
	if kill {
		c.server.Kill()
	}
	c.server.Restart()
}

// lookBack looks at everything from the beginning, as a command line shows it,
// and at the database.
func (c *chaos) lookBack() {
	c.t.Helper()
	for _, l := range c.lanes {
		a := l.audit
		l.audit = audit{loss: a.loss, evicted: a.evicted, most: a.most}
		for _, r := range c.history(l.name) {
			l.row(c.t, subscriptions.Event{Kind: subscriptions.EventKind(r.Kind), Title: r.Title})
		}
		c.complain("all history of "+l.name, l.audit.end(l.last()))
		if l.audit.events != a.events || l.audit.gaps != a.gaps {
			c.t.Errorf("history of %s: %d events and %d gaps, which were %d and %d", l.name, l.audit.events, l.audit.gaps, a.events, a.gaps)
		}
		// The index holds what history does.
		found := c.run("history", "--json", "--limit", "0", "--feed", l.name, fmt.Sprintf(`"%s"`, lastTitle(c, l)))
		if strings.Count(found, "\n")+1 != 1 || found == "" {
			c.t.Errorf("a search for the last event of %s finds %q", l.name, found)
		}
	}
	c.stop(syscall.SIGTERM)
	checkDatabase(c.t, filepath.Join(c.dir, "bellwire.db"))
}

func lastTitle(c *chaos, l *lane) string {
	rows, err := c.client().History(c.t.Context(), control.Query{Feed: l.name, Limit: 1})
	if err != nil || len(rows) != 1 {
		c.t.Fatalf("the last of %s: %v", l.name, err)
	}
	return rows[0].Title
}

// summary is what was survived.
func (c *chaos) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "survived in %s: %d events and %d gaps in history, %d notifications taken, %d starts of the daemon",
		time.Since(c.began).Round(time.Second), c.rows[subscriptions.KindEvent], c.rows[subscriptions.KindGap], len(c.recorder.Notifications()), c.starts)
	for _, name := range slices.Sorted(maps.Keys(c.counts)) {
		fmt.Fprintf(&b, "\n%6d × %s", c.counts[name], name)
	}
	return b.String()
}
