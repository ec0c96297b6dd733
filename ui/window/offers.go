package window

import (
	"context"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// maxOffer bounds a button's label, in characters: a pane may be narrow.
const maxOffer = 28

// offers are the buttons for what an event's payload says a person can do.
// Their labels come from the wire.
type offers struct {
	*fyne.Container
	u    *ui
	list *fyne.Container
	seq  int64
}

func newOffers(u *ui) *offers {
	o := &offers{u: u, list: column(4)}
	o.Container = inset(o.list, -4, 12, 8, 8) // close to the buttons above
	o.Hide()
	return o
}

// show offers what e declares and its feed allows.
func (o *offers) show(e subscriptions.Event) {
	if o.seq == e.Seq && len(o.list.Objects) > 0 {
		return // a button keeps telling how it went
	}
	o.seq = e.Seq
	o.list.RemoveAll()
	f, _ := o.u.feed(e.Feed)
	feed := subscriptions.Feed{URL: f.URL, Settings: f.Settings}
	for i, a := range e.Actions {
		if _, err := feed.AllowAction(a); err != nil || a.IsLink() && !safeLink(a.URL) {
			continue
		}
		b := widget.NewButton(clip(a.Label, maxOffer), nil)
		b.OnTapped = func() { o.do(b, a, i+1) }
		o.list.Add(container.NewHBox(b))
	}
	o.Hidden = len(o.list.Objects) == 0
}

// do opens a link, or has the daemon send a request, which it can do but
// once at a time.
func (o *offers) do(b *widget.Button, a subscriptions.Action, n int) {
	defer o.u.focusList()
	if a.IsLink() {
		if err := o.u.openLink(a.URL); err != nil {
			o.u.notices.trouble(words.Say("error.link"), err.Error())
		}
		return
	}
	b.SetIcon(nil)
	b.Disable()
	seq := o.seq
	askWithin(o.u, actTimeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, o.u.o.Client.Act(ctx, seq, n)
	}, func(_ struct{}, err error) {
		b.Enable()
		if err != nil {
			o.u.notices.trouble(errorWords(err))
			return
		}
		b.SetIcon(theme.ConfirmIcon())
	})
}
