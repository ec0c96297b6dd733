package window

import (
	"strings"

	"bellwire/internal/control"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A card is a notification as a desktop would show it, more or less: desktops
// differ.
type card struct {
	*surface
	from    *widget.Label
	title   *widget.Label
	body    *widget.Label
	buttons *fyne.Container
	labels  []*widget.Label
	note    *widget.Label
}

// maxCardButtons is how many buttons most desktops show.
const maxCardButtons = 3

func newCard() *card {
	c := &card{from: widget.NewLabel(""), title: widget.NewLabel(""), body: newSmallLabel(), note: newSmallLabel()}
	c.title.TextStyle.Bold, c.title.Truncation = true, fyne.TextTruncateEllipsis
	c.from.SizeName, c.from.Importance, c.from.Truncation = sizeSmall, widget.LowImportance, fyne.TextTruncateEllipsis
	c.note.Importance = widget.LowImportance
	icon := canvas.NewImageFromResource(theme.NewPrimaryThemedResource(bellGlyph()))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(32))
	c.buttons = across(8)
	for range maxCardButtons {
		l := widget.NewLabel("")
		l.SizeName = sizeSmall
		back := newSurface(theme.ColorNameButton, inset(l, -4, -4, 4, 4))
		back.radius = 6
		c.labels = append(c.labels, l)
		c.buttons.Add(back)
	}
	text := column(-10, c.title, c.body)
	body := container.NewBorder(nil, nil, inset(container.NewVBox(icon), 12, 0, 12, 0), nil,
		inset(column(0, inset(c.from, 4, -10, 0, 0), text, inset(c.buttons, 4, 12, 8, 0), inset(c.note, -10, 0, 0, 0)), 0, 4, 0, 8))
	c.surface = newSurface(theme.ColorNameMenuBackground, body)
	c.surface.radius = 8
	return c
}

// bordered draws the card's edge, which sets it apart on a light ground.
func (c *card) bordered() fyne.CanvasObject {
	edge := newSurface(theme.ColorNameInputBorder, inset(c.surface, 1, 1, 1, 1))
	edge.radius = 9
	return edge
}

// show draws what of an outcome would be notified.
func (c *card) show(feed string, o *control.Outcome) {
	c.from.SetText("Bellwire" + words.Separator + oneLine(feed, maxTitle))
	note := ""
	var s control.Shown
	switch {
	case o == nil:
		note = words.Say("card.none")
	case o.KeepAlive, o.Skipped, len(o.Events) == 0:
		note = words.Say("card.skipped")
	default:
		s = o.Events[0]
		if s.Silent {
			note = words.Say("card.silent")
		} else if len(o.Events) > 1 {
			note = words.Count("card.more", int64(len(o.Events)-1))
		}
	}
	c.title.SetText(clip(s.Title, maxTitle))
	c.body.SetText(cardBody(s.Body))
	c.note.SetText(note)
	c.title.Hidden, c.body.Hidden, c.note.Hidden = s.Title == "", c.body.Text == "", note == ""
	var names []string
	if len(shown(o)) > 0 {
		if s.Link != "" && safeLink(s.Link) {
			names = append(names, words.Say("detail.open"))
		}
		for _, a := range s.Actions {
			names = append(names, clip(a.Label, maxFieldName))
		}
		names = append(names, words.Say("detail.read"))
	}
	for at, l := range c.labels {
		c.buttons.Objects[at].(*surface).Hidden = at >= len(names)
		if at < len(names) {
			l.SetText(names[at])
		}
	}
	c.buttons.Hidden = len(names) == 0
	c.surface.Refresh()
}

// cardBody is the text that a notification has room for.
func cardBody(body string) string {
	lines := strings.SplitN(printable(firstRunes(body, 4*maxFieldValue)), "\n", 4)
	return clip(strings.Join(lines[:min(3, len(lines))], " "), maxFieldValue)
}

// shown are the events of an outcome; none of none.
func shown(o *control.Outcome) []control.Shown {
	if o == nil {
		return nil
	}
	return o.Events
}
