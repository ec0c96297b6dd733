package window

import (
	"context"
	"iter"
	"slices"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// desk is what fake answers about everything but events and feeds.
type desk struct {
	searches    []control.SavedSearch
	picture     control.Picture
	activity    control.Activity
	glimpses    []control.Glimpse // of a preview, which then waits
	glimpseErr  error             // and ends so instead
	outcomes    []control.Outcome // of TryPayloads
	trials      []control.Trial
	definitions []control.NewFeed
	looked      chan control.NewFeed // previews as they begin; for those who read it
	changed     control.NewFeed      // what was last changed to
	tried       control.NewFeed      // what was last previewed, tried or changed to
	change      control.Change
	log         []subscriptions.LogEntry
	preferences subscriptions.Preferences
	tested      control.Delivery
	autostart   control.Autostart
	places      []control.Place
	// step is how many rows a search looks at; 0 is all. It goes on with each
	// token of pace. refuse is what is wrong with searches, by their text.
	step   int64
	stuck  int // that many pages of such a search come no further: the index is being made anew
	pace   chan struct{}
	refuse map[string]error
}

func (f *fake) UndoRead(_ context.Context, undo string) error { return f.called("undo %s", undo) }

func (f *fake) DeleteEvents(_ context.Context, seqs []int64) error {
	err := f.called("delete %v", seqs)
	f.with(func() {
		f.events = slices.DeleteFunc(f.events, func(e subscriptions.Event) bool { return slices.Contains(seqs, e.Seq) })
	})
	return err
}

func (f *fake) Search(ctx context.Context, q control.Query) (control.Page, error) {
	var step int64
	var refuse error
	f.with(func() { step, refuse = f.desk.step, f.desk.refuse[q.Text] })
	if refuse != nil {
		return control.Page{}, refuse
	}
	if step > 0 && q.Text != "" && !q.OldestFirst {
		return f.searchStep(ctx, q, step)
	}
	gaps := strings.HasPrefix(q.Text, "is:gap")
	if gaps {
		q.Text = ""
	}
	events, err := f.History(ctx, q)
	if gaps {
		events = slices.DeleteFunc(events, func(e subscriptions.Event) bool { return e.Kind != subscriptions.KindGap })
	}
	p := control.Page{Events: events}
	if n := len(events); n > 0 {
		p.Through = events[n-1].Seq
	}
	return p, err
}

// searchStep is a search that looks at step rows a page.
func (f *fake) searchStep(ctx context.Context, q control.Query, step int64) (control.Page, error) {
	if q.Before == 0 {
		q.Before = int64(len(f.events)) + 1
	}
	select { // the daemon takes its time where a test says so
	case <-f.desk.pace:
	case <-ctx.Done():
		return control.Page{}, ctx.Err()
	}
	stuck := false
	f.with(func() {
		if stuck = f.desk.stuck > 0; stuck {
			f.desk.stuck--
		}
	})
	if stuck && q.Before <= int64(len(f.events)) {
		return control.Page{Through: q.Before}, nil
	}
	q.After = max(0, q.Before-1-step)
	events, err := f.History(ctx, q)
	p := control.Page{Events: events, Through: q.After + 1}
	if q.After == 0 {
		p.Through = 0
	}
	return p, err
}

func (f *fake) Searches(context.Context) (s []control.SavedSearch, err error) {
	err = f.called("searches")
	f.with(func() { s = slices.Clone(f.desk.searches) })
	return s, err
}

func (f *fake) SetSearches(_ context.Context, s []control.SavedSearch) error {
	f.with(func() { f.desk.searches = s })
	return f.called("set searches %v", s)
}

func (f *fake) Picture(_ context.Context, seq int64) (p control.Picture, err error) {
	err = f.called("picture %d", seq)
	f.with(func() { p = f.desk.picture })
	return p, err
}

func (f *fake) Activity(context.Context) (a control.Activity, err error) {
	f.with(func() { a = f.desk.activity })
	return a, f.called("activity")
}

func (f *fake) Arrange(_ context.Context, places []control.Place) error {
	err := f.called("arrange %v", places)
	f.with(func() {
		if err == nil && f.arranges {
			f.status.Feeds = arranged(f.status.Feeds, places)
		}
		f.desk.places = places
	})
	return err
}

func (f *fake) Preview(ctx context.Context, n control.NewFeed) iter.Seq2[control.Glimpse, error] {
	return func(yield func(control.Glimpse, error) bool) {
		var glimpses []control.Glimpse
		var end error
		f.with(func() { f.desk.tried, glimpses, end = n, f.desk.glimpses, f.desk.glimpseErr })
		_ = f.called("preview %s", n.URL)
		select {
		case f.desk.looked <- n:
		default:
		}
		for _, g := range glimpses {
			if !yield(g, nil) {
				return
			}
		}
		if end == nil {
			<-ctx.Done()
			end = ctx.Err()
		}
		yield(control.Glimpse{}, end)
	}
}

func (f *fake) TryPayloads(_ context.Context, n control.NewFeed, payloads []control.Payload) (o []control.Outcome, err error) {
	f.with(func() { f.desk.tried, o = n, f.desk.outcomes })
	return o, f.called("try payloads %d", len(payloads))
}

func (f *fake) TestFeed(_ context.Context, id string, _ control.Test) (t []control.Trial, err error) {
	f.with(func() { t = f.desk.trials })
	return t, f.called("test %s", id)
}

func (f *fake) Definitions(context.Context) (d []control.NewFeed, err error) {
	f.with(func() { d = f.desk.definitions })
	return d, f.called("definitions")
}

func (f *fake) TryFeed(_ context.Context, id string, n control.NewFeed) (c control.Change, err error) {
	f.with(func() { f.desk.tried, c = n, f.desk.change })
	return c, f.called("try %s", id)
}

func (f *fake) ChangeFeed(_ context.Context, id string, n control.NewFeed) (c control.Change, err error) {
	f.with(func() { f.desk.tried, f.desk.changed, c = n, n, f.desk.change })
	return c, f.called("change %s", id)
}

func (f *fake) ReconnectFeed(_ context.Context, id string) (control.Feed, error) {
	return control.Feed{ID: id, Name: id, Status: subscriptions.Status{State: subscriptions.StateConnecting}}, f.called("reconnect %s", id)
}

func (f *fake) FeedLog(_ context.Context, id string) (l []subscriptions.LogEntry, err error) {
	f.with(func() { l = f.desk.log })
	return l, f.called("log %s", id)
}

func (f *fake) Preferences(context.Context) (p subscriptions.Preferences, err error) {
	f.with(func() { p = f.desk.preferences })
	return p, f.called("preferences")
}

func (f *fake) SetPreferences(_ context.Context, p subscriptions.Preferences) error {
	err := f.called("set preferences")
	if err == nil {
		f.with(func() { f.desk.preferences = p })
	}
	return err
}

func (f *fake) TestNotification(context.Context, control.TestNotification) (d control.Delivery, err error) {
	f.with(func() { d = f.desk.tested })
	return d, f.called("test notification")
}

func (f *fake) Autostart(context.Context) (a control.Autostart, err error) {
	f.with(func() { a = f.desk.autostart })
	return a, f.called("autostart")
}

func (f *fake) SetAutostart(_ context.Context, on bool) (a control.Autostart, err error) {
	err = f.called("set autostart %v", on)
	f.with(func() { f.desk.autostart.On = on; a = f.desk.autostart })
	return a, err
}

func (f *fake) Restart(context.Context) error { return f.called("restart") }

func (f *fake) SetDemo(_ context.Context, on bool) error {
	err := f.called("demo %v", on)
	if err == nil {
		f.with(func() { f.status.Demo = on })
	}
	return err
}
