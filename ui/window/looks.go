package window

import (
	"time"

	"bellwire/subscriptions"

	"fyne.io/fyne/v2"
)

// maxIcon bounds a feed's icon, in characters.
const maxIcon = subscriptions.MaxLookIcon

// clockNow is the time; the clock may be replaced after widgets are made.
func (u *ui) clockNow() time.Time { return u.clock.now() }

// feedLook is how a feed is told in a row of the list.
func (u *ui) feedLook(id string) feedLook {
	l := feedLook{name: u.feedName(id)}
	if f, ok := u.feed(id); ok {
		l.icon = oneLine(f.Look.Icon, maxIcon)
		l.colour, _ = lookColour(f.Look)
	}
	return l
}

// tip shows words beside what the pointer is on; no words hide them.
func (u *ui) tip(over fyne.CanvasObject, text string) {
	if text == "" {
		u.tips.hide()
		return
	}
	u.tips.over(over, text)
}
