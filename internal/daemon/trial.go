package daemon

import (
	"context"
	"net/http"
	"slices"
	"time"

	"bellwire/internal/control"
	"bellwire/storage"
	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

// trialRows is how many rows of history a trial looks at for each payload it
// wants: several events can be of one payload.
const trialRows = 20

// TestFeed implements [control.Daemon].
func (a *App) TestFeed(ctx context.Context, id string, t control.Test) ([]control.Trial, error) {
	if t.Last < 1 || t.Last > control.MaxTrials {
		return nil, control.Refuse(http.StatusBadRequest, "", "the number of events must be between 1 and %d", control.MaxTrials)
	}
	old, err := a.db.Feed(ctx, id)
	if err != nil {
		return nil, noSuchFeed(id, err)
	}
	edited := old
	if t.Feed != nil {
		d, err := a.draft(ctx, *t.Feed, &old)
		if err != nil {
			return nil, err
		}
		edited = d.whole()
	}
	before, err := decode.Compile(old)
	if err != nil {
		return nil, control.Refuse(http.StatusBadRequest, "", "%v", err)
	}
	after, err := decode.Compile(edited)
	if err != nil {
		return nil, control.Refuse(http.StatusBadRequest, hintFor(err), "%v", err)
	}
	rows, err := a.payloads(ctx, id, t.Last)
	if err != nil {
		return nil, err
	}
	trials := make([]control.Trial, 0, len(rows))
	for _, e := range rows {
		m := subscriptions.Message{ID: e.MessageID, Type: e.Type, Data: e.Raw, Received: e.Received}
		trials = append(trials, control.Trial{Seq: e.Seq, Received: e.Received, Before: outcome(before.Decode(m, "")), After: outcome(after.Decode(m, ""))})
	}
	return trials, nil
}

// payloads are the last n of a feed, newest first, each as one of its rows.
func (a *App) payloads(ctx context.Context, id string, n int) (out []subscriptions.Event, err error) {
	seen := map[string]time.Time{}
	q := storage.Query{Feed: id, Limit: n}
	for looked := 0; looked < n*trialRows; {
		rows, err := a.db.History(ctx, q)
		if err != nil || len(rows) == 0 {
			return out, err
		}
		for _, e := range rows {
			if at, twice := seen[e.Raw]; e.Kind != subscriptions.KindEvent || e.Raw == "" || twice && at.Equal(e.Received) {
				continue
			}
			seen[e.Raw] = e.Received
			if out = append(out, e); len(out) == n {
				return out, nil
			}
		}
		looked += len(rows)
		q.Before = rows[len(rows)-1].Seq
	}
	return out, nil
}

// outcome is what would become of a message, for people.
func outcome(d subscriptions.Decoded) control.Outcome {
	o := control.Outcome{Skipped: d.Skipped, KeepAlive: d.KeepAlive, Cursor: d.Cursor}
	for _, e := range d.Events {
		o.Events = append(o.Events, control.Shown{
			Title: e.Title, Body: e.Body, Link: e.Link, Priority: e.Priority, Tags: slices.Clone(e.Tags), Icon: e.Icon, Image: e.Image, Actions: slices.Clone(e.Actions),
			Time: e.Time, ID: e.MessageID, Type: e.Type, Group: e.Group, Silent: e.Silent, Warning: e.Warning,
		})
	}
	return o
}
