package window

import (
	"context"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// formWidth is the widest an input gets.
const formWidth = 560

// kinds are the transports a person can choose, in this order.
var kinds = [...]subscriptions.TransportName{
	subscriptions.TransportAuto, subscriptions.TransportSSE, subscriptions.TransportWebSocket,
}

// An addPage adds a feed: one field is enough.
type addPage struct {
	*fyne.Container
	u       *ui
	url     *formField
	name    *formField
	kind    *widget.Select
	headers *formField
	options *fyne.Container
	more    *widget.Button
	save    *widget.Button
	busy    bool
}

func newAddPage(u *ui) *addPage {
	a := &addPage{u: u}
	a.url = newField(words.Say("add.url"), "https://", false, a.submit, u.closePage)
	a.name = newField(words.Say("add.name"), words.Say("add.name.example"), false, a.submit, u.closePage)
	a.headers = newField(words.Say("add.headers"), "Authorization: Bearer …", true, a.submit, u.closePage)
	var names []string
	for _, k := range kinds {
		names = append(names, words.Say("add.kind."+string(k)))
	}
	a.kind = widget.NewSelect(names, nil)
	a.kind.SetSelectedIndex(0)
	a.more = widget.NewButtonWithIcon(words.Say("add.more"), theme.MenuExpandIcon(), func() {
		a.showOptions(a.options.Hidden)
	})
	a.more.Importance, a.more.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	a.save = widget.NewButton(words.Say("add.save"), a.submit)
	a.save.Importance = widget.HighImportance
	cancel := widget.NewButton(words.Say("cancel"), u.closePage)

	title, lead := widget.NewLabel(words.Say("add.title")), widget.NewLabel(words.Say("add.lead"))
	title.SizeName, title.TextStyle.Bold = sizeTitle, true
	lead.Wrapping = fyne.TextWrapWord
	kindLabel := widget.NewLabel(words.Say("add.kind"))
	kindLabel.TextStyle.Bold = true
	a.options = column(0, a.name.Container, column(-4, kindLabel, inset(a.kind, 0, 0, 8, 8)), a.headers.Container)
	form := column(0,
		column(-10, title, lead), inset(a.url.Container, 8, 0, 0, 0),
		container.NewHBox(a.more), a.options,
		inset(across(8, a.save, cancel), 16, 0, 8, 8),
	)
	a.Container = container.NewStack(container.NewVScroll(
		inset(container.New(bounded{formWidth}, form), 24, 24, 24, 24)))
	a.showOptions(false)
	return a
}

func (a *addPage) content() fyne.CanvasObject { return a.Container }

func (a *addPage) opened() {
	a.reset()
	a.u.win.Canvas().Focus(a.url.entry)
}

func (a *addPage) closed() {}

func (a *addPage) refresh() {}

func (a *addPage) showOptions(yes bool) {
	a.options.Hidden = !yes
	a.more.SetIcon(theme.MenuExpandIcon())
	if yes {
		a.more.SetIcon(theme.MenuDropDownIcon())
	}
	a.Refresh()
}

// reset empties the form.
func (a *addPage) reset() {
	for _, f := range []*formField{a.url, a.name, a.headers} {
		f.entry.SetText("")
		f.say("", "")
	}
	a.kind.SetSelectedIndex(0)
	a.showOptions(false)
	a.setBusy(false)
}

func (a *addPage) setBusy(yes bool) {
	a.busy = yes
	a.save.SetText(words.Say("add.save"))
	if yes {
		a.save.SetText(words.Say("add.saving"))
		a.save.Disable()
	} else {
		a.save.Enable()
	}
}

// submit checks what can be checked here and asks the daemon for the rest.
func (a *addPage) submit() {
	if a.busy {
		return
	}
	f, ok := a.read()
	if !ok {
		return
	}
	a.setBusy(true)
	ask(a.u, func(ctx context.Context) (control.Feed, error) {
		return a.u.o.Client.AddFeed(ctx, f)
	}, func(added control.Feed, err error) {
		a.setBusy(false)
		if err != nil {
			a.url.say(errorWords(err))
			a.u.win.Canvas().Focus(a.url.entry)
			return
		}
		a.u.added(added)
	})
}

// read is the form as a request; where it cannot be one it says so beside
// the field.
func (a *addPage) read() (f control.NewFeed, ok bool) {
	for _, field := range []*formField{a.url, a.name, a.headers} {
		field.say("", "")
	}
	f.URL = strings.TrimSpace(a.url.entry.Text)
	whole := f.URL
	if whole != "" && !strings.Contains(whole, "://") {
		whole = "https://" + whole
	}
	if _, err := subscriptions.ParseURL(whole); err != nil {
		a.url.say(words.Say("add.error.url"), words.Say("add.error.url.hint"))
		a.u.win.Canvas().Focus(a.url.entry)
		return f, false
	}
	f.Name = strings.TrimSpace(a.name.entry.Text)
	if f.Transport = kinds[max(0, a.kind.SelectedIndex())]; f.Transport == subscriptions.TransportAuto {
		f.Transport, f.Detect = "", true
	} else {
		f.URL = whole
	}
	for text := range strings.Lines(a.headers.entry.Text) {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		name, value, found := strings.Cut(text, ":")
		if !found || strings.TrimSpace(name) == "" {
			a.showOptions(true)
			a.headers.say(words.Say("add.error.header"), words.Say("add.error.header.hint"))
			a.u.win.Canvas().Focus(a.headers.entry)
			return f, false
		}
		f.Headers = append(f.Headers, subscriptions.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	return f, true
}

// A formField is a labelled input with room for what is wrong with it.
type formField struct {
	*fyne.Container
	entry *formEntry
	error *widget.Label
	hint  *widget.Label
}

func newField(label, example string, lines bool, submit, cancel func()) *formField {
	f := &formField{entry: newFormEntry(lines, cancel), error: newSmallLabel(), hint: newSmallLabel()}
	f.entry.SetPlaceHolder(example)
	f.entry.OnSubmitted = func(string) { submit() }
	f.error.Importance, f.hint.Importance = widget.DangerImportance, widget.LowImportance
	f.error.TextStyle.Bold = true
	title := widget.NewLabel(label)
	title.TextStyle.Bold = true
	f.Container = column(-4, title, inset(f.entry, 0, 0, 8, 8), column(-14, f.error, f.hint))
	f.say("", "")
	return f
}

func (f *formField) say(text, hint string) {
	f.error.SetText(sentence(text))
	f.hint.SetText(hint)
	f.error.Hidden, f.hint.Hidden = text == "", hint == ""
	f.Refresh()
}

// A formEntry is an input that gives up at Escape.
type formEntry struct {
	widget.Entry
	cancel func()
}

func newFormEntry(lines bool, cancel func()) *formEntry {
	e := &formEntry{cancel: cancel}
	e.MultiLine = lines
	if lines {
		e.Wrapping = fyne.TextWrapOff
		e.SetMinRowsVisible(3)
	}
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey implements [fyne.Focusable].
func (e *formEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.cancel()
		return
	}
	e.Entry.TypedKey(k)
}
