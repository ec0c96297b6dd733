package control

import (
	"context"
	"net/http"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// delivering answers with what it was asked.
type delivering struct {
	fake
	preferences subscriptions.Preferences
}

func (d *delivering) Delivery(_ context.Context, seq int64) (Delivery, error) {
	if seq != 7 {
		return Delivery{}, Refuse(http.StatusNotFound, "look elsewhere", "there is no event %d", seq)
	}
	return Delivery{
		Seq: 7, Title: "Seven", Owed: true, Held: true, Waiting: "no desktop",
		Steps:     []subscriptions.Step{{At: time.Unix(1, 0).UTC(), What: subscriptions.StepHeld, Why: subscriptions.ReasonQuiet, Detail: "x", Summary: 3}},
		Summaries: map[int64]subscriptions.Summary{3: {ID: 3, Why: subscriptions.ReasonQuiet, Title: "3 events", Count: 3}},
	}, nil
}

func (d *delivering) Summary(_ context.Context, id int64) (subscriptions.Summary, error) {
	return subscriptions.Summary{ID: id, Title: "x", Count: 2}, nil
}

func (d *delivering) Preferences(context.Context) (subscriptions.Preferences, error) {
	return d.preferences, nil
}

func (d *delivering) SetPreferences(_ context.Context, p subscriptions.Preferences) error {
	d.preferences = p
	return nil
}

func (d *delivering) MuteFeed(_ context.Context, id string, until time.Time) (Feed, error) {
	return Feed{ID: id, MutedUntil: until}, nil
}

func (d *delivering) TestNotification(_ context.Context, n TestNotification) (Delivery, error) {
	return Delivery{Feed: n.Feed, Title: n.Title + n.Body + n.Link + n.Payload, Seq: int64(n.Priority)}, nil
}

func TestDeliveryOverTheWire(t *testing.T) {
	d := &delivering{}
	path, _ := start(t, d)
	c := NewClient(path)
	t.Cleanup(c.http.CloseIdleConnections)
	ctx := t.Context()

	want, _ := d.Delivery(ctx, 7)
	if got, err := c.Delivery(ctx, 7); err != nil || !cmp.Equal(got, want) {
		t.Errorf("delivery: %v\n%s", err, cmp.Diff(want, got))
	}
	if _, err := c.Delivery(ctx, 8); err == nil || err.Error() != "there is no event 8" {
		t.Errorf("no such event: %v", err)
	}
	if s, err := c.Summary(ctx, 5); err != nil || s.ID != 5 || s.Count != 2 {
		t.Errorf("summary: %+v, %v", s, err)
	}
	p := subscriptions.Preferences{TimeZone: "Europe/Berlin", TroubleAfter: subscriptions.Never, Every: subscriptions.Duration(time.Second)}
	if err := c.SetPreferences(ctx, p); err != nil {
		t.Error(err)
	}
	if got, err := c.Preferences(ctx); err != nil || !cmp.Equal(got, p) {
		t.Errorf("preferences: %+v, %v", got, err)
	}
	for _, until := range []time.Time{{}, Forever, time.Unix(1e9, 0).UTC()} {
		if f, err := c.MuteFeed(ctx, "a b", until); err != nil || f.ID != "a b" || !f.MutedUntil.Equal(until) {
			t.Errorf("mute: %+v, %v", f, err)
		}
	}
	got, err := c.TestNotification(ctx, TestNotification{Feed: "f", Payload: "p", Title: "t", Body: "b", Priority: 4, Link: "l"})
	if err != nil || got.Feed != "f" || got.Title != "tblp" || got.Seq != 4 {
		t.Errorf("test: %+v, %v", got, err)
	}
}

func TestASummaryIsShown(t *testing.T) {
	f, c, _ := serve(t)
	f.add(1)
	for u, err := range c.Events(t.Context(), EventsOptions{Window: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if u.Kind == UpdateEvent {
			if shown, err := c.Show(t.Context(), Show{Summary: 17}); err != nil || !shown {
				t.Fatalf("shown: %v, %v", shown, err)
			}
		}
		if u.Kind == UpdateShow {
			if u.Show != (Show{Summary: 17}) {
				t.Errorf("shows %+v", u.Show)
			}
			break
		}
	}
}
