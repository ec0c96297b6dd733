//go:build linux

package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

var mark = regexp.MustCompile(`mark-(\d+)`)

// marks are the numbers of a feed's events; gaps are told by their kind.
func marks(rows []row) (out []string) {
	for _, r := range rows {
		if r.Kind != string(subscriptions.KindEvent) {
			out = append(out, r.Kind)
			continue
		}
		for _, m := range mark.FindAllStringSubmatch(r.Raw, -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// Peers that act as the servers document it, added by their preset, are
// followed across lost connections: every event once and in order, and a gap
// exactly where the server cannot replay.
func TestPresetsAgainstPeers(t *testing.T) {
	for name, tt := range map[string]struct {
		serve func(*peer, http.ResponseWriter, *http.Request)
		paste string // behind the server's address
		args  []string
		token string
		want  []string // after two, a lost connection with two meanwhile, and one
		then  []string // after the server has forgotten all, and one more
	}{
		"ntfy":           {serve: ntfyPeer, paste: "/alerts", want: []string{"1", "2", "3", "4", "5"}},
		"mercure":        {serve: mercurePeer, want: []string{"1", "2", "3", "4", "5"}, then: []string{"gap", "6"}},
		"centrifugo":     {serve: centrifugoPeer, args: []string{"--set", "channel=news"}, want: []string{"1", "2", "3", "4", "5"}, then: []string{"gap", "6"}},
		"home-assistant": {serve: assistantPeer, paste: "/lovelace/0", args: []string{"--heartbeat-every", "1s"}, token: "hush", want: []string{"1", "2", "gap", "5"}},
		"nostr":          {serve: nostrPeer, want: []string{"1", "2", "3", "4", "5"}},
		"phoenix":        {serve: phoenixPeer, paste: "/socket/websocket", args: []string{"--set", "topic=room:lobby", "--heartbeat-every", "1s"}, want: []string{"1", "2", "gap", "5"}},
		"jetstream":      {serve: jetstreamPeer, want: []string{"1", "2", "3", "4", "5"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := newPeer(t, tt.serve)
			b := newProgram(t)
			b.start("--headless", "--notifier", "none")
			args := append([]string{server.URL + tt.paste, "--preset", name, "--name", name}, tt.args...)
			var id string
			if tt.token != "" {
				id = b.addSecret(tt.token, append(args, "--token", "-")...)
			} else {
				id = b.run(append([]string{"add"}, args...)...)
			}
			server.awaitOpen(b)
			b.awaitState(id, subscriptions.StateOpen)
			server.publish(2)
			b.awaitRows(id, 2)
			lost(b, server, id)
			server.publish(1)
			b.awaitRows(id, len(tt.want))
			if diff := cmp.Diff(tt.want, marks(b.history(id))); diff != "" {
				t.Fatalf("history (-want +got):\n%s", diff)
			}
			if tt.then == nil {
				return
			}
			server.forget()
			server.hangUp()
			b.awaitRows(id, len(tt.want)+1)
			server.awaitOpen(b)
			server.publish(1)
			b.awaitRows(id, len(tt.want)+2)
			if diff := cmp.Diff(append(tt.want, tt.then...), marks(b.history(id))); diff != "" {
				t.Errorf("history after all was forgotten (-want +got):\n%s", diff)
			}
		})
	}
}

// lost ends the connection, publishes twice while there is none, and waits
// for the next.
func lost(b *program, server *peer, id string) {
	b.run("pause", id)
	b.awaitPolled(func() bool {
		server.mu.Lock()
		defer server.mu.Unlock()
		return server.open == 0
	}, "the connection to end")
	server.publish(2)
	b.run("resume", id)
	server.awaitOpen(b)
	b.awaitState(id, subscriptions.StateOpen)
}

// Home Assistant wants its token first, and ids that rise.
func assistantPeer(p *peer, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/websocket" {
		http.NotFound(w, r)
		return
	}
	c, ok := openWire(w, r)
	if !ok {
		return
	}
	defer c.end()
	c.say(`{"type":"auth_required","ha_version":"2026.11.1"}`)
	if text, _ := c.hear(); text != `{"type":"auth","access_token":"hush"}` {
		c.say(`{"type":"auth_invalid","message":"Invalid access token or password"}`)
		return
	}
	c.say(`{"type":"auth_ok","ha_version":"2026.11.1"}`)
	var asked struct {
		ID        int
		Type      string
		EventType string `json:"event_type"`
	}
	text, _ := c.hear()
	if json.Unmarshal([]byte(text), &asked) != nil || asked.Type != "subscribe_events" || asked.EventType != "automation_triggered" || asked.ID < 1 {
		p.t.Errorf("Home Assistant was asked %s", text)
		return
	}
	c.say(`{"id":%d,"type":"result","success":true,"result":null}`, asked.ID)
	last := asked.ID
	c.answer(func(text string) {
		var ping struct {
			ID   int
			Type string
		}
		if json.Unmarshal([]byte(text), &ping) != nil || ping.Type != "ping" || ping.ID <= last {
			p.t.Errorf("Home Assistant was told %s after the id %d", text, last)
		}
		last = ping.ID
		c.say(`{"id":%d,"type":"pong"}`, ping.ID)
	})
	_, now := p.replay(0)
	p.follow(c.ctx, now, func(n int) {
		c.say(`{"id":%d,"type":"event","event":{"event_type":"automation_triggered","data":{"name":"mark-%d","entity_id":"automation.a"},"origin":"LOCAL","time_fired":"2026-11-21T09:15:00+00:00"}}`, asked.ID, n)
	})
}

// Nostr sends what it has, then EOSE; since is inclusive.
func nostrPeer(p *peer, w http.ResponseWriter, r *http.Request) {
	c, ok := openWire(w, r)
	if !ok {
		return
	}
	defer c.end()
	text, _ := c.hear()
	var req [3]json.RawMessage
	var filter struct {
		Kinds []int
		Since int
		Limit int
	}
	if json.Unmarshal([]byte(text), &req) != nil || string(req[0]) != `"REQ"` || json.Unmarshal(req[2], &filter) != nil || len(filter.Kinds) != 1 {
		c.say(`["NOTICE","error: bad request"]`)
		return
	}
	event := func(n int) {
		c.say(`["EVENT",%s,{"id":"%064d","pubkey":"%064d","created_at":%d,"kind":1,"tags":[],"content":"mark-%d","sig":"x"}]`, req[1], n, 7, 1795252443+n, n)
	}
	kept, last := p.replay(0)
	// A real relay may begin with the newest; here the order can be asserted.
	for _, n := range kept {
		if 1795252443+n >= filter.Since {
			event(n)
		}
	}
	c.say(`["EOSE",%s]`, req[1])
	c.answer(func(string) {})
	p.follow(c.ctx, last, event)
}

// Phoenix wants to be joined and a heartbeat on its own topic.
func phoenixPeer(p *peer, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/socket/websocket" || r.URL.Query().Get("vsn") != "1.0.0" {
		http.NotFound(w, r)
		return
	}
	c, ok := openWire(w, r)
	if !ok {
		return
	}
	defer c.end()
	joined := make(chan struct{})
	c.answer(func(text string) {
		var m struct{ Topic, Event, Ref string }
		if json.Unmarshal([]byte(text), &m) != nil || m.Ref == "" {
			p.t.Errorf("Phoenix was told %s", text)
		}
		switch {
		case m.Event == "phx_join" && m.Topic == "room:lobby":
			close(joined)
		case m.Event == "heartbeat" && m.Topic == "phoenix":
		default:
			p.t.Errorf("Phoenix was told %s", text)
		}
		c.say(`{"topic":%q,"event":"phx_reply","payload":{"status":"ok","response":{}},"ref":%q}`, m.Topic, m.Ref)
	})
	select {
	case <-joined:
	case <-c.ctx.Done():
		return
	}
	_, now := p.replay(0)
	p.follow(c.ctx, now, func(n int) {
		c.say(`{"topic":"room:lobby","event":"new_msg","payload":{"body":"mark-%d"},"ref":null}`, n)
	})
}

// Jetstream begins at its cursor, inclusive.
func jetstreamPeer(p *peer, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.URL.Path != "/subscribe" || q.Get("wantedCollections") != "app.bsky.feed.post" || q.Has("wantedDids") {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	c, ok := openWire(w, r)
	if !ok {
		return
	}
	defer c.end()
	const start = 1795252443000000
	commit := func(n int) {
		c.say(`{"did":"did:plc:x","time_us":%d,"kind":"commit","commit":{"rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":"k%d","record":{"text":"mark-%d"}}}`, start+n, n, n)
		c.say(`{"did":"did:plc:x","time_us":%d,"kind":"identity","identity":{"did":"did:plc:x"}}`, start+n)
	}
	_, last := p.replay(0)
	if cursor := q.Get("cursor"); cursor != "" {
		at, err := strconv.Atoi(cursor)
		if err != nil {
			p.t.Errorf("the cursor is %q", cursor)
		}
		var kept []int
		kept, last = p.replay(at - start)
		for _, n := range kept {
			commit(n)
		}
	}
	c.answer(func(string) {})
	p.follow(c.ctx, last, commit)
}
