package decode_test

import (
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"

	"github.com/google/go-cmp/cmp"
)

func TestHeard(t *testing.T) {
	hour := subscriptions.Duration(time.Hour)
	up := subscriptions.Silence{After: hour, When: "data.up == true"}
	for name, tc := range map[string]struct {
		silence subscriptions.Silence
		mapping subscriptions.Mapping
		payload string
		heard   []bool // one for each event
		warns   string
	}{
		"no alarm":               {subscriptions.Silence{}, subscriptions.Mapping{}, `{"up":true}`, []bool{false}, ""},
		"every event":            {subscriptions.Silence{After: hour}, subscriptions.Mapping{}, "hello", []bool{true}, ""},
		"one that counts":        {up, subscriptions.Mapping{}, `{"up":true}`, []bool{true}, ""},
		"one that does not":      {up, subscriptions.Mapping{}, `{"up":false}`, []bool{false}, ""},
		"each of several":        {up, subscriptions.Mapping{}, `[{"up":false},{"up":true}]`, []bool{false, true}, ""},
		"with a mapping":         {up, subscriptions.Mapping{Title: "{{ data.up }}"}, `{"up":false}`, []bool{false}, ""},
		"parts of a mapping":     {up, subscriptions.Mapping{Events: "data.list"}, `{"list":[{"up":true},{"up":false}]}`, []bool{true, false}, ""},
		"an event not notified":  {up, subscriptions.Mapping{Notify: "false"}, `{"up":true}`, []bool{true}, ""},
		"a keep-alive":           {up, subscriptions.Mapping{KeepAlive: "true"}, `{"up":true}`, nil, ""},
		"what is skipped":        {up, subscriptions.Mapping{Skip: "true"}, `{"up":true}`, nil, ""},
		"a condition that fails": {subscriptions.Silence{After: hour, When: "data.a.b > 1"}, subscriptions.Mapping{}, `{"a":[1]}`, []bool{true}, "silence.when: "},
		"that, with a mapping":   {subscriptions.Silence{After: hour, When: "data.a.b > 1"}, subscriptions.Mapping{Title: "t"}, `{"a":[1]}`, []bool{true}, "silence.when: "},
		"the feed":               {subscriptions.Silence{After: hour, When: `feed.id == "f" && type == "message"`}, subscriptions.Mapping{}, "x", []bool{true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := subscriptions.Feed{ID: "f", Name: "f", URL: "https://feed.example/", Settings: subscriptions.Settings{Mapping: tc.mapping, Silence: tc.silence}}
			d, err := decode.Compile(f)
			if err != nil {
				t.Fatal(err)
			}
			var heard []bool
			for _, e := range d.Decode(subscriptions.Message{Type: "message", Data: tc.payload, Received: time.Now()}, "").Events {
				heard = append(heard, e.Heard)
				if e.Warning != tc.warns && (tc.warns == "" || !strings.HasPrefix(e.Warning, tc.warns)) {
					t.Errorf("warning %q", e.Warning)
				}
			}
			if diff := cmp.Diff(tc.heard, heard); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What cannot be read is an event all the same.
func TestUnreadableMessagesAreHeard(t *testing.T) {
	d, err := decode.Compile(subscriptions.Feed{Settings: subscriptions.Settings{Silence: subscriptions.Silence{After: 1, When: "false"}}})
	if err != nil {
		t.Fatal(err)
	}
	if e := d.Decode(subscriptions.Message{Oversize: 1 << 30}, "").Events; len(e) != 1 || !e[0].Heard {
		t.Errorf("%+v", e)
	}
}

func TestSilenceConditionErrors(t *testing.T) {
	for when, want := range map[string]string{
		"data.x = 1":        "silence.when: column ",
		"secret == \"x\"":   "silence.when: secret is for what a feed sends",
		"data.x == nowhere": "silence.when: column 11: ",
	} {
		_, err := decode.Compile(subscriptions.Feed{Settings: subscriptions.Settings{Silence: subscriptions.Silence{After: 1, When: when}}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", when, err)
		}
	}
}
