package window

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Times of looking at an address.
const (
	// previewDelay is how long typing must rest before an address is looked
	// at.
	previewDelay = 600 * time.Millisecond
)

// An addPage adds a feed: one field is enough. What the address is is found
// out while the person looks, and what it sends is shown as it would look.
type addPage struct {
	*fyne.Container
	*form
	url     *formField
	address *formEntry
	state   *connectionLine
	found   *foundBox
	token   *formField
	secret  *formEntry
	accept  *formCheck
	kind    *choiceInput
	headers *rowsInput
	more    *disclosure
	look    *lookForm
	mapper  *mapper
	rest    *fyne.Container // what is shown once there is an address
	save    *widget.Button

	given    control.NewFeed  // what the inputs below the address say
	called   string           // the name that was suggested
	asked    control.NewFeed  // what is looked at
	base     *control.NewFeed // what saving would add; nil while that is not known
	status   subscriptions.Status
	events   int
	stop     func() // of what is looked at
	stopWait func() // of what is to be looked at
	looking  bool
	refused  bool // the end of looking was a mistake
	busy     bool
	saved    bool
	kept     bool // the page comes back by undo
}

func newAddPage(u *ui) *addPage {
	a := &addPage{form: newForm(u), stop: func() {}, stopWait: func() {}}
	a.form.submit, a.form.changed = a.submit, a.edited
	a.address = a.newEntry(entryPlain, "https://")
	a.address.OnChanged = func(string) { a.addressEdited() }
	a.address.OnSubmitted = func(string) { a.enter() }
	a.url = newField(words.Say("add.url"), "", a.address, a.address)
	a.state = newConnectionLine(a)
	a.found = newFoundBox(a)
	a.secret = a.newEntry(entrySecret, "")
	a.secret.OnChanged = func(string) { a.lookLater() }
	a.token = newField(words.Say("add.token"), "", a.secret, a.secret)
	a.accept = a.newCheck(words.Say("form.accept"))
	a.accept.OnChanged = func(bool) { a.lookLater() }
	a.options()
	a.look = newLookForm(a.form)
	a.mapper = newMapper(a.form)
	a.mapper.definition = func() (control.NewFeed, bool) { return a.definition() }
	a.mapper.name = a.shownName
	a.mapper.broken = func(text, hint string) { a.url.say(text, hint) }
	a.lay()
	a.reset()
	return a
}

// options are what few need.
func (a *addPage) options() {
	var kinds []option[string]
	for _, k := range transports(true) {
		kinds = append(kinds, option[string]{string(k), words.Say("add.kind." + string(k))})
	}
	a.kind = a.choose(spec{key: "kind", names: []string{"unknown transport"}}, kinds,
		func(n *control.NewFeed) string { return string(subscriptions.TransportAuto) }, func(*control.NewFeed, string) {})
	a.kind.choice.OnChanged = func(string) {
		if a.quiet == 0 {
			a.lookLater()
		}
	}
	a.headers = headerRows(a.form)
}

// transports are the kinds of streams, in the order in which they are offered.
func transports(auto bool) []subscriptions.TransportName {
	all := []subscriptions.TransportName{
		subscriptions.TransportAuto, subscriptions.TransportSSE, subscriptions.TransportWebSocket,
		subscriptions.TransportPoll, subscriptions.TransportLongPoll,
	}
	if !auto {
		return all[1:]
	}
	return all
}

func (a *addPage) lay() {
	lead := widget.NewLabel(words.Say("add.lead"))
	lead.Wrapping = fyne.TextWrapWord
	a.more = newDisclosure(words.Say("add.more"), inset(column(4, a.kind.object(), a.headers.object(), a.token.Container, a.accept), 4, 8, 0, 0))
	a.more.filled = true
	a.more.refresh()
	appearance := newDisclosure(words.Say("form.look"), inset(column(4, a.look.icon.object(), a.look.colour.object(), a.look.folder.object()), 4, 8, 0, 0))
	appearance.filled = true
	appearance.refresh()
	a.rest = column(0, a.look.name.object(), appearance.Container)
	top := column(0, lead, inset(a.url.Container, 8, 0, 0, 0), a.state.Container,
		a.found.Container, a.more.Container, a.rest)
	a.fill(inset(container.New(twoColumns{}, top, a.mapper.right, a.mapper.left), 16, 24, 24, 24))
	a.save = widget.NewButton(words.Say("add.save"), a.submit)
	a.save.Importance = widget.HighImportance
	foot := newSurface(colourSidebar, column(0, rule(), inset(across(8, a.save, widget.NewButton(words.Say("cancel"), a.u.closePage)), 8, 8, 32, 24)))
	a.Container = framed(newPageHead(a.u, words.Say("add.title")).surface, foot, a.scroll)
}

func (a *addPage) content() fyne.CanvasObject { return a.Container }

func (a *addPage) opened() {
	a.saved = false
	a.u.win.Canvas().Focus(a.address)
	if a.kept {
		a.kept = false
		a.lookNow()
	}
}

// closed keeps what was written for those who did not mean to leave.
func (a *addPage) closed() {
	a.halt()
	a.mapper.close()
	if !a.saved && strings.TrimSpace(a.address.Text) != "" {
		a.kept = true
		a.u.discarded(words.Say("form.discarded"), a)
	}
}

// refresh counts down to the next attempt.
func (a *addPage) refresh() { a.state.refresh() }

// reset empties the form.
func (a *addPage) reset() {
	a.address.set("")
	a.secret.set("")
	a.given = control.NewFeed{}
	for _, i := range a.all() {
		i.load(&a.given)
	}
	a.forget()
	a.setBusy(false)
}

func (a *addPage) all() []input {
	return slices.Concat(a.look.inputs, a.mapper.inputs, []input{a.kind, a.headers})
}

// forget drops what was found about an address that is no longer the one.
func (a *addPage) forget() {
	a.base, a.status, a.events, a.looking, a.refused = nil, subscriptions.Status{}, 0, false, false
	a.found.set(nil)
	if a.look.name.entry.Text == a.called {
		a.look.name.entry.set("")
	}
	a.url.say("", "")
	a.token.say("", "")
	a.accept.Hide()
	a.mapper.samples.clear()
	a.mapper.refresh()
	a.state.refresh()
	a.disclose()
}

// disclose shows what there is by now.
func (a *addPage) disclose() {
	known := strings.TrimSpace(a.address.Text) != "" && (a.base != nil || a.found.detection != nil || a.events > 0 || a.refused)
	if a.rest.Hidden == known {
		a.rest.Hidden, a.mapper.right.Hidden, a.mapper.left.Hidden = !known, !known, !known
		a.relayout()
	}
}

func (a *addPage) setBusy(yes bool) {
	a.busy = yes
	if yes {
		a.save.SetText(words.Say("add.saving"))
		a.save.Disable()
		return
	}
	a.save.SetText(words.Say("add.save"))
	a.save.Enable()
}

// halt ends what is looked at.
func (a *addPage) halt() {
	a.stopWait()
	a.state.tick()
	a.stop()
	a.stop, a.stopWait, a.looking = func() {}, func() {}, false
}

// addressEdited looks at another address, once typing rests.
func (a *addPage) addressEdited() {
	if a.quiet > 0 {
		return
	}
	a.halt()
	a.forget()
	if strings.Contains(strings.TrimSpace(a.address.Text), ".") || strings.Contains(a.address.Text, "://") {
		a.stopWait = a.u.clock.after(previewDelay, a.lookNow)
	}
}

// lookLater looks again, once typing rests, with what else was given.
func (a *addPage) lookLater() {
	if a.quiet > 0 || strings.TrimSpace(a.address.Text) == "" {
		return
	}
	a.stopWait()
	a.stopWait = a.u.clock.after(previewDelay, a.lookNow)
}

// edited is told of changes that need no other look.
func (a *addPage) edited() {
	var n control.NewFeed
	if a.headers.store(&n) && !slices.Equal(n.Headers, a.asked.Headers) {
		a.lookLater()
	}
	a.mapper.later()
}

// enter looks at the address, or saves what has been looked at.
func (a *addPage) enter() {
	if n, ok := a.request(); ok && (a.looking || a.base != nil || a.refused) && n.URL == a.asked.URL {
		a.submit()
		return
	}
	a.lookNow()
}

// lookNow follows the address, and shows what comes.
func (a *addPage) lookNow() {
	n, ok := a.request()
	if !ok {
		return
	}
	a.halt()
	a.base, a.status, a.events, a.refused = nil, subscriptions.Status{}, 0, false
	a.mapper.samples.clear()
	a.url.say("", "")
	a.token.say("", "")
	a.found.clearErrors()
	a.asked, a.looking = n, true
	a.stopWait = a.u.clock.after(progressAfter, a.state.refresh)
	a.state.begin(a.u.clock.now())
	a.stop = a.u.watch(n, a.saw, a.ended)
	a.disclose()
}

// giveUp stops looking; what was found stays.
func (a *addPage) giveUp() {
	a.halt()
	a.refused = true
	a.state.refresh()
	a.disclose()
	a.u.win.Canvas().Focus(a.address)
}

// request is what there is to look at; where it cannot be that it says so
// beside the field.
func (a *addPage) request() (n control.NewFeed, ok bool) {
	n = control.NewFeed{URL: strings.TrimSpace(a.address.Text), Detect: true}
	if _, err := subscriptions.ParseURL(wholeAddress(n.URL)); err != nil {
		a.url.say(words.Say("add.error.url"), words.Say("add.error.url.hint"))
		a.relayout()
		a.u.win.Canvas().Focus(a.address)
		return n, false
	}
	if !a.headers.store(&n) {
		a.more.open = true
		a.more.refresh()
		return n, false
	}
	if kind := subscriptions.TransportName(a.kind.value()); kind != subscriptions.TransportAuto {
		n.URL, n.Transport, n.Detect = wholeAddress(n.URL), kind, false
	}
	a.found.fill(&n)
	if secret := a.secret.Text; secret != "" {
		by := a.found.need()
		n.Auth = append(n.Auth, control.NewCredential{Credential: subscriptions.Credential{By: by.By, Name: by.Name}, Value: secret})
	}
	n.AcceptCertificate = a.accept.Checked
	return n, true
}

// definition is the feed as saving adds it.
func (a *addPage) definition() (n control.NewFeed, ok bool) {
	if a.base != nil {
		n = cloneFeed(*a.base)
	} else if n, ok = a.request(); !ok {
		return n, false
	}
	ok = true
	for _, i := range slices.Concat(a.look.inputs, a.mapper.inputs) {
		ok = i.store(&n) && ok
	}
	return n, ok
}

// submit saves what was looked at.
func (a *addPage) submit() {
	if a.busy {
		return
	}
	n, ok := a.definition()
	if !ok {
		return
	}
	a.setBusy(true)
	ask(a.u, func(ctx context.Context) (control.Feed, error) {
		return a.u.o.Client.AddFeed(ctx, n)
	}, func(added control.Feed, err error) {
		a.setBusy(false)
		if err != nil {
			a.blame(err)
			return
		}
		a.saved = true
		if a.u.page == page(a) {
			a.u.added(added)
		} else {
			a.u.loadStatus()
		}
	})
}

// blame says a refusal beside the field it is about.
func (a *addPage) blame(err error) {
	if i := claimed(a.all(), err); i != nil {
		if slices.Contains(a.mapper.inputs, i) {
			a.mapper.more.open = true
			a.mapper.more.refresh()
		}
		a.u.win.Canvas().Focus(i.focused())
		return
	}
	text, hint := errorWords(err)
	if strings.Contains(err.Error(), "credential") {
		a.askToken(text, hint)
		return
	}
	a.url.say(text, hint)
	a.relayout()
	a.u.win.Canvas().Focus(a.address)
}

// askToken asks for a token in place. The field moves out of the options that
// few need, to where the person looks.
func (a *addPage) askToken(text, hint string) {
	a.token.say(text, hint)
	a.found.showToken()
}

// shownName is what the feed would be called.
func (a *addPage) shownName() string {
	if name := strings.TrimSpace(a.look.name.entry.Text); name != "" {
		return name
	}
	return suggestedName(a.address.Text, a.found.options())
}

// suggestedName is what a feed at an address can be called.
func suggestedName(address string, options map[string]string) string {
	for _, name := range []string{"topic", "channel", "name"} {
		if v := strings.TrimSpace(options[name]); v != "" && !strings.ContainsAny(v, "*/{") {
			return oneLine(v, subscriptions.MaxFolder)
		}
	}
	u, err := url.Parse(wholeAddress(address))
	if err != nil {
		return ""
	}
	return oneLine(strings.TrimPrefix(u.Hostname(), "www."), subscriptions.MaxFolder)
}
