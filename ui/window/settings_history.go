package window

import (
	"net/url"
	"path/filepath"
	"strconv"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// historySettings are those about what is kept, and where.
type historySettings struct {
	*fyne.Container
	days   *picker[int]
	events *picker[int]
	stored *widget.Label
	dir    string
}

func newHistorySettings(p *settingsPage, u *ui) *historySettings {
	h := &historySettings{stored: newSmallLabel()}
	days := func(n int) string { return words.Count("settings.days", int64(n)) }
	h.days = newPicker(p, u, words.Say("settings.keep"), words.Say("settings.keep.hint"), []option[int]{
		{30, days(30)},
		{90, days(90)},
		{0, words.Say("settings.year")},
		{5 * subscriptions.DefaultKeepDays, words.Say("settings.years", words.With{"N": 5})},
		{subscriptions.KeepAll, words.Say("settings.forever")},
	}, days, func(s *setting, v int) {
		p.change(s, func(to *subscriptions.Preferences) { to.Keep.Days = v })
	})
	h.events = newPicker(p, u, words.Say("settings.most"), words.Say("settings.most.hint"), []option[int]{
		{10_000, eventsWords(10_000)},
		{100_000, eventsWords(100_000)},
		{0, eventsWords(subscriptions.DefaultKeepEvents)},
		{subscriptions.KeepAll, words.Say("settings.all")},
	}, eventsWords, func(s *setting, v int) {
		p.change(s, func(to *subscriptions.Preferences) { to.Keep.Events = v })
	})
	copyPath := p.newButton(words.Say("detail.copy"), theme.ContentCopyIcon(), func() { fyne.CurrentApp().Clipboard().SetContent(h.dir) })
	var where *setting
	show := p.newButton(words.Say("settings.folder.open"), theme.FolderOpenIcon(), func() {
		if err := u.openFolder(h.dir); err != nil {
			where.say(words.Say("settings.folder.failed"), err.Error())
		}
	})
	where = newSetting(p, u, words.Say("settings.folder"), "", across(4, copyPath, show))
	h.stored.Selectable = true
	h.stored.Importance = widget.LowImportance
	h.stored.Wrapping = fyne.TextWrapBreak
	h.Container = column(4, h.days.Container, h.events.Container, column(-12, where.Container, h.stored))
	return h
}

func (h *historySettings) set(p subscriptions.Preferences) {
	k := p.Keep
	if k.Days == subscriptions.DefaultKeepDays {
		k.Days = 0 // the same
	}
	if k.Events == subscriptions.DefaultKeepEvents {
		k.Events = 0
	}
	h.days.set(k.Days)
	h.events.set(k.Events)
}

// refresh tells how much there is, and where.
func (h *historySettings) refresh(s control.Status) {
	h.dir = s.Dir
	if text := words.Say("settings.stored", words.With{"Events": words.Count("foot.events", s.Events), "Dir": clip(s.Dir, maxTitle)}); s.Dir != "" && h.stored.Text != text {
		h.stored.SetText(text)
	}
}

func eventsWords(n int) string {
	return words.Say("settings.events", words.With{"N": thousands(n)})
}

// thousands is n with its thousands apart.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	var out []byte
	for i := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, digits[i])
	}
	return string(out)
}

// openFolder shows a folder the desktop's own way.
func (u *ui) openFolder(dir string) error {
	return fyne.CurrentApp().OpenURL(&url.URL{Scheme: "file", Path: filepath.ToSlash(dir)})
}
