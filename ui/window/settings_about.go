package window

import (
	"time"

	"bellwire/internal/control"
	"bellwire/ui/icon"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// parts are other people's work that the program is made of, and its
// licences (SPDX).
var parts = []struct{ name, licence, address string }{
	{"Fyne", "BSD-3-Clause", "https://fyne.io"},
	{"systray", "Apache-2.0", "https://github.com/fyne-io/systray"},
	{"modernc.org/sqlite", "BSD-3-Clause", "https://gitlab.com/cznic/sqlite"},
	{"expr", "MIT", "https://expr-lang.org"},
	{"go-sse", "MIT", "https://github.com/tmaxmax/go-sse"},
	{"coder/websocket", "ISC", "https://github.com/coder/websocket"},
	{"godbus", "BSD-2-Clause", "https://github.com/godbus/dbus"},
	{"beeep", "BSD-2-Clause", "https://github.com/gen2brain/beeep"},
	{"gjson", "MIT", "https://github.com/tidwall/gjson"},
	{"goccy/go-yaml", "MIT", "https://github.com/goccy/go-yaml"},
	{"kong", "MIT", "https://github.com/alecthomas/kong"},
	{"go-keyring", "MIT", "https://github.com/zalando/go-keyring"},
	{"xdg", "MIT", "https://github.com/adrg/xdg"},
	{"flock", "BSD-3-Clause", "https://github.com/gofrs/flock"},
	{"tint", "MIT", "https://github.com/lmittmann/tint"},
	{"Go", "BSD-3-Clause", "https://go.dev"},
}

const (
	aboutIcon = 48
	website   = "https://bellwire.io"
	// reportTimeout bounds a report, which asks the server of every feed.
	reportTimeout = 2 * time.Minute
)

// aboutSettings say what this is, and help who asks for help.
type aboutSettings struct {
	*fyne.Container
	u       *ui
	version *widget.Label
	report  *setting
	copy    *formButton
}

func newAboutSettings(p *settingsPage, u *ui) *aboutSettings {
	a := &aboutSettings{u: u, version: newSmallLabel()}
	a.version.Selectable = true
	picture := canvas.NewImageFromResource(fyne.NewStaticResource("bellwire.png", icon.App256))
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(aboutIcon))
	name := widget.NewLabel("Bellwire")
	name.TextStyle.Bold = true
	licence := newSmallLabel()
	licence.Importance = widget.LowImportance
	licence.SetText(words.Say("about.licence"))
	open := func(address string) {
		if err := u.openLink(address); err != nil {
			u.notices.trouble(words.Say("error.link"), address)
		}
	}
	more := across(4, p.newButton(words.Say("about.website"), nil, func() { open(website) }), p.newButton(words.Say("keys.title"), nil, u.openKeys))
	a.copy = p.newButton(words.Say("report.copy"), theme.ContentCopyIcon(), a.copyReport)
	a.report = newSetting(p, u, words.Say("report.title"), words.Say("report.hint"), a.copy)
	if u.o.Report == nil {
		a.copy.Disable()
	}
	links := container.NewGridWithColumns(2)
	for _, part := range parts {
		b := p.newButton(part.name+words.Separator+part.licence, nil, func() { open(part.address) })
		b.Importance, b.Alignment = widget.LowImportance, widget.ButtonAlignLeading
		links.Add(b)
	}
	a.Container = column(4,
		container.NewBorder(nil, nil, inset(picture, 8, 0, 8, 8), container.NewCenter(more), column(-14, name, a.version, licence)),
		a.report.Container,
		newPlainDisclosure(p, words.Say("about.parts"), links).Container)
	return a
}

// refresh tells this window's version, and the daemon's where it is another.
func (a *aboutSettings) refresh(s control.Status) {
	own, running := a.u.o.Version, oneLine(s.Version, 60)
	if own == "" {
		own = running
	}
	text := words.Say("about.version", words.With{"Version": own})
	switch {
	case own == "":
		text = ""
	case running != "" && running != own:
		text = words.Say("about.version.other", words.With{"Version": own, "Running": running})
	}
	if a.version.Text != text {
		a.version.SetText(text)
	}
}

// copyReport puts what is wrong with Bellwire on the clipboard.
func (a *aboutSettings) copyReport() {
	a.report.say("", "")
	a.copy.Disable()
	progress(a.u, words.Say("report.working"), reportTimeout, a.u.o.Report, func(text string, err error) {
		a.copy.Enable()
		if err != nil {
			a.report.say(errorWords(err))
			return
		}
		fyne.CurrentApp().Clipboard().SetContent(text)
		n := a.u.notices
		n.say(noticeDone, words.Say("report.copied"), words.Say("dismiss"), func() { n.clear(noticeDone) })
	})
}
