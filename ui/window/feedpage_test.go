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

var ntfyFound = subscriptions.Detection{
	Asked: "https://ntfy.example.org/deploys",
	Candidates: []subscriptions.Candidate{{
		Preset: "ntfy", Title: "ntfy", Confidence: subscriptions.Certain, Why: "the server says so", Transport: subscriptions.TransportSSE,
		URL: "https://ntfy.example.org/deploys/sse", Options: map[string]string{"topic": "deploys"},
		Needs: []subscriptions.Need{{By: subscriptions.AuthBearer, About: "An access token, where the topic is protected.", Optional: true}},
	}},
}

const deployed = `{"title":"Deploy 412 failed","message":"Step “test” exit 1","commit":{"author":"Ana","a b":1},"files":[{"name":"x.go"}],"url":"https://ci.example.org/412","prio":5,"tags":["ci","prod"]}`

func opened() *subscriptions.Status { return &subscriptions.Status{State: subscriptions.StateOpen} }

func cameIn(title, data string, at time.Time) control.Glimpse {
	return control.Glimpse{
		Payload: &control.Payload{Data: data, Received: at},
		Outcome: &control.Outcome{Events: []control.Shown{{Title: title, Body: "Step “test” ended with exit code 1.", Link: "https://ci.example.org/412", Priority: 5}}},
	}
}

// found is what a preview of an ntfy topic sees.
func found() []control.Glimpse {
	return []control.Glimpse{
		{Detection: &ntfyFound},
		{Feed: &control.NewFeed{
			URL: "https://ntfy.example.org/deploys/sse", Transport: subscriptions.TransportSSE,
			Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "{{ data.title }}", Tags: "{{ data.tags }}"}, Dedupe: subscriptions.Dedupe{Field: "id"}},
		}},
		{Status: opened()},
		cameIn("Deploy 411 passed", `{"title":"Deploy 411 passed"}`, noon.Add(-time.Minute)),
		cameIn("Deploy 412 failed", deployed, noon),
	}
}

// adding opens the page for adding a feed.
func adding(t *testing.T, f *fake) *harness {
	t.Helper()
	h := open(t, f, Options{Show: control.Show{Page: control.PageAdd}})
	h.loaded()
	if h.win.Canvas().Focused() != h.add.address {
		t.Fatal("the address has no focus")
	}
	return h
}

// previewed types an address and waits until it is looked at.
func (h *harness) previewed(address string) {
	h.t.Helper()
	h.typed(address)
	h.advance(previewDelay)
	if got := h.look(); got.URL != address {
		h.t.Fatalf("looks at %q", got.URL)
	}
}

// look waits for the next preview.
func (h *harness) look() control.NewFeed {
	h.t.Helper()
	timeout := time.After(deadline)
	for {
		select {
		case n := <-h.fake.desk.looked:
			return n
		case f := <-h.queue:
			f()
		case <-timeout:
			h.t.Fatal("it does not look")
		}
	}
}

func TestAddLooksWhenTypingRests(t *testing.T) {
	f := plenty()
	f.desk.glimpses = found()
	h := adding(t, f)
	h.typed("ntfy.example.org/dep")
	h.advance(previewDelay / 2)
	h.typed("loys")
	h.advance(previewDelay / 2)
	if slices.ContainsFunc(f.calls, func(c string) bool { return strings.HasPrefix(c, "preview") }) {
		t.Error("it looked while typing went on")
	}
	h.advance(previewDelay / 2)
	h.until("the events", func() bool { return h.add.events == 2 })
	if d := cmp.Diff(control.NewFeed{URL: "ntfy.example.org/deploys", Detect: true}, f.desk.tried); d != "" {
		t.Error(d)
	}
	if got := h.add.found.title.Text; got != "This is ntfy." {
		t.Errorf("found %q", got)
	}
	if got := h.add.state.text.Text; got != "Connected. 2 events so far." {
		t.Errorf("the state is %q", got)
	}
	if got := h.add.look.name.entry.Text; got != "deploys" {
		t.Errorf("the name is %q", got)
	}
	if got := h.add.mapper.card.title.Text; got != "Deploy 412 failed" {
		t.Errorf("the card says %q", got)
	}
}

// What was looked at is what is saved.
func TestAddSavesWhatWasFound(t *testing.T) {
	f := plenty()
	f.desk.glimpses = found()
	h := adding(t, f)
	h.previewed("ntfy.example.org/deploys")
	h.until("the events", func() bool { return h.add.events == 2 })
	h.add.look.icon.entry.SetText("🚀")
	h.add.look.colour.palette.choose(3)
	h.add.look.folder.entry.SetText(" Work ")
	h.win.Canvas().Focus(h.add.address)
	h.key(fyne.KeyReturn)
	h.until("the feed is shown", func() bool { return h.choice.feed == "new" })
	want := *found()[1].Feed
	want.Name = "deploys"
	want.Look = subscriptions.Look{Icon: "🚀", Colour: subscriptions.Colours[2], Folder: "Work"}
	if d := cmp.Diff(want, f.added); d != "" {
		t.Error(d)
	}
	if h.panes.page != nil || h.notices.bars[noticeUndo].Visible() {
		t.Error("the page is still open, or told of as discarded")
	}
}

// Nothing has to be found for a feed to be saved: Enter looks, Enter again
// saves.
func TestAddWithoutAnEvent(t *testing.T) {
	f := plenty()
	f.desk.glimpses = []control.Glimpse{{Status: opened()}}
	h := adding(t, f)
	h.typed("news.example.org/stream")
	h.key(fyne.KeyReturn)
	h.until("it waits for events", func() bool { return h.add.state.text.Text == "Connected. Waiting for the first event…" })
	h.key(fyne.KeyReturn)
	h.until("the feed is shown", func() bool { return h.choice.feed == "new" })
	if d := cmp.Diff(control.NewFeed{URL: "news.example.org/stream", Detect: true}, f.added); d != "" {
		t.Error(d)
	}
}

func TestAddAsASingleKind(t *testing.T) {
	f := plenty()
	h := adding(t, f)
	h.typed("news.example.org/stream")
	h.add.kind.choice.SetSelectedIndex(1)
	h.add.headers.append(-1, []string{"X-Org", "7"})
	h.add.look.name.entry.SetText(" News ")
	h.advance(previewDelay)
	h.look()
	h.add.submit()
	h.until("the feed is shown", func() bool { return h.choice.feed == "new" })
	want := control.NewFeed{
		URL: "https://news.example.org/stream", Name: "News", Transport: subscriptions.TransportSSE,
		Headers: []subscriptions.Header{{Name: "X-Org", Value: "7"}},
	}
	if d := cmp.Diff(want, f.added); d != "" {
		t.Error(d)
	}
}

// Progress is shown only for what takes a while, and can be stopped.
func TestAddLooking(t *testing.T) {
	h := adding(t, plenty())
	h.previewed("https://slow.example.org/")
	if h.add.state.text.Text != "" || h.add.state.cancel.Visible() {
		t.Error("progress shows at once")
	}
	h.advance(progressAfter)
	if got := h.add.state.text.Text; got != "Looking…" || !h.add.state.cancel.Visible() {
		t.Errorf("says %q", got)
	}
	test.Tap(h.add.state.cancel)
	if h.add.looking || h.add.state.text.Text != "" {
		t.Error("it goes on looking")
	}
	h.add.submit()
	h.until("it can be saved all the same", func() bool { return h.choice.feed == "new" })
}

func TestAddSeveralCandidates(t *testing.T) {
	f := plenty()
	d := subscriptions.Detection{Asked: "https://x.example.org/", Candidates: []subscriptions.Candidate{
		{Preset: "gotify", Title: "Gotify", Confidence: subscriptions.Likely, Why: "the address fits", Needs: []subscriptions.Need{{By: subscriptions.AuthHeader, Name: "X-Gotify-Key", About: "A client token."}}},
		{Preset: "mercure", Title: "Mercure", Confidence: subscriptions.Possible, Why: "the address fits", Missing: []subscriptions.MissingOption{{Name: "topic", About: "What to listen to."}}},
		{Title: "Server-Sent Events", Confidence: subscriptions.Possible, Why: "it streams", Transport: subscriptions.TransportSSE, URL: "https://x.example.org/events"},
	}}
	f.desk.glimpses = []control.Glimpse{{Detection: &d}}
	h := adding(t, f)
	h.previewed("x.example.org")
	h.until("the candidates", func() bool { return len(h.add.found.rows) == 3 })

	test.Tap(h.add.found.rows[1])
	topic := h.add.found.inputs["topic"]
	if topic == nil || h.win.Canvas().Focused() != topic {
		t.Fatal("the topic is not asked for")
	}
	h.typed("builds")
	h.advance(previewDelay)
	want := control.NewFeed{URL: "https://x.example.org/", Preset: "mercure", Options: map[string]string{"topic": "builds"}}
	if d := cmp.Diff(want, h.look()); d != "" {
		t.Error(d)
	}

	f.with(func() { f.desk.glimpses = []control.Glimpse{{Status: opened()}} })
	test.Tap(h.add.found.rows[0])
	if h.win.Canvas().Focused() != h.add.secret || h.add.token.about.Text != "A client token." {
		t.Fatal("the token is not asked for")
	}
	h.typed("s3cret")
	h.advance(previewDelay)
	want = control.NewFeed{URL: "https://x.example.org/", Preset: "gotify", Auth: []control.NewCredential{
		{Credential: subscriptions.Credential{By: subscriptions.AuthHeader, Name: "X-Gotify-Key"}, Value: "s3cret"},
	}}
	if d := cmp.Diff(want, h.look()); d != "" {
		t.Error(d)
	}
}

// last is what was last previewed, tried or changed to.
func (d *desk) last(f *fake) (n control.NewFeed) {
	f.with(func() { n = d.tried })
	return n
}

func TestAddErrors(t *testing.T) {
	status := func(code subscriptions.Code, s subscriptions.State) []control.Glimpse {
		return []control.Glimpse{{Status: &subscriptions.Status{State: s, Code: code, Next: noon.Add(time.Minute)}}}
	}
	for name, c := range map[string]struct {
		url              string
		glimpses         []control.Glimpse
		end, failure     error
		field            func(*addPage) *formField
		wantErr, wantTip string
	}{
		"nothing":       {"", nil, nil, nil, (*addPage).urlField, "This is not an address Bellwire can use.", "It starts with"},
		"no address":    {"ftp://host/", nil, nil, nil, (*addPage).urlField, "This is not an address Bellwire can use.", "It starts with"},
		"unreachable":   {"https://host/", status(subscriptions.CodeUnreachable, subscriptions.StateWaiting), nil, nil, (*addPage).urlField, "The server cannot be reached.", "Check the address"},
		"not a stream":  {"https://host/", status(subscriptions.CodeNotStream, subscriptions.StateBlocked), nil, nil, (*addPage).urlField, "This is not a stream.", "another kind"},
		"no token":      {"https://host/", status(subscriptions.CodeUnauthorized, subscriptions.StateBlocked), nil, nil, (*addPage).tokenField, "Credentials are missing or wrong.", "Paste a token"},
		"a certificate": {"https://host/", status(subscriptions.CodeCertificate, subscriptions.StateBlocked), nil, nil, (*addPage).urlField, "The certificate is not trusted.", "trust its certificate"},
		"the preview is refused": {
			"https://host/", nil, &control.Error{Status: 400, Message: "gotify wants a credential"}, nil, (*addPage).tokenField, "Gotify wants a credential.", "Paste a token",
		},
		"saving is refused": {
			"https://host/", nil, nil, &control.Error{Status: 409, Message: "there is such a feed already", Hint: "It is called “ci”."}, (*addPage).urlField, "There is such a feed already.", "It is called “ci”.",
		},
		"no daemon": {"https://host/", nil, nil, control.ErrNoDaemon, (*addPage).urlField, "Bellwire is not running.", "Start it"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.desk.glimpses, f.desk.glimpseErr = c.glimpses, c.end
			h := adding(t, f)
			h.typed(c.url)
			h.key(fyne.KeyReturn)
			if c.failure != nil {
				f.with(func() { f.failure = c.failure })
				h.add.submit()
			}
			field := c.field(h.add)
			h.until("an error", func() bool { return field.error.Visible() && !h.add.busy })
			if got := field.error.Text; got != c.wantErr {
				t.Errorf("says %q, want %q", got, c.wantErr)
			}
			if got := field.hint.Text; !strings.Contains(got, c.wantTip) {
				t.Errorf("advises %q, want %q", got, c.wantTip)
			}
			if h.panes.page != h.add.Container {
				t.Error("the page was closed")
			}
		})
	}
}

func (a *addPage) urlField() *formField   { return a.url }
func (a *addPage) tokenField() *formField { return a.token }

func TestAddWrongToken(t *testing.T) {
	f := plenty()
	refused := control.Glimpse{Status: &subscriptions.Status{State: subscriptions.StateBlocked, Code: subscriptions.CodeUnauthorized}}
	f.desk.glimpses = []control.Glimpse{{Detection: &ntfyFound}, refused}
	h := adding(t, f)
	h.previewed("ntfy.example.org/deploys")
	h.until("a token is asked for", func() bool { return h.add.token.error.Visible() })
	h.add.secret.SetText("wrong")
	h.advance(previewDelay)
	h.until("it is refused", func() bool { return strings.HasPrefix(h.add.token.hint.Text, "This token was refused") })
	want := control.NewFeed{URL: "https://ntfy.example.org/deploys", Preset: "ntfy", Auth: []control.NewCredential{
		{Credential: subscriptions.Credential{By: subscriptions.AuthBearer}, Value: "wrong"},
	}}
	if d := cmp.Diff(want, f.desk.last(f)); d != "" {
		t.Error(d)
	}
}

func TestClickToMap(t *testing.T) {
	f := plenty()
	f.desk.glimpses = found()
	h := adding(t, f)
	h.previewed("ntfy.example.org/deploys")
	h.until("the events", func() bool { return h.add.events == 2 })
	m := h.add.mapper
	test.Tap(m.samples.rows[0])
	if got := m.samples.picked.payload.Data; got != deployed {
		t.Fatalf("looks into %q", got)
	}
	var names []string
	for _, fl := range m.fields.fields {
		names = append(names, fl.name)
	}
	want := []string{"title", "message", "commit.author", "commit.a b", "files[0].name", "url", "prio", "tags"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	click := func(field int, target string) {
		t.Helper()
		for _, item := range m.menu(m.fields.rows[field].template).Items {
			if item.Label == targetName(target) {
				item.Action()
				return
			}
		}
		t.Fatalf("there is no %s", target)
	}
	f.with(func() {
		f.desk.outcomes = []control.Outcome{{Events: []control.Shown{{Title: "Ana"}}}, {Events: []control.Shown{{Title: "nobody"}}}}
	})
	click(2, "title")
	click(3, "body")
	if got := m.exprs["title"].entry.Text; got != "{{ data.commit.author }}" {
		t.Errorf("the title is %q", got)
	}
	if got := m.exprs["body"].entry.Text; got != `{{ data.commit["a b"] }}` {
		t.Errorf("the body is %q", got)
	}
	if d := cmp.Diff([]string{"Title"}, m.uses(m.fields.rows[2].template)); d != "" {
		t.Error(d)
	}
	h.advance(searchDelay)
	h.until("the card follows", func() bool { return m.card.title.Text == "Ana" })
	click(3, "body")
	if got := m.exprs["body"].entry.Text; got != "" {
		t.Errorf("a second click leaves %q", got)
	}
	h.add.submit()
	h.until("the feed is shown", func() bool { return h.choice.feed == "new" })
	if d := cmp.Diff(subscriptions.Mapping{Title: "{{ data.commit.author }}", Tags: "{{ data.tags }}"}, f.added.Mapping); d != "" {
		t.Error(d)
	}
}

func TestMappingThatDoesNotCompile(t *testing.T) {
	f := plenty()
	f.desk.glimpses = found()
	h := adding(t, f)
	h.previewed("ntfy.example.org/deploys")
	h.until("the events", func() bool { return h.add.events == 2 })
	f.with(func() {
		f.failure = &control.Error{Status: 400, Message: "mapping.link: a closing }} is missing, at column 4", Hint: "See docs/expressions.md."}
	})
	link := h.add.mapper.exprs["link"]
	link.entry.SetText("{{ data.url")
	h.advance(searchDelay)
	h.until("the mistake", func() bool { return link.error.Visible() })
	if got := link.error.Text; got != "A closing }} is missing, at column 4." {
		t.Errorf("says %q", got)
	}
	if !h.add.mapper.more.open {
		t.Error("the expressions are hidden")
	}
}

// What is about to be clicked must not move.
func TestSamplesRestUnderThePointer(t *testing.T) {
	f := plenty()
	f.desk.glimpses = found()
	h := adding(t, f)
	h.previewed("ntfy.example.org/deploys")
	h.until("the events", func() bool { return h.add.events == 2 })
	s := h.add.mapper.samples
	s.rows[0].MouseIn(nil)
	h.add.saw([]control.Glimpse{cameIn("Deploy 413", `{}`, noon)})
	if s.rows[0].title.full != "Deploy 412 failed" || s.pill.Text != "1 new ↑" {
		t.Errorf("the first row is %q, the pill %q", s.rows[0].title.full, s.pill.Text)
	}
	test.Tap(s.pill)
	if s.rows[0].title.full != "Deploy 413" || s.pill.Visible() {
		t.Error("the pill does not show it")
	}
	s.rows[0].MouseOut()
	for i := range 3 * maxSamples {
		h.add.saw([]control.Glimpse{cameIn(strings.Repeat("x", i), `{}`, noon)})
	}
	if len(s.kept) != maxSamples {
		t.Errorf("%d are kept", len(s.kept))
	}
}

// Escape discards, and that can be undone.
func TestAddDiscardedAndUndone(t *testing.T) {
	f := plenty()
	f.desk.glimpses = found()
	h := adding(t, f)
	h.previewed("ntfy.example.org/deploys")
	h.until("the events", func() bool { return h.add.events == 2 })
	h.key(fyne.KeyEscape)
	bar := h.notices.bars[noticeUndo]
	if h.page != nil || !bar.Visible() || bar.text.Text != "The new feed was not saved." {
		t.Fatalf("says %q", bar.text.Text)
	}
	bar.button.OnTapped()
	h.until("it looks again", func() bool { return h.page == page(h.add) && h.add.events == 2 })
	if h.add.address.Text != "ntfy.example.org/deploys" || bar.Visible() {
		t.Error("what was written is lost")
	}
}

func TestWatchingIsBounded(t *testing.T) {
	w := &watching{}
	w.put(control.Glimpse{Status: opened()})
	for range 10 * maxUnseen {
		w.put(cameIn("x", "{}", noon))
	}
	seen, _, _ := w.take()
	if len(seen) > maxUnseen+1 || seen[0].Status == nil {
		t.Errorf("%d wait, the first is %+v", len(seen), seen[0])
	}
}

func TestPayloadFieldsAreBounded(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	wide := "{" + strings.TrimSuffix(strings.Repeat(`"k":1,`, 1000), ",") + "}"
	for name, raw := range map[string]string{"deep": deep, "wide": wide, "text": "no", "list": "[1]", "broken": `{"a":`, "empty": "{}", "none": ""} {
		if n := len(payloadFields(raw)); n > maxFields {
			t.Errorf("%s: %d fields", name, n)
		}
	}
}

func TestAddPages(t *testing.T) {
	status := func(code subscriptions.Code, s subscriptions.State) []control.Glimpse {
		return []control.Glimpse{{Status: &subscriptions.Status{State: s, Code: code, Next: noon.Add(time.Minute)}}}
	}
	several := subscriptions.Detection{Asked: "https://x.example.org/", Candidates: []subscriptions.Candidate{
		{Preset: "gotify", Title: "Gotify", Confidence: subscriptions.Likely, Why: "the address fits", Needs: []subscriptions.Need{{By: subscriptions.AuthHeader, Name: "X-Gotify-Key", About: "A client token."}}},
		{Preset: "mercure", Title: "Mercure", Confidence: subscriptions.Possible, Why: strings.Repeat("the address fits ", 30), Missing: []subscriptions.MissingOption{{Name: "topic"}}},
	}}
	long := cameIn(strings.Repeat("endless ", 100), `{"`+strings.Repeat("key", 50)+`":"`+strings.Repeat("value ", 200)+`"}`, noon)
	for name, c := range map[string]struct {
		glimpses []control.Glimpse
		do       func(*harness)
	}{
		"add-looking": {nil, func(h *harness) { h.advance(progressAfter) }},
		"add-found":   {found(), func(h *harness) { h.until("the events", func() bool { return h.add.events == 2 }) }},
		"add-several": {[]control.Glimpse{{Detection: &several}}, func(h *harness) {
			h.until("a choice", func() bool { return len(h.add.found.rows) == 2 })
			test.Tap(h.add.found.rows[0])
		}},
		"add-nothing":     {[]control.Glimpse{{Detection: &subscriptions.Detection{}}}, func(h *harness) { h.until("it says so", func() bool { return h.add.found.title.Visible() }) }},
		"add-no-token":    {status(subscriptions.CodeUnauthorized, subscriptions.StateBlocked), func(h *harness) { h.until("it says so", h.add.token.ails) }},
		"add-unreachable": {status(subscriptions.CodeUnreachable, subscriptions.StateWaiting), func(h *harness) { h.until("it says so", h.add.url.ails) }},
		"add-no-stream":   {status(subscriptions.CodeNotStream, subscriptions.StateBlocked), func(h *harness) { h.until("it says so", h.add.url.ails) }},
		"add-very-long":   {[]control.Glimpse{{Status: opened()}, long}, func(h *harness) { h.until("the event", func() bool { return h.add.events == 1 }) }},
		"add-mapping-error": {found(), func(h *harness) {
			h.until("the events", func() bool { return h.add.events == 2 })
			h.fake.with(func() {
				h.fake.failure = &control.Error{Status: 400, Message: "mapping.title: unexpected token, at column 4"}
			})
			title := h.add.mapper.exprs["title"]
			title.entry.SetText("{{ data.")
			h.advance(searchDelay)
			h.until("the mistake", title.ails)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := plenty()
			f.desk.glimpses = c.glimpses
			h := adding(t, f)
			h.previewed("https://x.example.org/y")
			c.do(h)
			h.golden(name)
		})
	}
}

// Whatever a server sends, the page keeps the window's size.
func TestAddKeepsToTheWindow(t *testing.T) {
	f := plenty()
	f.desk.glimpses = append(found(), cameIn(strings.Repeat("x", 5000), `{"`+strings.Repeat("k", 5000)+`":"`+strings.Repeat("v", 50000)+`"}`, noon))
	h := adding(t, f)
	h.previewed("https://x.example.org/y")
	h.until("the events", func() bool { return h.add.events == 3 })
	h.settle()
	if got := h.add.MinSize(); got.Width > minWidth-sidebarWidth-1 {
		t.Errorf("the page wants %v", got)
	}
}

// A countdown goes on while it is shown, and ends with the page.
func TestAddCountsDown(t *testing.T) {
	f := newFake()
	f.desk.glimpses = []control.Glimpse{{Status: &subscriptions.Status{State: subscriptions.StateWaiting, Code: subscriptions.CodeUnreachable, Next: noon.Add(12 * time.Second)}}}
	h := adding(t, f)
	h.previewed("https://nowhere.example.org/")
	h.until("the trouble", h.add.url.ails)
	before := h.add.state.text.Text
	h.advance(2 * time.Second)
	if after := h.add.state.text.Text; after == before || !strings.Contains(after, " s.") {
		t.Errorf("said %q, says %q", before, after)
	}
	h.closePage()
	h.advance(undoFor)
	if n := h.pending(); n != 0 {
		t.Errorf("%d timers run", n)
	}
}

// What the connection tells is not contradicted by what detection did not
// find.
func TestAddSaysNothingWasFoundOnlyWhereThatHelps(t *testing.T) {
	for _, status := range []subscriptions.Status{
		{State: subscriptions.StateBlocked, Code: subscriptions.CodeUnauthorized},
		{State: subscriptions.StateBlocked, Code: subscriptions.CodeNotStream},
		{State: subscriptions.StateOpen},
	} {
		f := newFake()
		f.desk.glimpses = []control.Glimpse{{Detection: &subscriptions.Detection{}}, {Status: &status}}
		h := adding(t, f)
		h.previewed("https://x.example.org/y")
		h.until("the status", func() bool { return h.add.status.State == status.State })
		if h.add.found.title.Visible() {
			t.Errorf("%s %s: says %q", status.State, status.Code, h.add.found.title.Text)
		}
	}
}

// A page scrolls wherever the pointer is on it, over an input too.
func TestThePageScrollsOverItsInputs(t *testing.T) {
	f := wellKnown()
	f.desk.definitions = []control.NewFeed{everything()}
	h := open(t, f, Options{})
	h.loaded()
	h.openEdit("ci")
	h.until("the definition", func() bool { e, ok := h.page.(*editPage); return ok && e.loaded })
	e := h.page.(*editPage)
	e.show(1)
	h.settle()
	test.Scroll(h.win.Canvas(), fyne.NewPos(600, 160), 0, -80)
	if got := e.sections[1].form.scroll.Offset.Y; got != 80 {
		t.Errorf("the page is at %v", got)
	}
}
