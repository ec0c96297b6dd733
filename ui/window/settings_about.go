package window

import (
	"bellwire/internal/control"
	"bellwire/ui/icon"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
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

const aboutIcon = 48

// aboutSettings say what this is.
type aboutSettings struct {
	*fyne.Container
	version *widget.Label
}

func newAboutSettings(p *settingsPage, u *ui) *aboutSettings {
	a := &aboutSettings{version: newSmallLabel()}
	a.version.Selectable = true
	picture := canvas.NewImageFromResource(fyne.NewStaticResource("bellwire.png", icon.App256))
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(aboutIcon))
	name := widget.NewLabel("Bellwire")
	name.TextStyle.Bold = true
	licence := newSmallLabel()
	licence.Importance = widget.LowImportance
	licence.SetText(words.Say("about.licence"))
	keys := p.newButton(words.Say("keys.title"), nil, u.openKeys)
	links := container.NewGridWithColumns(2)
	for _, part := range parts {
		b := p.newButton(part.name+words.Separator+part.licence, nil, func() {
			if err := u.openLink(part.address); err != nil {
				u.notices.trouble(words.Say("error.link"), part.address)
			}
		})
		b.Importance, b.Alignment = widget.LowImportance, widget.ButtonAlignLeading
		links.Add(b)
	}
	a.Container = column(4,
		container.NewBorder(nil, nil, inset(picture, 8, 0, 8, 8), container.NewCenter(keys), column(-14, name, a.version, licence)),
		newPlainDisclosure(p, words.Say("about.parts"), links).Container)
	return a
}

func (a *aboutSettings) refresh(s control.Status) {
	text := words.Say("about.version", words.With{"Version": oneLine(s.Version, 60)})
	if s.Version == "" {
		text = ""
	}
	if a.version.Text != text {
		a.version.SetText(text)
	}
}
