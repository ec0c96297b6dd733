package window

import (
	"slices"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// maxLogLines is how many steps of a connection are shown, the newest.
const maxLogLines = 200

// A feedStatus tells everything about one feed's connection.
type feedStatus struct {
	*fyne.Container
	u    *ui
	form *form
	feed control.Feed

	reconnect, hold, edit *formButton

	mark    *stateMark
	state   *widget.Label
	ail     *ailment
	line    *timePicture
	hover   *widget.Label
	facts   map[string]*widget.Label
	log     *textBlock
	logNone *widget.Label
	logText string
}

// factNames are what is told of a connection, in this order.
var factNames = []string{"next", "rtt", "cadence", "limit", "event", "byte", "received", "duplicates", "gaps", "reconnects", "trouble", "address"}

const factWidth = 200

func newFeedStatus(f *form) *feedStatus {
	u, head := f.u, newForm(f.u) // the head does not scroll
	s := &feedStatus{u: u, form: f, mark: newStateMark(), state: widget.NewLabel(""), ail: newAilment(u), hover: newSmallLabel(), facts: map[string]*widget.Label{}, logNone: newSmallLabel()}
	s.reconnect = head.newButton(words.Say("feed.reconnect"), theme.ViewRefreshIcon(), s.reconnectNow)
	s.hold = head.newButton(words.Say("feed.pause"), theme.MediaPauseIcon(), s.holdOrResume)
	s.edit = head.newButton(words.Say("feed.edit"), theme.DocumentCreateIcon(), func() {
		u.show(control.Show{Page: control.PageEdit, Feed: s.feed.ID})
	})
	s.state.TextStyle.Bold = true
	s.hover.Importance = widget.LowImportance
	s.hover.Wrapping = fyne.TextWrapOff
	s.hover.Truncation = fyne.TextTruncateEllipsis
	s.line = newTimePicture(32, func(text string) {
		if text == "" {
			text = words.Say("timeline.title")
		}
		s.hover.SetText(text)
	})
	s.hover.SetText(words.Say("timeline.title"))
	facts := column(-8)
	for _, name := range factNames {
		title, value := widget.NewLabel(words.Say("status."+name)), widget.NewLabel("")
		title.Importance = widget.LowImportance
		value.Wrapping, value.Selectable = fyne.TextWrapWord, true
		s.facts[name] = value
		facts.Add(container.New(leftColumn{factWidth}, title, value))
	}
	s.log = newTextBlock(sizeSmall, fyne.TextStyle{})
	s.logNone.SetText(words.Say("status.log.none"))
	s.logNone.Importance = widget.LowImportance
	copyLog := f.newButton(words.Say("detail.copy"), theme.ContentCopyIcon(), func() {
		fyne.CurrentApp().Clipboard().SetContent(s.logText)
	})
	copyLog.Importance = widget.LowImportance
	s.ail.radius = 6
	s.Container = column(8,
		across(0, inset(container.NewCenter(s.mark), 0, 0, 8, 0), s.state), inset(s.ail.surface, 0, 0, 8, 8),
		column(0, s.hover, inset(column(4, s.line, newTimeAxis()), 0, 0, 8, 8), inset(newLegend(), 8, 8, 8, 0)),
		facts,
		container.NewBorder(nil, nil, nil, copyLog, heading(words.Say("status.log"))),
		column(-8, s.logNone, s.log),
	)
	s.show(false)
	return s
}

func (s *feedStatus) show(yes bool) {
	s.Container.Hidden = !yes
	for _, b := range []*formButton{s.reconnect, s.hold, s.edit} {
		if yes {
			b.Show()
		} else {
			b.Hide()
		}
	}
}

// set shows how the feed does now.
func (s *feedStatus) set(f control.Feed) {
	s.feed = f
	now := s.u.clock.now()
	if s.u.down {
		f.Status = subscriptions.Status{} // nobody knows
	}
	s.mark.set(f.State)
	text := sentence(words.StateSince(f.Status, now))
	if s.u.down {
		text = words.Say("down.foot")
	}
	if s.state.Text != text {
		s.state.SetText(text)
	}
	if s.u.down {
		s.ail.Hide()
	} else if isHeld(f) && words.Trouble(f.Status) == "" {
		s.ail.Hide() // the line above says it, and the button at the top resumes
	} else {
		s.ail.set(f)
	}
	icon, do := theme.MediaPauseIcon(), words.Say("feed.pause")
	if isHeld(f) {
		icon, do = theme.MediaPlayIcon(), words.Say("feed.resume")
	}
	if s.hold.Text != do {
		s.hold.Icon = icon
		s.hold.SetText(do)
	}
	for name, value := range factsOf(f, now) {
		if l := s.facts[name]; l.Text != value {
			l.SetText(value)
			if name == "trouble" { // of one line or of two
				s.form.relayout()
			}
		}
	}
}

// factsOf is what is known of a connection, by the names of factNames.
func factsOf(f control.Feed, now time.Time) map[string]string {
	unknown := words.Say("status.unknown")
	moment := func(t time.Time) string {
		if t.IsZero() {
			return words.Say("status.never")
		}
		return words.Say("status.moment", words.With{"Moment": words.Moment(t, now), "Ago": words.Past(t, now)})
	}
	facts := map[string]string{
		"next": words.Say("status.next.none"), "rtt": unknown, "cadence": unknown, "limit": words.Say("status.limit.none"),
		"event": moment(f.LastEvent), "byte": moment(f.LastByte), "trouble": words.Say("status.trouble.none"), "address": oneLine(f.URL, 2*maxTitle),
		"received": number(f.Received), "duplicates": number(f.Duplicates), "gaps": number(f.Gaps), "reconnects": number(f.Reconnects),
	}
	if f.Next.After(now) {
		facts["next"] = words.Say("status.in", words.With{"Span": words.Span(f.Next.Sub(now)), "Time": f.Next.Local().Format("15:04:05")})
	}
	if f.RTT > 0 {
		facts["rtt"] = words.Say("status.ms", words.With{"N": max(1, f.RTT.Milliseconds())})
	}
	if f.Cadence > 0 {
		facts["cadence"] = words.Say("status.every", words.With{"Span": words.Span(f.Cadence)})
	}
	if f.IdleLimit > 0 {
		facts["limit"] = words.Say("status.limit.after", words.With{"Span": words.Span(f.IdleLimit)})
	}
	if !f.LastErrorAt.IsZero() {
		facts["trouble"] = sentence(clip(f.LastError, maxTitle)) + " " + clip(f.LastHint, maxTitle) + "\n" + moment(f.LastErrorAt)
	}
	return facts
}

func number(n int64) string { return thousands(int(n)) }

// draw shows the feed's past.
func (s *feedStatus) draw(log []subscriptions.LogEntry, gaps []subscriptions.Gap, now time.Time) {
	s.line.set(log, gaps, now)
	s.logNone.Hidden = len(log) > 0
	log = slices.Clone(log)
	slices.SortStableFunc(log, func(a, b subscriptions.LogEntry) int { return b.At.Compare(a.At) })
	var lines []string
	for _, l := range log[:min(len(log), maxLogLines)] {
		lines = append(lines, l.At.Local().Format(time.DateTime)+"   "+oneLine(words.LogEntry(l), maxTitle))
	}
	if text := strings.Join(lines, "\n"); text != s.logText {
		s.logText = text
		s.log.set(text)
		s.form.relayout()
	}
}

func (s *feedStatus) reconnectNow() { s.u.reconnectFeed(s.feed.ID) }

func (s *feedStatus) holdOrResume() {
	if isHeld(s.feed) {
		s.u.resumeFeed(s.feed.ID)
	} else {
		s.u.pauseFeed(s.feed.ID)
	}
}
