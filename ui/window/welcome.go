package window

import (
	"context"
	"strings"
	"unicode/utf8"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const welcomeWidth = 440

// A welcome is what somebody sees who has no feed yet: what this is, a field
// to begin with, and two ways to begin without an address.
type welcome struct {
	*fyne.Container
	u       *ui
	address *formEntry
	begin   *formButton
	demo    *formButton
	bring   *formButton
}

func newWelcome(u *ui) *welcome {
	w := &welcome{u: u}
	f := newForm(u)
	glyph := canvas.NewImageFromResource(theme.NewColoredResource(bellGlyph(), theme.ColorNamePrimary))
	glyph.FillMode = canvas.ImageFillContain
	glyph.SetMinSize(fyne.NewSquareSize(glyphSize))
	title, text := widget.NewLabel(words.Say("welcome.title")), widget.NewLabel(words.Say("welcome.text"))
	title.SizeName, title.TextStyle.Bold, title.Alignment = sizeTitle, true, fyne.TextAlignCenter
	text.Wrapping, text.Alignment = fyne.TextWrapWord, fyne.TextAlignCenter
	w.address = f.newEntry(entryPlain, "https://")
	w.address.OnSubmitted = func(string) { w.add() }
	w.begin = f.newButton(words.Say("feeds.add"), nil, w.add)
	w.begin.Importance = widget.HighImportance
	w.demo = f.newButton(words.Say("welcome.demo"), theme.MediaPlayIcon(), w.startDemo)
	w.bring = f.newButton(words.Say("welcome.import"), theme.DownloadIcon(), u.openSettings)
	or := newSmallLabel()
	or.Importance, or.Alignment = widget.LowImportance, fyne.TextAlignCenter
	or.SetText(words.Say("welcome.or"))
	width := canvas.NewRectangle(nil)
	width.SetMinSize(fyne.NewSize(welcomeWidth, 0))
	w.Container = container.NewCenter(column(0,
		glyph, width, inset(title, 8, 0, 0, 0), text,
		inset(container.NewBorder(nil, nil, nil, inset(w.begin, 0, 0, 8, 0), w.address), 12, 8, 0, 0),
		or, inset(container.NewHBox(layout.NewSpacer(), across(8, w.demo, w.bring), layout.NewSpacer()), 4, 24, 0, 0),
	))
	return w
}

// add goes on where a feed is added, with what is in the field.
func (w *welcome) add() { w.u.openAddWith(strings.TrimSpace(w.address.Text)) }

// openAddWith is openAdd with an address to begin with.
func (u *ui) openAddWith(address string) {
	u.openAdd()
	u.add.address.SetText(address)
	u.add.address.CursorColumn = utf8.RuneCountInString(address) // to type on
	u.add.address.Refresh()
}

// startDemo has the daemon serve feeds of its own.
func (w *welcome) startDemo() {
	w.demo.Disable()
	progress(w.u, words.Say("demo.starting"), callTimeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, w.u.o.Client.SetDemo(ctx, true)
	}, func(_ struct{}, err error) {
		w.demo.Enable()
		if err != nil {
			w.u.notices.trouble(errorWords(err))
			return
		}
		w.u.loadStatus()
	})
}

// stopDemo removes the demo feeds and what they sent.
func (u *ui) stopDemo() {
	u.notices.clear(noticeDemo)
	progress(u, words.Say("demo.stopping"), callTimeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.o.Client.SetDemo(ctx, false)
	}, func(_ struct{}, err error) {
		if err != nil {
			u.notices.trouble(errorWords(err))
		}
		u.loadStatus()
		u.events.reload()
	})
}
