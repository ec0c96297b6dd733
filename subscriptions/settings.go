package subscriptions

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
)

// Settings are how a feed talks with its server, and what becomes of its
// events. The zero value of every field means "the default".
type Settings struct {
	// Subprotocols are offered in a WebSocket handshake, in this order
	// (RFC 6455 §4.1).
	Subprotocols []string `json:"subprotocols,omitempty"`
	// Frames are text frames that a WebSocket feed sends when it is open, in
	// this order.
	Frames []Frame `json:"frames,omitempty"`
	// Heartbeat is for servers that want to see signs of life as messages.
	Heartbeat Heartbeat `json:"heartbeat,omitzero"`
	// Conversation is what the feed answers meanwhile.
	Conversation Conversation `json:"conversation,omitzero"`
	// KeepAlive is how often the server is known to show that it is there; 0:
	// that is learned.
	KeepAlive Duration `json:"keep_alive,omitzero"`
	// Resume says how the cursor is given back to the server.
	Resume Resume `json:"resume,omitzero"`
	// Dedupe says what makes two messages the same event.
	Dedupe Dedupe `json:"dedupe,omitzero"`
	// Mapping says what payloads mean.
	Mapping Mapping `json:"mapping,omitzero"`
	// Poll is for the kinds that are polled.
	Poll Poll `json:"poll,omitzero"`
	// Notify says which events reach people.
	Notify Notify `json:"notify,omitzero"`
	// Silence tells people when there are no events.
	Silence Silence `json:"silence,omitzero"`
	// Forwards send events on.
	Forwards []Forward `json:"forwards,omitempty"`
	// Keep says how much of its history is kept.
	Keep Keep `json:"keep,omitzero"`
	// MaxAttempts is after how many failed attempts in a row the feed waits
	// for a person; 0 is never.
	MaxAttempts int `json:"max_attempts,omitempty"`
}

// OfStream is s without what becomes of events once they are there.
func (s Settings) OfStream() Settings {
	s.Notify, s.Silence, s.Forwards, s.Keep = Notify{}, Silence{}, nil, Keep{}
	return s
}

// Limits of [Settings].
const (
	MaxSubprotocols = 16
	MaxFrames       = 16
	MaxFrame        = 16 << 10 // bytes
	MaxPath         = 250      // bytes of a path into a payload
)

// ResumeBy names a way to give a cursor back to a server.
type ResumeBy string

const (
	// ResumeByHeader sends the cursor as Last-Event-ID. The default.
	ResumeByHeader ResumeBy = "last-event-id"
	// ResumeByQuery sends it as the query parameter [Resume.Param].
	ResumeByQuery ResumeBy = "query"
	// ResumeByFrame sends it in one of [Settings.Frames].
	ResumeByFrame ResumeBy = "frame"
	// ResumeByBackfill fetches what was missed from [Resume.Backfill].
	ResumeByBackfill ResumeBy = "backfill"
	// ResumeByNone sends nothing: every reconnect is an honest gap.
	ResumeByNone ResumeBy = "none"
)

// Resume is a feed's resume strategy. The zero value is the standard's:
// the message's own id, sent back as Last-Event-ID (WHATWG HTML §9.2.4).
type Resume struct {
	// By is how the cursor is sent; empty means [ResumeByHeader].
	By ResumeBy `json:"by,omitempty"`
	// Param is the query parameter's name with [ResumeByQuery].
	Param string `json:"param,omitempty"`
	// Start is the parameter's value while there is no cursor; empty: it is
	// left out.
	Start string `json:"start,omitempty"`
	// Field is the path (dots between names) of the cursor inside a JSON
	// payload; empty means the id the transport itself carries.
	Field string `json:"field,omitempty"`
	// Backfill is where what was missed is, with [ResumeByBackfill].
	Backfill Backfill `json:"backfill,omitzero"`
}

// Strategy is r.By with the default filled in.
func (r Resume) Strategy() ResumeBy {
	if r.By == "" {
		return ResumeByHeader
	}
	return r.By
}

// Dedupe says what makes two messages of a feed the same event. The zero
// value: the id that the transport carries or the cursor in the payload,
// together with type and payload, since a server that restarts may use its
// ids again. With [ResumeByBackfill] it is the cursor alone, since pages
// write the same thing differently.
type Dedupe struct {
	// Field is the path, in a JSON payload, of an id that alone tells events
	// apart. A message that lacks it is as with the zero value.
	Field string `json:"field,omitempty"`
	// Off makes every message an event of its own.
	Off bool `json:"off,omitempty"`
}

// validateSettings is the part of Validate about how a feed talks.
func (f *Feed) validateSettings() error {
	if err := f.Keep.Validate(); err != nil {
		return err
	}
	if len(f.Subprotocols) > MaxSubprotocols {
		return fmt.Errorf("more than %d sub-protocols", MaxSubprotocols)
	}
	for _, p := range f.Subprotocols {
		if !isToken(p) {
			return fmt.Errorf("%q is not a WebSocket sub-protocol name", p)
		}
	}
	if f.MaxAttempts < 0 {
		return fmt.Errorf("the number of attempts cannot be below 0")
	}
	for _, path := range []string{f.Resume.Field, f.Dedupe.Field, f.Resume.Backfill.Items, f.Resume.Backfill.ID, f.Resume.Backfill.Payload} {
		if len(path) > MaxPath {
			return fmt.Errorf("a path into payloads is longer than %d bytes", MaxPath)
		}
	}
	switch {
	case f.Dedupe.Off && f.Dedupe.Field != "":
		return fmt.Errorf("events cannot be told apart by a field and not at all")
	case f.Dedupe.Off && f.Resume.Strategy() == ResumeByBackfill:
		return fmt.Errorf("a feed that resumes by backfill has to tell its events apart: what is fetched and what is live overlap")
	}
	for _, check := range []func() error{f.validateFrames, f.validateHeartbeat, f.validateConversation, f.validatePoll, f.validateResume} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (f *Feed) validateResume() error {
	r := f.Resume
	if r.Strategy() != ResumeByBackfill && r.Backfill != (Backfill{}) {
		return fmt.Errorf("only a feed that resumes by backfill has one")
	}
	switch r.Strategy() {
	case ResumeByHeader, ResumeByNone:
		return nil
	case ResumeByQuery:
		if r.Param == "" {
			return fmt.Errorf("resuming by query needs the name of the parameter")
		}
		return nil
	case ResumeByFrame:
		if !f.HasCursorFrame() {
			return fmt.Errorf("resuming by frame needs a frame with %s in it", CursorHole)
		}
		return nil
	case ResumeByBackfill:
		return f.validateBackfill()
	default:
		return fmt.Errorf("unknown resume strategy %q", r.By)
	}
}

// mayBe reports whether a feed with this name is of the given kind, or may
// become it.
func (n TransportName) mayBe(kind TransportName) bool { return n == kind || n == TransportAuto }

// apply gives cursor back to the server by the address or the header.
func (r Resume) apply(u *url.URL, header http.Header, cursor string) {
	switch r.Strategy() {
	case ResumeByHeader:
		if cursor != "" {
			header.Set("Last-Event-ID", cursor)
		}
	case ResumeByQuery:
		if cursor = cmp.Or(cursor, r.Start); cursor != "" {
			setQuery(u, r.Param, cursor)
		}
	}
}
