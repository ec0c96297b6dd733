package decode

import (
	"strings"
	"testing"

	"bellwire/subscriptions"
)

// mapped is a feed with a mapping.
func mapped(m subscriptions.Mapping) subscriptions.Feed {
	return subscriptions.Feed{ID: "deploys", Name: "Deploys", Settings: subscriptions.Settings{Mapping: m}}
}

func TestCompileNamesTheSettingAndTheColumn(t *testing.T) {
	for _, tc := range []struct {
		mapping subscriptions.Mapping
		want    string
	}{
		{subscriptions.Mapping{Title: "Hello {{ data. }}"}, "mapping.title: column "},
		{subscriptions.Mapping{Title: "Hello {{ nothing }}"}, "mapping.title: column 10: unknown name nothing"},
		{subscriptions.Mapping{Skip: `"a text"`}, "mapping.skip: column "},
		{subscriptions.Mapping{Events: "data.["}, "mapping.events: column "},
		{subscriptions.Mapping{Body: "{{ data.x"}, "mapping.body: column 1: the hole that begins here has no }}"},
		{subscriptions.Mapping{Format: "yaml"}, `mapping.format: there is no format "yaml"`},
		{subscriptions.Mapping{Link: "{{ secret }}"}, "mapping.link: secret is for what a feed sends"},
		{subscriptions.Mapping{Title: "{{ event.title }}"}, "mapping.title: there is no event yet"},
		{subscriptions.Mapping{Notify: "event.priority > 3"}, "mapping.notify: there is no event yet"},
		{subscriptions.Mapping{Priority: "data.level > 3 ? 4 : 2"}, `mapping.priority: "data.level > 3 ? 4 : 2" is a text and no priority: an expression goes between {{ and }}`},
		{subscriptions.Mapping{Time: "data.at"}, `mapping.time: "data.at" is a text and no time`},
		{subscriptions.Mapping{Notify: "secret == data.x"}, "mapping.notify: secret is for what a feed sends"},
	} {
		_, err := Compile(mapped(tc.mapping))
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%+v: %v, want %q", tc.mapping, err, tc.want)
		}
	}
}

func TestMapping(t *testing.T) {
	d := mustCompile(mapped(subscriptions.Mapping{
		KeepAlive: `data.event == "keepalive"`,
		Skip:      `data.event != "message"`,
		Title:     `{{ default(data.title, data.topic) }}`,
		Body:      `{{ data.text }}!`,
		Link:      `https://example.org/{{ data.id }}`,
		Priority:  `{{ data.urgent ? "high" : nil }}`,
		Tags:      `{{ data.tags }}`,
		Icon:      `{{ data.icon }}`,
		Image:     `mailto:a@example.org`,
		Time:      `{{ data.at }}`,
		ID:        `{{ data.id }}`,
		Type:      `{{ data.event }}`,
		Group:     `{{ feed.id }}/{{ data.topic }}`,
		Cursor:    `{{ data.id }}`,
		Notify:    `data.urgent`,
	}))
	got := d.Decode(subscriptions.Message{
		Data:     `{"event":"message","id":12345678901234567890,"topic":"home","text":"hi","urgent":true,"tags":["a","b","a",""],"icon":"https://example.org/i.png","at":1772366000}`,
		Received: received,
	}, "7")
	if len(got.Events) != 1 || got.Cursor != "12345678901234567890" {
		t.Fatalf("%+v", got)
	}
	e := got.Events[0]
	for _, c := range [][2]string{
		{e.Title, "home"},
		{e.Body, "hi!"},
		{e.Link, "https://example.org/12345678901234567890"},
		{e.MessageID, "12345678901234567890"},
		{strings.Join(e.Tags, " "), "a b"},
		{e.Icon, "https://example.org/i.png"},
		{e.Image, ""},
		{e.Type, "message"},
		{e.Group, "deploys/home"},
		{e.Warning, ""},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	if e.Priority != 4 || e.Time.Unix() != 1772366000 || e.Silent || e.DedupeKey == "" {
		t.Errorf("%+v", e)
	}
	for data, want := range map[string]Result{
		`{"event":"keepalive","id":9}`: {Cursor: "7", KeepAlive: true},
		`{"event":"open","id":9}`:      {Cursor: "7", Skipped: true},
	} {
		got := d.Decode(subscriptions.Message{Data: data, Cursor: "x"}, "7")
		if len(got.Events) != 0 || got.Cursor != want.Cursor || got.KeepAlive != want.KeepAlive || got.Skipped != want.Skipped {
			t.Errorf("%s: %+v", data, got)
		}
	}
	quiet := d.Decode(subscriptions.Message{Data: `{"event":"message","topic":"x","urgent":false}`}, "7")
	if len(quiet.Events) != 1 || !quiet.Events[0].Silent || quiet.Cursor != "7" {
		t.Errorf("%+v", quiet)
	}
}

// A stream's own position moves with what is skipped too, or a feed that
// skips nearly everything would get all of it again. One inside payloads
// moves only with events: what greets may hold another id.
func TestSkippedMessagesAndThePosition(t *testing.T) {
	skip := subscriptions.Mapping{Skip: `data.skip`, KeepAlive: `data.beat`}
	for name, tc := range map[string]struct {
		settings subscriptions.Settings
		data     string
		want     string
	}{
		"the stream's":           {subscriptions.Settings{Mapping: skip}, `{"skip":true,"id":9}`, "8"},
		"the stream's, alive":    {subscriptions.Settings{Mapping: skip}, `{"beat":true,"id":9}`, "8"},
		"the payload's":          {subscriptions.Settings{Mapping: skip, Resume: subscriptions.Resume{Field: "id"}}, `{"skip":true,"id":9}`, "7"},
		"the payload's, alive":   {subscriptions.Settings{Mapping: skip, Resume: subscriptions.Resume{Field: "id"}}, `{"beat":true,"id":9}`, "7"},
		"the payload's, of news": {subscriptions.Settings{Mapping: skip, Resume: subscriptions.Resume{Field: "id"}}, `{"id":9}`, "9"},
	} {
		d, err := Compile(subscriptions.Feed{ID: "f", Settings: tc.settings})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Decode(subscriptions.Message{Data: tc.data, Cursor: "8"}, "7"); got.Cursor != tc.want {
			t.Errorf("%s: at %q, want %q", name, got.Cursor, tc.want)
		}
	}
}
