package window

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
)

// makeSections makes everything that can be edited.
func (e *editPage) makeSections() {
	nav := newForm(e.u) // the sections' names do not scroll
	nav.submit = e.submit
	for _, s := range []struct {
		key  string
		make func(*form) ([]fyne.CanvasObject, []input)
	}{
		{"basics", e.basics},
		{"connection", e.connection},
		{"conversation", e.conversation},
		{"mapping", e.mapping},
		{"notify", e.notify},
		{"silence", e.silence},
		{"forwards", e.forwards},
		{"history", e.history},
	} {
		f := newForm(e.u)
		f.submit, f.changed = e.submit, e.edited
		objects, inputs := s.make(f)
		f.fill(inset(bound(column(4, objects...)), 16, 24, 8, 24))
		at := len(e.sections)
		row := newChoiceRow(nav, choiceLine)
		row.title.full = words.Say("edit.section." + s.key)
		row.pick = func() { e.show(at) }
		row.siblings = func() (rows []*choiceRow) {
			for _, s := range e.sections {
				rows = append(rows, s.row)
			}
			return rows
		}
		e.sections = append(e.sections, &editSection{key: s.key, form: f, inputs: inputs, content: f.scroll, row: row})
	}
}

// bound keeps o as wide as a form may be.
func bound(o fyne.CanvasObject) fyne.CanvasObject {
	return &fyne.Container{Layout: bounded{formWidth}, Objects: []fyne.CanvasObject{o}}
}

// objectsOf are inputs as objects.
func objectsOf(inputs ...input) (out []fyne.CanvasObject) {
	for _, i := range inputs {
		out = append(out, i.object())
	}
	return out
}

func (e *editPage) basics(f *form) ([]fyne.CanvasObject, []input) {
	look := newLookForm(f)
	address := f.text(spec{key: "url", names: []string{"the address", "unsupported address"}}, func(n *control.NewFeed) *string { return &n.URL })
	var kinds []option[string]
	for _, k := range transports(false) {
		kinds = append(kinds, option[string]{string(k), words.Say("add.kind." + string(k))})
	}
	kind := f.choose(spec{key: "kind", names: []string{"unknown transport"}}, kinds,
		func(n *control.NewFeed) string { return string(n.Transport) },
		func(n *control.NewFeed, v string) { n.Transport = subscriptions.TransportName(v) })
	all := []input{look.name, address, kind, look.icon, look.colour, look.folder}
	return objectsOf(all...), all
}

// Which inputs mean something.
func polls(n *control.NewFeed) bool { return n.Transport.Polls() }

func isPoll(n *control.NewFeed) bool { return n.Transport == subscriptions.TransportPoll }

func talks(n *control.NewFeed) bool { return n.Transport == subscriptions.TransportWebSocket }

func resumesBy(by subscriptions.ResumeBy) func(*control.NewFeed) bool {
	return func(n *control.NewFeed) bool { return !n.Transport.Polls() && n.Resume.Strategy() == by }
}

func (e *editPage) connection(f *form) ([]fyne.CanvasObject, []input) {
	headers, auth := headerRows(f), credentialRows(f)
	secure := secureInputs(f)
	resume := resumeInputs(f)
	alive := aliveInputs(f)
	out := objectsOf(headers, auth)
	out = append(out, laterHeading(words.Say("form.part.resume")))
	out = append(out, objectsOf(resume...)...)
	out = append(out, laterHeading(words.Say("form.part.alive")))
	out = append(out, objectsOf(alive...)...)
	out = append(out, laterHeading(words.Say("form.part.secure")))
	out = append(out, objectsOf(secure...)...)
	return out, slices.Concat([]input{headers, auth}, resume, alive, secure)
}

// headerRows are the headers that are sent with every request.
func headerRows(f *form) *rowsInput {
	cells := []cell{{key: "header.name", span: 5, example: "X-Org"}, {key: "header.value", span: 7}}
	return f.rows(spec{key: "headers", about: true, names: []string{"the value of header", "more than 64 headers", "the header"}}, subscriptions.MaxHeaders, cells,
		func(n *control.NewFeed) (rows [][]string) {
			for _, h := range n.Headers {
				rows = append(rows, []string{h.Name, h.Value})
			}
			return rows
		}, func(n *control.NewFeed, rows []rowValue) error {
			n.Headers = nil
			for _, r := range rows {
				name := strings.TrimSuffix(r.values[0], ":")
				if name == "" || strings.ContainsAny(name, " \t:") {
					return &errWords{words.Say("add.error.header"), words.Say("add.error.header.hint")}
				}
				n.Headers = append(n.Headers, subscriptions.Header{Name: name, Value: r.values[1]})
			}
			return nil
		})
}

// Where a secret is.
const (
	secretKept = "keep"
	secretNew  = "new"
)

// credentialRows are how the feed shows who it is. A secret that Bellwire
// keeps is never shown, only replaced.
func credentialRows(f *form) *rowsInput {
	var by []option[string]
	for _, b := range []subscriptions.AuthBy{
		subscriptions.AuthBearer, subscriptions.AuthBasic, subscriptions.AuthHeader, subscriptions.AuthQuery,
		subscriptions.AuthCookie, subscriptions.AuthFrame, subscriptions.AuthProxy, subscriptions.AuthForward,
	} {
		by = append(by, option[string]{string(b), words.Say("form.auth." + string(b))})
	}
	var where []option[string]
	for _, w := range []string{secretNew, secretKept, "env", "file", "command"} {
		where = append(where, option[string]{w, words.Say("form.secret." + w)})
	}
	named := func(v []string) bool {
		return !slices.Contains([]string{string(subscriptions.AuthBearer), string(subscriptions.AuthProxy), string(subscriptions.AuthFrame)}, v[0])
	}
	cells := []cell{
		{key: "auth.by", span: 6, options: by},
		{key: "auth.name", span: 6, when: named},
		{key: "auth.where", span: 6, options: where},
		{key: "auth.value", span: 6, kind: entrySecret, when: func(v []string) bool { return v[2] == secretNew }},
		{key: "auth.ref", span: 6, kind: entryCode, when: func(v []string) bool { return v[2] != secretNew && v[2] != secretKept }},
	}
	return f.rows(spec{key: "auth", about: true, names: []string{"~credential", "the secret", "a secret is named", "the path of the secret", "the reference to the secret"}},
		subscriptions.MaxCredentials, cells, credentialValues, setCredentials)
}

func credentialValues(n *control.NewFeed) (rows [][]string) {
	for _, c := range n.Auth {
		where, ref := secretKept, ""
		switch kind, rest := c.Secret.Split(); {
		case c.Value != "":
			where = secretNew
		case c.Secret != control.KeptSecret:
			where, ref = kind, rest
		}
		rows = append(rows, []string{string(c.By), c.Name, where, c.Value, ref})
	}
	return rows
}

func setCredentials(n *control.NewFeed, rows []rowValue) error {
	old := n.Auth
	n.Auth = nil
	for _, r := range rows {
		c := whereFrom(old, r)
		c.By, c.Name = subscriptions.AuthBy(r.values[0]), r.values[1]
		if slices.Contains([]subscriptions.AuthBy{subscriptions.AuthBearer, subscriptions.AuthProxy, subscriptions.AuthFrame}, c.By) {
			c.Name = ""
		}
		switch where := r.values[2]; where {
		case secretKept:
			if r.from < 0 {
				return &errWords{words.Say("form.error.secret"), words.Say("form.error.secret.hint")}
			}
		case secretNew:
			if r.values[3] == "" {
				return &errWords{words.Say("form.error.secret.none"), ""}
			}
			c.Secret, c.Value = "", r.values[3]
		default:
			c.Secret, c.Value = subscriptions.SecretRef(where+":"+r.values[4]), ""
		}
		n.Auth = append(n.Auth, c)
	}
	return nil
}

func secureInputs(f *form) []input {
	return []input{
		f.text(spec{key: "proxy", about: true, example: words.Say("form.proxy.example"), names: []string{"a proxy is"}}, func(n *control.NewFeed) *string { return &n.Proxy }),
		f.check(spec{key: "accept", about: true}, func(n *control.NewFeed) *bool { return &n.AcceptCertificate }),
		f.lines(spec{key: "pins", about: true, example: words.Say("form.pins.example"), names: []string{"more than 16 pinned"}}, func(n *control.NewFeed) *[]string { return &n.TLS.Pins }),
		f.text(spec{key: "ca", kind: entryCode, example: words.Say("form.ca.example")}, func(n *control.NewFeed) *string { return &n.TLS.CAFile }),
		f.text(spec{key: "cert", kind: entryCode, example: words.Say("form.none"), names: []string{"a client certificate"}}, func(n *control.NewFeed) *string { return &n.TLS.CertFile }),
		f.text(spec{key: "certkey", kind: entryCode, example: words.Say("form.none")}, func(n *control.NewFeed) *string { return &n.TLS.KeyFile }),
	}
}

func resumeInputs(f *form) []input {
	var by []option[string]
	for _, b := range []subscriptions.ResumeBy{
		subscriptions.ResumeByHeader, subscriptions.ResumeByQuery, subscriptions.ResumeByFrame,
		subscriptions.ResumeByBackfill, subscriptions.ResumeByNone,
	} {
		by = append(by, option[string]{string(b), words.Say("form.resume." + string(b))})
	}
	pushed := func(n *control.NewFeed) bool { return !n.Transport.Polls() }
	fetches := resumesBy(subscriptions.ResumeByBackfill)
	code := func(key, example string, when func(*control.NewFeed) bool, at func(*control.NewFeed) *string, names ...string) input {
		return f.text(spec{key: key, kind: entryCode, example: example, when: when, names: names}, at)
	}
	return []input{
		f.choose(spec{key: "resume", about: true, when: pushed, names: []string{"resuming by", "unknown resume", "a feed that resumes"}}, by,
			func(n *control.NewFeed) string { return string(n.Resume.Strategy()) },
			func(n *control.NewFeed, v string) {
				n.Resume.By = subscriptions.ResumeBy(v)
				if n.Resume.By != subscriptions.ResumeByBackfill {
					n.Resume.Backfill = subscriptions.Backfill{}
				}
			}),
		code("resume.param", "since", resumesBy(subscriptions.ResumeByQuery), func(n *control.NewFeed) *string { return &n.Resume.Param }),
		code("resume.start", words.Say("form.leftout"), resumesBy(subscriptions.ResumeByQuery), func(n *control.NewFeed) *string { return &n.Resume.Start }),
		code("resume.field", words.Say("form.transportid"), pushed, func(n *control.NewFeed) *string { return &n.Resume.Field }),
		code("backfill.url", "/messages?since={{ cursor }}", fetches, func(n *control.NewFeed) *string { return &n.Resume.Backfill.URL }, "the backfill", "backfill"),
		f.choose(spec{key: "backfill.order", when: fetches}, []option[string]{
			{string(subscriptions.BackfillForwards), words.Say("form.order.forwards")},
			{string(subscriptions.BackfillBackwards), words.Say("form.order.backwards")},
		}, func(n *control.NewFeed) string {
			if n.Resume.Backfill.Order == "" {
				return string(subscriptions.BackfillForwards)
			}
			return string(n.Resume.Backfill.Order)
		}, func(n *control.NewFeed, v string) { n.Resume.Backfill.Order = subscriptions.BackfillOrder(v) }),
		code("backfill.param", words.Say("form.none"), fetches, func(n *control.NewFeed) *string { return &n.Resume.Backfill.Param }),
		code("backfill.items", words.Say("form.whole"), fetches, func(n *control.NewFeed) *string { return &n.Resume.Backfill.Items }),
		code("backfill.id", words.Say("form.samefield"), fetches, func(n *control.NewFeed) *string { return &n.Resume.Backfill.ID }),
		code("backfill.payload", words.Say("form.itself"), fetches, func(n *control.NewFeed) *string { return &n.Resume.Backfill.Payload }),
		code("dedupe", words.Say("form.dedupe.example"), nil, func(n *control.NewFeed) *string { return &n.Dedupe.Field }, "events cannot be told apart"),
		f.check(spec{key: "dedupe.off"}, func(n *control.NewFeed) *bool { return &n.Dedupe.Off }),
	}
}

func aliveInputs(f *form) []input {
	return []input{
		f.duration(spec{key: "poll.interval", example: subscriptions.Duration(subscriptions.DefaultPollInterval).String(), when: isPoll, names: []string{"the interval", "only a feed of the kind poll has"}},
			func(n *control.NewFeed) *subscriptions.Duration { return &n.Poll.Interval }),
		f.text(spec{key: "poll.items", kind: entryCode, example: words.Say("form.whole"), when: polls, names: []string{"only a feed of the kind poll or"}},
			func(n *control.NewFeed) *string { return &n.Poll.Items }),
		f.duration(spec{key: "keepalive", about: true, example: words.Say("form.learned"), names: []string{"the time between keep-alives"}},
			func(n *control.NewFeed) *subscriptions.Duration { return &n.KeepAlive }),
		f.text(spec{key: "beat", kind: entryCode, example: words.Say("form.none"), when: talks, names: []string{"heartbeat", "a heartbeat", "the heartbeat"}},
			func(n *control.NewFeed) *string { return &n.Heartbeat.Send }),
		f.duration(spec{key: "beat.every", example: subscriptions.Duration(subscriptions.DefaultHeartbeat).String(), when: talks},
			func(n *control.NewFeed) *subscriptions.Duration { return &n.Heartbeat.Every }),
		f.text(spec{key: "beat.expect", kind: entryCode, example: words.Say("form.noanswer"), when: talks},
			func(n *control.NewFeed) *string { return &n.Heartbeat.Expect }),
		f.duration(spec{key: "beat.within", example: subscriptions.Duration(subscriptions.DefaultHeartbeatAnswer).String(), when: talks},
			func(n *control.NewFeed) *subscriptions.Duration { return &n.Heartbeat.Within }),
		f.number(spec{key: "attempts", example: words.Say("form.attempts.example"), names: []string{"the number of attempts"}},
			func(n *control.NewFeed) *int { return &n.MaxAttempts }),
	}
}

func (e *editPage) notify(f *form) ([]fyne.CanvasObject, []input) {
	off := f.check(spec{key: "notify.on"}, func(n *control.NewFeed) *bool { return &n.Notify.Off })
	off.not = true
	all := []input{
		off,
		f.leastPriority(spec{key: "notify.least", names: []string{"notify.min_priority"}}, func(n *control.NewFeed) *int { return &n.Notify.MinPriority }),
		f.text(spec{key: "notify.when", about: true, kind: entryCode, example: words.Say("form.allevents"), names: []string{"mapping.notify"}},
			func(n *control.NewFeed) *string { return &n.Mapping.Notify }),
		f.number(spec{key: "notify.burst", about: true, example: "5", names: []string{"notify.burst"}}, func(n *control.NewFeed) *int { return &n.Notify.Burst }),
		f.duration(spec{key: "notify.every", example: "10s", names: []string{"notify.every"}}, func(n *control.NewFeed) *subscriptions.Duration { return &n.Notify.Every }),
		f.text(spec{key: "notify.sound", example: words.Say("form.desktop"), names: []string{"notify.sound"}}, func(n *control.NewFeed) *string { return &n.Notify.Sound }),
		f.lines(spec{key: "notify.exec", about: true, example: words.Say("form.none"), names: []string{"notify.exec"}}, func(n *control.NewFeed) *[]string { return &n.Notify.Exec }),
		f.duration(spec{key: "notify.exec.timeout", example: "10s", names: []string{"notify.exec_timeout"}}, func(n *control.NewFeed) *subscriptions.Duration { return &n.Notify.ExecTimeout }),
		f.lines(spec{key: "notify.hosts", about: true, example: words.Say("form.ownhost"), names: []string{"notify.action_hosts"}}, func(n *control.NewFeed) *[]string { return &n.Notify.ActionHosts }),
	}
	return objectsOf(all...), all
}

func (e *editPage) silence(f *form) ([]fyne.CanvasObject, []input) {
	all := []input{
		f.duration(spec{key: "silence.after", about: true, example: words.Say("form.never"), names: []string{"silence.after"}}, func(n *control.NewFeed) *subscriptions.Duration { return &n.Silence.After }),
		f.text(spec{key: "silence.when", kind: entryCode, example: words.Say("form.allevents"), names: []string{"silence.when"}}, func(n *control.NewFeed) *string { return &n.Silence.When }),
	}
	return objectsOf(all...), all
}

func (e *editPage) history(f *form) ([]fyne.CanvasObject, []input) {
	bounded := func(key string, standard int, name string, at func(*control.NewFeed) *int) input {
		return f.parsed(spec{key: key, about: true, short: true, example: strconv.Itoa(standard), names: []string{name}}, func(n *control.NewFeed) string {
			switch v := *at(n); v {
			case 0:
				return ""
			case subscriptions.KeepAll:
				return words.Say("form.all")
			default:
				return strconv.Itoa(v)
			}
		}, func(n *control.NewFeed, text string) (err error) {
			switch text {
			case "":
				*at(n) = 0
			case words.Say("form.all"):
				*at(n) = subscriptions.KeepAll
			default:
				if *at(n), err = strconv.Atoi(text); err != nil {
					return &errWords{words.Say("form.error.keep", words.With{"All": words.Say("form.all")}), ""}
				}
			}
			return nil
		})
	}
	all := []input{
		bounded("keep.days", subscriptions.DefaultKeepDays, "keep: days", func(n *control.NewFeed) *int { return &n.Keep.Days }),
		bounded("keep.events", subscriptions.DefaultKeepEvents, "keep: events", func(n *control.NewFeed) *int { return &n.Keep.Events }),
	}
	return objectsOf(all...), all
}

// numbered are how mistakes start that name a numbered thing: "reply 2: …".
func numbered(what string, limit int) (names []string) {
	for i := range limit {
		names = append(names, fmt.Sprintf("%s %d", what, i+1))
	}
	return names
}
