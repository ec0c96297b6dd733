package window

import (
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// An ailment says what is wrong with the feed in view, or that it is muted,
// and what can be done.
type ailment struct {
	*surface
	u     *ui
	text  *widget.Label
	hint  *widget.Label
	edit  *widget.Button // where a person has to mend the feed
	retry *widget.Button
	feed  string
	do    func()
}

func newAilment(u *ui) *ailment {
	a := &ailment{u: u, text: widget.NewLabel(""), hint: newSmallLabel()}
	a.text.TextStyle.Bold, a.text.Wrapping = true, fyne.TextWrapWord
	a.retry = widget.NewButton(words.Say("feed.retry"), func() { a.do() })
	a.edit = widget.NewButton(words.Say("feed.edit"), func() { u.show(control.Show{Page: control.PageEdit, Feed: a.feed}) })
	a.surface = newSurface(colourAlarm, inset(column(-12, a.text, a.hint,
		inset(across(8, a.edit, a.retry), 14, 8, 8, 0)), 0, 0, 8, 8))
	a.Hide()
	return a
}

func (a *ailment) set(f control.Feed) {
	a.feed, a.do = f.ID, func() { a.u.resumeFeed(f.ID) }
	a.edit.Hidden = f.State != subscriptions.StateBlocked
	switch f.State {
	case subscriptions.StateBlocked:
		a.colour = colourAlarm
		a.retry.SetText(words.Say("feed.retry"))
	case subscriptions.StateWaiting, subscriptions.StateEnded:
		a.colour = colourNotice
		a.retry.SetText(words.Say("feed.retry"))
	case subscriptions.StatePaused:
		a.colour = colourNotice
		a.retry.SetText(words.Say("feed.resume"))
	default:
		a.setMuted(f)
		return
	}
	text, hint := words.Trouble(f.Status), words.Hint(f.Status)
	if f.State == subscriptions.StatePaused || text == "" {
		text, hint = words.State(f.Status, a.u.clock.now()), ""
	}
	a.tell(text, hint)
}

// setMuted is for a feed that nothing is wrong with.
func (a *ailment) setMuted(f control.Feed) {
	muted := words.Muted(f.MutedUntil, a.u.clock.now())
	if muted == "" {
		a.Hide()
		return
	}
	a.colour = colourNotice
	a.do = func() { a.u.muteFeed(f.ID, time.Time{}) }
	a.retry.SetText(words.Say("feed.unmute"))
	a.tell(muted, words.Say("paused.note"))
}

func (a *ailment) tell(text, hint string) {
	a.text.SetText(sentence(text))
	a.hint.SetText(hint)
	a.hint.Hidden = hint == ""
	a.Show()
	a.Refresh()
}
