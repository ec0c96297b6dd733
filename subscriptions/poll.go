package subscriptions

import (
	"fmt"
	"net/http"
	"time"
)

// Bounds of [Poll].
const (
	DefaultPollInterval = time.Minute
	MinPollInterval     = time.Second
	MaxPollInterval     = 24 * time.Hour
)

// Poll says how a feed is polled. The zero value asks once a minute and finds
// the items by itself.
type Poll struct {
	// Interval is the time between two questions with [TransportPoll]; 0 is
	// [DefaultPollInterval].
	Interval Duration `json:"interval,omitzero"`
	// Items is the path (dots between names; a backslash takes the next
	// character as it is) of the array of items in a JSON object. Empty: an
	// answer that is an array holds items, any other is one item itself.
	Items string `json:"items,omitempty"`
}

// Polls reports whether feeds of this kind are asked for news again and
// again. Their cursor is the transport's own: where a feed says that payloads
// hold one, the transport's is built around it.
func (n TransportName) Polls() bool { return n == TransportPoll || n == TransportLongPoll }

// validatePoll is the part of Validate about polling.
func (f *Feed) validatePoll() error {
	p := f.Poll
	switch {
	case p.Interval != 0 && f.Transport != TransportPoll:
		return fmt.Errorf("only a feed of the kind poll has an interval")
	case p.Interval != 0 && (p.Interval < Duration(MinPollInterval) || p.Interval > Duration(MaxPollInterval)):
		return fmt.Errorf("the interval must be between %v and %v", MinPollInterval, MaxPollInterval)
	case p.Items != "" && !f.Transport.Polls():
		return fmt.Errorf("only a feed of the kind poll or longpoll has items")
	case len(p.Items) > MaxPath:
		return fmt.Errorf("the path of the items is longer than %d bytes", MaxPath)
	case f.Transport.Polls() && f.Resume.Strategy() == ResumeByQuery && f.Resume.Field == "":
		return fmt.Errorf("polling with a parameter needs to know where the payload holds its value")
	}
	return nil
}

// At is the address and the header of a request that goes on from since in
// the feed's own way. With an empty since they are t's own.
func (t *Target) At(since string) (string, http.Header, error) {
	u, err := ParseURL(t.URL)
	if err != nil {
		return "", nil, Fail(NeedsUser, CodeBadFeed, err)
	}
	header := t.Header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	t.Resume.apply(u, header, since)
	return u.String(), header, nil
}
