package control

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// seated is a daemon that answers what a desk asks, and says what it was
// asked.
type seated struct {
	*fake
	asked   any
	preview iter.Seq2[Glimpse, error]
	ended   chan struct{} // closed when a preview's context has ended
}

func (s *seated) Preview(ctx context.Context, n NewFeed) iter.Seq2[Glimpse, error] {
	s.asked = n
	return func(yield func(Glimpse, error) bool) {
		for g, err := range s.preview {
			if !yield(g, err) {
				return
			}
		}
		if s.ended != nil {
			<-ctx.Done()
			close(s.ended)
		}
	}
}

func (s *seated) TryPayloads(_ context.Context, n NewFeed, p []Payload) ([]Outcome, error) {
	s.asked = tryRequest{n, p}
	return []Outcome{{Skipped: true}}, nil
}

func (s *seated) Picture(_ context.Context, seq int64) (Picture, error) {
	s.asked = seq
	return Picture{Type: "image/png", Data: []byte{0, 255}}, nil
}

func (s *seated) Autostart(context.Context) (Autostart, error) {
	return Autostart{Unavailable: "no"}, nil
}

func (s *seated) SetAutostart(_ context.Context, on bool) (Autostart, error) {
	return Autostart{On: on}, nil
}

func (s *seated) Searches(context.Context) ([]SavedSearch, error) { return nil, nil }

func (s *seated) SetSearches(_ context.Context, all []SavedSearch) error {
	s.asked = all
	return nil
}

// sits starts a desk and a client of it.
func sits(t *testing.T, s *seated) (*Client, *Server) {
	t.Helper()
	s.fake = &fake{changed: make(chan struct{})}
	path, server := start(t, s)
	c := NewClient(path)
	t.Cleanup(c.http.CloseIdleConnections)
	return c, server
}

func TestDeskRoundTrips(t *testing.T) {
	s, ctx := &seated{}, t.Context()
	c, _ := sits(t, s)
	feed := NewFeed{URL: "https://example.org/", Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Title: "t"}}}
	payloads := []Payload{{ID: "1", Type: "x", Data: "{}", Received: time.Unix(9, 0).UTC()}}
	same := func(what string, got, want any, err error) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", what, err, d)
		}
	}
	outcomes, err := c.TryPayloads(ctx, feed, payloads)
	same("outcomes", outcomes, []Outcome{{Skipped: true}}, err)
	same("the trial", s.asked, any(tryRequest{feed, payloads}), nil)
	picture, err := c.Picture(ctx, 7)
	same("picture", picture, Picture{Type: "image/png", Data: []byte{0, 255}}, err)
	same("its event", s.asked, any(int64(7)), nil)
	start, err := c.Autostart(ctx)
	same("autostart", start, Autostart{Unavailable: "no"}, err)
	start, err = c.SetAutostart(ctx, true)
	same("autostart set", start, Autostart{On: true}, err)
	searches := []SavedSearch{{Name: "n", Text: "is:unread"}}
	same("searches set", nil, nil, c.SetSearches(ctx, searches))
	same("the searches", s.asked, any(searches), nil)
	none, err := c.Searches(ctx)
	same("searches", len(none), 0, err)
}

func TestPreviewIsAStream(t *testing.T) {
	glimpses := []Glimpse{
		{Feed: &NewFeed{URL: "https://example.org/", Name: "n"}},
		{Status: &subscriptions.Status{State: subscriptions.StateOpen}},
		{Payload: &Payload{Data: "two\nlines\r\n"}, Outcome: &Outcome{Events: []Shown{{Title: "two"}}}},
	}
	for name, end := range map[string]error{
		"to its end":  nil,
		"to an error": Refuse(http.StatusBadRequest, "write it again", "no address"),
		"to trouble":  errors.New("on fire"),
	} {
		t.Run(name, func(t *testing.T) {
			s := &seated{preview: func(yield func(Glimpse, error) bool) {
				for _, g := range glimpses {
					if !yield(g, nil) {
						return
					}
				}
				if end != nil {
					yield(Glimpse{}, end)
				}
			}}
			c, _ := sits(t, s)
			var got []Glimpse
			var err error
			for g, e := range c.Preview(t.Context(), NewFeed{URL: "x", Detect: true}) {
				if err = e; err == nil {
					got = append(got, g)
				}
			}
			if d := cmp.Diff(glimpses, got); d != "" {
				t.Error(d)
			}
			if (err == nil) != (end == nil) || err != nil && err.Error() != end.Error() {
				t.Errorf("ends with %v", err)
			}
			if d := cmp.Diff(any(NewFeed{URL: "x", Detect: true}), s.asked); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPreviewEndsWithTheLoop(t *testing.T) {
	s := &seated{ended: make(chan struct{}), preview: func(yield func(Glimpse, error) bool) {
		yield(Glimpse{Status: &subscriptions.Status{}}, nil)
	}}
	c, _ := sits(t, s)
	for range c.Preview(t.Context(), NewFeed{URL: "x"}) {
		break
	}
	<-s.ended
}

// The end of the server does not wait for previews.
func TestPreviewEndsWithTheServer(t *testing.T) {
	s := &seated{ended: make(chan struct{}), preview: func(yield func(Glimpse, error) bool) {
		yield(Glimpse{Status: &subscriptions.Status{}}, nil)
	}}
	c, server := sits(t, s)
	next, stop := iter.Pull2(c.Preview(t.Context(), NewFeed{URL: "x"}))
	defer stop()
	if _, err, ok := next(); err != nil || !ok {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	<-s.ended
}
