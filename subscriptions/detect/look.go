package detect

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"

	"golang.org/x/net/html"
)

// An answer is a server's to one request. The zero value is none.
type answer struct {
	status int
	header http.Header
	kind   string // media type
	body   []byte // its beginning
	cut    bool   // there may be more of it
}

// sniffing is what a request asks for that is to find out what an address is.
const sniffing = "text/event-stream, application/json;q=0.9, */*;q=0.5"

// bodyTime is how long the beginning of a body may take: a stream of another
// kind has no end.
const bodyTime = 2 * time.Second

// ask makes one GET request. The body of an event stream is left alone.
func (s *session) ask(ctx context.Context, u *url.URL, accept string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, RequestTime)
	defer cancel()
	to := *u
	to.Scheme = subscriptions.HTTPScheme(u.Scheme)
	req := (&http.Request{Method: http.MethodGet, URL: &to, Header: http.Header{
		"Accept": {accept}, "User-Agent": {"bellwire"}, "Cache-Control": {"no-cache"},
	}}).WithContext(ctx)
	resp, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header, kind: subscriptions.MediaType(resp.Header)}
	if a.kind == "text/event-stream" {
		return a, nil
	}
	timer := time.AfterFunc(bodyTime, cancel)
	defer timer.Stop()
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, MaxBody))
	a.cut = err != nil || len(a.body) == MaxBody
	if err != nil {
		s.slow++
	}
	return a, nil
}

// value is what an answer's body is to a condition.
func (a answer) value() expression.Scope {
	scope := expression.Scope{Raw: strings.ToValidUTF8(string(a.body), "\uFFFD")}
	scope.Data = any(scope.Raw)
	if v, ok := expression.FromJSON(scope.Raw); ok && !a.cut {
		scope.Data = v
	}
	return scope
}

// isJSON reports whether a is JSON, also where only its beginning was read.
func (a answer) isJSON() bool {
	trimmed := bytes.TrimSpace(a.body)
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		return false
	}
	if strings.HasSuffix(a.kind, "json") {
		return true
	}
	_, ok := expression.FromJSON(string(trimmed))
	return ok
}

// wantsUpgrade reports whether a is what WebSocket servers answer to a GET.
func (a answer) wantsUpgrade() bool {
	return a.status == http.StatusUpgradeRequired ||
		a.status >= 400 && (a.header.Get("Sec-WebSocket-Version") != "" ||
			bytes.Contains(bytes.ToLower(a.body), []byte("websocket")) || bytes.Contains(bytes.ToLower(a.body), []byte("upgrade")))
}

// maxLinks bounds what is taken from a page.
const maxLinks = 3

// streams are the event streams that a web page names.
func (a answer) streams(page *url.URL) (found []string) {
	z := html.NewTokenizer(bytes.NewReader(a.body))
	for len(found) < maxLinks {
		switch z.Next() {
		case html.ErrorToken:
			return found
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if string(name) != "link" {
				continue
			}
			attributes := make(map[string]string)
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				attributes[string(key)] = string(value)
			}
			if !strings.EqualFold(strings.TrimSpace(attributes["type"]), "text/event-stream") {
				continue
			}
			if u, err := page.Parse(attributes["href"]); err == nil && attributes["href"] != "" {
				found = append(found, u.String())
			}
		}
	}
	return found
}

// curious reports whether the address has the form of a preset that nothing
// but its stream's first words tells from others.
func (s *session) curious(kind subscriptions.TransportName) bool {
	return slices.ContainsFunc(s.states, func(st *state) bool {
		d := st.preset.Detect
		return (st.match.Host || st.match.Path) && d.Says != "" && len(d.Probe) == 0 && st.preset.Transport == kind
	})
}

// An ear is a sink that listens for a moment.
type ear struct {
	listen func() // called when it is open
	heard  []subscriptions.Message
	opened bool
}

var errHeard = errors.New("heard enough")

// Opened implements [subscriptions.Sink].
func (e *ear) Opened(bool) {
	e.opened = true
	e.listen()
}

// Message implements [subscriptions.Sink].
func (e *ear) Message(_ context.Context, m subscriptions.Message) error {
	if m.CursorOnly {
		return nil
	}
	if e.heard = append(e.heard, m); len(e.heard) == maxHeard {
		return errHeard
	}
	return nil
}

// maxHeard is above MaxEvents: greetings are no events.
const maxHeard = 2 * MaxEvents

// Alive implements [subscriptions.Sink].
func (e *ear) Alive(subscriptions.Life) {}

// Retry implements [subscriptions.Sink].
func (e *ear) Retry(time.Duration) {}

// listen opens a stream and hears what it says first. It says nothing itself.
func (s *session) listen(ctx context.Context, f subscriptions.Feed) (opened bool, heard []subscriptions.Message, err error) {
	transport := s.transports[f.Transport]
	if transport == nil {
		return false, nil, errors.New("there is no such transport")
	}
	f.Frames, f.Heartbeat, f.Conversation = nil, subscriptions.Heartbeat{}, subscriptions.Conversation{}
	if f.Resume.Strategy() == subscriptions.ResumeByFrame || f.Resume.Strategy() == subscriptions.ResumeByBackfill {
		f.Resume = subscriptions.Resume{By: subscriptions.ResumeByNone}
	}
	t, err := subscriptions.NewTarget(f, "")
	if err != nil {
		return false, nil, err
	}
	t.MaxMessage, t.ConnectTimeout = MaxBody, RequestTime
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e := &ear{listen: func() {
		if s.detector.Quick && !s.curious(f.Transport) {
			cancel()
			return
		}
		s.after(cmp.Or(s.detector.Listen, ListenTime), cancel)
	}}
	err = transport.Run(ctx, t, e)
	return e.opened, e.heard, err
}
