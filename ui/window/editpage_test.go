package window

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
)

// everything is a definition with all there is, but what excludes the rest.
func everything() control.NewFeed {
	return control.NewFeed{
		ID: "ci", URL: "wss://ci.example.org/live?token=***", Name: "CI", Transport: subscriptions.TransportWebSocket,
		Headers: []subscriptions.Header{{Name: "X-Org", Value: "7"}, {Name: "X-Empty"}},
		Settings: subscriptions.Settings{
			Subprotocols: []string{"graphql-transport-ws"},
			Frames:       []subscriptions.Frame{{Send: "{\n  \"type\": \"init\"\n}"}, {After: `data.type == "ack"`, Send: `{"since":{{ cursor }}}`}},
			Heartbeat:    subscriptions.Heartbeat{Send: `{"type":"ping"}`, Every: subscriptions.Duration(90 * time.Second), Expect: `{"type":"pong"}`, Within: subscriptions.Duration(5 * time.Second)},
			Conversation: subscriptions.Conversation{
				Replies:  []subscriptions.Reply{{When: `data.type == "ping"`, Send: " {\"type\":\"pong\"}\n"}, {When: "true", Send: "x", Post: "/ack"}},
				Closed:   `data.type == "bye"`,
				Refused:  `data.type == "denied"`,
				Missed:   `data.type == "lost"`,
				Remember: map[string]string{"epoch": "data.epoch", "a": "data.a"},
			},
			KeepAlive: subscriptions.Duration(1500 * time.Millisecond),
			Resume:    subscriptions.Resume{By: subscriptions.ResumeByBackfill, Field: "id", Param: "p", Start: "0", Backfill: subscriptions.Backfill{URL: "/m", Order: subscriptions.BackfillBackwards, Param: "since", Items: "items", ID: "id", Payload: "body"}},
			Dedupe:    subscriptions.Dedupe{Field: "id"},
			Mapping: subscriptions.Mapping{
				Format: subscriptions.FormatJSON, KeepAlive: "a", Skip: "b", Events: "data.e", Notify: "c", Title: " {{ data.t }} ", Body: "{{ data.b }}\n",
				Link: "l", Priority: "4", Tags: "x", Icon: "i", Image: "m", Actions: "d", Time: "t", ID: "id", Type: "ty", Group: "g", Cursor: "cu",
			},
			Poll: subscriptions.Poll{Interval: subscriptions.Duration(2 * time.Minute), Items: "a.b"},
			Notify: subscriptions.Notify{
				Off: true, MinPriority: 4, Burst: 7, Every: subscriptions.Duration(time.Hour), Sound: "bell", Exec: []string{"notify", " spaced ", ""},
				ExecTimeout: subscriptions.Duration(3 * time.Second), ActionHosts: []string{"a.example.org"},
			},
			Silence: subscriptions.Silence{After: subscriptions.Duration(24 * time.Hour), When: "event.priority > 2"},
			Forwards: []subscriptions.Forward{
				{Name: "phone", To: subscriptions.ForwardNtfy, URL: "https://ntfy.example.org/me", When: "true", MinPriority: 4, Body: "{{ event.title }}", Headers: []subscriptions.Header{{Name: "X-A", Value: "***"}}},
				{Name: "prog", To: subscriptions.ForwardProgram, Program: []string{"run", "--x"}},
				{Name: "hub", To: subscriptions.ForwardMercure, URL: "https://hub.example.org/", Topic: "t"},
				{Name: "later", To: "a kind from the future", URL: "https://x.example.org/"},
			},
			Keep:        subscriptions.Keep{Days: 30, Events: subscriptions.KeepAll},
			MaxAttempts: 9,
		},
		Auth: []control.NewCredential{
			{Credential: subscriptions.Credential{By: subscriptions.AuthBearer, Secret: control.KeptSecret}},
			{Credential: subscriptions.Credential{By: subscriptions.AuthHeader, Name: "X-Key", Secret: "env:KEY"}},
			{Credential: subscriptions.Credential{By: subscriptions.AuthForward, Name: "phone", Secret: `command:["pass","x"]`}},
		},
		TLS:    subscriptions.TLS{CAFile: "/ca.pem", Pins: []string{strings.Repeat("ab", 32)}, CertFile: "/c.pem", KeyFile: "/k.pem"},
		Proxy:  "socks5://proxy.example.org:1080",
		Paused: true,
		Look:   subscriptions.Look{Folder: "Work", Icon: "🚀", Colour: "teal"},
	}
}

func editable() *fake {
	f := plenty()
	f.desk.definitions = []control.NewFeed{{ID: "other", URL: "https://other.example.org/"}, everything()}
	return f
}

// editing waits for the page of the feed that is to be edited.
func editing(h *harness) *editPage {
	h.t.Helper()
	h.until("the definition", func() bool {
		e, ok := h.page.(*editPage)
		return ok && e.loaded
	})
	e := h.page.(*editPage)
	h.until("the payloads", func() bool { return e.mapper.samples.count > 0 })
	return e
}

func edit(t *testing.T, f *fake) (*harness, *editPage) {
	t.Helper()
	h := open(t, f, Options{Show: control.Show{Page: control.PageEdit, Feed: "ci"}})
	h.loaded()
	return h, editing(h)
}

// saved presses Save and is what was saved.
func (h *harness) savedFeed(e *editPage) control.NewFeed {
	h.t.Helper()
	e.submit()
	h.until("it is saved", func() bool { return e.saved && h.page == nil })
	var n control.NewFeed
	h.fake.with(func() { n = h.fake.desk.changed })
	return n
}

// What nobody touched survives as it is, also what cannot be edited here.
func TestEditKeepsEverything(t *testing.T) {
	h, e := edit(t, editable())
	if e.dirty() {
		for _, i := range e.inputs() {
			if i.dirty() {
				t.Errorf("%T %v is taken for changed", i, i)
			}
		}
	}
	n, ok := e.edit()
	if d := cmp.Diff(everything(), n); d != "" || !ok {
		t.Errorf("an untouched definition changed:\n%s", d)
	}
	e.sections[0].inputs[0].(*textInput).entry.SetText("Builds")
	want := everything()
	want.Name = "Builds"
	if d := cmp.Diff(want, h.savedFeed(e)); d != "" {
		t.Error(d)
	}
	if h.choice.feed != "ci" {
		t.Error("the feed is not shown")
	}
}

// input finds one by the words of its label.
func (e *editPage) input(t *testing.T, section, label string) input {
	t.Helper()
	for _, s := range e.sections {
		for _, i := range s.inputs {
			if s.key != section {
				continue
			}
			switch i := i.(type) {
			case *textInput:
				if i.title.Text == label {
					return i
				}
			case *choiceInput:
				if i.title.Text == label {
					return i
				}
			case *rowsInput:
				if i.title.Text == label {
					return i
				}
			case *checkInput:
				if i.check.Text == label {
					return i
				}
			}
		}
	}
	t.Fatalf("there is no input %q in %s", label, section)
	return nil
}

func TestEditEachKind(t *testing.T) {
	h := open(t, editable(), Options{})
	h.loaded()
	text := func(section, label, to string) func(*testing.T, *editPage) {
		return func(t *testing.T, e *editPage) { e.input(t, section, label).(*textInput).entry.SetText(to) }
	}
	rows := func(t *testing.T, e *editPage, section, label string) *rowsInput {
		return e.input(t, section, label).(*rowsInput)
	}
	for name, c := range map[string]struct {
		do   func(*testing.T, *editPage)
		want func(*control.NewFeed)
	}{
		"a duration":           {text("connection", "Every", "2m"), func(n *control.NewFeed) { n.Heartbeat.Every = subscriptions.Duration(2 * time.Minute) }},
		"no duration any more": {text("silence", "Tell me after silence of", ""), func(n *control.NewFeed) { n.Silence.After = 0 }},
		"a number":             {text("notify", "At once", "3"), func(n *control.NewFeed) { n.Notify.Burst = 3 }},
		"lines":                {text("notify", "Program to run", "a\n\n b \n"), func(n *control.NewFeed) { n.Notify.Exec = []string{"a", "b"} }},
		"all of history":       {text("history", "Keep events for (days)", "all"), func(n *control.NewFeed) { n.Keep.Days = subscriptions.KeepAll }},
		"the default history":  {text("history", "Keep at most (events)", ""), func(n *control.NewFeed) { n.Keep.Events = 0 }},
		"a template":           {text("mapping", "Title", "{{ data.x }}"), func(n *control.NewFeed) { n.Mapping.Title = "{{ data.x }}" }},
		"a condition":          {text("conversation", "Server refuses", "true"), func(n *control.NewFeed) { n.Conversation.Refused = "true" }},
		"a check that says the opposite": {func(t *testing.T, e *editPage) {
			e.input(t, "notify", "Notify about this feed").(*checkInput).check.SetChecked(true)
		}, func(n *control.NewFeed) { n.Notify.Off = false }},
		"a priority": {func(t *testing.T, e *editPage) {
			e.input(t, "notify", "From priority").(*choiceInput).choice.SetSelectedIndex(0)
		}, func(n *control.NewFeed) { n.Notify.MinPriority = 0 }},
		"another way to resume": {func(t *testing.T, e *editPage) {
			e.input(t, "connection", "Going on where it stopped").(*choiceInput).choice.SetSelectedIndex(1)
		}, func(n *control.NewFeed) {
			n.Resume.By, n.Resume.Backfill = subscriptions.ResumeByQuery, subscriptions.Backfill{}
		}},
		"a header goes": {func(t *testing.T, e *editPage) { r := rows(t, e, "connection", "Headers"); r.remove(r.rows[0]) }, func(n *control.NewFeed) {
			n.Headers = n.Headers[1:]
		}},
		"a header comes": {func(t *testing.T, e *editPage) {
			rows(t, e, "connection", "Headers").append(-1, []string{"X-New:", "v"})
			rows(t, e, "connection", "Headers").append(-1, []string{"", ""})
		}, func(n *control.NewFeed) {
			n.Headers = append(n.Headers, subscriptions.Header{Name: "X-New", Value: "v"})
		}},
		"another secret": {func(t *testing.T, e *editPage) {
			r := rows(t, e, "connection", "Credentials").rows[0]
			r.choices[2].SetSelectedIndex(0)
			r.texts[3].SetText("s3cret")
		}, func(n *control.NewFeed) { n.Auth[0].Secret, n.Auth[0].Value = "", "s3cret" }},
		"a secret elsewhere": {func(t *testing.T, e *editPage) {
			rows(t, e, "connection", "Credentials").rows[1].texts[4].SetText("OTHER")
		}, func(n *control.NewFeed) {
			n.Auth[1].Secret = "env:OTHER"
		}},
		"a reply": {func(t *testing.T, e *editPage) { rows(t, e, "conversation", "Replies").rows[1].texts[2].SetText(" y ") }, func(n *control.NewFeed) {
			n.Conversation.Replies[1].Send = " y "
		}},
		"a forward keeps what is not shown": {func(t *testing.T, e *editPage) {
			rows(t, e, "forwards", "Send events on").rows[0].texts[forwardURL].SetText("https://ntfy.example.org/you")
		}, func(n *control.NewFeed) { n.Forwards[0].URL = "https://ntfy.example.org/you" }},
		"a forward goes": {func(t *testing.T, e *editPage) {
			r := rows(t, e, "forwards", "Send events on")
			r.remove(r.rows[1])
		}, func(n *control.NewFeed) { n.Forwards = slices.Delete(n.Forwards, 1, 2) }},
	} {
		t.Run(name, func(t *testing.T) {
			h.openEdit("ci")
			e := editing(h)
			c.do(t, e)
			want := everything()
			c.want(&want)
			if d := cmp.Diff(want, h.savedFeed(e)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestEditTellsWhatItDoes(t *testing.T) {
	f := editable()
	f.desk.change = control.Change{ForgetsCursor: true, NewSecrets: 1}
	h, e := edit(t, f)
	h.win.Canvas().Focus(e.input(t, "basics", "Address").focused())
	h.typed("x")
	h.advance(previewDelay)
	h.until("it says so", func() bool { return strings.HasPrefix(e.note.Text, "The feed begins anew") })
	if !strings.HasSuffix(e.note.Text, "1 new secret is kept safe.") {
		t.Errorf("says %q", e.note.Text)
	}
}

func TestEditErrors(t *testing.T) {
	for name, c := range map[string]struct {
		message, section, label, want string
	}{
		"a name with a colon":   {"notify.burst: 1 to 1000 notifications may come at once", "notify", "At once", "1 to 1000 notifications may come at once."},
		"a template":            {"mapping.title: unexpected token, at column 3", "mapping", "Title", "Unexpected token, at column 3."},
		"a numbered thing":      {"reply 2: it does not say to what", "conversation", "Replies", "It does not say to what."},
		"a forward":             {`forward "phone": a priority is 1 to 5`, "forwards", "Send events on", "Forward \"phone\": a priority is 1 to 5."},
		"a credential":          {"a bearer credential has no name", "connection", "Credentials", "A bearer credential has no name."},
		"the proxy":             {"a proxy is http://HOST:PORT, socks5://HOST:PORT or none", "connection", "Proxy", "A proxy is http://HOST:PORT, socks5://HOST:PORT or none."},
		"timeouts of a program": {"notify.exec_timeout: up to 10m0s", "notify", "It may take", "Up to 10m0s."},
		"a silence":             {"silence.when needs silence.after", "silence", "Events that count", "Silence.when needs silence.after."},
	} {
		t.Run(name, func(t *testing.T) {
			f := editable()
			h, e := edit(t, f)
			e.input(t, "basics", "Name").(*textInput).entry.SetText("x")
			f.with(func() { f.failure = &control.Error{Status: 400, Message: c.message} })
			e.submit()
			h.until("the answer", func() bool { return !e.busy })
			i := e.input(t, c.section, c.label)
			if !i.ails() {
				t.Fatalf("nothing is said there, but %q", e.note.Text)
			}
			if e.sections[e.at].key != c.section || !e.sections[e.at].row.ails {
				t.Errorf("section %s is shown", e.sections[e.at].key)
			}
			var got string
			switch i := i.(type) {
			case *textInput:
				got = i.error.Text
			case *rowsInput:
				got = i.error.Text
			}
			if got != c.want {
				t.Errorf("says %q, want %q", got, c.want)
			}
		})
	}
}

func TestEditOwnErrors(t *testing.T) {
	h, e := edit(t, editable())
	e.input(t, "silence", "Tell me after silence of").(*textInput).entry.SetText("soon")
	e.submit()
	if e.sections[e.at].key != "silence" || e.busy || h.fake.has("change ci") {
		t.Error("a duration that is none was saved")
	}
	if got := e.input(t, "silence", "Tell me after silence of").(*textInput).hint.Text; !strings.Contains(got, "30s") {
		t.Errorf("advises %q", got)
	}
}

func TestEditTrial(t *testing.T) {
	f := editable()
	shown := func(title string) control.Outcome { return control.Outcome{Events: []control.Shown{{Title: title}}} }
	f.desk.trials = []control.Trial{
		{Before: shown("a"), After: shown("a")},
		{Before: shown("b"), After: control.Outcome{Skipped: true}},
	}
	h, e := edit(t, f)
	test.Tap(e.trial.button)
	h.until("the result", func() bool { return e.trial.sum.Text == "1 of 2 events change." })
	if _, first := e.trial.list.Objects[0].(*surface); !first || len(e.trial.list.Objects) != 2 {
		t.Error("what changes does not stand out")
	}
}

func TestEditDiscardedAndUndone(t *testing.T) {
	h, _ := edit(t, editable())
	h.key(fyne.KeyEscape)
	if h.page != nil || h.notices.bars[noticeUndo].Visible() {
		t.Fatal("without a change there is something to undo")
	}
	h.openEdit("ci")
	e := editing(h)
	h.typed("x")
	h.key(fyne.KeyEscape)
	if h.page != nil || h.notices.bars[noticeUndo].text.Text != "Changes discarded." {
		t.Fatal("the change is not told of")
	}
	h.notices.bars[noticeUndo].button.OnTapped()
	if h.page != page(e) || !e.dirty() || h.notices.bars[noticeUndo].Visible() {
		t.Error("the change is lost")
	}
	h.key(fyne.KeyEscape)
	h.advance(undoFor)
	if h.notices.bars[noticeUndo].Visible() {
		t.Error("the notice stays")
	}
}

func TestEditGone(t *testing.T) {
	f := plenty()
	h := open(t, f, Options{Show: control.Show{Page: control.PageEdit, Feed: "ci"}})
	h.loaded()
	h.until("it says so", func() bool {
		e, ok := h.page.(*editPage)
		return ok && e.empty.title.Text == "This feed is gone"
	})
}

// Enter saves; with many lines Ctrl+Enter does.
func TestEditKeys(t *testing.T) {
	h, e := edit(t, editable())
	h.typed("x")
	h.key(fyne.KeyReturn)
	h.until("it is saved", func() bool { return h.fake.has("change ci") && h.page == nil })
	if e.definition.Name != "CI" {
		t.Error("the definition was changed in place")
	}
}

// What has the focus is in sight.
func TestFormFollowsTheFocus(t *testing.T) {
	h, e := edit(t, editable())
	for at, s := range e.sections {
		e.show(at)
		for _, i := range s.inputs {
			o, ok := i.focused().(fyne.CanvasObject)
			if !ok || !i.object().Visible() || !o.Visible() || s.key == "mapping" {
				continue
			}
			h.win.Canvas().Focus(i.focused())
			driver := fyne.CurrentApp().Driver()
			top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(s.form.scroll).Y
			if top < 0 || top+o.Size().Height > s.form.scroll.Size().Height {
				t.Errorf("%s: an input is at %v of %v", s.key, top, s.form.scroll.Size().Height)
			}
		}
	}
}

func TestEditPages(t *testing.T) {
	for at, name := range []string{"basics", "connection", "conversation", "mapping", "notify", "silence", "forwards", "history"} {
		t.Run(name, func(t *testing.T) {
			h, e := edit(t, editable())
			e.show(at)
			if got := e.MinSize(); got.Width > minWidth-sidebarWidth-1 {
				t.Errorf("the page wants %v", got)
			}
			h.golden("edit-" + name)
		})
	}
}
