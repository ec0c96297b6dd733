package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bellwire/subscriptions"
)

// settingsFlags say how a feed talks with its server.
type settingsFlags struct {
	Map         []string      `group:"What its events mean:" sep:"none" placeholder:"FIELD=TEXT" complete:"fields" help:"What a payload means; may be repeated. FIELD is title, body, link, priority, tags, time, id and so on, TEXT a template like '{{ data.subject }}'; or skip, notify, events or keep_alive with an expression like 'data.level > 3'; or format. An empty TEXT: found by the usual names."`
	Silence     time.Duration `group:"What its events mean:" placeholder:"DURATION" help:"Tell me when the connection is open and no event has come for so long, 1s to 8784h, and when there is one again. 0: never, which is the default."`
	SilenceWhen string        `group:"What its events mean:" placeholder:"CONDITION" help:"With --silence, which events count: an expression like 'data.type == \"backup\"'. Default: all."`

	Subprotocol []string      `group:"What it says to the server:" placeholder:"NAME" help:"A WebSocket sub-protocol to offer; may be repeated."`
	Frame       []string      `group:"What it says to the server:" sep:"none" placeholder:"TEXT" help:"A text message to send when the WebSocket opens; may be repeated. {{ cursor }} in it stands for the position to resume from, and it is left out while there is none; {{ secret }} for the token of --token-frame. What is in {{ }} is an expression."`
	FrameAfter  []string      `group:"What it says to the server:" sep:"none" placeholder:"WHEN=>TEXT" help:"A frame that waits for a message that meets a condition, behind those of --frame; may be repeated, and each waits for the one before it. Like: 'data.type == \"auth_ok\" => {\"type\":\"subscribe\"}'."`
	Reply       []string      `group:"What it says to the server:" sep:"none" placeholder:"WHEN=>TEXT" help:"A text message to answer with whenever a message meets a condition; may be repeated. Like: 'data.type == \"ping\" => {\"type\":\"pong\"}'."`
	Interval    time.Duration `group:"Polling:" placeholder:"DURATION" help:"With poll, the time between two questions, 1s to 24h. Default: 1m."`
	Items       string        `group:"Polling:" placeholder:"PATH" help:"With poll and longpoll, where a JSON answer has its list of items, e.g. data.items. Default: an answer that is a list is one of items."`
	MaxAttempts int           `group:"Reconnecting, and going on from where it was:" placeholder:"N" help:"Stop after N failed attempts in a row until the feed is resumed. Default: never."`

	CursorField string `group:"Reconnecting, and going on from where it was:" placeholder:"PATH" help:"Take the position to resume from out of the JSON payload, e.g. id or meta.offset."`
	ResumeQuery string `group:"Reconnecting, and going on from where it was:" xor:"resume" placeholder:"PARAM" help:"Resume with this query parameter instead of the Last-Event-ID header."`
	NoResume    bool   `group:"Reconnecting, and going on from where it was:" xor:"resume" help:"Never ask the server to go on from where it was; every reconnect leaves a gap in the history."`
	DedupeField string `group:"Reconnecting, and going on from where it was:" xor:"dedupe" placeholder:"PATH" help:"Tell events apart by this id in the JSON payload alone. Default: by the id that the stream carries, together with the payload; with --backfill, by --cursor-field alone."`
	NoDedupe    bool   `group:"Reconnecting, and going on from where it was:" xor:"dedupe" help:"Take every message for an event of its own."`

	Backfill        string `group:"Reconnecting, and going on from where it was:" xor:"resume" placeholder:"URL" help:"After a reconnect, fetch what was missed from this address of the same server (JSON; may be relative). Needs --cursor-field."`
	BackfillOrder   string `group:"Reconnecting, and going on from where it was:" enum:"forwards,backwards" default:"forwards" help:"Which way its pages go: forwards from the position, or backwards from the newest item."`
	BackfillParam   string `group:"Reconnecting, and going on from where it was:" placeholder:"PARAM" help:"The query parameter for the position: forwards, of the newest item known; backwards, of the oldest item of the page before."`
	BackfillItems   string `group:"Reconnecting, and going on from where it was:" placeholder:"PATH" help:"Where a page has its list of items. Default: the page is a list."`
	BackfillID      string `group:"Reconnecting, and going on from where it was:" name:"backfill-id" placeholder:"PATH" help:"Where an item has its id. Default: --cursor-field."`
	BackfillPayload string `group:"Reconnecting, and going on from where it was:" placeholder:"PATH" help:"Where an item has what the stream would have sent. Default: the item itself."`

	Heartbeat       string        `group:"What it says to the server:" placeholder:"TEXT" help:"A text message to send to the WebSocket server every --heartbeat-every, e.g. ping; {{ n }} in it is a number that grows. Where the server sends it back, that is no event."`
	HeartbeatEvery  time.Duration `group:"What it says to the server:" placeholder:"DURATION" help:"The time between two heartbeats, 1s to 1h. Default: 30s."`
	HeartbeatExpect string        `group:"What it says to the server:" placeholder:"TEXT" help:"The answer to it, which is then no event. A JSON object stands for all that have its members. Default: no answer is waited for."`
	HeartbeatWithin time.Duration `group:"What it says to the server:" placeholder:"DURATION" help:"How long the answer may take before the connection is replaced, if nothing else comes either; 1s to 1h. Default: 10s."`
}

// Validate is asked by kong.
func (c *settingsFlags) Validate() error {
	for flag, values := range map[string][]string{"--frame-after": c.FrameAfter, "--reply": c.Reply} {
		for _, value := range values {
			if when, text := cutWhen(value); when == "" || text == "" {
				return fmt.Errorf("%s: a condition, => and a text are wanted, not %q", flag, value)
			}
		}
	}
	return nil
}

// cutWhen takes WHEN => TEXT apart.
func cutWhen(s string) (when, text string) {
	when, text, _ = strings.Cut(s, "=>")
	return strings.TrimSpace(when), strings.TrimSpace(text)
}

func (c *settingsFlags) settings() (subscriptions.Settings, error) {
	s := subscriptions.Settings{
		Subprotocols: c.Subprotocol,
		Heartbeat:    subscriptions.Heartbeat{Send: c.Heartbeat, Every: subscriptions.Duration(c.HeartbeatEvery), Expect: c.HeartbeatExpect, Within: subscriptions.Duration(c.HeartbeatWithin)},
		Resume:       subscriptions.Resume{Field: c.CursorField, Param: c.ResumeQuery},
		Dedupe:       subscriptions.Dedupe{Field: c.DedupeField, Off: c.NoDedupe},
		Poll:         subscriptions.Poll{Interval: subscriptions.Duration(c.Interval), Items: c.Items},
		MaxAttempts:  c.MaxAttempts,
		Silence:      subscriptions.Silence{After: subscriptions.Duration(c.Silence), When: c.SilenceWhen},
	}
	for _, text := range c.Frame {
		s.Frames = append(s.Frames, subscriptions.Frame{Send: text})
	}
	for _, value := range c.FrameAfter {
		when, text := cutWhen(value)
		s.Frames = append(s.Frames, subscriptions.Frame{After: when, Send: text})
	}
	for _, value := range c.Reply {
		when, text := cutWhen(value)
		s.Conversation.Replies = append(s.Conversation.Replies, subscriptions.Reply{When: when, Send: text})
	}
	switch {
	case c.ResumeQuery != "":
		s.Resume.By = subscriptions.ResumeByQuery
	case c.NoResume:
		s.Resume.By = subscriptions.ResumeByNone
	case c.Backfill != "":
		s.Resume.By = subscriptions.ResumeByBackfill
	case s.HasCursorFrame():
		s.Resume.By = subscriptions.ResumeByFrame
	}
	b := subscriptions.Backfill{URL: c.Backfill, Param: c.BackfillParam, Items: c.BackfillItems, ID: c.BackfillID, Payload: c.BackfillPayload}
	if b != (subscriptions.Backfill{}) {
		b.Order = cmp.Or(subscriptions.BackfillOrder(c.BackfillOrder), subscriptions.BackfillForwards)
		s.Resume.Backfill = b
	}
	return s, mapFields(&s.Mapping, c.Map)
}

// mapFields puts FIELD=TEXT pairs into a mapping.
func mapFields(m *subscriptions.Mapping, pairs []string) error {
	for _, pair := range pairs {
		field, value, ok := strings.Cut(pair, "=")
		field = strings.ReplaceAll(strings.TrimSpace(field), "-", "_")
		if ok {
			b, err := json.Marshal(map[string]string{field: value})
			if err != nil {
				return err
			}
			d := json.NewDecoder(bytes.NewReader(b))
			d.DisallowUnknownFields()
			ok = d.Decode(m) == nil
		}
		if !ok {
			return withHint(&usageError{fmt.Errorf("--map %q names no field", field)}, "Like this: --map 'title={{ data.subject }}'")
		}
	}
	return nil
}
