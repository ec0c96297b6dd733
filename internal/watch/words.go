package watch

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
)

const (
	maxTitle  = 200 // runes
	maxNames  = 120 // runes, of a title
	maxDetail = 300 // runes, of each trouble
	// maxAbout is how many feeds a notice tells one by one.
	maxAbout = 50
)

// Facts are what a notice tells; its Raw as JSON.
type Facts struct {
	Type subscriptions.NoticeType `json:"type"`
	// Count is how many feeds it is about, and Feeds the first of them.
	Count int     `json:"count"`
	Feeds []About `json:"feeds,omitempty"`
	// All says that it is about every feed there is, and that there are
	// several.
	All bool `json:"all,omitempty"`
}

// About is what a notice tells of a feed.
type About struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Since is when the silence or the trouble began, and For how long it has
	// lasted.
	Since time.Time              `json:"since"`
	For   subscriptions.Duration `json:"for"`
	// State, Code, Error and Hint are those of a connection in trouble.
	State subscriptions.State `json:"state,omitempty"`
	Code  subscriptions.Code  `json:"code,omitempty"`
	Error string              `json:"error,omitempty"`
	Hint  string              `json:"hint,omitempty"`
}

// Words say in a title and a body what the facts are; nil says it in English.
type Words func(Facts) (title, body string)

// Say says what the facts are. They are about at least one feed, but for
// those of a test.
func (w Words) Say(f Facts) (title, body string) {
	if w == nil {
		return english(f)
	}
	return w(f)
}

// Raw is the facts as the Raw of the notice that tells them.
func (f Facts) Raw() string {
	raw, _ := json.Marshal(f) // texts, times and numbers: cannot fail
	return string(raw)
}

// notice is a row of history that tells the facts.
func (w Words) notice(f Facts, now time.Time) subscriptions.Event {
	f.Feeds = f.Feeds[:min(len(f.Feeds), maxAbout)]
	for i := range f.Feeds {
		f.Feeds[i].Name = decode.Line(f.Feeds[i].Name, maxTitle)
		f.Feeds[i].Error = decode.Line(f.Feeds[i].Error, maxDetail)
	}
	e := subscriptions.Event{Kind: subscriptions.KindNotice, Type: string(f.Type), Priority: 4, Received: now}
	if f.Type == subscriptions.NoticeSpeaks || f.Type == subscriptions.NoticeRecovered {
		e.Priority = subscriptions.PriorityDefault
	}
	if f.Count == 1 {
		e.Feed = f.Feeds[0].ID
	}
	e.Raw = f.Raw()
	e.Title, e.Body = w.Say(f)
	e.Title, e.Body = decode.Line(e.Title, maxTitle), decode.Text(e.Body, decode.MaxBody)
	return e
}

// english is what [Words] say by default.
func english(f Facts) (title, body string) {
	if f.Type == subscriptions.NoticeTest {
		return "A test notification", "This is how Bellwire tells you about events."
	}
	about := f.Feeds[0]
	switch f.Type {
	case subscriptions.NoticeSilent:
		return fmt.Sprintf("No events from %s for %s", shortened(about.Name), lasting(about.For)),
			fmt.Sprintf("The connection is open, but since %s nothing has come that counts. Look at what sends the events. You are told when there is one again.", moment(about.Since))
	case subscriptions.NoticeSpeaks:
		return fmt.Sprintf("%s speaks again after %s", shortened(about.Name), lasting(about.For)),
			fmt.Sprintf("It had been silent since %s.", moment(about.Since))
	case subscriptions.NoticeRecovered:
		return recovered(f)
	default:
		return trouble(f)
	}
}

func trouble(f Facts) (title, body string) {
	about := f.Feeds[0]
	needs := 0 // a person
	for _, a := range f.Feeds {
		if needsPerson(a.State) {
			needs++
		}
	}
	switch {
	case f.Count == 1 && about.State == subscriptions.StateEnded:
		title = shortened(about.Name) + " has ended"
	case f.Count == 1 && needs == 1:
		title = shortened(about.Name) + " needs your attention"
	case f.Count == 1:
		title = shortened(about.Name) + " cannot be reached"
	case f.All && needs == 0:
		title = "No feed can be reached: is the network down?"
	case needs == 0:
		title = fmt.Sprintf("%d feeds cannot be reached: %s", f.Count, names(f))
	default:
		title = fmt.Sprintf("%d feeds are in trouble: %s", f.Count, names(f))
	}
	if f.Count == 1 {
		lines := []string{sentence(about.Error), about.Hint, fmt.Sprintf("It has been so since %s.", moment(about.Since))}
		return title, strings.Join(filled(lines), "\n")
	}
	var lines []string
	for _, a := range f.Feeds {
		lines = append(lines, filled([]string{strings.TrimSuffix(a.Name+": "+a.Error, ": ")})...)
	}
	if more := f.Count - len(f.Feeds); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return title, strings.Join(lines, "\n")
}

func recovered(f Facts) (title, body string) {
	about := f.Feeds[0]
	const gaps = "Where something could not be had again, history says so."
	switch {
	case f.Count == 1:
		return shortened(about.Name) + " is connected again", fmt.Sprintf("It was in trouble for %s. %s", lasting(about.For), gaps)
	case f.All:
		return "All feeds are connected again", gaps
	}
	return fmt.Sprintf("%d feeds are connected again: %s", f.Count, names(f)), gaps
}

// needsPerson reports whether a feed waits for somebody to do something.
func needsPerson(s subscriptions.State) bool {
	return s == subscriptions.StateBlocked || s == subscriptions.StateEnded
}

// names are the names of feeds: as many as a title has room for.
func names(f Facts) string {
	var list []string
	room := maxNames
	for _, a := range f.Feeds {
		name := shortened(a.Name)
		if room -= utf8.RuneCountInString(name) + 2; room < 0 && len(list) > 0 {
			break
		}
		list = append(list, name)
	}
	if more := f.Count - len(list); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list, ", "), more)
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

func shortened(name string) string { return decode.Line(name, 80) }

// sentence is s with a capital letter and a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}

// filled are the lines that say something.
func filled(lines []string) (out []string) {
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

func moment(t time.Time) string { return t.Local().Format("2 Jan 15:04") }

func span(from, to time.Time) subscriptions.Duration {
	return subscriptions.Duration(to.Sub(from).Round(time.Second))
}

// lasting is a time as people say it, in its two largest units.
func lasting(d subscriptions.Duration) string {
	const day = 24 * time.Hour
	t := max(time.Duration(d).Round(time.Second), time.Second)
	for _, u := range []struct {
		of, below     time.Duration
		name, smaller string
	}{
		{day, time.Hour, "d", "h"},
		{time.Hour, time.Minute, "h", "min"},
		{time.Minute, time.Second, "min", "s"},
	} {
		if t < u.of {
			continue
		}
		whole, rest := t/u.of, t%u.of/u.below
		if rest == 0 {
			return fmt.Sprintf("%d %s", whole, u.name)
		}
		return fmt.Sprintf("%d %s %d %s", whole, u.name, rest, u.smaller)
	}
	return fmt.Sprintf("%d s", t/time.Second)
}
