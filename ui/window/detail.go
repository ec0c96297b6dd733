package window

import (
	"context"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A detail shows one event.
type detail struct {
	*fyne.Container
	u     *ui
	event subscriptions.Event // Seq 0: none
	want  int64               // the event asked for last

	scroll   *container.Scroll
	empty    *emptyState
	back     *widget.Button
	title    *widget.Label
	meta     *widget.Label
	warning  *widget.Label
	open     *widget.Button
	mark     *widget.Button
	buttons  *fyne.Container
	offers   *offers
	others   *tipButton
	tags     *chips
	body     *linkedBlock
	more     *widget.Label
	picture  *picture
	fields   *fieldsDisclosure
	raw      *textDisclosure
	delivery *deliveryLine
}

// readingWidth is how wide an event is set at most, in pixels: longer lines
// are hard to follow.
const readingWidth = 760

// longTitle is the length from which a title is set smaller, in characters: it
// is a text then, and must leave room for what follows.
const longTitle = 120

func newDetail(u *ui) *detail {
	d := &detail{
		u: u, empty: newEmptyState(),
		title: widget.NewLabel(""), meta: newSmallLabel(), warning: newSmallLabel(), body: newLinkedBlock(u), more: newSmallLabel(),
	}
	d.back = widget.NewButtonWithIcon(words.Say("detail.back"), theme.NavigateBackIcon(), u.backToList)
	d.back.Importance = widget.LowImportance
	d.back.Hide()
	d.title.SizeName, d.title.TextStyle.Bold, d.title.Wrapping, d.title.Selectable = sizeTitle, true, fyne.TextWrapWord, true
	d.meta.Importance, d.more.Importance = widget.LowImportance, widget.LowImportance
	d.warning.Importance, d.warning.Selectable = widget.WarningImportance, true
	d.warning.Hide()
	d.open = widget.NewButtonWithIcon(words.Say("detail.open"), theme.LoginIcon(), d.openLink)
	d.open.Importance = widget.HighImportance
	d.mark = widget.NewButton(words.Say("detail.unread"), d.toggleRead)
	d.others = newTipButton(u, theme.MoreHorizontalIcon(), words.Say("more"), func() { d.menu() })
	d.others.Importance = widget.MediumImportance
	d.tags, d.picture = newChips(), newPicture(u)
	d.fields = newFieldsDisclosure()
	d.raw = newTextDisclosure(words.Say("detail.raw"))
	d.raw.offerCopy(func() string { return d.event.Raw })
	d.delivery = newDeliveryLine(u)

	d.buttons, d.offers = across(8, d.open, d.mark, d.others), newOffers(u)

	content := column(0,
		container.NewHBox(d.back),
		column(-12, d.title, d.meta, d.warning),
		inset(d.tags.Container, 4, 0, 8, 8),
		inset(d.buttons, 8, 12, 8, 8), d.offers.Container,
		inset(rule(), 0, 4, 8, 8),
		d.body.Container, d.more, d.picture.Container,
		inset(d.fields.Container, 8, 0, 0, 0), d.raw.Container, d.delivery.Container,
	)
	d.scroll = container.NewVScroll(inset(container.New(bounded{readingWidth}, content), 12, 24, 16, 16))
	d.Container = container.NewStack(d.scroll, d.empty.Container)
	d.none()
	return d
}

// none shows that nothing is selected.
func (d *detail) none() {
	d.want, d.event = 0, subscriptions.Event{}
	d.delivery.show(d.event)
	d.scroll.Hide()
	d.empty.say(theme.MailComposeIcon(), words.Say("detail.none"), words.Say("detail.none.text"), "", nil)
	d.empty.glyph.Hide()
	d.refreshNone()
}

// refreshNone invites to choose an event only where there is one.
func (d *detail) refreshNone() {
	if d.want == 0 && d.u.events != nil {
		d.empty.Hidden = d.u.events.empty.Visible()
		d.empty.Refresh()
	}
}

// load fetches and shows an event; when it has, it marks it read.
func (d *detail) load(seq int64) {
	if seq == d.want && d.event.Seq == seq {
		return
	}
	d.want = seq
	ask(d.u, func(ctx context.Context) (subscriptions.Event, error) {
		return d.u.o.Client.Event(ctx, seq)
	}, func(e subscriptions.Event, err error) {
		if d.want != seq {
			return
		}
		if err != nil {
			d.fail(err)
			return
		}
		d.show(e)
		if !e.Read {
			d.setRead(true)
		}
	})
}

func (d *detail) fail(err error) {
	d.event = subscriptions.Event{}
	d.scroll.Hide()
	text, hint := errorWords(err)
	seq := d.want
	d.empty.say(theme.WarningIcon(), text, hint, words.Say("try.again"), func() { d.load(seq) })
	d.empty.glyph.Show()
	d.empty.Show()
}

func (d *detail) show(e subscriptions.Event) {
	same := d.event.Seq == e.Seq
	e = inWords(e)
	d.event = e
	d.empty.Hide()
	d.scroll.Show()
	e.Title, e.Body = d.gapWords(e)
	title := oneLine(e.Title, 2*maxTitle)
	d.title.SizeName = sizeTitle
	if utf8.RuneCountInString(title) > longTitle {
		d.title.SizeName = sizeSection
	}
	d.title.SetText(title)
	d.meta.SetText(d.metaText())
	d.warning.SetText(words.Say("detail.warning", words.With{"Why": oneLine(e.Warning, 2*maxTitle)}))
	d.warning.Hidden = e.Warning == ""
	d.open.Hidden = !safeLink(e.Link)
	d.offers.show(e)
	body, cut := firstBytes(e.Body, maxBody)
	body = strings.TrimSpace(printable(body))
	d.body.set(body)
	d.body.Hidden = body == ""
	d.more.Hidden = !cut
	if cut {
		d.more.SetText(words.Say("detail.cut", words.With{"Shown": byteSize(maxBody), "All": byteSize(len(e.Body))}))
	}
	isGap := e.Kind == subscriptions.KindGap
	d.mark.Hidden = isGap
	d.tags.set(oneLines(e.Tags))
	d.picture.show(e)
	var fields []field
	own := isGap || e.Kind == subscriptions.KindNotice // what we tell ourselves has no payload
	if !own {
		fields = fieldsOf(e.Raw)
	}
	d.fields.set(fields)
	raw, note := "", ""
	if !own && e.Raw != "" {
		text, cut := pretty(e.Raw, maxRaw)
		if raw = text; cut {
			note = words.Say("detail.cut", words.With{"Shown": byteSize(maxRaw), "All": byteSize(len(e.Raw))})
		}
	}
	d.raw.set(raw, note)
	d.delivery.show(e)
	d.refreshMark()
	if !same {
		d.scroll.ScrollToTop()
	}
	d.Refresh()
}

// gapWords are title and body: a gap's in the person's language, any other
// event's as they are.
func (d *detail) gapWords(e subscriptions.Event) (title, body string) {
	g, ok := subscriptions.ParseGap(e)
	if !ok {
		return e.Title, e.Body
	}
	now := d.u.clock.now()
	return words.Say("gap.title"), words.Say("gap.text", words.With{"From": words.Moment(g.From, now), "To": words.Moment(g.To, now)})
}

func (d *detail) metaText() string {
	parts := []string{clip(d.u.feedName(d.event.Feed), maxName), words.Moment(d.event.Received, d.u.clock.now())}
	if p := d.event.Priority; d.event.Kind != subscriptions.KindGap && p != subscriptions.PriorityDefault && p != 0 {
		parts = append(parts, words.Priority(p))
	}
	return strings.Join(parts, words.Separator)
}

func (d *detail) refreshMark() {
	if d.event.Read {
		d.mark.SetText(words.Say("detail.unread"))
	} else {
		d.mark.SetText(words.Say("detail.read"))
	}
	d.buttons.Refresh() // the words differ in width
}

// toggleRead marks the event the other way round.
func (d *detail) toggleRead() {
	if d.event.Seq != 0 && d.event.Kind != subscriptions.KindGap {
		d.setRead(!d.event.Read)
	}
	d.u.focusList()
}

func (d *detail) setRead(read bool) {
	d.u.markEvents([]int64{d.event.Seq}, read)
}

// safeLink reports whether a link may be opened. The daemon keeps no others;
// this is where it would matter.
func safeLink(link string) bool {
	lower := strings.ToLower(firstRunes(link, 8))
	return strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "mailto:")
}
