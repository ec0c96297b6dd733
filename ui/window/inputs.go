package window

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// An input shows a part of a feed's definition and changes it. What nobody
// touched is left as it was.
type input interface {
	object() fyne.CanvasObject
	// load shows what n has.
	load(n *control.NewFeed)
	// store changes n; where that cannot be it says so beside itself.
	store(n *control.NewFeed) bool
	// dirty reports whether a person changed it since load.
	dirty() bool
	// claims reports whether a mistake that the daemon tells is of this
	// input, and what is left to say of it.
	claims(mistake string) (rest string, ok bool)
	// say tells what is wrong; nothing with an empty text.
	say(text, hint string)
	ails() bool
	focused() fyne.Focusable
	// show says whether it has a meaning now.
	show(n *control.NewFeed)
}

// errWords is a mistake in words for people.
type errWords struct{ text, hint string }

func (e *errWords) Error() string { return e.text }

// A base is what all inputs have in common.
type base struct {
	*formField
	// names are how the daemon's errors start that mean this input, or, after
	// a tilde, what they hold.
	names []string
	// when says whether the input means something; nil: always.
	when func(*control.NewFeed) bool
}

func (b *base) object() fyne.CanvasObject { return b.Container }

func (b *base) focused() fyne.Focusable { return b.focus }

func (b *base) show(n *control.NewFeed) {
	if b.when != nil && b.Container.Hidden == b.when(n) {
		b.Container.Hidden = !b.Container.Hidden
		b.Container.Refresh()
	}
}

func (b *base) claims(mistake string) (rest string, ok bool) {
	for _, name := range b.names {
		if part, ok := strings.CutPrefix(name, "~"); ok && strings.Contains(mistake, part) {
			return mistake, true
		}
		if rest, ok := strings.CutPrefix(mistake, name+": "); ok {
			return rest, true
		}
		if rest, ok := strings.CutPrefix(mistake, name); ok && !goesOn(rest) {
			return mistake, true
		}
	}
	return "", false
}

// goesOn reports whether rest makes another name of what stands before it.
func goesOn(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return strings.ContainsRune("._-", r) || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func (b *base) fail(err error) {
	if e, ok := errors.AsType[*errWords](err); ok {
		b.say(e.text, e.hint)
		return
	}
	b.say(err.Error(), "")
}

// A textInput is a line or more of text.
type textInput struct {
	base
	entry *formEntry
	was   string
	get   func(*control.NewFeed) string
	set   func(*control.NewFeed, string) error
}

// spec is how an input is made.
type spec struct {
	key     string // of its words: form.KEY and, if about, form.KEY.about
	about   bool
	example string // what is used where it is empty
	short   bool   // what is written is a number or so
	kind    entryKind
	names   []string
	when    func(*control.NewFeed) bool
}

func (s spec) field(focus fyne.Focusable, o fyne.CanvasObject) base {
	about := ""
	if s.about {
		about = words.Say("form." + s.key + ".about")
	}
	return base{newField(words.Say("form."+s.key), about, focus, o), s.names, s.when}
}

func (f *form) text(s spec, at func(*control.NewFeed) *string) *textInput {
	return f.parsed(s, func(n *control.NewFeed) string { return *at(n) }, func(n *control.NewFeed, text string) error {
		*at(n) = text
		return nil
	})
}

func (f *form) parsed(s spec, get func(*control.NewFeed) string, set func(*control.NewFeed, string) error) *textInput {
	e := f.newEntry(s.kind, s.example)
	var o fyne.CanvasObject = e
	if s.short {
		o = container.New(bounded{shortInput}, e)
	}
	return &textInput{base: s.field(e, o), entry: e, get: get, set: set}
}

// duration is an input of a time like 30s.
func (f *form) duration(s spec, at func(*control.NewFeed) *subscriptions.Duration) *textInput {
	s.short = true
	return f.parsed(s, func(n *control.NewFeed) string {
		if d := *at(n); d != 0 {
			return shortDuration(time.Duration(d))
		}
		return ""
	}, func(n *control.NewFeed, text string) error {
		*at(n) = 0
		if text == "" {
			return nil
		}
		d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			return &errWords{words.Say("form.error.duration"), words.Say("form.error.duration.hint")}
		}
		*at(n) = subscriptions.Duration(d)
		return nil
	})
}

// shortDuration is d without the zero parts that String writes.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// number is an input of a whole number; empty is zero.
func (f *form) number(s spec, at func(*control.NewFeed) *int) *textInput {
	s.short = true
	return f.parsed(s, func(n *control.NewFeed) string {
		if *at(n) == 0 {
			return ""
		}
		return strconv.Itoa(*at(n))
	}, func(n *control.NewFeed, text string) (err error) {
		*at(n) = 0
		if text == "" {
			return nil
		}
		if *at(n), err = strconv.Atoi(text); err != nil {
			return &errWords{words.Say("form.error.number"), ""}
		}
		return nil
	})
}

// lines is an input of texts, one a line.
func (f *form) lines(s spec, at func(*control.NewFeed) *[]string) *textInput {
	s.kind = entryLines
	return f.parsed(s, func(n *control.NewFeed) string { return strings.Join(*at(n), "\n") }, func(n *control.NewFeed, text string) error {
		*at(n) = nil
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				*at(n) = append(*at(n), line)
			}
		}
		return nil
	})
}

func (i *textInput) load(n *control.NewFeed) {
	i.was = i.get(n)
	i.entry.set(i.was)
	i.was = i.entry.Text // an entry may write it in its own way
	if i.entry.MultiLine {
		i.entry.SetMinRowsVisible(rowsFor(i.was, 3))
	}
	i.say("", "")
}

func (i *textInput) dirty() bool { return i.entry.Text != i.was }

func (i *textInput) store(n *control.NewFeed) bool {
	i.say("", "")
	if !i.dirty() {
		return true
	}
	if err := i.set(n, strings.TrimSpace(i.entry.Text)); err != nil {
		i.fail(err)
		return false
	}
	return true
}

// A choiceInput is one of a few values.
type choiceInput struct {
	base
	form    *form
	choice  *formSelect
	options []option[string]
	was     string
	get     func(*control.NewFeed) string
	set     func(*control.NewFeed, string)
}

func (f *form) choose(s spec, options []option[string], get func(*control.NewFeed) string, set func(*control.NewFeed, string)) *choiceInput {
	i := &choiceInput{form: f, get: get, set: set, choice: f.newSelect(nil, nil)}
	i.offer(options)
	i.base = s.field(i.choice, outlined(i.choice))
	return i
}

func (i *choiceInput) offer(options []option[string]) {
	i.options = options
	i.choice.Options = nil
	for _, o := range options {
		i.choice.Options = append(i.choice.Options, o.text)
	}
}

func (i *choiceInput) value() string {
	if at := i.choice.SelectedIndex(); at >= 0 {
		return i.options[at].value
	}
	return i.was
}

func (i *choiceInput) load(n *control.NewFeed) {
	i.was = i.get(n)
	at := slices.IndexFunc(i.options, func(o option[string]) bool { return o.value == i.was })
	if at < 0 { // one from the future
		i.offer(append(slices.Clone(i.options), option[string]{i.was, clip(i.was, maxFieldName)}))
		at = len(i.options) - 1
	}
	i.form.quietly(func() { i.choice.SetSelectedIndex(at) })
	i.say("", "")
}

func (i *choiceInput) dirty() bool { return i.value() != i.was }

func (i *choiceInput) store(n *control.NewFeed) bool {
	i.say("", "")
	if i.dirty() {
		i.set(n, i.value())
	}
	return true
}

// A checkInput is a yes or no.
type checkInput struct {
	base
	check *formCheck
	was   bool
	at    func(*control.NewFeed) *bool
	not   bool // the box says the opposite
}

func (f *form) check(s spec, at func(*control.NewFeed) *bool) *checkInput {
	c := f.newCheck(words.Say("form." + s.key))
	about := ""
	if s.about {
		about = words.Say("form." + s.key + ".about")
	}
	i := &checkInput{check: c, at: at, base: base{newField("", "", c, column(-8, inset(c, 0, 0, -checkMargin, 0), remark(about))), s.names, s.when}}
	return i
}

func (i *checkInput) load(n *control.NewFeed) {
	i.was = *i.at(n) != i.not
	i.check.form.quietly(func() { i.check.SetChecked(i.was) })
}

func (i *checkInput) dirty() bool { return i.check.Checked != i.was }

func (i *checkInput) store(n *control.NewFeed) bool {
	i.say("", "")
	if i.dirty() {
		*i.at(n) = i.check.Checked != i.not
	}
	return true
}

// priorities are the choices of a least priority.
func priorities(all string) []option[string] {
	out := []option[string]{{"0", all}}
	for p := 2; p <= subscriptions.PriorityMax; p++ {
		out = append(out, option[string]{strconv.Itoa(p), words.Say("form.priority." + strconv.Itoa(p))})
	}
	return out
}

func (f *form) leastPriority(s spec, at func(*control.NewFeed) *int) *choiceInput {
	return f.choose(s, priorities(words.Say("form.priority.all")), func(n *control.NewFeed) string {
		return strconv.Itoa(*at(n))
	}, func(n *control.NewFeed, value string) {
		v, _ := strconv.Atoi(cmp.Or(value, "0"))
		*at(n) = v
	})
}
