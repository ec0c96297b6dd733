package window

import (
	"context"
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

// maxDetail is how much of a step's detail is shown, in characters.
const maxDetail = 200

// A deliveryLine tells what became of the event in view. It is asked for only
// while somebody looks.
type deliveryLine struct {
	*disclosure
	u        *ui
	event    subscriptions.Event
	asking   bool
	askAgain bool
	together *widget.Button
	summary  int64
}

func newDeliveryLine(u *ui) *deliveryLine {
	d := &deliveryLine{disclosure: newDisclosure(words.Say("detail.delivery"), fyne.TextStyle{}), u: u}
	d.opened = d.reload
	d.together = widget.NewButtonWithIcon(words.Say("delivery.together"), theme.ListIcon(), func() { u.showSummary(d.summary) })
	d.together.Hide()
	d.below.Add(inset(container.NewHBox(d.together), 8, 8, 8, 8))
	d.below.Hide()
	return d
}

// show takes another event. Of a gap nobody is ever told.
func (d *deliveryLine) show(e subscriptions.Event) {
	if e.Kind == subscriptions.KindGap {
		e = subscriptions.Event{}
	}
	same := d.event.Seq == e.Seq
	d.event, d.always = e, e.Seq != 0
	if !same {
		d.tell("", 0)
	}
	d.reload()
}

// tell shows a text, and the summary that told the event, if any.
func (d *deliveryLine) tell(text string, summary int64) {
	d.summary = summary
	d.below.Hidden = summary == 0 || summary == d.u.choice.summary
	d.together.Hidden = d.below.Hidden
	d.set(text, "")
}

// reload asks again while somebody looks, one request at a time.
func (d *deliveryLine) reload() {
	seq := d.event.Seq
	if !d.open || seq == 0 {
		return
	}
	if d.asking {
		d.askAgain = true
		return
	}
	d.asking, d.askAgain = true, false
	ask(d.u, func(ctx context.Context) (control.Delivery, error) {
		return d.u.o.Client.Delivery(ctx, seq)
	}, func(v control.Delivery, err error) {
		d.asking = false
		switch {
		case d.event.Seq != seq:
			d.askAgain = true
		case err != nil:
			text, _ := errorWords(err)
			d.tell(words.Say("detail.delivery.failed", words.With{"Error": text}), 0)
		default:
			d.tell(deliveryText(v, d.u.clock.now()), lastSummary(v))
		}
		if d.askAgain {
			d.reload()
		}
	})
}

// lastSummary is the newest summary that told the event; 0 is none.
func lastSummary(d control.Delivery) (id int64) {
	for _, s := range d.Steps {
		if _, ok := d.Summaries[s.Summary]; ok {
			id = s.Summary
		}
	}
	return id
}

// deliveryText is the timeline, a line a step. A day is named where it is
// another one than that of the receipt.
func deliveryText(d control.Delivery, now time.Time) string {
	var lines []string
	var day time.Time
	line := func(at time.Time, text string) {
		if !day.IsZero() && !words.SameDay(day, at) {
			lines = append(lines, words.Day(at, now))
		}
		day = at
		lines = append(lines, at.Local().Format(time.TimeOnly)+"   "+clip(text, 2*maxDetail))
	}
	for _, s := range d.Steps {
		s.Detail = clip(s.Detail, maxDetail)
		line(s.At, words.Step(d, s))
		if sum, ok := d.Summaries[s.Summary]; ok && sum.End != "" {
			line(sum.Ended, words.SummaryEnd(sum))
		}
	}
	if owed := words.Owed(d); owed != "" {
		lines = append(lines, words.Say("delivery.now")+"   "+clip(owed, maxDetail))
	} else if len(d.Steps) == 1 {
		lines = append(lines, words.Say("delivery.none"))
	}
	return strings.Join(lines, "\n")
}
