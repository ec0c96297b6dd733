//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bellwire/internal/control"
	"bellwire/internal/nodetest"
	"bellwire/internal/pocketbasetest"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// addFeed adds a feed of settings that the command line has no words for.
func (p *program) addFeed(n control.NewFeed) (id string) {
	p.t.Helper()
	f, err := p.client().AddFeed(p.t.Context(), n)
	if err != nil {
		p.t.Fatal(err)
	}
	return f.ID
}

// inFrames is a secret for a feed's frames.
func inFrames(secret string) []control.NewCredential {
	if secret == "" {
		return nil
	}
	return []control.NewCredential{{Credential: subscriptions.Credential{By: subscriptions.AuthFrame}, Value: secret}}
}

// eventTitles are those of events; other rows are told by their kind.
func eventTitles(rows []row) (out []string) {
	for _, r := range rows {
		if r.Kind != string(subscriptions.KindEvent) {
			out = append(out, r.Kind)
			continue
		}
		out = append(out, r.Title)
	}
	return out
}

// checkTitles waits for as many rows and compares their titles.
func (p *program) checkTitles(id string, want ...string) {
	p.t.Helper()
	p.awaitRows(id, len(want))
	if diff := cmp.Diff(want, eventTitles(p.history(id))); diff != "" {
		p.t.Errorf("history of %s (-want +got):\n%s", id, diff)
	}
}

// socketIO is how a feed talks with a Socket.IO server.
func socketIO(namespace string) subscriptions.Settings {
	return subscriptions.Settings{
		Frames: []subscriptions.Frame{{
			After: `raw startsWith "0{"`,
			Send:  `40` + namespace + `{{ secret == "" ? cursor : json({"token": secret, "pid": parse(cursor).pid, "offset": parse(cursor).offset}) }}`,
		}},
		Resume: subscriptions.Resume{By: subscriptions.ResumeByFrame},
		Conversation: subscriptions.Conversation{
			Replies:  []subscriptions.Reply{{When: `raw == "2"`, Send: "3"}},
			Remember: map[string]string{"pid": `raw startsWith "40" and raw contains "\"pid\"" ? parse(raw[indexOf(raw, "{"):]).pid : nil`},
			Refused:  `raw startsWith "44"`,
			Closed:   `raw startsWith "41"`,
			Missed:   `raw startsWith "40" and cursor != "" and memory.pid != parse(cursor).pid`,
		},
		Mapping: subscriptions.Mapping{
			Format:    subscriptions.FormatText,
			KeepAlive: `raw == "2"`,
			Skip:      `not (raw startsWith "42" or raw startsWith "45")`,
			Events:    `[parse(raw[indexOf(raw, "["):])]`,
			Type:      `{{ data[0] }}`,
			Title:     `{{ data[1].title }}`,
			Body:      `{{ data[1].text }}`,
			Cursor:    `{{ memory.pid == nil ? "" : json({"pid": memory.pid, "offset": last(data)}) }}`,
		},
	}
}

func addSocketIO(p *program, server *nodetest.Server, name, namespace, secret string) string {
	p.t.Helper()
	s := socketIO(namespace)
	if secret == "" {
		s.Frames[0].Send = `40` + namespace + `{{ cursor == "" ? "" : cursor }}`
	}
	return p.addFeed(control.NewFeed{URL: server.WS("/socket.io/?EIO=4&transport=websocket"), Name: name, Settings: s, Auth: inFrames(secret)})
}

// What a Socket.IO server with connection state recovery has sent while the
// connection was cut comes once, in a namespace and with a token.
func TestSocketIO(t *testing.T) {
	server := nodetest.StartSocketIO(t)
	b := newProgram(t)
	b.start("--headless", "--notifier", "none")
	id := addSocketIO(b, server, "news", "/news,", "hush-hush")
	main := addSocketIO(b, server, "main", "", "")
	server.AwaitClients("news", 1)
	server.AwaitClients("main", 1)
	publishTo(t, server, "news", "first")
	publishTo(t, server, "main", "elsewhere")
	b.checkTitles(id, "first")
	server.Cut()
	b.checkTitles(id, "first", "missed-1", "missed-2", "missed-3")
	publishTo(t, server, "news", "then")
	b.checkTitles(id, "first", "missed-1", "missed-2", "missed-3", "then")
	b.checkTitles(main, "elsewhere")

	// A server that has started anew knows of nothing.
	server.Restart()
	server.AwaitClients("news", 1)
	publishTo(t, server, "news", "after")
	b.checkTitles(id, "first", "missed-1", "missed-2", "missed-3", "then", "gap", "after")

	// Its pings are answered, and are its keep-alives.
	b.awaitPolled(func() bool { return strings.Contains(b.run("feeds", "--json"), `"cadence_ns"`) }, "a cadence to be learned")

	wrong := addSocketIO(b, server, "wrong", "/news,", "hush-wrong")
	b.awaitState(wrong, subscriptions.StateBlocked)
	b.awaitLog(wrong, "the server refuses this feed's credentials")
	if said := b.run("feeds", "--json") + b.run("log", wrong); strings.Contains(said, "hush") {
		t.Errorf("it tells the secret: %s", said)
	}
}

func publishTo(t *testing.T, server *nodetest.Server, room, key string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := server.Publish(ctx, room, key, "text of "+key); err != nil {
		t.Fatal(err)
	}
}

// graphQL is how a feed subscribes by graphql-transport-ws.
func graphQL() subscriptions.Settings {
	return subscriptions.Settings{
		Subprotocols: []string{"graphql-transport-ws"},
		Frames: []subscriptions.Frame{
			{Send: `{"type":"connection_init","payload":{{ secret == "" ? "{}" : json({"Authorization": "Bearer " + secret}) }}}`},
			{After: `data.type == "connection_ack"`, Send: `{"id":"1","type":"subscribe","payload":{"query":"subscription { news { title text } }"}}`},
		},
		Resume: subscriptions.Resume{By: subscriptions.ResumeByNone},
		Conversation: subscriptions.Conversation{
			Replies: []subscriptions.Reply{{When: `data.type == "ping"`, Send: `{"type":"pong"}`}},
			Closed:  `data.type in ["complete", "error"]`,
		},
		Mapping: subscriptions.Mapping{
			KeepAlive: `data.type in ["ping", "pong"]`,
			Skip:      `data.type != "next"`,
			Events:    `values(data.payload.data)[0]`,
		},
	}
}

func TestGraphQLSubscription(t *testing.T) {
	server := nodetest.StartGraphQL(t)
	b := newProgram(t)
	b.start("--headless", "--notifier", "none")
	add := func(name, secret string) string {
		s := graphQL()
		if secret == "" {
			s.Frames[0].Send = `{"type":"connection_init"}`
		}
		return b.addFeed(control.NewFeed{URL: server.WS("/graphql"), Name: name, Settings: s, Auth: inFrames(secret)})
	}
	id := add("news", "hush-hush")
	server.AwaitClients("news", 1)
	publishTo(t, server, "news", "first")
	b.checkTitles(id, "first")
	server.AwaitClients("pongs", 1)
	publishTo(t, server, "news", "second")
	b.checkTitles(id, "first", "second")

	for name, want := range map[string]string{"wrong": "with code 4403: Forbidden", "none": "with code 4401: Unauthorized"} {
		secret := map[string]string{"wrong": "hush-wrong"}[name]
		refused := add(name, secret)
		b.awaitState(refused, subscriptions.StateBlocked)
		b.awaitLog(refused, want)
	}
	server.Refuse()
	b.awaitState(id, subscriptions.StateBlocked)
	b.run("resume", id)
	server.AwaitClients("news", 1)
	publishTo(t, server, "news", "third")
	b.checkTitles(id, "first", "second", "gap", "third")
}

// A server of numbered messages that are acknowledged hears of every one, and
// is asked for what was missed.
func TestAcknowledgedMessages(t *testing.T) {
	server := nodetest.Start(t)
	b := newProgram(t)
	b.start("--headless", "--notifier", "none")
	id := b.run(
		"add", server.WS("/?envelope=1"), "--name", "room",
		"--frame", `{"type":"resume","room":"room","last_seq":{{ cursor }}}`,
		"--frame", `{"type":"join","room":"room"}`,
		"--frame-after", `data.type == "never" => never`,
		"--reply", `data.seq != nil => {"type":"ack","seq":{{ data.seq }}}`,
		"--cursor-field", "seq", "--dedupe-field", "seq",
	)
	server.AwaitClients("room", 1)
	var want []int
	for n := 1; n <= 50; n++ {
		if n%20 == 0 {
			server.Drop()
		}
		publishTo(t, server, "room", strconv.Itoa(n))
		want = append(want, n)
	}
	b.awaitRows(id, len(want))
	acks := func() (got []int) {
		if err := json.Unmarshal([]byte(server.Acks("room")), &got); err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		return slices.Compact(got) // one on a connection that broke may come again
	}
	b.awaitPolled(func() bool { return len(acks()) >= len(want) }, "every message to be acknowledged")
	if diff := cmp.Diff(want, acks()); diff != "" {
		t.Error(diff)
	}
	var raw []string
	for _, n := range want {
		raw = append(raw, fmt.Sprintf(`{"type":"event","seq":%d,"data":{"title":"No. %d","message":"text of %d"}}`, n, n, n))
	}
	if diff := cmp.Diff(raw, raws(b.history(id))); diff != "" {
		t.Error(firstLines(diff, 30))
	}
}

// A stream by better-sse, with ids, is resumed behind the last one.
func TestBetterSSE(t *testing.T) {
	server := nodetest.StartEvents(t)
	b := newProgram(t)
	b.start("--headless", "--notifier", "none")
	id := b.run("add", server.HTTP("/events"), "--name", "events")
	server.AwaitClients("all", 1)
	var want []string
	for n := 1; n <= 20; n++ {
		if n%7 == 0 {
			b.awaitRows(id, n-1)
			server.Drop()
		}
		publishTo(t, server, "all", strconv.Itoa(n))
		want = append(want, fmt.Sprintf("No. %d", n))
	}
	b.checkTitles(id, want...)
}

// PocketBase wants to be asked again whenever the stream has opened, by a
// request with the id that it gives there. It cannot replay.
func TestPocketBase(t *testing.T) {
	server := pocketbasetest.Start(t)
	b := newProgram(t)
	b.start("--headless", "--notifier", "none")
	id := b.addFeed(control.NewFeed{URL: server.URL + "/api/realtime", Name: "posts", Transport: subscriptions.TransportSSE, Settings: subscriptions.Settings{
		Resume: subscriptions.Resume{By: subscriptions.ResumeByNone},
		Dedupe: subscriptions.Dedupe{Off: true},
		Conversation: subscriptions.Conversation{Replies: []subscriptions.Reply{{
			When: `type == "PB_CONNECT"`, Send: `{"clientId":"{{ data.clientId }}","subscriptions":["posts/*"]}`, Post: "/api/realtime",
		}}},
		Mapping: subscriptions.Mapping{
			Skip:  `type == "PB_CONNECT"`,
			Title: `{{ data.record.title }}`, Body: `{{ data.record.message }}`, ID: `{{ data.record.id }}`, Time: `{{ data.record.updated }}`,
		},
	}})
	probe := 0
	// Only an event shows that it has been subscribed.
	subscribed := func() {
		t.Helper()
		before := len(b.history(id))
		b.awaitPolled(func() bool {
			probe++
			server.Post(fmt.Sprintf("probe %d", probe), "")
			return len(b.history(id)) > before
		}, "a subscription")
	}
	subscribed()
	server.Post("one", "text")
	server.Post("two", "text")
	// PocketBase sends each message from a goroutine of its own, so two in
	// quick succession, probes too, come in any order.
	arrived := func(title string) bool { return slices.Contains(eventTitles(b.history(id)), title) }
	b.awaitPolled(func() bool { return arrived("one") && arrived("two") }, "both posts")
	server.Stop()
	b.awaitTrouble(id)
	server.Restart()
	b.awaitState(id, subscriptions.StateOpen)
	b.awaitPolled(func() bool { return arrived("gap") }, "a gap")
	subscribed()
	server.Post("three", "text")
	b.awaitPolled(func() bool { return arrived("three") }, "the third post")
	got := slices.DeleteFunc(eventTitles(b.history(id)), func(title string) bool { return title == "gap" })
	slices.Sort(got)
	if once := slices.Compact(slices.Clone(got)); len(once) != len(got) {
		t.Errorf("some came twice: %q", got)
	}
}
