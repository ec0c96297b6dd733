package window

import (
	"context"
	"slices"
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
	lines    []told
	rows     *fyne.Container
	together *fyne.Container // the way to what was told together
	follow   *widget.Button
	summary  int64
}

func newDeliveryLine(u *ui) *deliveryLine {
	d := &deliveryLine{u: u, rows: column(-14)}
	d.follow = widget.NewButtonWithIcon(words.Say("delivery.together"), theme.ListIcon(), func() { u.showSummary(d.summary) })
	d.together = inset(container.NewHBox(d.follow), 4, 10, 8, 8)
	d.together.Hide()
	d.disclosure = newDisclosure(words.Say("detail.delivery"), column(0, d.rows, d.together))
	d.opened = d.reload
	return d
}

// show takes another event. Of a gap nobody is ever told.
func (d *deliveryLine) show(e subscriptions.Event) {
	if e.Kind == subscriptions.KindGap {
		e = subscriptions.Event{}
	}
	same := d.event.Seq == e.Seq
	d.event = e
	d.Container.Hidden = e.Seq == 0
	if !same {
		d.tell(nil, 0)
	}
	d.reload()
}

// tell shows lines, and the way to the summary that told the event, if any.
func (d *deliveryLine) tell(lines []told, summary int64) {
	d.summary = summary
	d.together.Hidden = summary == 0 || summary == d.u.choice.summary
	if !slices.Equal(d.lines, lines) {
		d.lines = lines
		d.rows.Objects = nil
		for _, t := range lines {
			d.rows.Add(toldRow(t))
		}
	}
	d.filled = len(lines) > 0
	d.refresh()
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
			d.tell([]told{{words.Say("delivery.now"), words.Say("detail.delivery.failed", words.With{"Error": text})}}, 0)
		default:
			d.tell(timeline(v, d.u.clock.now()), lastSummary(v))
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

// A told is a line of a timeline: a step with its time, or a day's name.
type told struct{ at, text string }

// timeline is a delivery in words, a line a step. A day is named where it is
// another one than that of the receipt.
func timeline(d control.Delivery, now time.Time) (lines []told) {
	var day time.Time
	line := func(at time.Time, text string) {
		if !day.IsZero() && !words.SameDay(day, at) {
			lines = append(lines, told{"", words.Day(at, now)})
		}
		day = at
		lines = append(lines, told{at.Local().Format(time.TimeOnly), clip(text, 2*maxDetail)})
	}
	for _, s := range d.Steps {
		s.Detail = clip(s.Detail, maxDetail)
		line(s.At, words.Step(d, s))
		if sum, ok := d.Summaries[s.Summary]; ok && sum.End != "" {
			line(sum.Ended, words.SummaryEnd(sum))
		}
	}
	if owed := words.Owed(d); owed != "" {
		lines = append(lines, told{words.Say("delivery.now"), clip(owed, maxDetail)})
	} else if len(d.Steps) == 1 {
		lines = append(lines, told{words.Say("delivery.now"), words.Say("delivery.none")})
	}
	return lines
}

// timeWidth is the room for a time of day, in pixels.
const timeWidth = 72

// toldRow is one line of a timeline.
func toldRow(t told) fyne.CanvasObject {
	text := newSmallLabel()
	text.Selectable = true
	text.SetText(t.text)
	if t.at == "" {
		text.TextStyle.Bold, text.Importance = true, widget.LowImportance
		return inset(text, 4, 0, 0, 0)
	}
	at := widget.NewLabel(t.at)
	at.SizeName, at.Importance = sizeSmall, widget.LowImportance
	return container.New(beside{timeWidth}, at, text)
}

// beside gives the first object a width and the second the rest.
type beside struct{ width float32 }

// MinSize implements [fyne.Layout].
func (b beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(b.width+o[1].MinSize().Width, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

// Layout implements [fyne.Layout].
func (b beside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(b.width, o[0].MinSize().Height))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width-b.width, size.Height))
	o[1].Move(fyne.NewPos(b.width, 0))
}
