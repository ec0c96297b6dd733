package window

import (
	"image/color"
	"time"

	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// settingsWidth is the widest that the lines of settings get; savedFor how
// long one says that it was saved.
const (
	settingsWidth = 680
	savedFor      = 3 * time.Second
)

// A setting is one line of the settings: what it is about at the left, its
// control at the right, and room between for "Saved". What is wrong stands
// below.
type setting struct {
	*fyne.Container
	u     *ui
	page  *settingsPage
	saved *ink
	hint  *widget.Label // nil without one
	error *widget.Label
	stop  func()
}

// newSetting makes a line. A hint stands below its title; empty for none.
func newSetting(p *settingsPage, u *ui, title, hint string, control fyne.CanvasObject) *setting {
	s := &setting{u: u, page: p, saved: newInk(newTextLine(sizeSmall, theme.ColorNameSuccess)), error: newSmallLabel(), stop: func() {}}
	s.saved.line.full = words.Say("saved")
	s.saved.Hide()
	s.error.Importance = widget.DangerImportance
	s.error.Hide()
	name := widget.NewLabel(title)
	name.Wrapping = fyne.TextWrapWord
	about := column(-12, name)
	if hint != "" {
		l := newSmallLabel()
		l.Importance = widget.LowImportance
		l.SetText(hint)
		about.Add(l)
		s.hint = l
	}
	// The note has its place whether it is shown or not.
	note := container.New(fixedWidth{s.saved.MinSize().Width}, container.NewCenter(s.saved))
	right := across(8, note, container.NewVBox(layout.NewSpacer(), control, layout.NewSpacer()))
	s.Container = column(-8, container.NewBorder(nil, nil, nil, inset(right, 2, 2, 8, 0),
		container.NewVBox(layout.NewSpacer(), about, layout.NewSpacer())), s.error)
	return s
}

// say tells what is wrong; empty: nothing is.
func (s *setting) say(text, hint string) {
	s.stop()
	s.saved.Hide()
	if text = sentence(text); hint != "" {
		text += " " + hint
	}
	if text = clip(text, 2*maxTitle); s.error.Text != text {
		s.error.SetText(text)
		s.error.Hidden = text == ""
		s.page.relayout()
	}
}

// done tells that a change is saved, for a moment.
func (s *setting) done() {
	s.say("", "")
	s.saved.Show()
	s.stop = s.u.clock.after(savedFor, s.saved.Hide)
}

// flushRight lets a box to tick end where other controls end: Fyne leaves
// room for its label.
func flushRight(c *formCheck) fyne.CanvasObject {
	return inset(container.NewThemeOverride(c, edged{}), 0, 0, 0, -12)
}

// edged is the theme of what is nothing but its edge, as an empty box to tick
// is: that has to be seen (WCAG 2.2 §1.4.11).
type edged struct{}

// Color implements [fyne.Theme].
func (edged) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if n == theme.ColorNameInputBorder {
		n = colourPaused
	}
	return fyne.CurrentApp().Settings().Theme().Color(n, v)
}

// Font implements [fyne.Theme].
func (edged) Font(s fyne.TextStyle) fyne.Resource {
	return fyne.CurrentApp().Settings().Theme().Font(s)
}

// Icon implements [fyne.Theme].
func (edged) Icon(n fyne.ThemeIconName) fyne.Resource {
	return fyne.CurrentApp().Settings().Theme().Icon(n)
}

// Size implements [fyne.Theme].
func (edged) Size(n fyne.ThemeSizeName) float32 {
	return fyne.CurrentApp().Settings().Theme().Size(n)
}

// An outline is the border of an input.
type outline struct{ widget.BaseWidget }

func newOutline() *outline {
	o := &outline{}
	o.ExtendBaseWidget(o)
	return o
}

// CreateRenderer implements [fyne.Widget].
func (o *outline) CreateRenderer() fyne.WidgetRenderer {
	r := &outlineRenderer{canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type outlineRenderer struct{ border *canvas.Rectangle }

func (r *outlineRenderer) Destroy() {}

func (r *outlineRenderer) Layout(size fyne.Size) { r.border.Resize(size) }

func (r *outlineRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *outlineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.border} }

func (r *outlineRenderer) Refresh() {
	r.border.StrokeColor, r.border.StrokeWidth = theme.Color(theme.ColorNameInputBorder), 1
	r.border.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	r.border.Refresh()
}

// fixedWidth gives its only child the given width and the height it wants.
type fixedWidth struct{ width float32 }

// Layout implements [fyne.Layout].
func (f fixedWidth) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(size)
}

// MinSize implements [fyne.Layout].
func (f fixedWidth) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(f.width, o[0].MinSize().Height)
}

// A option is one that a select offers, with its words.
type option[T comparable] struct {
	value T
	text  string
}

// A picker is a setting that is one of several values. A value that came from
// elsewhere and is none of them is offered as well.
type picker[T comparable] struct {
	*setting
	options []option[T]
	choose  *formSelect
	own     func(T) string // the words of a value of somebody's own
	given   int            // options that are always there
}

const pickerWidth = 232

func newPicker[T comparable](page *settingsPage, u *ui, title, hint string, options []option[T], own func(T) string, chosen func(*setting, T)) *picker[T] {
	p := &picker[T]{options: options, own: own, given: len(options)}
	p.choose = page.newSelect(nil, func() {
		if i := p.choose.SelectedIndex(); i >= 0 {
			chosen(p.setting, p.options[i].value)
		}
	})
	p.setting = newSetting(page, u, title, hint, container.New(fixedWidth{pickerWidth}, outlined(p.choose)))
	p.offer()
	return p
}

func (p *picker[T]) offer() {
	names := make([]string, len(p.options))
	for i, o := range p.options {
		names[i] = o.text
	}
	p.choose.Options = names
}

// set shows the value in use.
func (p *picker[T]) set(v T) {
	for i, o := range p.options {
		if o.value == v {
			p.choose.set(i)
			return
		}
	}
	p.options = append(p.options[:p.given:p.given], option[T]{v, p.own(v)})
	p.offer()
	p.choose.set(p.given)
}
