package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"bellwire/subscriptions"
)

// A Delivery is what became of one event on its way to people.
type Delivery struct {
	Seq   int64  `json:"seq"`
	Title string `json:"title"`
	// Feed is the feed's id; empty for a notice about Bellwire as a whole.
	Feed string `json:"feed"`
	// Steps are in order; the first is always that it was received.
	Steps []subscriptions.Step `json:"steps"`
	// Summaries are those that the steps name, by their numbers.
	Summaries map[int64]subscriptions.Summary `json:"summaries,omitempty"`
	// Owed says that somebody is still to be told, now or, where Held says so,
	// later.
	Owed bool `json:"owed,omitempty"`
	Held bool `json:"held,omitempty"`
	// Waiting is the trouble for which nobody has been told yet; empty where
	// there is none.
	Waiting string `json:"waiting,omitempty"`
}

// Settled reports whether a step of d has settled the notification.
func (d Delivery) Settled() bool {
	for _, s := range d.Steps {
		if s.What.Settles() {
			return true
		}
	}
	return false
}

// A TestNotification asks for an event of somebody's own, which is then
// treated like any other.
type TestNotification struct {
	// Feed is whose event it is; empty: nobody's.
	Feed string `json:"feed,omitempty"`
	// Payload is understood as if the feed's server had sent it. Without one
	// it is a notice with what follows.
	Payload string `json:"payload,omitempty"`
	// Title and Body are in Bellwire's words where they are empty, Priority is
	// 3 where it is 0.
	Title    string `json:"title,omitempty"`
	Body     string `json:"body,omitempty"`
	Priority int    `json:"priority,omitempty"`
	// Link is empty or an http, https or mailto URL.
	Link string `json:"link,omitempty"`
}

// Delivering is the part of a daemon about how people are told.
type Delivering interface {
	Delivery(ctx context.Context, seq int64) (Delivery, error)
	Summary(ctx context.Context, id int64) (subscriptions.Summary, error)
	Preferences(ctx context.Context) (subscriptions.Preferences, error)
	// SetPreferences refuses what a person has to mend.
	SetPreferences(ctx context.Context, p subscriptions.Preferences) error
	// MuteFeed mutes a feed's notifications until then: [Forever] is for good,
	// the zero time not at all.
	MuteFeed(ctx context.Context, id string, until time.Time) (Feed, error)
	// TestNotification answers once it is known what became of it, or after
	// 15 s.
	TestNotification(ctx context.Context, n TestNotification) (Delivery, error)
}

// handleDelivery adds what d answers.
func handleDelivery(mux *routes, d Delivering) {
	mux.HandleFunc("GET /v1/history/{seq}/delivery", answer(func(r *http.Request) (any, error) {
		seq, err := pathNumber(r, "seq")
		if err != nil {
			return nil, err
		}
		return d.Delivery(r.Context(), seq)
	}))
	mux.HandleFunc("GET /v1/summaries/{id}", answer(func(r *http.Request) (any, error) {
		id, err := pathNumber(r, "id")
		if err != nil {
			return nil, err
		}
		return d.Summary(r.Context(), id)
	}))
	mux.HandleFunc("GET /v1/preferences", answer(func(r *http.Request) (any, error) { return d.Preferences(r.Context()) }))
	mux.HandleFunc("PUT /v1/preferences", answer(func(r *http.Request) (any, error) {
		p, err := request[subscriptions.Preferences](r)
		if err != nil {
			return nil, err
		}
		return struct{}{}, d.SetPreferences(r.Context(), p)
	}))
	mux.HandleFunc("POST /v1/feeds/{id}/mute", answer(func(r *http.Request) (any, error) {
		p, err := request[pauseRequest](r)
		if err != nil {
			return nil, err
		}
		return d.MuteFeed(r.Context(), r.PathValue("id"), p.Until)
	}))
	mux.HandleFunc("POST /v1/notifications/test", answer(func(r *http.Request) (any, error) {
		n, err := request[TestNotification](r)
		if err != nil {
			return nil, err
		}
		return d.TestNotification(r.Context(), n)
	}))
}

// pathNumber is a number in a request's path.
func pathNumber(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil {
		return 0, badRequest("%q is not a number", r.PathValue(name))
	}
	return n, nil
}

// Delivery tells what became of an event on its way to people.
func (c *Client) Delivery(ctx context.Context, seq int64) (Delivery, error) {
	return call[Delivery](ctx, c, http.MethodGet, "/v1/history/"+strconv.FormatInt(seq, 10)+"/delivery", nil)
}

// Summary is one summary; its rows are those of a [Query] with it.
func (c *Client) Summary(ctx context.Context, id int64) (subscriptions.Summary, error) {
	return call[subscriptions.Summary](ctx, c, http.MethodGet, "/v1/summaries/"+strconv.FormatInt(id, 10), nil)
}

// Preferences are how Bellwire notifies, for all feeds together.
func (c *Client) Preferences(ctx context.Context) (subscriptions.Preferences, error) {
	return call[subscriptions.Preferences](ctx, c, http.MethodGet, "/v1/preferences", nil)
}

// SetPreferences replaces them.
func (c *Client) SetPreferences(ctx context.Context, p subscriptions.Preferences) error {
	_, err := call[struct{}](ctx, c, http.MethodPut, "/v1/preferences", p)
	return err
}

// MuteFeed mutes a feed's notifications until the given time; [Forever] for
// good, the zero time to end it. Events still reach history.
func (c *Client) MuteFeed(ctx context.Context, id string, until time.Time) (Feed, error) {
	return call[Feed](ctx, c, http.MethodPost, "/v1/feeds/"+url.PathEscape(id)+"/mute", pauseRequest{until})
}

// TestNotification makes an event and tells what became of it. It takes up to
// 15 s.
func (c *Client) TestNotification(ctx context.Context, n TestNotification) (Delivery, error) {
	return call[Delivery](ctx, c, http.MethodPost, "/v1/notifications/test", n)
}
