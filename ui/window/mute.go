package window

import (
	"context"
	"time"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// muteFor is how long the keyboard and the first entry of a menu mute.
const muteFor = time.Hour

// muteItems are a feed's menu entries about its notifications.
func (u *ui) muteItems(f control.Feed) []*fyne.MenuItem {
	item := func(text string, icon fyne.Resource, until func() time.Time) *fyne.MenuItem {
		i := fyne.NewMenuItem(text, func() { u.muteFeed(f.ID, until()) })
		i.Icon = theme.NewThemedResource(icon)
		return i
	}
	if words.Muted(f.MutedUntil, u.clock.now()) != "" {
		return []*fyne.MenuItem{item(words.Say("feed.unmute"), bellGlyph(), func() time.Time { return time.Time{} })}
	}
	return []*fyne.MenuItem{
		item(words.Say("feed.mute"), mutedGlyph(), func() time.Time { return u.clock.now().Add(muteFor) }),
		item(words.Say("feed.mute.8h"), mutedGlyph(), func() time.Time { return u.clock.now().Add(8 * time.Hour) }),
		item(words.Say("feed.mute.tomorrow"), mutedGlyph(), func() time.Time { return tomorrow(u.clock.now()) }),
		item(words.Say("feed.mute.forever"), mutedGlyph(), func() time.Time { return control.Forever }),
	}
}

// tomorrow is eight in the morning of the next day.
func tomorrow(now time.Time) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+1, 8, 0, 0, 0, now.Location())
}

// toggleMute mutes the feed in view, or that of the event in view, for an
// hour, or ends its mute.
func (u *ui) toggleMute() {
	id := u.choice.feed
	if id == "" && u.detail.event.Seq != 0 {
		id = u.detail.event.Feed
	}
	f, ok := u.feed(id)
	switch {
	case !ok:
	case words.Muted(f.MutedUntil, u.clock.now()) != "":
		u.muteFeed(id, time.Time{})
	default:
		u.muteFeed(id, u.clock.now().Add(muteFor))
	}
}

func (u *ui) muteFeed(id string, until time.Time) {
	u.feedCall(func(ctx context.Context) (control.Feed, error) {
		return u.o.Client.MuteFeed(ctx, id, until)
	})
}

// nextEnd is when a pause or a mute ends next, within two days; zero when
// none does.
func (u *ui) nextEnd(now time.Time) (next time.Time) {
	consider := func(t time.Time) {
		if t.After(now) && t.Before(now.AddDate(0, 0, 2)) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	consider(u.status.PausedUntil)
	for _, f := range u.status.Feeds {
		consider(f.MutedUntil)
	}
	return next
}
