package forward

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bellwire/subscriptions"
)

// A message is an event ready to be sent. For a program it is all body.
type message struct {
	url         string
	contentType string
	key         string // of the event, the same at every attempt
	body        []byte
}

// errTooLarge is a body that nobody is to be bothered with.
var errTooLarge = fmt.Errorf("what is to be sent is larger than %d KiB", maxBody>>10)

// compose makes of e what the target gets.
func (r *rule) compose(e subscriptions.Event, marks []string) (m message, err error) {
	m = message{url: r.def.URL, contentType: "application/json", key: r.key(e)}
	switch r.def.To {
	case subscriptions.ForwardNtfy:
		err = r.ntfy(&m, e, marks)
	case subscriptions.ForwardMercure:
		err = r.mercure(&m, e, marks)
	case subscriptions.ForwardWebhook:
		err = r.webhook(&m, e, marks)
	case subscriptions.ForwardProgram:
		m.body, err = r.text(e, marks, saysJSON(r.def.Body))
		if !bytes.HasSuffix(m.body, []byte("\n")) { // a line each, for programs that read lines
			m.body = append(m.body, '\n')
		}
	default:
		err = fmt.Errorf("there is no kind %q", r.def.To)
	}
	if err == nil && len(m.body) > maxBody {
		err = errTooLarge
	}
	return m, err
}

// key names e for good, for whoever gets it.
func (r *rule) key(e subscriptions.Event) string {
	return fmt.Sprintf("%s-%d", r.opts.Instance, e.Seq)
}

// text is the body of the rule's own, or the event.
func (r *rule) text(e subscriptions.Event, marks []string, asJSON bool) ([]byte, error) {
	if r.body == nil {
		return r.event(e, marks)
	}
	fill := r.body.Text
	if asJSON {
		fill = r.body.Frame
	}
	text, err := fill(r.scope(e, marks))
	switch {
	case err != nil:
		return nil, fmt.Errorf("its body: %w", err)
	case asJSON && !json.Valid([]byte(text)):
		return nil, errors.New("its body is no JSON for this event")
	}
	return []byte(text), nil
}

func (r *rule) webhook(m *message, e subscriptions.Event, marks []string) (err error) {
	for _, h := range r.def.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			m.contentType = h.Value
		}
	}
	m.body, err = r.text(e, marks, strings.Contains(strings.ToLower(m.contentType), "json"))
	return err
}

// mercure is an update (Mercure, Publication).
func (r *rule) mercure(m *message, e subscriptions.Event, marks []string) error {
	data, err := r.text(e, marks, saysJSON(r.def.Body))
	if err != nil {
		return err
	}
	form := url.Values{
		"topic": {r.def.Topic},
		"data":  {string(data)},
		"id":    {fmt.Sprintf("%s%s:%d", idPrefix, r.opts.Instance, e.Seq)},
	}
	if e.Type != "" {
		form.Set("type", e.Type)
	}
	m.contentType, m.body = "application/x-www-form-urlencoded", []byte(form.Encode())
	return nil
}

// Limits of ntfy's.
const (
	maxNtfyMessage = 4000 // bytes; from 4,096 on it would be a file
	maxNtfyActions = 3
)

// An ntfyMessage is what ntfy's publishing as JSON takes.
type ntfyMessage struct {
	Topic    string       `json:"topic"`
	Title    string       `json:"title"`
	Message  string       `json:"message"`
	Priority int          `json:"priority"`
	Tags     []string     `json:"tags"`
	Click    string       `json:"click,omitempty"`
	Actions  []ntfyAction `json:"actions,omitempty"`
}

type ntfyAction struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

func (r *rule) ntfy(m *message, e subscriptions.Event, marks []string) (err error) {
	n := ntfyMessage{Title: e.Title, Message: e.Body, Priority: e.Priority, Tags: tags(e, marks), Click: e.Link}
	if m.url, n.Topic, err = splitTopic(r.def.URL); err != nil {
		return err
	}
	if r.body != nil {
		text, err := r.text(e, marks, false)
		if err != nil {
			return err
		}
		n.Message = string(text)
	}
	if strings.TrimSpace(n.Message) == "" { // ntfy would say "triggered"
		n.Title, n.Message = cmp.Or(r.feed.Name, e.Title), e.Title
	}
	n.Message = short(n.Message, maxNtfyMessage)
	for _, a := range e.Actions {
		// A request may hold credentials that are for this machine alone.
		if a.Method == "" && len(n.Actions) < maxNtfyActions {
			n.Actions = append(n.Actions, ntfyAction{"view", a.Label, a.URL})
		}
	}
	m.body, err = marshal(n)
	return err
}

// splitTopic is where ntfy takes JSON, and the topic.
func splitTopic(raw string) (server, topic string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", "", errors.New("the address cannot be read")
	}
	path := strings.TrimRight(u.Path, "/")
	slash := strings.LastIndexByte(path, '/')
	u.Path, u.RawPath, topic = path[:slash+1], "", path[slash+1:]
	return u.String(), topic, nil
}

// short is s in at most limit bytes.
func short(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit-len("…")], "") + "…"
}

// header is what goes with m; secret takes the place of the holes in it.
func (r *rule) header(m message, secret string) http.Header {
	h := make(http.Header)
	for _, own := range r.def.Headers {
		h.Add(own.Name, strings.ReplaceAll(own.Value, subscriptions.ForwardHole, secret))
	}
	h.Set("Content-Type", m.contentType)
	h.Set("Idempotency-Key", m.key)
	if h.Get("User-Agent") == "" {
		h.Set("User-Agent", "bellwire")
	}
	return h
}

// hasHole reports whether the secret goes into the address or a header, and
// not beside them.
func (r *rule) hasHole() bool {
	return strings.Contains(r.def.URL, subscriptions.ForwardHole) ||
		slices.ContainsFunc(r.def.Headers, func(h subscriptions.Header) bool {
			return strings.Contains(h.Value, subscriptions.ForwardHole)
		})
}

// fill puts the secret into the address.
func fill(u *url.URL, secret string) {
	if strings.Contains(u.Path, subscriptions.ForwardHole) {
		u.Path, u.RawPath = strings.ReplaceAll(u.Path, subscriptions.ForwardHole, secret), ""
	}
	u.RawQuery = strings.ReplaceAll(u.RawQuery, subscriptions.ForwardHole, url.QueryEscape(secret))
	u.RawQuery = strings.ReplaceAll(u.RawQuery, url.QueryEscape(subscriptions.ForwardHole), url.QueryEscape(secret))
}
