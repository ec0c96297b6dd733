package window

import (
	"cmp"
	"context"
	"strconv"
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

// notifySettings are those about when and how people are told.
type notifySettings struct {
	*fyne.Container
	u       *ui
	page    *settingsPage
	quiet   *quietEditor
	pass    *picker[int]
	dnd     *formCheck
	trouble *picker[subscriptions.Duration]
	reveal  *picker[subscriptions.Reveal]
	more    *disclosure
	burst   *numberSetting
	every   *numberSetting
	try     *formButton
	tried   *setting
	became  *widget.Label // of the test notification
}

// Tests of notifications: what becomes of one is looked at so often, each
// time after so long, until it is settled.
const (
	testLooks = 10
	testEvery = 500 * time.Millisecond
)

func newNotifySettings(p *settingsPage, u *ui) *notifySettings {
	n := &notifySettings{u: u, page: p, quiet: newQuietEditor(p, u)}
	n.pass = newPicker(p, u, words.Say("settings.pass"), "", passOptions(), strconv.Itoa, func(s *setting, v int) {
		p.change(s, func(to *subscriptions.Preferences) { to.QuietPass = v })
	})
	var dnd *setting
	n.dnd = p.newCheck("")
	n.dnd.OnChanged = func(on bool) {
		p.change(dnd, func(to *subscriptions.Preferences) { to.IgnoreDND = !on })
	}
	dnd = newSetting(p, u, words.Say("settings.dnd"), words.Say("settings.dnd.hint"), flushRight(n.dnd))
	n.trouble = newPicker(p, u, words.Say("settings.trouble"), words.Say("settings.trouble.hint"), []option[subscriptions.Duration]{
		after(time.Minute),
		{0, words.Say("settings.after", words.With{"Span": words.Span(subscriptions.DefaultTroubleAfter)})},
		after(15 * time.Minute), after(time.Hour),
		{subscriptions.Never, words.Say("settings.never")},
	}, func(d subscriptions.Duration) string { return after(time.Duration(d)).text }, func(s *setting, v subscriptions.Duration) {
		p.change(s, func(to *subscriptions.Preferences) { to.TroubleAfter = v })
	})
	n.reveal = newPicker(p, u, words.Say("settings.reveal"), words.Say("settings.reveal.hint"), []option[subscriptions.Reveal]{
		{subscriptions.RevealAll, words.Say("settings.reveal.all")},
		{subscriptions.RevealTitle, words.Say("settings.reveal.title")},
		{subscriptions.RevealFeed, words.Say("settings.reveal.feed")},
	}, func(r subscriptions.Reveal) string { return string(r) }, func(s *setting, v subscriptions.Reveal) {
		p.change(s, func(to *subscriptions.Preferences) { to.Reveal = v })
	})
	n.burst = newNumberSetting(p, u, words.Say("settings.burst"), words.Say("settings.burst.hint"), subscriptions.MaxBurst, func(s *setting, v int) {
		p.change(s, func(to *subscriptions.Preferences) { to.Burst = v })
	})
	n.every = newNumberSetting(p, u, words.Say("settings.every"), words.Say("settings.every.hint"), int(subscriptions.MaxEvery/time.Second), func(s *setting, v int) {
		p.change(s, func(to *subscriptions.Preferences) {
			to.Every = subscriptions.Duration(v) * subscriptions.Duration(time.Second)
		})
	})
	n.more = newPlainDisclosure(p, words.Say("settings.more"), column(4, n.burst.Container, n.every.Container))
	n.try = p.newButton(words.Say("settings.test.button"), theme.MailSendIcon(), n.test)
	n.tried = newSetting(p, u, words.Say("settings.test"), words.Say("settings.test.hint"), n.try)
	n.became = newSmallLabel()
	n.became.Hide()
	n.Container = column(4, n.tried.Container, n.became, n.quiet.Container, n.pass.Container, dnd.Container,
		n.reveal.Container, n.trouble.Container, n.more.Container)
	return n
}

// passOptions are the least priorities that can pass quiet hours.
func passOptions() []option[int] {
	all := []option[int]{{0, words.Say("settings.pass.only", words.With{"N": subscriptions.DefaultQuietPass})}}
	for n := subscriptions.PriorityMax - 1; n > subscriptions.PriorityMin; n-- {
		all = append(all, option[int]{n, words.Say("settings.pass.from", words.With{"N": n})})
	}
	return append(all, option[int]{subscriptions.NothingPasses, words.Say("settings.pass.none")})
}

// after is the option to wait for d.
func after(d time.Duration) option[subscriptions.Duration] {
	return option[subscriptions.Duration]{subscriptions.Duration(d), words.Say("settings.after", words.With{"Span": words.Span(d)})}
}

func (n *notifySettings) set(p subscriptions.Preferences) {
	n.quiet.set(p.Quiet)
	if p.QuietPass == subscriptions.DefaultQuietPass {
		p.QuietPass = 0 // the same
	}
	n.pass.set(p.QuietPass)
	n.dnd.set(!p.IgnoreDND)
	n.trouble.set(p.TroubleAfter)
	n.reveal.set(p.Reveal)
	n.burst.set(cmp.Or(p.Burst, subscriptions.DefaultBurst))
	n.every.set(int(cmp.Or(time.Duration(p.Every), subscriptions.DefaultEvery) / time.Second))
}

// test shows a notification and tells what became of it.
func (n *notifySettings) test() {
	n.try.Disable()
	n.say(words.Say("settings.test.sending"))
	ask(n.u, func(ctx context.Context) (control.Delivery, error) {
		return n.u.o.Client.TestNotification(ctx, control.TestNotification{})
	}, func(d control.Delivery, err error) {
		if err != nil {
			n.try.Enable()
			n.say("")
			n.tried.say(errorWords(err))
			return
		}
		n.tried.say("", "")
		n.follow(d, testLooks)
	})
}

// follow looks until d is settled, or nothing more can be expected of it.
func (n *notifySettings) follow(d control.Delivery, looks int) {
	n.say(deliveryWords(d))
	if d.Settled() || d.Held || looks == 0 {
		n.try.Enable()
		return
	}
	n.u.clock.after(testEvery, func() {
		ask(n.u, func(ctx context.Context) (control.Delivery, error) {
			return n.u.o.Client.Delivery(ctx, d.Seq)
		}, func(now control.Delivery, err error) {
			if err != nil {
				n.try.Enable()
				n.tried.say(errorWords(err))
				return
			}
			n.follow(now, looks-1)
		})
	})
}

func (n *notifySettings) say(text string) {
	n.became.SetText(text)
	n.became.Hidden = text == ""
	n.page.relayout()
}

// deliveryWords tells a delivery in one line, and what it waits for.
func deliveryWords(d control.Delivery) string {
	var steps []string
	for _, s := range d.Steps {
		steps = append(steps, oneLine(words.Step(d, s), maxTitle))
	}
	text := sentence(strings.Join(steps, " → "))
	if owed := words.Owed(d); owed != "" {
		text += " " + sentence(oneLine(owed, maxTitle))
	}
	return strings.TrimSpace(text)
}

// A numberSetting is a setting that is a whole number.
type numberSetting struct {
	*setting
	entry *formEntry
	value int // that is stored
}

func newNumberSetting(p *settingsPage, u *ui, title, hint string, most int, changed func(*setting, int)) *numberSetting {
	n := &numberSetting{entry: p.newEntry(entryPlain, "")}
	n.setting = newSetting(p, u, title, hint, container.New(fixedWidth{clockWidth}, n.entry))
	read := func() {
		v, err := strconv.Atoi(strings.TrimSpace(n.entry.Text))
		switch {
		case err != nil || v < 1 || v > most:
			n.say(words.Say("settings.number", words.With{"Most": most}), "")
		case v == n.value:
			n.say("", "")
		default:
			n.value = v
			changed(n.setting, v)
		}
	}
	n.entry.OnSubmitted = func(string) { read() }
	n.entry.left = read
	return n
}

func (n *numberSetting) set(v int) {
	n.value = v
	n.entry.SetText(strconv.Itoa(v))
}

// newPlainDisclosure is a disclosure whose content is always there, and
// stands on the page itself.
func newPlainDisclosure(p *settingsPage, title string, content fyne.CanvasObject) *disclosure {
	d := &disclosure{filled: true}
	d.button = widget.NewButtonWithIcon(title, theme.MenuExpandIcon(), func() {
		d.toggle()
		p.relayout()
	})
	d.button.Importance, d.button.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	d.body = column(0, content)
	d.Container = column(0, container.NewHBox(d.button), d.body)
	d.refresh()
	return d
}
