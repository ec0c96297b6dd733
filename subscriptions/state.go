package subscriptions

import "time"

// State is what a feed is doing.
type State string

const (
	StateConnecting State = "connecting" // dialing, or waiting for the server's answer
	StateOpen       State = "open"       // connected: the server accepted
	StateWaiting    State = "waiting"    // the next attempt is scheduled
	StateBlocked    State = "blocked"    // a person has to do something; rechecked slowly
	StateEnded      State = "ended"      // the server ended the stream for good
	StatePaused     State = "paused"     // a person paused it
)

// Status is a feed's connection as it is now.
type Status struct {
	State State `json:"state"`
	// Since is when the state was entered.
	Since time.Time `json:"since"`
	// Error and Hint are the last trouble and its remedy; empty while open.
	Error string `json:"error"`
	Hint  string `json:"hint"`
	// Code is the trouble's kind; empty while open.
	Code Code `json:"code,omitempty"`
	// LastError and LastHint are the last trouble whatever came after it, and
	// LastErrorAt is when it came; empty while there has been none.
	LastError   string    `json:"last_error,omitempty"`
	LastHint    string    `json:"last_hint,omitempty"`
	LastErrorAt time.Time `json:"last_error_at,omitzero"`
	// Next is when the next attempt is due; zero when none is.
	Next time.Time `json:"next_attempt,omitzero"`
	// Queued says that the feed would try now, were it not for other feeds of
	// the same server whose turn comes before.
	Queued bool `json:"queued,omitempty"`
	// Attempts counts the failed attempts since the feed last was well or a
	// person began anew.
	Attempts int `json:"attempts"`
	// Cursor is the last committed position.
	Cursor string `json:"cursor"`
	// LastByte is when the server was last heard.
	LastByte time.Time `json:"last_byte,omitzero"`
	// RTT is the last measured round trip; 0 when none was.
	RTT time.Duration `json:"rtt_ns,omitempty"`
	// Cadence is the time between the server's keep-alives as it was learned;
	// 0 while it is not.
	Cadence time.Duration `json:"cadence_ns,omitempty"`
	// IdleLimit is the silence after which the connection is replaced; 0
	// when the feed sends no keep-alives to learn it from.
	IdleLimit time.Duration `json:"idle_limit_ns,omitempty"`
	// Counters since the daemon started.
	Received   int64 `json:"received"`
	Duplicates int64 `json:"duplicates"`
	Gaps       int64 `json:"gaps"`
	Reconnects int64 `json:"reconnects"`
}

// A LogEntry is one step in a feed's connection: it entered a state.
type LogEntry struct {
	At    time.Time `json:"at"`
	State State     `json:"state"`
	// Code and Error are the trouble that led to it; empty without any.
	Code  Code   `json:"code,omitempty"`
	Error string `json:"error,omitempty"`
	// Next is when the next attempt was due; zero when none was.
	Next time.Time `json:"next_attempt,omitzero"`
	// Queued is [Status.Queued].
	Queued bool `json:"queued,omitempty"`
}
