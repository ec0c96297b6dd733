package daemon

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/watch"
	"bellwire/storage"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

// Limits of a test notification.
const (
	testWait = 15 * time.Second
	maxTitle = 300  // characters
	maxBody  = 4000 // characters
)

// Delivery implements [control.Delivering].
func (a *App) Delivery(ctx context.Context, seq int64) (control.Delivery, error) {
	e, err := a.Event(ctx, seq)
	if err != nil {
		return control.Delivery{}, err
	}
	d := control.Delivery{Seq: e.Seq, Title: e.Title, Feed: e.Feed, Steps: []subscriptions.Step{{At: e.Received, What: subscriptions.StepReceived}}}
	// Asked before the steps: what is settled in between is then not owed.
	pending, err := a.db.Pending(ctx, seq-1, 1)
	if err != nil {
		return d, err
	}
	steps, err := a.db.Steps(ctx, seq)
	if err != nil {
		return d, err
	}
	d.Steps = append(d.Steps, steps...)
	d.Held = isHeld(steps)
	d.Owed = d.Held || !d.Settled() && slices.ContainsFunc(pending, func(p subscriptions.Event) bool { return p.Seq == seq })
	if err := a.worker.Err(); err != nil && d.Owed && !d.Held {
		d.Waiting = err.Error()
	}
	return d, a.addSummaries(ctx, &d)
}

// isHeld reports whether the last that happened to a notification is that it
// was held.
func isHeld(steps []subscriptions.Step) (held bool) {
	for _, s := range steps {
		switch {
		case s.What == subscriptions.StepHeld:
			held = true
		case s.What == subscriptions.StepReleased, s.What.Settles():
			held = false
		}
	}
	return held
}

func (a *App) addSummaries(ctx context.Context, d *control.Delivery) error {
	for _, step := range d.Steps {
		if step.Summary == 0 {
			continue
		}
		s, err := a.db.Summary(ctx, step.Summary)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if d.Summaries == nil {
			d.Summaries = map[int64]subscriptions.Summary{}
		}
		d.Summaries[s.ID] = s
	}
	return nil
}

// Summary implements [control.Delivering].
func (a *App) Summary(ctx context.Context, id int64) (subscriptions.Summary, error) {
	s, err := a.db.Summary(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		err = control.Refuse(http.StatusNotFound, "bellwire why SEQ tells which summary told an event", "there is no summary %d", id)
	}
	return s, err
}

// TestNotification implements [control.Delivering].
func (a *App) TestNotification(ctx context.Context, n control.TestNotification) (control.Delivery, error) {
	if err := checkTest(n); err != nil {
		return control.Delivery{}, err
	}
	var f subscriptions.Feed
	if n.Feed != "" {
		var err error
		if f, err = a.db.Feed(ctx, n.Feed); err != nil {
			return control.Delivery{}, noSuchFeed(n.Feed, err)
		}
	}
	e := a.testNotice(n)
	if n.Payload != "" {
		var err error
		if e, err = decodeTest(f, n.Payload); err != nil {
			return control.Delivery{}, err
		}
	}
	receipt, err := a.db.Notice(ctx, e)
	if err != nil {
		return control.Delivery{}, noSuchFeed(n.Feed, err)
	}
	return a.awaitDelivery(ctx, receipt.LastSeq)
}

func checkTest(n control.TestNotification) error {
	switch u, err := url.Parse(n.Link); {
	case n.Priority < 0 || n.Priority > subscriptions.PriorityMax:
		return control.Refuse(http.StatusBadRequest, "", "a priority is %d to %d", subscriptions.PriorityMin, subscriptions.PriorityMax)
	case n.Link != "" && (err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme)):
		return control.Refuse(http.StatusBadRequest, "", "a link starts with http://, https:// or mailto:")
	case n.Payload != "" && n.Feed == "":
		return control.Refuse(http.StatusBadRequest, "Name it, and see them with: bellwire feeds", "a payload needs a feed that understands it")
	case n.Payload != "" && (n.Title != "" || n.Body != "" || n.Link != "" || n.Priority != 0):
		return control.Refuse(http.StatusBadRequest, "", "a payload says itself what is shown: title, body, priority and link cannot be given with it")
	}
	return nil
}

// testNotice is the event of a test without a payload. It has facts only
// where all of its words are ours.
func (a *App) testNotice(n control.TestNotification) subscriptions.Event {
	facts := watch.Facts{Type: subscriptions.NoticeTest}
	title, body := a.cfg.NoticeWords.Say(facts)
	e := subscriptions.Event{
		Feed: n.Feed, Kind: subscriptions.KindNotice, Type: string(subscriptions.NoticeTest),
		Title: decode.Line(n.Title, maxTitle), Body: decode.Text(n.Body, maxBody),
		Link:     n.Link,
		Priority: cmp.Or(n.Priority, subscriptions.PriorityDefault),
		Received: time.Now().UTC(),
	}
	if e.Title == "" && e.Body == "" {
		e.Raw = facts.Raw()
	}
	e.Title, e.Body = cmp.Or(e.Title, title), cmp.Or(e.Body, body)
	return e
}

// decodeTest is what the feed makes of a payload. Nothing of the feed moves
// by it, and no event of the server's passes for a repetition of it.
func decodeTest(f subscriptions.Feed, payload string) (subscriptions.Event, error) {
	decoder, err := decode.Compile(f)
	if err != nil {
		return subscriptions.Event{}, control.Refuse(http.StatusBadRequest, hintFor(err), "%v", err)
	}
	d := decoder.Decode(subscriptions.Message{Type: "message", Data: payload, Received: time.Now().UTC()}, "")
	switch {
	case d.KeepAlive:
		return subscriptions.Event{}, control.Refuse(http.StatusBadRequest, "", "for %s this payload is only a sign of life", f.ID)
	case len(d.Events) == 0:
		return subscriptions.Event{}, control.Refuse(http.StatusBadRequest, "See what its mapping says with: bellwire export --feed "+f.ID, "for %s this payload is no event", f.ID)
	}
	e := d.Events[0]
	e.Feed, e.DedupeKey, e.Heard, e.Late = f.ID, "", false, false
	return e, nil
}

// awaitDelivery waits until it is known what became of an event.
func (a *App) awaitDelivery(ctx context.Context, seq int64) (control.Delivery, error) {
	timeout := time.NewTimer(testWait)
	defer timeout.Stop()
	for {
		changed := a.db.Changed()
		d, err := a.Delivery(ctx, seq)
		if err != nil || d.Held || !d.Owed {
			return d, err
		}
		select {
		case <-changed:
		case <-timeout.C:
			return a.Delivery(ctx, seq)
		case <-ctx.Done():
			return d, ctx.Err()
		case <-a.quit:
			return d, nil
		}
	}
}
