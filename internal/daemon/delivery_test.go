package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/internal/watch"
	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// still is an app that does nothing by itself: nobody is told of anything.
func still(t *testing.T, dir string) *App {
	t.Helper()
	a, err := Open(t.Context(), config(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// kinds are the steps of a delivery, without their times.
func kinds(d control.Delivery) (out []string) {
	for _, s := range d.Steps {
		out = append(out, string(s.What)+" "+string(s.Why))
	}
	return out
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	if e, ok := errors.AsType[*control.Error](err); !ok || e.Status != status {
		t.Errorf("want a refusal with %d, got %v", status, err)
	}
}

func TestDelivery(t *testing.T) {
	ctx, a := t.Context(), still(t, shortDir(t))
	r, err := a.db.Notice(ctx, subscriptions.Event{Kind: subscriptions.KindNotice, Title: "One", Received: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	later, err := a.db.Notice(ctx, subscriptions.Event{Kind: subscriptions.KindNotice, Title: "Two", Received: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	look := func(seq int64, owed, held bool, want ...string) control.Delivery {
		t.Helper()
		d, err := a.Delivery(ctx, seq)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, kinds(d)); diff != "" || d.Owed != owed || d.Held != held {
			t.Errorf("owed %v, held %v (-want +got):\n%s", d.Owed, d.Held, diff)
		}
		return d
	}
	deliver := func(seq int64, s subscriptions.Step) {
		t.Helper()
		s.At = time.Now()
		if err := a.db.Deliver(ctx, subscriptions.Delivery{Seq: seq, Step: s}); err != nil {
			t.Fatal(err)
		}
	}
	if d := look(r.LastSeq, true, false, "received "); d.Title != "One" || d.Seq != r.LastSeq || d.Feed != "" {
		t.Errorf("it is told of %+v", d)
	}
	deliver(r.LastSeq, subscriptions.Step{What: subscriptions.StepHeld, Why: subscriptions.ReasonQuiet})
	look(r.LastSeq, true, true, "received ", "held quiet-hours")
	s, err := a.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if want := []subscriptions.Hold{{Why: subscriptions.ReasonQuiet, Count: 1}}; !cmp.Equal(s.Holds, want) || s.Held != 2 {
		t.Errorf("held are %v of %d", s.Holds, s.Held)
	}
	deliver(r.LastSeq, subscriptions.Step{What: subscriptions.StepReleased, Why: subscriptions.ReasonQuiet})
	look(r.LastSeq, true, false, "received ", "held quiet-hours", "released quiet-hours")
	id, err := a.db.BeginSummary(ctx, subscriptions.Summary{Why: subscriptions.ReasonQuiet, Title: "1 event", Begun: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.db.Summarise(ctx, subscriptions.Summary{ID: id, Why: subscriptions.ReasonQuiet, Title: "1 event", Count: 1, Shown: time.Now()}, []int64{r.LastSeq}); err != nil {
		t.Fatal(err)
	}
	d := look(r.LastSeq, false, false, "received ", "held quiet-hours", "released quiet-hours", "digested quiet-hours")
	if d.Summaries[id].Title != "1 event" {
		t.Errorf("its summaries are %v", d.Summaries)
	}
	if s, err := a.Summary(ctx, id); err != nil || s.Count != 1 {
		t.Errorf("the summary is %+v, %v", s, err)
	}
	_, err = a.Summary(ctx, 99)
	wantStatus(t, err, 404)
	look(later.LastSeq, true, false, "received ") // and the other is owed still
	_, err = a.Delivery(ctx, 99)
	wantStatus(t, err, 404)
}

func TestNotificationsAreTested(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	f, err := a.AddFeed(ctx, control.NewFeed{
		URL: "http://127.0.0.1:9/x", Name: "ci",
		Settings: subscriptions.Settings{Mapping: subscriptions.Mapping{Skip: "data.skip == true", Title: "Build {{ data.n }}"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	filtered := []string{"received ", "filtered none"}
	for name, tc := range map[string]struct {
		n     control.TestNotification
		title string
		kind  subscriptions.EventKind
	}{
		"of nobody":      {control.TestNotification{}, "A test notification", subscriptions.KindNotice},
		"of a feed":      {control.TestNotification{Feed: f.ID, Title: " Hello\nthere ", Priority: 5, Link: "https://example.org/"}, "Hello there", subscriptions.KindNotice},
		"with a payload": {control.TestNotification{Feed: f.ID, Payload: `{"n":7}`}, "Build 7", subscriptions.KindEvent},
		"and once more":  {control.TestNotification{Feed: f.ID, Payload: `{"n":7}`}, "Build 7", subscriptions.KindEvent},
	} {
		d, err := a.TestNotification(ctx, tc.n)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		e, err := a.Event(ctx, d.Seq)
		if err != nil || d.Title != tc.title || d.Feed != tc.n.Feed || e.Kind != tc.kind || !cmp.Equal(kinds(d), filtered) {
			t.Errorf("%s: %+v, %v, %s", name, d, err, e.Kind)
		}
	}
	for name, n := range map[string]control.TestNotification{
		"a priority too high":  {Priority: 6},
		"a dangerous link":     {Link: "javascript:alert(1)"},
		"a payload of nobody":  {Payload: "x"},
		"a payload and more":   {Feed: f.ID, Payload: "{}", Title: "x"},
		"a payload left aside": {Feed: f.ID, Payload: `{"skip":true}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.TestNotification(ctx, n)
			wantStatus(t, err, 400)
		})
	}
	_, err = a.TestNotification(ctx, control.TestNotification{Feed: "nope"})
	wantStatus(t, err, 404)
}

// Where all of a test's words are ours they are said as the notices' are, and
// can be said again in another language.
func TestTestNotificationsAreTold(t *testing.T) {
	a := &App{cfg: Config{NoticeWords: func(f watch.Facts) (title, body string) { return "title of " + string(f.Type), "body" }}}
	const facts = `{"type":"test","count":0}`
	for name, tc := range map[string]struct {
		n                control.TestNotification
		title, body, raw string
	}{
		"ours":        {control.TestNotification{}, "title of test", "body", facts},
		"blank":       {control.TestNotification{Title: " \n", Body: "\n"}, "title of test", "body", facts},
		"a new title": {control.TestNotification{Title: "x"}, "x", "body", ""},
		"a new body":  {control.TestNotification{Body: "x"}, "title of test", "x", ""},
	} {
		if e := a.testNotice(tc.n); e.Title != tc.title || e.Body != tc.body || e.Raw != tc.raw {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestPreferencesLast(t *testing.T) {
	dir := shortDir(t)
	a, stop := open(t, dir)
	ctx := t.Context()
	if p, err := a.Preferences(ctx); err != nil || !cmp.Equal(p, subscriptions.Preferences{}) {
		t.Errorf("at first they are %+v, %v", p, err)
	}
	want := subscriptions.Preferences{
		Quiet:     []subscriptions.QuietHours{{Days: []string{"mon"}, From: "22:00", To: "07:00"}},
		QuietPass: subscriptions.NothingPasses, TroubleAfter: subscriptions.Never, Burst: 3,
	}
	if err := a.SetPreferences(ctx, want); err != nil {
		t.Fatal(err)
	}
	bad := want
	bad.TimeZone = "Nowhere/At_All"
	wantStatus(t, a.SetPreferences(ctx, bad), 400)
	stop()
	a, stop = open(t, dir)
	p, err := a.Preferences(ctx)
	if diff := cmp.Diff(want, p); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	stop()
	// What somebody has spoilt is no reason not to start, and can be mended.
	b := still(t, dir)
	for _, value := range []string{"{", `{"time_zone":"Nowhere/At_All"}`, `{"burst":-1}`} {
		if err := b.db.SetSetting(ctx, settingPreferences, value); err != nil {
			t.Fatal(err)
		}
		if p, err := b.Preferences(ctx); err != nil || !cmp.Equal(p, subscriptions.Preferences{}) {
			t.Errorf("%s is %+v, %v", value, p, err)
		}
	}
}

func TestMutedFeeds(t *testing.T) {
	a, _ := open(t, shortDir(t))
	ctx := t.Context()
	f, err := a.AddFeed(ctx, control.NewFeed{URL: "http://127.0.0.1:9/x", Name: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	changed := a.Changed()
	until := time.Now().Add(time.Hour).Truncate(time.Microsecond).UTC()
	for _, want := range []time.Time{until, control.Forever, {}} {
		f, err = a.MuteFeed(ctx, f.ID, want)
		if err != nil || !f.MutedUntil.Equal(want) {
			t.Errorf("muted until %s is %s, %v", want, f.MutedUntil, err)
		}
		<-changed
	}
	b, err := json.Marshal(f)
	var fields map[string]any
	if err = errors.Join(err, json.Unmarshal(b, &fields)); err != nil {
		t.Fatal(err)
	}
	if _, said := fields["muted_until"]; said {
		t.Error("a feed that is not muted says until when")
	}
	_, err = a.MuteFeed(ctx, f.ID, time.Now().Add(-time.Minute))
	wantStatus(t, err, 400)
	_, err = a.MuteFeed(ctx, "nope", until)
	wantStatus(t, err, 404)
	_, err = a.MuteFeed(ctx, "", until) // where Bellwire's own notices are
	wantStatus(t, err, 404)
	// A mute that is over is none.
	if err := a.db.SetMuted(context.WithoutCancel(ctx), f.ID, time.Now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	if feeds, err := a.Feeds(ctx); err != nil || !feeds[0].MutedUntil.IsZero() {
		t.Errorf("%v, %v", feeds, err)
	}
}
