package subscriptions

import (
	"encoding/json"
	"time"
)

// An Event is a row of history: what a person can see of a message.
type Event struct {
	// Seq orders history. Given by storage, never reused, starts at 1.
	Seq int64 `json:"seq"`
	// Feed is the feed's id; empty for a notice about Bellwire as a whole.
	Feed string `json:"feed"`
	// Kind says whether this is an event or a note of Bellwire's own.
	Kind EventKind `json:"kind"`
	// MessageID is the identifier the message carried, if any.
	MessageID string `json:"message_id"`
	// Type is the event's name as the server gave it.
	Type string `json:"type"`
	// Title is one line and never empty.
	Title string `json:"title"`
	// Body may have several lines.
	Body string `json:"body"`
	// Link is empty or an http, https or mailto URL.
	Link string `json:"link"`
	// Priority is 1 (lowest) to 5 (urgent); 3 when the server says nothing.
	Priority int `json:"priority"`
	// Tags are what the event is filed under, each one short line.
	Tags []string `json:"tags,omitempty"`
	// Icon and Image are empty or http or https URLs. Nothing fetches them
	// before a person asks for it.
	Icon  string `json:"icon,omitempty"`
	Image string `json:"image,omitempty"`
	// Group is what belongs together; empty: nothing.
	Group string `json:"group,omitempty"`
	// Actions are what a person can do about it, as the payload says.
	Actions []Action `json:"actions,omitempty"`
	// Warning is one line about what of the feed's mapping failed for this
	// event; empty when nothing did.
	Warning string `json:"warning,omitempty"`
	// Time is when the event happened, where the payload tells; zero if not.
	Time time.Time `json:"time,omitzero"`
	// Received is when Bellwire read the message.
	Received time.Time `json:"received"`
	// Raw is the payload as it came. JSON for gaps: see [Gap].
	Raw string `json:"raw"`
	// Read says that a person has seen the row.
	Read bool `json:"read"`

	// DedupeKey is what makes two messages of a feed the same event; empty
	// when nothing does. Not shown, not in the control API.
	DedupeKey string `json:"-"`
	// Silent events are stored and never notified.
	Silent bool `json:"-"`
	// Outcome is a step that settled its notification before it was stored;
	// nil: whoever shows notifications decides. Events next to each other that
	// have the same one are stored quickly.
	Outcome *Step `json:"-"`
	// Late events came with the first ones of a connection, and may tell of
	// a time when nobody was there.
	Late bool `json:"-"`
	// Heard says that the event ends a silence of the feed, or that it is a gap
	// so long that one may have ended in it; see [Silence].
	Heard bool `json:"-"`
	// Hold is why its notification was held until now; empty: it was not.
	// Given by storage.
	Hold Reason `json:"-"`
}

// An Action is a button that a payload declares: a link to open, or a request
// to send when a person presses it.
type Action struct {
	// Label is one short line.
	Label string `json:"label"`
	// URL is http or https; for a link, mailto too.
	URL string `json:"url"`
	// Method is GET, POST, PUT, PATCH or DELETE; empty: a link.
	Method string `json:"method,omitempty"`
	// Headers and Body go with the request.
	Headers []Header `json:"headers,omitempty"`
	Body    string   `json:"body,omitempty"`
}

// EventKind tells rows of history apart.
type EventKind string

const (
	KindEvent  EventKind = "event"  // the server sent it
	KindGap    EventKind = "gap"    // the server may have sent something here that cannot be had
	KindNotice EventKind = "notice" // Bellwire itself has something to say; Type is a [NoticeType]
)

// NoticeType is what a notice is about, as its event's Type.
type NoticeType string

const (
	NoticeTrouble   NoticeType = "trouble"   // a connection is in trouble for a while
	NoticeRecovered NoticeType = "recovered" // and is well again
	NoticeSilent    NoticeType = "silent"    // no events for too long
	NoticeSpeaks    NoticeType = "speaks"    // and then there was one
	NoticeTest      NoticeType = "test"      // somebody wants to see a notification
)

// Default and extreme priorities.
const (
	PriorityMin     = 1
	PriorityDefault = 3
	PriorityMax     = 5
)

// A Gap is a time in which events may have been missed.
type Gap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason GapReason `json:"reason"`
}

// GapReason says why nothing could be replayed.
type GapReason string

const (
	// GapNoResume: the server gives no position to resume from.
	GapNoResume GapReason = "no-resume"
	// GapEvicted: the server no longer had the position.
	GapEvicted GapReason = "evicted"
)

// Event is g as a row of the given feed's history. Its Raw is g as JSON.
func (g Gap) Event(feed string) Event {
	raw, _ := json.Marshal(g) // two times and a string: cannot fail
	return Event{
		Feed:     feed,
		Kind:     KindGap,
		Type:     string(g.Reason),
		Title:    "Events may be missing here",
		Body:     "The connection was interrupted between " + g.From.Local().Format("2 Jan 15:04:05") + " and " + g.To.Local().Format("2 Jan 15:04:05") + ", and the server cannot replay what it sent meanwhile.",
		Priority: PriorityDefault,
		Received: g.To,
		Raw:      string(raw),
		Silent:   true,
		Read:     true,
	}
}

// ParseGap reads what [Gap.Event] wrote. ok is false for any other event.
func ParseGap(e Event) (g Gap, ok bool) {
	if e.Kind != KindGap || json.Unmarshal([]byte(e.Raw), &g) != nil {
		return Gap{}, false
	}
	return g, true
}

// A Batch is what one feed commits at a time: its events in the order of
// arrival and the position after the last of them. Both or neither are
// stored.
type Batch struct {
	Feed   string
	Events []Event
	// Cursor replaces the feed's cursor, also when it is empty.
	Cursor string
	// Seen is when the feed was last known to be connected.
	Seen time.Time
	// Cadence is the time between the server's keep-alives, once learned; 0
	// leaves what is stored.
	Cadence time.Duration
}

// ForgetCadence as a batch's Cadence says that what is stored holds no more.
const ForgetCadence time.Duration = -time.Microsecond

// A Receipt tells what became of a batch.
type Receipt struct {
	// Inserted are the rows made, in order.
	Inserted int
	// Duplicates are events whose key the feed already had.
	Duplicates int
	// LastSeq is the highest Seq given; 0 when nothing was inserted.
	LastSeq int64
}

// A Position is where a feed stands between two connections.
type Position struct {
	// Cursor is the last committed cursor; empty when there is none.
	Cursor string
	// Seen is when the feed was last known to be connected; zero when it
	// never was.
	Seen time.Time
	// Cadence is the time between the server's keep-alives; 0 when none are
	// known.
	Cadence time.Duration
}
