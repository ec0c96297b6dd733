package detect

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/presets"
)

// A Detector finds out what addresses are. It is safe for concurrent use.
type Detector struct {
	// Presets are the kinds of servers there are.
	Presets []presets.Preset
	// Transports make streams with a client. Required.
	Transports func(*http.Client) map[subscriptions.TransportName]subscriptions.Transport
	// Decode is what a feed's messages mean. Required.
	Decode func(subscriptions.Feed, []subscriptions.Message) []subscriptions.Event
	// Listen is how long a stream is listened to; 0 is [ListenTime].
	Listen time.Duration
	// Quick asks what is needed to tell what an address is, and shows no
	// events.
	Quick bool
}

// Time is how long all of it may take.
const Time = 30 * time.Second

// Detect finds out what raw is. The error is for people: an address that
// cannot be read, or a [*subscriptions.Error] for a server that cannot be
// reached or is elsewhere.
func (d *Detector) Detect(ctx context.Context, raw string) (subscriptions.Detection, error) {
	addresses, err := complete(raw)
	if err != nil {
		return subscriptions.Detection{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, Time)
	defer cancel()
	var out subscriptions.Detection
	for _, u := range addresses {
		s := d.session(u)
		out, err = s.run(ctx)
		s.close()
		if !unreachable(err) {
			break
		}
	}
	return out, err
}

// unreachable reports whether no connection could be made, so that another
// scheme is worth a try.
func unreachable(err error) bool {
	e, ok := errors.AsType[*subscriptions.Error](err)
	return ok && (e.Code == subscriptions.CodeUnreachable || e.Code == subscriptions.CodeNotStream || e.Code == subscriptions.CodeLost || e.Code == subscriptions.CodeProtocol)
}

// A session is the detection of one address.
type session struct {
	detector   *Detector
	url        *url.URL
	budget     *budget
	base       *http.Transport
	client     *http.Client
	transports map[subscriptions.TransportName]subscriptions.Transport
	asked      map[string]answer // by path and accept
	states     []*state
	timers     []*time.Timer
	slow       int // requests without an answer in time

	first  answer
	stream subscriptions.TransportName // what the address itself turned out to be; empty: no stream
	heard  []subscriptions.Message     // on it
	items  string                      // in a polled answer
	out    subscriptions.Detection
}

// A state is what is known of one preset.
type state struct {
	preset    *presets.Preset
	match     presets.Match
	page      bool
	confirmed string // why
	refuted   bool
}

func (d *Detector) session(u *url.URL) *session {
	s := &session{detector: d, url: u, base: newBase(), asked: make(map[string]answer)}
	home := *u
	home.Scheme = subscriptions.HTTPScheme(u.Scheme)
	s.budget = &budget{base: s.base, home: &home}
	s.client = &http.Client{Transport: s.budget, CheckRedirect: subscriptions.CheckRedirect}
	s.transports = d.Transports(s.client)
	for i := range d.Presets {
		p := &d.Presets[i]
		s.states = append(s.states, &state{preset: p, match: p.Match(u)})
	}
	return s
}

func (s *session) close() {
	for _, t := range s.timers {
		t.Stop()
	}
	s.base.CloseIdleConnections()
}

func (s *session) after(d time.Duration, f func()) { s.timers = append(s.timers, time.AfterFunc(d, f)) }

func (s *session) run(ctx context.Context) (subscriptions.Detection, error) {
	s.out = subscriptions.Detection{Asked: s.url.String(), Candidates: []subscriptions.Candidate{}}
	var err error
	if s.url.Scheme == "ws" || s.url.Scheme == "wss" {
		err = s.lookAtSocket(ctx)
	} else {
		err = s.look(ctx)
	}
	if err == nil {
		s.said()
		s.probe(ctx)
		s.candidates(ctx)
	}
	s.out.Requests = MaxRequests - s.budget.left()
	return s.out, err
}

func (s *session) note(text string) { s.out.Notes = append(s.out.Notes, text) }

// trouble is why the address itself could not be asked; nil where the server
// did answer.
func (s *session) trouble(err error) error {
	if to := s.budget.redirected(); to != "" {
		e := subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeRedirect, "redirected to %s: probe that address", to)
		return e
	}
	e := subscriptions.DialError(err)
	switch e.Code {
	case subscriptions.CodeUnauthorized, subscriptions.CodeForbidden, subscriptions.CodeNotFound, subscriptions.CodeGone, subscriptions.CodeBusy, subscriptions.CodeServer, subscriptions.CodeEnded:
		return nil
	case subscriptions.CodeNotStream:
		if !errors.Is(err, http.ErrSchemeMismatch) {
			return nil
		}
	}
	return e
}

// lookAtSocket opens a WebSocket address.
func (s *session) lookAtSocket(ctx context.Context) error {
	opened, heard, err := s.listen(ctx, subscriptions.Feed{URL: s.url.String(), Transport: subscriptions.TransportWebSocket})
	if opened {
		s.stream, s.heard = subscriptions.TransportWebSocket, heard
		return nil
	}
	if e := s.trouble(err); e != nil {
		return e
	}
	s.note("The address answers, but not as a WebSocket: " + subscriptions.AsError(err).Error() + ".")
	return nil
}

// look asks an http address for whatever it has.
func (s *session) look(ctx context.Context) error {
	a, err := s.ask(ctx, s.url, sniffing)
	if err != nil {
		return cmp.Or(s.trouble(err), error(subscriptions.DialError(err)))
	}
	s.first = a
	switch {
	case a.status == http.StatusOK && a.kind == "text/event-stream":
		s.stream = subscriptions.TransportSSE
		if !s.detector.Quick || s.curious(s.stream) {
			_, s.heard, _ = s.listen(ctx, subscriptions.Feed{URL: s.url.String(), Transport: s.stream})
		}
	case a.wantsUpgrade():
		if opened, heard, _ := s.listen(ctx, subscriptions.Feed{URL: s.url.String(), Transport: subscriptions.TransportWebSocket}); opened {
			s.stream, s.heard = subscriptions.TransportWebSocket, heard
		}
	case a.status == http.StatusOK && a.isJSON():
		s.stream, s.items = subscriptions.TransportPoll, a.list()
	}
	s.describe(a)
	return nil
}

// describe notes what people may want to know of the first answer.
func (s *session) describe(a answer) {
	switch {
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		s.note("The server wants credentials for this address.")
	case a.status == http.StatusTooManyRequests || a.status >= 500:
		s.note("The server answers " + http.StatusText(a.status) + " for now.")
	case a.status == http.StatusOK && a.kind == "text/html":
		for _, stream := range a.streams(s.url) {
			s.note("The page names a stream: try " + subscriptions.RedactURL(stream))
		}
	}
	page := strings.ToValidUTF8(string(a.body), "")
	for _, st := range s.states {
		st.page = st.preset.OnPage(page)
	}
}
