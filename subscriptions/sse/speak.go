package sse

import (
	"context"
	"net/http"

	"bellwire/subscriptions"
)

// A speaker answers what a stream says.
type speaker struct {
	client *http.Client
	*subscriptions.Target
}

// hear lets the feed answer m, by requests to the stream's own server, and
// puts into it what is remembered by then.
func (s speaker) hear(ctx context.Context, m *subscriptions.Message) error {
	if s.Talk == nil {
		return nil
	}
	answers, err := s.Talk.Hear(*m)
	if err != nil {
		return subscriptions.AsError(err)
	}
	m.Memory, m.Missed = s.Talk.Memory(), s.Talk.Missed()
	for _, a := range answers {
		if a.Post == "" {
			continue // a stream takes no messages
		}
		if err := s.Post(ctx, s.client, a); err != nil {
			return err
		}
	}
	return nil
}
