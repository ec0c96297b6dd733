package control

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// documented are the bodies and answers of routes, where they have one of
// their own.
var documented = map[string]struct{ body, answer any }{
	"GET /v1/status":                 {nil, Status{}},
	"POST /v1/window/show":           {Show{}, showReply{}},
	"GET /v1/autostart":              {nil, Autostart{}},
	"PUT /v1/autostart":              {autostartRequest{}, Autostart{}},
	"PUT /v1/demo":                   {demoRequest{}, nil},
	"GET /v1/feeds":                  {nil, []Feed{}},
	"POST /v1/feeds":                 {NewFeed{}, Feed{}},
	"PUT /v1/feeds/{id}":             {NewFeed{}, Change{}},
	"GET /v1/feeds/{id}/log":         {nil, []subscriptions.LogEntry{}},
	"POST /v1/feeds/{id}/mute":       {pauseRequest{}, nil},
	"POST /v1/feeds/{id}/test":       {Test{}, []Trial{}},
	"GET /v1/definitions":            {nil, []NewFeed{}},
	"POST /v1/try":                   {NewFeed{}, Change{}},
	"POST /v1/try/{id}":              {NewFeed{}, Change{}},
	"PUT /v1/arrangement":            {[]Place{}, nil},
	"GET /v1/presets":                {nil, Presets{}},
	"POST /v1/probe":                 {Probe{}, subscriptions.Detection{}},
	"POST /v1/preview":               {NewFeed{}, Glimpse{}},
	"POST /v1/decode":                {tryRequest{}, []Outcome{}},
	"GET /v1/history":                {nil, []subscriptions.Event{}},
	"GET /v1/search":                 {nil, Page{}},
	"GET /v1/history/{seq}":          {nil, subscriptions.Event{}},
	"GET /v1/history/{seq}/delivery": {nil, Delivery{}},
	"GET /v1/history/{seq}/picture":  {nil, Picture{}},
	"POST /v1/history/{seq}/act":     {actRequest{}, nil},
	"POST /v1/read":                  {MarkRead{}, Marked{}},
	"POST /v1/read/undo":             {undoRequest{}, nil},
	"POST /v1/delete":                {deleteRequest{}, nil},
	"GET /v1/activity":               {nil, Activity{}},
	"GET /v1/searches":               {nil, []SavedSearch{}},
	"PUT /v1/searches":               {[]SavedSearch{}, nil},
	"GET /v1/preferences":            {nil, subscriptions.Preferences{}},
	"PUT /v1/preferences":            {subscriptions.Preferences{}, nil},
	"POST /v1/notifications/pause":   {pauseRequest{}, nil},
	"POST /v1/notifications/test":    {TestNotification{}, Delivery{}},
	"GET /v1/summaries/{id}":         {nil, subscriptions.Summary{}},
}

var (
	fence    = regexp.MustCompile("(?s)\n(Body|Answer)[^\n]*:\n\n```json\n(.*?)\n```\n")
	curlBody = regexp.MustCompile(`(?s) -d '(.*?)'`)
	anyFence = regexp.MustCompile("(?s)```json[^\n]*\n(.*?)\n```")
)

// docs/api.md tells of every route and of no other, and its examples are what
// the types are.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(&fake{}, slog.New(slog.DiscardHandler))
	defer s.Close()
	sections := strings.Split("\n"+strings.SplitN(string(text), "\n## The live stream", 2)[0], "\n### ")[1:]
	var told []string
	for _, section := range sections {
		route, section, _ := strings.Cut(section, "\n")
		told = append(told, route)
		want := documented[route]
		var body, answer bool
		for _, m := range fence.FindAllStringSubmatch("\n"+section, -1) {
			of := want.answer
			if m[1] == "Body" {
				body, of = true, want.body
			} else {
				answer = true
			}
			strict(t, route+" "+m[1], m[2], of)
		}
		for _, m := range curlBody.FindAllStringSubmatch(section, -1) {
			strict(t, route+" curl", m[1], want.body)
		}
		if body != (want.body != nil) || answer != (want.answer != nil) {
			t.Errorf("%s: a body: %t, an answer: %t; want %+v", route, body, answer, want)
		}
		if want.answer == nil && !strings.Contains(section, "Answer: ") && route != "GET /v1/events" {
			t.Errorf("%s: what does it answer?", route)
		}
	}
	have := slices.Clone(s.routes)
	slices.Sort(have)
	slices.Sort(told)
	if diff := cmp.Diff(have, told); diff != "" {
		t.Errorf("docs/api.md does not have the routes there are: %s", diff)
	}
	for _, m := range anyFence.FindAllStringSubmatch(string(text), -1) {
		if !json.Valid([]byte(m[1])) {
			t.Errorf("no JSON: %s", m[1])
		}
	}
}

// strict reads an example into a new value like v, and nothing in it may be
// unknown there.
func strict(t *testing.T, name, example string, v any) {
	t.Helper()
	if v == nil {
		t.Errorf("%s: none is expected", name)
		return
	}
	d := json.NewDecoder(bytes.NewReader([]byte(example)))
	d.DisallowUnknownFields()
	if err := d.Decode(reflect.New(reflect.TypeOf(v)).Interface()); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
