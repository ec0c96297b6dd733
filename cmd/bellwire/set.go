package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"bellwire/internal/control"
	"bellwire/internal/feedfile"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"

	"github.com/alecthomas/kong"
)

type setCmd struct {
	feedID
	URL           string   `help:"Another address. Secrets that Bellwire keeps stay with their server: for another one, give them again."`
	Name          string   `help:"What to call it. Its id stays."`
	Transport     string   `enum:"auto,sse,websocket,poll,longpoll" default:"auto" help:"Kind of stream: auto, sse, websocket, poll or longpoll."`
	Header        []string `sep:"none" placeholder:"'K: V'" help:"A header to send with every request, instead of one of this name; without a value it is removed. May be repeated."`
	identityFlags `embed:""`
	settingsFlags `embed:""`
	notifyFlags   `embed:"" group:"Its notifications:"`
	forwardFlags  `embed:"" group:"Forwards:"`
	lookFlags     `embed:"" group:"How it is shown and kept:"`
}

func (c *setCmd) Run(e *env, k *kong.Context) error {
	given := givenFlags(k)
	if len(given) == 0 {
		return withHint(&usageError{fmt.Errorf("nothing to change was given")}, "See: bellwire set --help; or change it in an editor: bellwire edit %s", c.ID)
	}
	n, err := definition(e, c.ID)
	if err != nil {
		return err
	}
	if err := c.change(e, &n, given); err != nil {
		return err
	}
	change, err := e.client().ChangeFeed(e.ctx, c.ID, n)
	if err != nil {
		return err
	}
	writeChange(e.out, c.ID, change)
	if change.Feed != nil && c.AcceptCertificate {
		tellPins(e, *change.Feed)
	}
	return nil
}

// givenFlags are the names of the flags on the command line.
func givenFlags(k *kong.Context) (given []string) {
	for _, p := range k.Path {
		if p.Flag != nil && p.Flag.Name != "dir" {
			given = append(given, p.Flag.Name)
		}
	}
	return given
}

// change overlays n with the flags that were given.
func (c *setCmd) change(e *env, n *control.NewFeed, given []string) error {
	flags := control.NewFeed{URL: c.URL, Name: c.Name, Transport: subscriptions.TransportName(c.Transport)}
	var err error
	if flags.Settings, err = c.settings(); err != nil {
		return err
	}
	if flags.Headers, err = headers(c.Header); err != nil {
		return err
	}
	if err := c.notifyFlags.apply(&flags); err != nil {
		return err
	}
	if err := c.lookFlags.apply(&flags); err != nil {
		return err
	}
	tokens, err := c.tokens(e, &c.identityFlags)
	if err != nil {
		return err
	}
	if err := c.identityFlags.apply(e, &flags); err != nil {
		return err
	}
	for _, name := range given {
		if set := setters()[name]; set != nil {
			set(n, &flags)
		}
	}
	if err := c.forwardFlags.apply(n, tokens); err != nil {
		return err
	}
	return mapFields(&n.Mapping, c.Map)
}

// A setter copies what one flag says.
type setter func(to, from *control.NewFeed)

// setters are the flags by their names; those of credentials share one.
func setters() map[string]setter {
	auth := func(to, from *control.NewFeed) { to.Auth = replaceAuth(to.Auth, from.Auth) }
	frames := func(to, from *control.NewFeed) {
		to.Frames = from.Frames
		if from.HasCursorFrame() {
			to.Resume = subscriptions.Resume{By: subscriptions.ResumeByFrame, Field: to.Resume.Field}
		}
	}
	resume := func(to, from *control.NewFeed) {
		to.Resume = subscriptions.Resume{By: from.Resume.By, Param: from.Resume.Param, Field: to.Resume.Field, Backfill: from.Resume.Backfill}
	}
	all := map[string]setter{
		"url":              func(to, from *control.NewFeed) { to.URL = from.URL },
		"name":             func(to, from *control.NewFeed) { to.Name = cmp.Or(from.Name, to.Name) },
		"transport":        func(to, from *control.NewFeed) { to.Transport = from.Transport },
		"header":           func(to, from *control.NewFeed) { to.Headers = replaceHeaders(to.Headers, from.Headers) },
		"subprotocol":      func(to, from *control.NewFeed) { to.Subprotocols = from.Subprotocols },
		"frame":            frames,
		"frame-after":      frames,
		"reply":            func(to, from *control.NewFeed) { to.Conversation.Replies = from.Conversation.Replies },
		"interval":         func(to, from *control.NewFeed) { to.Poll.Interval = from.Poll.Interval },
		"items":            func(to, from *control.NewFeed) { to.Poll.Items = from.Poll.Items },
		"max-attempts":     func(to, from *control.NewFeed) { to.MaxAttempts = from.MaxAttempts },
		"cursor-field":     func(to, from *control.NewFeed) { to.Resume.Field = from.Resume.Field },
		"resume-query":     resume,
		"no-resume":        resume,
		"backfill":         resume,
		"dedupe-field":     func(to, from *control.NewFeed) { to.Dedupe = from.Dedupe },
		"no-dedupe":        func(to, from *control.NewFeed) { to.Dedupe = from.Dedupe },
		"backfill-order":   func(to, from *control.NewFeed) { to.Resume.Backfill.Order = from.Resume.Backfill.Order },
		"backfill-param":   func(to, from *control.NewFeed) { to.Resume.Backfill.Param = from.Resume.Backfill.Param },
		"backfill-items":   func(to, from *control.NewFeed) { to.Resume.Backfill.Items = from.Resume.Backfill.Items },
		"backfill-id":      func(to, from *control.NewFeed) { to.Resume.Backfill.ID = from.Resume.Backfill.ID },
		"backfill-payload": func(to, from *control.NewFeed) { to.Resume.Backfill.Payload = from.Resume.Backfill.Payload },
		"heartbeat": func(to, from *control.NewFeed) {
			to.Heartbeat.Send = from.Heartbeat.Send
			if from.Heartbeat.Send == "" {
				to.Heartbeat = subscriptions.Heartbeat{}
			}
		},
		"heartbeat-every":  func(to, from *control.NewFeed) { to.Heartbeat.Every = from.Heartbeat.Every },
		"heartbeat-expect": func(to, from *control.NewFeed) { to.Heartbeat.Expect = from.Heartbeat.Expect },
		"heartbeat-within": func(to, from *control.NewFeed) { to.Heartbeat.Within = from.Heartbeat.Within },
		"silence": func(to, from *control.NewFeed) {
			to.Silence.After = from.Silence.After
			if from.Silence.After == 0 {
				to.Silence = subscriptions.Silence{}
			}
		},
		"silence-when":       func(to, from *control.NewFeed) { to.Silence.When = from.Silence.When },
		"map":                nil, // field by field, after the others
		"bearer":             auth,
		"basic":              auth,
		"token-query":        auth,
		"cookie":             auth,
		"secret-header":      auth,
		"token-frame":        auth,
		"secret-from":        nil, // goes with one of those
		"ca":                 func(to, from *control.NewFeed) { to.TLS.CAFile = from.TLS.CAFile },
		"pin":                func(to, from *control.NewFeed) { to.TLS.Pins = from.TLS.Pins },
		"client-cert":        func(to, from *control.NewFeed) { to.TLS.CertFile = from.TLS.CertFile },
		"client-key":         func(to, from *control.NewFeed) { to.TLS.KeyFile = from.TLS.KeyFile },
		"proxy":              func(to, from *control.NewFeed) { to.Proxy, to.Auth = from.Proxy, withoutProxy(to.Auth) },
		"accept-certificate": func(to, from *control.NewFeed) { to.TLS.Pins, to.AcceptCertificate = nil, from.AcceptCertificate },
	}
	notifySetters(all)
	lookSetters(all)
	forwardSetters(all)
	return all
}

// replaceAuth puts credentials in the place of those that say the same: of
// the same kind and name, or also a login.
func replaceAuth(old, given []control.NewCredential) []control.NewCredential {
	login := func(c control.NewCredential) bool {
		return c.By == subscriptions.AuthBearer || c.By == subscriptions.AuthBasic || c.By == subscriptions.AuthHeader && strings.EqualFold(c.Name, "Authorization")
	}
	old = slices.DeleteFunc(slices.Clone(old), func(o control.NewCredential) bool {
		return slices.ContainsFunc(given, func(g control.NewCredential) bool {
			return o.By == g.By && strings.EqualFold(o.Name, g.Name) || login(o) && login(g)
		})
	})
	return append(old, given...)
}

func withoutProxy(auth []control.NewCredential) []control.NewCredential {
	return slices.DeleteFunc(slices.Clone(auth), func(c control.NewCredential) bool { return c.By == subscriptions.AuthProxy })
}

func replaceHeaders(old, given []subscriptions.Header) []subscriptions.Header {
	out := slices.DeleteFunc(slices.Clone(old), func(o subscriptions.Header) bool {
		return slices.ContainsFunc(given, func(g subscriptions.Header) bool { return strings.EqualFold(o.Name, g.Name) })
	})
	for _, h := range given {
		if h.Value != "" {
			out = append(out, h)
		}
	}
	return out
}

// definition is the feed as the daemon has it.
func definition(e *env, id string) (control.NewFeed, error) {
	defs, err := e.client().Definitions(e.ctx)
	if err != nil {
		return control.NewFeed{}, err
	}
	i := slices.IndexFunc(defs, func(n control.NewFeed) bool { return n.ID == id })
	if i < 0 {
		return control.NewFeed{}, control.Refuse(http.StatusNotFound, "See them with: bellwire feeds", "there is no feed %q", id)
	}
	return defs[i], nil
}

// changeLines tells a change in lines; none where nothing changes.
func changeLines(c control.Change) (lines []string) {
	before := feedfile.Feed{}
	if c.Before != nil {
		before = feedfile.FromDefinition(*c.Before)
	}
	show := func(s string) string {
		if s == "" {
			return "–"
		}
		return decode.Line(s, maxLine)
	}
	for _, d := range feedfile.Diff(before, feedfile.FromDefinition(c.After)) {
		if c.Before == nil {
			lines = append(lines, fmt.Sprintf("%s: %s", d.Path, show(d.After)))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s → %s", d.Path, show(d.Before), show(d.After)))
	}
	if c.NewSecrets > 0 {
		lines = append(lines, fmt.Sprintf("secrets to keep: %d", c.NewSecrets))
	}
	if c.ForgetsCursor {
		lines = append(lines, "the position in the stream is forgotten: it begins anew")
	}
	return lines
}
