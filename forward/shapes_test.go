package forward

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"

	"github.com/google/go-cmp/cmp"
)

// full is an event with everything.
var full = subscriptions.Event{
	MessageID: "m7", Type: "deploy", Title: "部署 <done> \"ok\"", Body: "line 1\nline 2", Link: "https://ci.example.org/7", Priority: 4,
	Tags: []string{"ci", "prod"}, Group: "web", Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Received: time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC),
	Raw: `{"title":"raw","n":12345678901234567890}`,
	Actions: []subscriptions.Action{
		{Label: "Look", URL: "https://ci.example.org/look"},
		{Label: "Retry", URL: "https://ci.example.org/retry", Method: "POST", Headers: []subscriptions.Header{{Name: "Authorization", Value: "Bearer hush"}}},
	},
}

// sendOne is what one rule sends of one event, and what is told of it.
func sendOne(t *testing.T, w subscriptions.Forward, e subscriptions.Event) (got sent, told string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		f, to, _ := bench(t, m)
		defer f.Close()
		f.Start(t.Context(), feed(w))
		m.add("ci", e)
		synctest.Wait()
		if all := to.requests(); len(all) == 1 {
			got = all[0]
		} else if len(all) > 1 {
			t.Errorf("%d requests", len(all))
		}
		told = strings.Join(m.told(), "\n")
	})
	return got, told
}

func TestWebhook(t *testing.T) {
	w := hook("team")
	w.Headers = []subscriptions.Header{{Name: "X-Trace", Value: "bellwire"}}
	got, _ := sendOne(t, w, full)
	want := `{"version":1,"instance":"` + instance + `","via":["` + instance + `"],"feed":{"id":"ci","name":"CI"},"seq":1,"key":"` + instance + `-1","kind":"event","type":"deploy","id":"m7",` +
		`"title":"部署 <done> \"ok\"","body":"line 1\nline 2","link":"https://ci.example.org/7","priority":4,"tags":["ci","prod"],"group":"web",` +
		`"time":"2026-03-01T12:00:00Z","received":"2026-03-01T12:00:01Z","data":{"title":"raw","n":12345678901234567890}}`
	if d := cmp.Diff(want, got.Body); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	h := got.Header
	if h.Get("Content-Type") != "application/json" || h.Get("Idempotency-Key") != instance+"-1" || h.Get("X-Trace") != "bellwire" || h.Get("User-Agent") != "bellwire" || h.Get("Authorization") != "" {
		t.Errorf("%v", h)
	}
	// Another Bellwire understands it without a mapping.
	d, err := decode.Compile(subscriptions.Feed{ID: "x", Name: "X"})
	if err != nil {
		t.Fatal(err)
	}
	events := d.Decode(subscriptions.Message{Data: got.Body, Received: full.Received}, "").Events
	if len(events) != 1 || events[0].Title != full.Title || events[0].Body != full.Body || events[0].Link != full.Link || events[0].Priority != 4 || !events[0].Time.Equal(full.Time) || len(events[0].Tags) != 2 || events[0].MessageID != "m7" {
		t.Errorf("%+v", events)
	}

	text := full
	text.Raw, text.Time, text.Tags = "no {json", time.Time{}, nil
	got, _ = sendOne(t, hook("team"), text)
	if !strings.Contains(got.Body, `"data":"no {json"`) || strings.Contains(got.Body, `"time"`) || !strings.Contains(got.Body, `"tags":[]`) {
		t.Error(got.Body)
	}
	large := full
	large.Raw = `"` + strings.Repeat("x", 1<<19) + `"`
	got, _ = sendOne(t, hook("team"), large)
	if !json.Valid([]byte(got.Body)) || !strings.Contains(got.Body, `"data_omitted":true`) || strings.Contains(got.Body, `"data":`) {
		t.Errorf("%.300s", got.Body)
	}
}

func TestBodies(t *testing.T) {
	for name, tc := range map[string]struct {
		body, contentType string
		want, told        string
	}{
		"JSON":         {body: `{"text":"{{ event.title }} in {{ feed.name }}","p":{{ event.priority }},"none":{{ data.none }},"via":{{ event.via }}}`, want: `{"text":"部署 <done> \"ok\" in CI","p":4,"none":null,"via":["` + instance + `"]}`, told: "1 forwarded  team"},
		"the payload":  {body: `{{ raw }}`, want: full.Raw, told: "1 forwarded  team"},
		"the event":    {body: `{"event":{{ event.tags }}}`, want: `{"event":["ci","prod"]}`, told: "1 forwarded  team"},
		"no JSON":      {body: `{{ event.title }}`, told: "1 kept  team: its body is no JSON for this event"},
		"a text":       {body: `{{ event.title }}!`, contentType: "text/plain; charset=utf-8", want: `部署 <done> "ok"!`, told: "1 forwarded  team"},
		"that fails":   {body: `{{ int(event.title) }}`, told: "1 kept  team: its body: "},
		"of much text": {body: strings.Repeat(`{{ raw }}`, 1), contentType: "text/plain", want: full.Raw, told: "1 forwarded  team"},
	} {
		t.Run(name, func(t *testing.T) {
			w := hook("team")
			w.Body = tc.body
			if tc.contentType != "" {
				w.Headers = []subscriptions.Header{{Name: "content-type", Value: tc.contentType}}
			}
			got, told := sendOne(t, w, full)
			if d := cmp.Diff(tc.want, got.Body); d != "" || !strings.HasPrefix(told, tc.told) {
				t.Errorf("%s\n%s", d, told)
			}
			if got.URL != "" && tc.contentType != "" && got.Header.Get("Content-Type") != tc.contentType {
				t.Errorf("%v", got.Header)
			}
		})
	}
	w := hook("team")
	w.Body = `{"a":"{{ raw }}"}`
	large := full
	large.Raw = strings.Repeat("x", 300<<10)
	if got, told := sendOne(t, w, large); told != "1 kept  team: what is to be sent is larger than 256 KiB" || got.URL != "" {
		t.Errorf("%s %s", got.URL, told)
	}
}

func TestNtfy(t *testing.T) {
	w := subscriptions.Forward{Name: "phone", To: subscriptions.ForwardNtfy, URL: "https://push.example.org/base/alerts"}
	got, told := sendOne(t, w, full)
	want := `{"topic":"alerts","title":"部署 <done> \"ok\"","message":"line 1\nline 2","priority":4,"tags":["via-bellwire-01234567","ci","prod"],"click":"https://ci.example.org/7",` +
		`"actions":[{"action":"view","label":"Look","url":"https://ci.example.org/look"}]}`
	if d := cmp.Diff(want, got.Body); d != "" || got.URL != "https://push.example.org/base/" || told != "1 forwarded  phone" {
		t.Errorf("%s %s\n%s", got.URL, told, d)
	}
	bare := subscriptions.Event{Title: "Only a title", Tags: []string{"via-bellwire-ffffffff"}}
	w.URL = "https://push.example.org/alerts"
	got, _ = sendOne(t, w, bare)
	want = `{"topic":"alerts","title":"CI","message":"Only a title","priority":3,"tags":["via-bellwire-ffffffff","via-bellwire-01234567"]}`
	if d := cmp.Diff(want, got.Body); d != "" || got.URL != "https://push.example.org/" {
		t.Errorf("%s\n%s", got.URL, d)
	}
	w.Body = "{{ event.title }}: {{ raw }}"
	long := full
	long.Raw = strings.Repeat("ä", 5000)
	got, _ = sendOne(t, w, long)
	var n ntfyMessage
	if err := json.Unmarshal([]byte(got.Body), &n); err != nil || len(n.Message) > maxNtfyMessage || !strings.HasPrefix(n.Message, full.Title+": ää") || !strings.HasSuffix(n.Message, "ä…") {
		t.Errorf("%d bytes, %v", len(n.Message), err)
	}
}

func TestMercure(t *testing.T) {
	w := subscriptions.Forward{Name: "hub", To: subscriptions.ForwardMercure, URL: "https://hub.example.org/.well-known/mercure", Topic: "https://example.org/books/1"}
	got, _ := sendOne(t, w, full)
	form, err := url.ParseQuery(got.Body)
	if err != nil || got.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || got.URL != w.URL {
		t.Fatalf("%v %v %s", err, got.Header, got.URL)
	}
	if form.Get("topic") != w.Topic || form.Get("id") != "urn:bellwire:"+instance+":1" || form.Get("type") != "deploy" || !strings.Contains(form.Get("data"), `"via":["`+instance+`"]`) {
		t.Errorf("%v", form)
	}
	for body, want := range map[string]string{
		`{{ event.title }}`:         full.Title,
		`{"t":"{{ event.title }}"}`: `{"t":"部署 <done> \"ok\""}`,
	} {
		w.Body = body
		got, _ := sendOne(t, w, full)
		if form, _ := url.ParseQuery(got.Body); form.Get("data") != want {
			t.Errorf("%s: %v", body, form)
		}
	}
}

func TestProgram(t *testing.T) {
	m := newMemory()
	f, _, _ := bench(t, m)
	defer f.Close()
	out := filepath.Join(t.TempDir(), "out")
	done := make(chan struct{})
	changed := &announcing{m, done, 2}
	f.opts.Store = changed
	f.Start(t.Context(), feed(
		subscriptions.Forward{Name: "file", To: subscriptions.ForwardProgram, Program: []string{"sh", "-c", `cat > "$1"`, "sh", out}},
		subscriptions.Forward{Name: "fails", To: subscriptions.ForwardProgram, Program: []string{"sh", "-c", "echo tried >> \"$1.tries\"; echo no luck >&2; exit 3", "sh", out}},
	))
	m.add("ci", full)
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("waited in vain")
	}
	b, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(b), `"title":"部署 <done> \"ok\""`) || !strings.HasSuffix(string(b), "}\n") {
		t.Errorf("%s, %v", b, err)
	}
	tries, err := os.ReadFile(out + ".tries")
	told := strings.Join(m.told(), "\n")
	if string(tries) != "tried\ntried\ntried\n" || err != nil || !strings.Contains(told, "1 forwarded  file") || !strings.Contains(told, "1 kept  fails: ") || !strings.Contains(told, "no luck") {
		t.Errorf("%q, %v\n%s", tries, err, told)
	}
}

// announcing is a memory that tells when so many steps are noted.
type announcing struct {
	*memory
	done chan struct{}
	left int
}

func (a *announcing) Forwarded(ctx context.Context, feed, name string, through int64, steps ...subscriptions.Delivery) error {
	err := a.memory.Forwarded(ctx, feed, name, through, steps...)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left -= len(steps); a.left == 0 {
		close(a.done)
	}
	return err
}
