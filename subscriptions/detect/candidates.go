package detect

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
	"bellwire/subscriptions/presets"
)

// candidates are what is left, the surest first.
func (s *session) candidates(ctx context.Context) {
	for _, st := range s.states {
		if confidence, why := s.judge(st); confidence != "" {
			s.out.Candidates = append(s.out.Candidates, s.candidate(st, confidence, why))
		}
	}
	slices.SortStableFunc(s.out.Candidates, func(a, b subscriptions.Candidate) int {
		return cmp.Compare(order(a.Confidence), order(b.Confidence))
	})
	if s.stream != "" && !s.sure() {
		at := slices.IndexFunc(s.out.Candidates, func(c subscriptions.Candidate) bool { return c.Confidence == subscriptions.Possible })
		if at < 0 {
			at = len(s.out.Candidates)
		}
		s.out.Candidates = slices.Insert(s.out.Candidates, at, s.plain())
	}
	if len(s.out.Candidates) > maxCandidates {
		s.out.Candidates = s.out.Candidates[:maxCandidates]
	}
	for i := range s.out.Candidates {
		if s.detector.Quick {
			break
		}
		s.hear(ctx, &s.out.Candidates[i])
	}
}

// maxCandidates is how many a person can choose between.
const maxCandidates = 5

func order(c subscriptions.Confidence) int {
	return slices.Index([]subscriptions.Confidence{subscriptions.Certain, subscriptions.Likely, subscriptions.Possible}, c)
}

// judge is how sure a preset is; empty: it is out.
func (s *session) judge(st *state) (subscriptions.Confidence, string) {
	shape := st.match.Host || st.match.Path
	switch {
	case st.confirmed != "":
		return subscriptions.Certain, st.confirmed
	case s.sure() || st.refuted:
		return "", ""
	case st.match.Host && s.answered():
		return subscriptions.Likely, "the host is called like one"
	case st.page:
		return subscriptions.Likely, "the web page is that of one"
	case st.match.Path && s.fits(st.preset):
		return subscriptions.Likely, "the address has the form of one, and a stream of the right kind is there"
	case shape && s.stream == "":
		return subscriptions.Possible, "the address has the form of one"
	}
	return "", ""
}

// answered reports whether the server said anything at all.
func (s *session) answered() bool { return s.stream != "" || s.first.status != 0 }

func (s *session) candidate(st *state, confidence subscriptions.Confidence, why string) subscriptions.Candidate {
	p := st.preset
	c := subscriptions.Candidate{
		Preset: p.Name, Title: p.Title, Confidence: confidence, Why: why, Transport: p.Transport, Needs: p.Needs,
	}
	if len(st.match.Options) > 0 {
		c.Options = maps.Clone(st.match.Options)
	}
	f, err := p.Feed(s.url.String(), nil)
	if missing, ok := errors.AsType[*presets.MissingError](err); ok {
		for _, name := range missing.Options {
			c.Missing = append(c.Missing, subscriptions.MissingOption{Name: name, About: p.Options[name].About})
		}
		return c
	}
	c.URL = f.URL
	return c
}

// plain is the stream as it is.
func (s *session) plain() subscriptions.Candidate {
	c := subscriptions.Candidate{Confidence: subscriptions.Likely, Transport: s.stream, URL: s.url.String(), Items: s.items}
	switch s.stream {
	case subscriptions.TransportSSE:
		c.Title, c.Why = "Server-Sent Events", "it answers with an event stream"
	case subscriptions.TransportWebSocket:
		c.Title, c.Why = "WebSocket", "it takes WebSocket connections"
	default:
		c.Title, c.Why = "An address to be polled", "it answers with JSON"
	}
	return c
}

// hear fills in the first events of a candidate that needs nothing more.
func (s *session) hear(ctx context.Context, c *subscriptions.Candidate) {
	needs := slices.ContainsFunc(c.Needs, func(n subscriptions.Need) bool { return !n.Optional })
	if needs || len(c.Missing) > 0 || c.Confidence == subscriptions.Possible {
		return
	}
	f := subscriptions.Feed{ID: "probe", Name: c.Title, URL: c.URL, Transport: c.Transport}
	f.Poll.Items = c.Items
	if p := s.preset(c.Preset); p != nil {
		var err error
		if f, err = p.Feed(s.url.String(), nil); err != nil {
			return
		}
		f.ID, f.Name = "probe", p.Title
	}
	heard := s.heard
	switch {
	case f.Transport.Polls():
		heard = s.polled(f)
	case f.URL != s.url.String() || s.stream == "":
		if s.budget.left() == 0 || c.Confidence != subscriptions.Certain {
			return
		}
		_, heard, _ = s.listen(ctx, f)
	}
	events := s.detector.Decode(f, heard)
	c.Events = events[:min(len(events), MaxEvents)]
}

func (s *session) preset(name string) *presets.Preset {
	for _, st := range s.states {
		if st.preset.Name == name {
			return st.preset
		}
	}
	return nil
}

// polled is what the first answer has for a poll, as its transport would hand
// it on.
func (s *session) polled(f subscriptions.Feed) (heard []subscriptions.Message) {
	if s.first.cut {
		return nil
	}
	items := []string{string(s.first.body)}
	if list, ok := subscriptions.Lookup(s.first.body, f.Poll.Items); ok {
		if elements, err := subscriptions.Elements(list, maxItems); err == nil {
			items = elements
		}
	}
	for _, item := range items[:min(len(items), MaxEvents)] {
		heard = append(heard, subscriptions.Message{Type: "message", Data: item})
	}
	return heard
}

const maxItems = 10_000

// list is the path of the one list of objects in a JSON object; empty where
// there is none, or more than one.
func (a answer) list() (path string) {
	v, ok := expression.FromJSON(string(a.body))
	object, isObject := v.(map[string]any)
	if !ok || !isObject || a.cut {
		return ""
	}
	found := 0
	for name, member := range object {
		list, _ := member.([]any)
		if len(list) == 0 {
			continue
		}
		if _, objects := list[0].(map[string]any); objects {
			path, found = escapePath(name), found+1
		}
	}
	if found != 1 {
		return ""
	}
	return path
}

// escapePath is a name as a step of [subscriptions.SplitPath].
func escapePath(name string) string {
	var out []byte
	for i := range len(name) {
		if name[i] == '.' || name[i] == '\\' {
			out = append(out, '\\')
		}
		out = append(out, name[i])
	}
	return string(out)
}
