package control

import (
	"time"

	"bellwire/subscriptions"
)

// MaxTrials is the largest [Test.Last].
const MaxTrials = 100

// A Test asks what an edited feed makes of payloads that are in history.
type Test struct {
	// Feed is the feed as it would be; nil: as it is.
	Feed *NewFeed `json:"feed,omitempty"`
	// Last is how many payloads to look at, 1 to [MaxTrials].
	Last int `json:"last"`
}

// A Trial is what becomes of one payload. Nothing of it is stored.
type Trial struct {
	// Seq is a row of history that has the payload, Received its time.
	Seq      int64     `json:"seq"`
	Received time.Time `json:"received"`
	// Before is by the feed as it is, After by the edited one.
	Before Outcome `json:"before"`
	After  Outcome `json:"after"`
}

// An Outcome is what becomes of a payload. What a conversation remembers is
// not known to it.
type Outcome struct {
	Events []Shown `json:"events,omitempty"`
	// Skipped is no event, KeepAlive only a sign of life.
	Skipped   bool   `json:"skipped,omitempty"`
	KeepAlive bool   `json:"keep_alive,omitempty"`
	Cursor    string `json:"cursor,omitempty"`
}

// Shown is what people would see of an event.
type Shown struct {
	Title    string                 `json:"title"`
	Body     string                 `json:"body,omitempty"`
	Link     string                 `json:"link,omitempty"`
	Priority int                    `json:"priority"`
	Tags     []string               `json:"tags,omitempty"`
	Icon     string                 `json:"icon,omitempty"`
	Image    string                 `json:"image,omitempty"`
	Actions  []subscriptions.Action `json:"actions,omitempty"`
	Time     time.Time              `json:"time,omitzero"`
	ID       string                 `json:"id,omitempty"`
	Type     string                 `json:"type,omitempty"`
	Group    string                 `json:"group,omitempty"`
	// Silent says that it is stored and not notified.
	Silent bool `json:"silent,omitempty"`
	// Warning is what of the mapping failed.
	Warning string `json:"warning,omitempty"`
}
