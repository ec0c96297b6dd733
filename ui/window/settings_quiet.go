package window

import (
	"errors"
	"slices"
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// week are the days of [subscriptions.QuietHours], Monday first, and the
// weekdays they are.
var week = []struct {
	name string
	day  time.Weekday
}{
	{"mon", time.Monday},
	{"tue", time.Tuesday},
	{"wed", time.Wednesday},
	{"thu", time.Thursday},
	{"fri", time.Friday},
	{"sat", time.Saturday},
	{"sun", time.Sunday},
}

const clockWidth = 72

var errNoDay = errors.New("no day is chosen")

// A quietEditor edits the quiet hours: a row for each stretch. Rows are saved
// together once all can be read.
type quietEditor struct {
	*fyne.Container
	*setting
	u     *ui
	page  *settingsPage
	rows  []*quietRow
	list  *fyne.Container
	add   *formButton
	saved []subscriptions.QuietHours // what the daemon has
}

func newQuietEditor(p *settingsPage, u *ui) *quietEditor {
	q := &quietEditor{u: u, page: p, list: column(8)}
	q.add = p.newButton(words.Say("quiet.add"), theme.ContentAddIcon(), q.addRow)
	q.setting = newSetting(p, u, words.Say("quiet.title"), words.Say("quiet.hint"), q.add)
	q.Container = column(4, q.setting.Container, inset(q.list, 0, 8, 8, 0))
	return q
}

// settled is told what the daemon has.
func (q *quietEditor) settled(hours []subscriptions.QuietHours) { q.saved = hours }

// set shows the hours in use. Rows that are being edited stay.
func (q *quietEditor) set(hours []subscriptions.QuietHours) {
	q.saved = hours
	if now, ok := q.read(); !ok || slices.EqualFunc(now, hours, sameHours) {
		return
	}
	q.rows = nil
	for _, h := range hours {
		q.rows = append(q.rows, newQuietRow(q, h))
	}
	q.lay()
}

func (q *quietEditor) lay() {
	q.list.RemoveAll()
	for _, r := range q.rows {
		q.list.Add(r.Container)
	}
	if len(q.rows) >= subscriptions.MaxQuiet {
		q.add.Disable()
	} else {
		q.add.Enable()
	}
	q.page.relayout()
}

// addRow begins with what most people want: every night.
func (q *quietEditor) addRow() {
	q.rows = append(q.rows, newQuietRow(q, subscriptions.QuietHours{From: "22:00", To: "07:00"}))
	q.lay()
	q.save()
}

func (q *quietEditor) remove(r *quietRow) {
	q.rows = slices.DeleteFunc(q.rows, func(o *quietRow) bool { return o == r })
	q.lay()
	q.save()
}

// read is what the rows say; ok says that all can be read.
func (q *quietEditor) read() (hours []subscriptions.QuietHours, ok bool) {
	ok = true
	for _, r := range q.rows {
		h, err := r.read()
		ok = ok && err == nil
		hours = append(hours, h)
	}
	return hours, ok
}

// save stores the rows, where all of them can be read and they are others
// than those stored.
func (q *quietEditor) save() {
	hours, ok := q.read()
	for _, r := range q.rows {
		r.check()
	}
	if ok && !slices.EqualFunc(hours, q.saved, sameHours) {
		q.page.change(q.setting, func(p *subscriptions.Preferences) { p.Quiet = hours })
	}
}

func sameHours(a, b subscriptions.QuietHours) bool {
	return a.From == b.From && a.To == b.To && slices.Equal(a.Days, b.Days)
}

// A quietRow is one stretch: its days, from when, to when.
type quietRow struct {
	*fyne.Container
	q        *quietEditor
	days     []*formButton
	on       []bool
	from, to *formEntry
	error    *widget.Label
}

func newQuietRow(q *quietEditor, h subscriptions.QuietHours) *quietRow {
	r := &quietRow{q: q, on: make([]bool, len(week)), error: newSmallLabel()}
	r.error.Importance = widget.DangerImportance
	r.error.Hide()
	chips := across(2)
	for i, d := range week {
		r.on[i] = h.On(d.day)
		chip := q.page.newButton(words.Say("weekday.short."+d.name), nil, func() { r.toggle(i) })
		r.days = append(r.days, chip)
		chips.Add(chip)
	}
	r.from, r.to = r.clock(h.From), r.clock(h.To)
	remove := q.page.newButton("", theme.DeleteIcon(), func() { q.remove(r) })
	remove.Importance = widget.LowImportance
	fields := across(4, container.New(fixedWidth{clockWidth}, r.from), widget.NewLabel("–"), container.New(fixedWidth{clockWidth}, r.to), remove)
	r.Container = column(-8, container.NewBorder(nil, nil, chips, fields), r.error)
	r.paint()
	return r
}

func (r *quietRow) clock(text string) *formEntry {
	e := r.q.page.newEntry(entryPlain, "22:00")
	e.Text = text
	e.OnSubmitted = func(string) { r.q.save() }
	e.left = r.q.save
	return e
}

func (r *quietRow) toggle(i int) {
	r.on[i] = !r.on[i]
	r.paint()
	r.q.save()
}

func (r *quietRow) paint() {
	for i, b := range r.days {
		b.Importance = widget.LowImportance
		if r.on[i] {
			b.Importance = widget.MediumImportance
			b.Icon = nil
		}
		b.Refresh()
	}
}

// read is what the row says. All days are none, which means every day.
func (r *quietRow) read() (h subscriptions.QuietHours, err error) {
	h.From, h.To = clockText(r.from.Text), clockText(r.to.Text)
	if slices.Contains(r.on, false) {
		for i, d := range week {
			if r.on[i] {
				h.Days = append(h.Days, d.name)
			}
		}
		if len(h.Days) == 0 {
			return h, errNoDay
		}
	}
	if _, err := subscriptions.ParseClock(h.From); err != nil {
		return h, err
	}
	_, err = subscriptions.ParseClock(h.To)
	return h, err
}

// clockText lets people leave out what goes without saying: 7 is 07:00.
func clockText(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "：", ":"))
	if s != "" && !strings.Contains(s, ":") && len(s) <= 2 {
		s += ":00"
	}
	if t, err := time.Parse("15:04", s); err == nil {
		return t.Format("15:04")
	}
	return s
}

// check says what cannot be read.
func (r *quietRow) check() {
	text := ""
	if _, err := r.read(); err != nil {
		if text = words.Say("quiet.error.clock"); errors.Is(err, errNoDay) {
			text = words.Say("quiet.error.days")
		}
	}
	if r.error.Text != text {
		r.error.SetText(text)
		r.error.Hidden = text == ""
		r.q.page.relayout()
	}
}
