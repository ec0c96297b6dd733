package forward

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"bellwire/subscriptions"
)

// maxBody is the largest that is sent, in bytes.
const maxBody = 256 << 10

// payloadVersion is that of [payload].
const payloadVersion = 1

// A payload is an event as others get it: docs/forwarding.md.
type payload struct {
	Version  int         `json:"version"`
	Instance string      `json:"instance"`
	Via      []string    `json:"via"`
	Feed     payloadFeed `json:"feed"`
	Seq      int64       `json:"seq"`
	// Key is Instance and Seq in one: what a receiver tells events apart by,
	// where what is between sends one twice.
	Key      string                  `json:"key"`
	Kind     subscriptions.EventKind `json:"kind"`
	Type     string                  `json:"type"`
	ID       string                  `json:"id"`
	Title    string                  `json:"title"`
	Body     string                  `json:"body"`
	Link     string                  `json:"link"`
	Priority int                     `json:"priority"`
	Tags     []string                `json:"tags"`
	Group    string                  `json:"group"`
	Time     time.Time               `json:"time,omitzero"`
	Received time.Time               `json:"received"`
	Data     json.RawMessage         `json:"data,omitempty"`
	// DataOmitted says that Data would have been too large.
	DataOmitted bool `json:"data_omitted,omitempty"`
}

type payloadFeed struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// event is e as JSON.
func (r *rule) event(e subscriptions.Event, marks []string) ([]byte, error) {
	p := payload{
		Version: payloadVersion, Instance: r.opts.Instance, Via: marks,
		Feed: payloadFeed{r.feed.ID, r.feed.Name},
		Seq:  e.Seq, Key: r.key(e), Kind: e.Kind, Type: e.Type, ID: e.MessageID, Title: e.Title, Body: e.Body, Link: e.Link,
		Priority: e.Priority, Tags: e.Tags, Group: e.Group, Time: e.Time, Received: e.Received,
	}
	if p.Tags == nil {
		p.Tags = []string{}
	}
	if json.Valid([]byte(e.Raw)) {
		p.Data = json.RawMessage(e.Raw)
	} else if text, err := marshal(e.Raw); err == nil {
		p.Data = text
	}
	b, err := marshal(p)
	if len(b) > maxBody {
		p.Data, p.DataOmitted = nil, true
		b, err = marshal(p)
	}
	return b, err
}

// marshal is v as JSON that is read by programs, not by browsers.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("writing the event as JSON: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
