package presets_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
	"bellwire/subscriptions/presets"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the samples are decoded to")

// A sample is a feed of a preset, and what its server sends: each payload is a
// file beside it.
type sample struct {
	Address  string            `json:"address"`
	Options  map[string]string `json:"options,omitempty"`
	URL      string            `json:"url"` // the stream's
	Messages []sent            `json:"messages"`
}

type sent struct {
	File   string         `json:"file"`
	Type   string         `json:"type,omitempty"`
	ID     string         `json:"id,omitempty"`
	Memory map[string]any `json:"memory,omitempty"`

	KeepAlive bool    `json:"keep_alive,omitempty"`
	Skipped   bool    `json:"skipped,omitempty"`
	Cursor    string  `json:"cursor"` // behind it; it was "before"
	Events    []shown `json:"events,omitempty"`
}

// shown is what a person may see of an event.
type shown struct {
	Title    string                 `json:"title"`
	Body     string                 `json:"body,omitempty"`
	Link     string                 `json:"link,omitempty"`
	Priority int                    `json:"priority"`
	Tags     []string               `json:"tags,omitempty"`
	Icon     string                 `json:"icon,omitempty"`
	Image    string                 `json:"image,omitempty"`
	Actions  []subscriptions.Action `json:"actions,omitempty"`
	Group    string                 `json:"group,omitempty"`
	Time     string                 `json:"time,omitempty"`
	ID       string                 `json:"id,omitempty"`
	Type     string                 `json:"type,omitempty"`
	Warning  string                 `json:"warning,omitempty"`
}

// What every kind of server sends is decoded to what a person expects. The
// expectations were written by -update and read by a person.
func TestSamples(t *testing.T) {
	set, err := presets.Load("", check)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range set.All() {
		t.Run(p.Name, func(t *testing.T) {
			file := filepath.Join("samples", p.Name, "expected.json")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want sample
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&want); err != nil {
				t.Fatal(err)
			}
			got := decoded(t, p, want)
			if *update {
				writeJSON(t, file, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, m := range got.Messages {
				for _, e := range m.Events {
					if e.Warning != "" {
						t.Errorf("%s: %s", m.File, e.Warning)
					}
				}
			}
		})
	}
}

func decoded(t *testing.T, p presets.Preset, s sample) sample {
	f, err := p.Feed(s.Address, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	f.ID, f.Name = "x", "Feed"
	d, err := decode.Compile(f)
	if err != nil {
		t.Fatal(err)
	}
	out := sample{Address: s.Address, Options: s.Options, URL: f.URL}
	for _, m := range s.Messages {
		payload, err := os.ReadFile(filepath.Join("samples", p.Name, m.File))
		if err != nil {
			t.Fatal(err)
		}
		typ := m.Type
		if typ == "" {
			typ = "message"
		}
		r := d.Decode(subscriptions.Message{
			ID: m.ID, Cursor: m.ID, Type: typ, Data: string(payload), Memory: m.Memory, Received: time.Unix(1795252500, 0),
		}, "before")
		got := sent{File: m.File, Type: m.Type, ID: m.ID, Memory: m.Memory, KeepAlive: r.KeepAlive, Skipped: r.Skipped, Cursor: r.Cursor}
		for _, e := range r.Events {
			seen := shown{e.Title, e.Body, e.Link, e.Priority, e.Tags, e.Icon, e.Image, e.Actions, e.Group, "", e.MessageID, e.Type, e.Warning}
			if !e.Time.IsZero() {
				seen.Time = e.Time.UTC().Format(time.RFC3339Nano)
			}
			got.Events = append(got.Events, seen)
		}
		out.Messages = append(out.Messages, got)
	}
	return out
}

func writeJSON(t *testing.T, file string, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
