package decode

import (
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// actionsIn are the actions of the first event of a payload.
func actionsIn(t *testing.T, m subscriptions.Mapping, payload string) ([]subscriptions.Action, string) {
	t.Helper()
	events := decodeAll(mapped(m), subscriptions.Message{Data: payload, Received: received})
	if len(events) == 0 {
		t.Fatal("no event")
	}
	check(t, events[0])
	return events[0].Actions, events[0].Warning
}

func TestActionsByTheUsualName(t *testing.T) {
	link := subscriptions.Action{Label: "Open", URL: "https://a.example/"}
	for name, tc := range map[string]struct {
		payload string
		want    []subscriptions.Action
	}{
		"a link":                     {`{"title":"t","actions":[{"action":"view","label":"Open","url":"https://a.example/","clear":true}]}`, []subscriptions.Action{link}},
		"in an envelope":             {`{"event":"x","data":{"title":"t","actions":[{"action":"view","label":"Open","url":"https://a.example/"}]}}`, []subscriptions.Action{link}},
		"by Home Assistant":          {`{"message":"m","data":{"actions":[{"action":"URI","title":"Open","uri":"https://a.example/"}]}}`, []subscriptions.Action{link}},
		"a mail":                     {`{"title":"t","actions":[{"action":"view","label":"Write","url":"mailto:a@b.example"}]}`, []subscriptions.Action{{Label: "Write", URL: "mailto:a@b.example"}}},
		"a request":                  {`{"title":"t","actions":[{"action":"http","label":"Close","url":"https://a.example/door","method":"put","headers":{"X-A":"1","Authorization":"Bearer x"},"body":"{\"a\":1}"}]}`, []subscriptions.Action{{Label: "Close", URL: "https://a.example/door", Method: "PUT", Headers: []subscriptions.Header{{Name: "X-A", Value: "1"}, {Name: "Authorization", Value: "Bearer x"}}, Body: `{"a":1}`}}},
		"a request is a POST":        {`{"title":"t","actions":[{"action":"http","label":"Close","url":"https://a.example/door"}]}`, []subscriptions.Action{{Label: "Close", URL: "https://a.example/door", Method: "POST"}}},
		"a label on one line":        {`{"title":"t","actions":[{"action":"view","label":" \u202eO\u0000pen\n it ","url":"https://a.example/"}]}`, []subscriptions.Action{{Label: "Open it", URL: "https://a.example/"}}},
		"two of three":               {`{"title":"t","actions":[{"action":"view","label":"1","url":"https://a.example/"},{"action":"broadcast","label":"x"},{"action":"view","label":"2","url":"https://a.example/"},{"action":"view","label":"3","url":"https://a.example/"}]}`, []subscriptions.Action{{Label: "1", URL: "https://a.example/"}, {Label: "2", URL: "https://a.example/"}}},
		"what is broken is left out": {`{"title":"t","actions":[7,null,{"action":"view"},{"action":"view","label":"","url":"https://a.example/"},{"action":"view","label":"x","url":"javascript:1"},{"action":"view","label":"Open","url":"https://a.example/"}]}`, []subscriptions.Action{link}},
		"of another kind":            {`{"title":"t","actions":[{"label":"x","url":"https://a.example/"},{"action":"delete","label":"x","url":"https://a.example/"}]}`, nil},
		"no list":                    {`{"title":"t","actions":{"action":"view","label":"Open","url":"https://a.example/"}}`, nil},
		"in a log":                   {`{"title":"t","actions":["opened","closed"]}`, nil},
		"a mail is no request":       {`{"title":"t","actions":[{"action":"http","label":"x","url":"mailto:a@b.example"}]}`, nil},
		"a user in the address":      {`{"title":"t","actions":[{"action":"view","label":"x","url":"https://bank.example@a.example/"},{"action":"http","label":"x","url":"https://u:p@a.example/"}]}`, nil},
		"another method":             {`{"title":"t","actions":[{"action":"http","label":"x","url":"https://a.example/","method":"CONNECT"}]}`, nil},
		"a header that breaks lines": {`{"title":"t","actions":[{"action":"http","label":"x","url":"https://a.example/","headers":{"X-A":"1\r\nHost: b"}}]}`, nil},
		"a header that is no name":   {`{"title":"t","actions":[{"action":"http","label":"x","url":"https://a.example/","headers":{"X A":"1"}}]}`, nil},
		"a header of ours":           {`{"title":"t","actions":[{"action":"http","label":"x","url":"https://a.example/","headers":{"hOST":"b"}},{"action":"http","label":"x","url":"https://a.example/","headers":{"proxy-authorization":"b"}}]}`, nil},
		"too many headers":           {`{"title":"t","actions":[{"action":"http","label":"x","url":"https://a.example/","headers":{"a":"","b":"","c":"","d":"","e":"","f":"","g":"","h":"","i":""}}]}`, nil},
		"a body too long":            {`{"title":"t","actions":[{"action":"http","label":"x","url":"https://a.example/","body":"` + strings.Repeat("x", subscriptions.MaxActionBody+1) + `"}]}`, nil},
		"an address too long":        {`{"title":"t","actions":[{"action":"view","label":"x","url":"https://a.example/` + strings.Repeat("x", subscriptions.MaxActionURL) + `"}]}`, nil},
	} {
		got, warning := actionsIn(t, subscriptions.Mapping{}, tc.payload)
		if diff := cmp.Diff(tc.want, got); diff != "" || warning != "" {
			t.Errorf("%s: warned %q\n%s", name, warning, diff)
		}
	}
}

func TestActionsOfAMapping(t *testing.T) {
	post := subscriptions.Action{Label: "Close Door", URL: "https://a.example/7", Method: "POST", Body: `{"n":7}`}
	payload := `{"title":"t","id":7,"name":"Door","other":[{"action":"copy","label":"x"},{"action":"view","label":"Open","url":"https://a.example/"}],"actions":[{"action":"view","label":"Found","url":"https://a.example/"}]}`
	for name, tc := range map[string]struct {
		actions string
		want    []subscriptions.Action
		warning string
	}{
		"one": {`{"label": "Close " + data.name, "url": "https://a.example/" + string(data.id), "method": "post", "body": {"n": data.id}}`, []subscriptions.Action{post}, ""},
		"as documented": {
			`[
  {"label": "Logs", "url": "https://a.example/logs"},
  {"label": "Retry", "url": "https://ci.example.org/runs/" + string(data.id) + "/retry",
   "method": "POST", "headers": {"X-Run": data.id}, "body": {"reason": "by hand"}}]`,
			[]subscriptions.Action{
				{Label: "Logs", URL: "https://a.example/logs"},
				{Label: "Retry", URL: "https://ci.example.org/runs/7/retry", Method: "POST", Headers: []subscriptions.Header{{Name: "X-Run", Value: "7"}}, Body: `{"reason":"by hand"}`},
			},
			"",
		},
		"those of the payload":   {`data.other`, []subscriptions.Action{{Label: "Open", URL: "https://a.example/"}}, ""},
		"without a kind":         {`[{"label": "Open", "url": "https://a.example/"}]`, []subscriptions.Action{{Label: "Open", URL: "https://a.example/"}}, ""},
		"none":                   {`nil`, nil, ""},
		"none, by what is not":   {`data.nothing`, nil, ""},
		"an empty list":          {`[]`, nil, ""},
		"found by the usual one": {``, []subscriptions.Action{{Label: "Found", URL: "https://a.example/"}}, ""},
		"one that fails":         {`data.name + 1`, nil, "actions: "},
		"something else":         {`data.id`, nil, "actions: neither an object nor a list of them"},
		"text":                   {`"a [text]"`, nil, "actions: neither an object nor a list of them"},
		"one that is broken": {
			`[{"label": "x", "url": "ftp://a.example/"}, {"label": "Open", "url": "https://a.example/"}]`,
			[]subscriptions.Action{{Label: "Open", URL: "https://a.example/"}},
			"actions: number 1: its address is not one that may be opened or asked",
		},
		"a secret place": {`[{"label": "x", "url": "https://u:hunter2@a.example/"}]`, nil, "actions: number 1: its address must not name a user"},
		"a bad method":   {`[{"label": "x", "url": "https://a.example/", "method": "TRACE"}]`, nil, "actions: number 1: its method must be one of"},
		"a bad kind":     {`[{"label": "x", "url": "https://a.example/", "action": "run"}]`, nil, "actions: number 1: its action is neither view nor http"},
		"no label":       {`[{"url": "https://a.example/"}]`, nil, "actions: number 1: it has no label"},
		"a list inside":  {`[{"label": "x", "url": "https://a.example/", "method": "POST", "headers": [1]}]`, nil, "actions: number 1: its headers are no object"},
	} {
		got, warning := actionsIn(t, subscriptions.Mapping{Body: "b", Actions: tc.actions}, payload)
		if diff := cmp.Diff(tc.want, got); diff != "" || !strings.HasPrefix(warning, tc.warning) || tc.warning == "" && warning != "" {
			t.Errorf("%s: warned %q\n%s", name, warning, diff)
		}
		if strings.Contains(warning, "hunter2") {
			t.Errorf("%s: %s", name, warning)
		}
	}
	for source, want := range map[string]string{
		`[{"label": }]`:           "mapping.actions: column ",
		`{"label": nothing}`:      "mapping.actions: column 11: unknown name nothing",
		`[{"url": "x" + secret}]`: "mapping.actions: secret is for what a feed sends",
	} {
		if _, err := Compile(mapped(subscriptions.Mapping{Actions: source})); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}

// Whatever a payload declares, and whether a mapping says so or not, is within
// bounds, or is not there: check holds.
func FuzzActions(f *testing.F) {
	for _, s := range []string{
		`[{"action":"view","label":"Open","url":"https://a.example/"}]`,
		`[{"action":"http","label":"\u202e\n","url":"http://[::1]:8080/#x","method":"DELETE","headers":{"A":"b","Host":"c"},"body":"\ud800"}]`,
		`{"label":"x","url":"mailto:a@b?attach=/etc/passwd","headers":[],"body":{"a":[1]}}`,
		`[{"label":"x","URL":"https://u@a/","url":"https://a/%zz","Method":"get","method":7,"body":null,"headers":null}]`,
		"[{\"action\":\"http\",\"label\":\"\xff\",\"url\":\"https://a/\xff\",\"headers\":{\"\xff\":\"\xff\"},\"body\":\"\xff\"}]",
	} {
		f.Add(s)
	}
	feeds := []subscriptions.Feed{mapped(subscriptions.Mapping{}), mapped(subscriptions.Mapping{Actions: "data.actions"}), mapped(subscriptions.Mapping{Actions: "data.actions[0]", Title: "t"})}
	f.Fuzz(func(t *testing.T, actions string) {
		for _, feed := range feeds {
			for _, e := range decodeAll(feed, subscriptions.Message{Data: `{"title":"t","actions":` + actions + `}`, Received: received}) {
				check(t, e)
			}
		}
	})
}
