package notify

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"bellwire/notify/policy"
	"bellwire/subscriptions"
)

// notification is one event as it is shown.
func (w *Worker) notification(ctx context.Context, e subscriptions.Event, f policy.Feed) Notification {
	n := Notification{
		Seq:      e.Seq,
		Key:      "bellwire/" + e.Feed + "/" + strconv.FormatInt(e.Seq, 10),
		Feed:     e.Feed,
		FeedName: cmp.Or(f.Name, e.Feed),
		Title:    e.Title,
		Body:     e.Body,
		Link:     e.Link,
		Priority: e.Priority,
		Tags:     e.Tags,
		Sound:    f.Notify.Sound,
		Time:     e.Time,
	}
	if e.Group != "" {
		n.Key = "bellwire/" + e.Feed + "/group/" + e.Group
	}
	if n.Time.IsZero() {
		n.Time = e.Received
	}
	if n.Sound == "" && e.Priority > 0 && e.Priority < subscriptions.PriorityDefault {
		n.Sound = SoundNone
	}
	n.Buttons = append(n.Buttons, Button{ButtonOpen, w.words.Open})
	if w.o.Buttons != nil {
		n.Buttons = append(n.Buttons, w.o.Buttons(ctx, e)...)
	}
	n.Buttons = append(n.Buttons, w.own(e.Feed)...)
	return n
}

// veil takes out of n, which shows one event, what is not to be seen on a
// screen. What Bellwire says itself is no secret of a feed's, apart from the
// servers' words in its text.
func (w *Worker) veil(n Notification, kind subscriptions.EventKind) Notification {
	if w.reveal == subscriptions.RevealAll {
		return n
	}
	n.Body = ""
	if w.reveal == subscriptions.RevealFeed && kind != subscriptions.KindNotice {
		n.Title, n.Tags, n.Image = w.words.New(oneLine(cmp.Or(n.FeedName, "Bellwire"), maxName)), nil, ""
	}
	return n
}

// veilSummary is veil for one that tells of g.
func (w *Worker) veilSummary(n Notification, g *gathering) Notification {
	if w.reveal == subscriptions.RevealFeed && g.only() != nil { // the lines are titles
		n.Body = ""
	}
	return n
}

// own are the buttons that every notification has, beside the one that opens.
func (w *Worker) own(feed string) []Button {
	buttons := []Button{{ButtonRead, w.words.Read}}
	if feed != "" {
		buttons = append(buttons, Button{ButtonMute, w.words.Mute})
	}
	return buttons
}

// summaryNotification is a summary as it is shown.
func (w *Worker) summaryNotification(g *gathering) Notification {
	n := Notification{
		Summary:  g.ID,
		Key:      "bellwire/summary/" + strconv.FormatInt(g.ID, 10),
		Update:   !g.Shown.IsZero(),
		Title:    g.Title,
		Body:     strings.Join(w.summaryLines(g), "\n"),
		Priority: g.priority,
		Time:     g.last,
	}
	if f := g.only(); f != nil {
		n.Feed, n.FeedName, n.Sound = f.id, cmp.Or(f.feed.Name, f.id), f.feed.Notify.Sound
	}
	if n.Update || n.Sound == "" && g.priority < subscriptions.PriorityDefault {
		n.Sound = SoundNone
	}
	n.Buttons = append([]Button{{ButtonOpen, w.words.Open}}, w.own(n.Feed)...)
	return n
}

// summaryTitle is g in one line.
func (w *Worker) summaryTitle(g *gathering) string {
	name, feeds := "", 0
	if f := g.only(); f != nil {
		name = oneLine(cmp.Or(f.feed.Name, f.id, "Bellwire"), maxName)
	}
	for _, f := range g.feeds {
		if f.count > 0 {
			feeds++
		}
	}
	return w.words.Summary(g.Why, g.Count, name, feeds)
}

// only is the one feed that g tells of, nil where there are several.
func (g *gathering) only() (only *feedCount) {
	for i := range g.feeds {
		if g.feeds[i].count == 0 {
			continue
		}
		if only != nil {
			return nil
		}
		only = &g.feeds[i]
	}
	return only
}

// summaryLines name the newest events of the one feed there is, or the feeds
// that most of the events are from.
func (w *Worker) summaryLines(g *gathering) (lines []string) {
	if g.only() != nil {
		for _, e := range slices.Backward(g.newest) {
			lines = append(lines, oneLine(e.Title, maxName))
		}
		return lines
	}
	feeds := slices.DeleteFunc(slices.Clone(g.feeds), func(f feedCount) bool { return f.count == 0 })
	slices.SortStableFunc(feeds, func(a, b feedCount) int { return cmp.Compare(b.count, a.count) })
	for i, f := range feeds {
		if i == maxLines-1 && len(feeds) > maxLines {
			return append(lines, w.words.Rest(len(feeds)-i))
		}
		lines = append(lines, w.words.Part(oneLine(cmp.Or(f.feed.Name, f.id, "Bellwire"), maxName), f.count))
	}
	return lines
}
