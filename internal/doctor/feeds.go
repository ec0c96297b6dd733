package doctor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

func lookFeeds(_ context.Context, o *Options) []Finding {
	if o.Daemon == nil {
		switch {
		case o.DaemonError != nil && len(o.Feeds) == 0:
			return nil
		case len(o.Feeds) == 0:
			return []Finding{good("none yet: %s add URL", o.Program)}
		}
		return []Finding{good("%s, and nobody runs who would receive", many(len(o.Feeds), "feed"))}
	}
	feeds := o.Daemon.Feeds
	if len(feeds) == 0 {
		return []Finding{good("none yet: %s add URL", o.Program)}
	}
	counts := map[subscriptions.State]int{}
	var troubles []Finding
	for _, f := range feeds {
		counts[f.State]++
		troubles = append(troubles, o.feedFindings(f)...)
	}
	var parts []string
	for _, s := range []subscriptions.State{
		subscriptions.StateOpen, subscriptions.StateConnecting, subscriptions.StateWaiting,
		subscriptions.StateBlocked, subscriptions.StateEnded, subscriptions.StatePaused,
	} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	return append([]Finding{good("%s: %s", many(len(feeds), "feed"), strings.Join(parts, ", "))}, troubles...)
}

// feedFindings are what is wrong with one feed.
func (o *Options) feedFindings(f control.Feed) (found []Finding) {
	trouble := cmp.Or(f.Error, f.LastError)
	log := "See its log:" + run + o.Program + " log " + f.ID
	switch {
	case f.State == subscriptions.StateBlocked:
		found = append(found, failure(portalHint(f)+cmp.Or(f.Hint, log), "%s needs you: %s", f.ID, trouble))
	case f.State == subscriptions.StateWaiting:
		found = append(found, warning(cmp.Or(f.Hint, log), "%s: attempt %d failed: %s", f.ID, f.Attempts, trouble))
	case f.State == subscriptions.StateEnded:
		found = append(found, warning("To try again:"+run+o.Program+" resume "+f.ID, "%s was ended: %s", f.ID, trouble))
	case f.State == subscriptions.StateOpen && f.Code != "":
		found = append(found, failure(cmp.Or(f.Hint, log), "%s is connected, but: %s", f.ID, trouble))
	}
	if limit := time.Duration(f.Silence.After); limit > 0 && f.State == subscriptions.StateOpen {
		since := f.LastEvent
		if since.IsZero() {
			since = f.Created
		}
		if quiet := o.Now.Sub(since); quiet > limit {
			found = append(found, warning("Look whether its server still sends; or make a new connection:"+run+o.Program+" reconnect "+f.ID, "%s is connected and has been silent for %s", f.ID, span(quiet)))
		}
	}
	for _, w := range f.Waiting {
		found = append(found, warning("Check that where it sends to is up:"+run+o.Program+" feeds", "%s cannot send on: %s", f.ID, w.Forward+": "+w.Error))
	}
	return found
}

// portalHint is about feeds that get a web page: a network that wants to be
// logged in to answers everything with one.
func portalHint(f control.Feed) string {
	if f.Code == subscriptions.CodeNotStream && strings.HasPrefix(f.URL, "http:") && strings.Contains(f.Error, "text/html") {
		return "In a network that wants to be logged in to: open http://" + strings.SplitN(strings.TrimPrefix(f.URL, "http://"), "/", 2)[0] + " in a browser and do that. Else: "
	}
	return ""
}

func lookHeld(_ context.Context, o *Options) []Finding {
	if o.Daemon == nil {
		return nil
	}
	s := o.Daemon
	held := cmp.Or(o.Held, "nothing")
	switch {
	case s.PausedUntil.After(o.Now) && s.PausedUntil.Year() >= control.Forever.Year()-1:
		return []Finding{warning("End that:"+run+o.Program+" unmute", "notifications are muted until you end that; held: %s", held)}
	case s.PausedUntil.After(o.Now):
		return []Finding{warning("End that:"+run+o.Program+" unmute", "notifications are muted until %s; held: %s", moment(s.PausedUntil), held)}
	case s.Held == 0:
		return []Finding{good("nothing")}
	}
	return []Finding{{Status: OK, Found: held, Do: "What holds notifications, and until when:" + run + o.Program + " notifications"}}
}
