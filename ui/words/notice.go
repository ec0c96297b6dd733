package words

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellwire/subscriptions"
)

const (
	maxFacts = 256 << 10 // bytes
	maxName  = 80        // runes, in a title
	maxNames = 120       // runes, of a title
)

// facts are what the Raw of one of Bellwire's own notices says.
type facts struct {
	Type  subscriptions.NoticeType `json:"type"`
	Count int                      `json:"count"`
	Feeds []affected               `json:"feeds"` // the first of Count
	All   bool                     `json:"all"`
}

// An affected feed is one that a notice is about.
type affected struct {
	Name  string                 `json:"name"`
	Since time.Time              `json:"since"`
	For   subscriptions.Duration `json:"for"`
	State subscriptions.State    `json:"state"`
	Code  subscriptions.Code     `json:"code"`
	Error string                 `json:"error"`
	Hint  string                 `json:"hint"`
}

// Notice tells one of Bellwire's own notices; ok is false for what is none,
// and for those whose facts cannot be read: they are shown as they are stored.
func Notice(e subscriptions.Event) (title, body string, ok bool) {
	if e.Kind != subscriptions.KindNotice || e.Raw == "" || len(e.Raw) > maxFacts {
		return "", "", false
	}
	var f facts
	if err := json.Unmarshal([]byte(e.Raw), &f); err != nil {
		return "", "", false
	}
	if f.Type == subscriptions.NoticeTest {
		return Say("notice.test"), Say("notice.test.text"), true
	}
	if len(f.Feeds) == 0 || f.Count < len(f.Feeds) {
		return "", "", false
	}
	switch f.Type {
	case subscriptions.NoticeSilent:
		title, body = silent(f.Feeds[0])
	case subscriptions.NoticeSpeaks:
		title, body = speaks(f.Feeds[0])
	case subscriptions.NoticeTrouble:
		title, body = troubleTitle(f), troubleBody(f)
	case subscriptions.NoticeRecovered:
		title, body = recovered(f)
	default:
		return "", "", false
	}
	return title, body, true
}

func silent(a affected) (title, body string) {
	return Say("notice.silent", With{"Feed": shortened(a.Name), "Span": lasting(a.For)}),
		Say("notice.silent.text", With{"Time": a.since()})
}

func speaks(a affected) (title, body string) {
	return Say("notice.speaks", With{"Feed": shortened(a.Name), "Span": lasting(a.For)}),
		Say("notice.speaks.text", With{"Time": a.since()})
}

func recovered(f facts) (title, body string) {
	gaps := Say("notice.recovered.gaps")
	switch {
	case f.Count == 1:
		return Say("notice.recovered", With{"Feed": shortened(f.Feeds[0].Name)}),
			Say("notice.recovered.text", With{"Span": lasting(f.Feeds[0].For), "Gaps": gaps})
	case f.All:
		return Say("notice.recovered.all"), gaps
	}
	return Say("notice.recovered.some", With{"N": f.Count, "Names": names(f)}), gaps
}

func troubleTitle(f facts) string {
	first := f.Feeds[0]
	needs := false // a person
	for _, a := range f.Feeds {
		needs = needs || a.State == subscriptions.StateBlocked || a.State == subscriptions.StateEnded
	}
	one, some := With{"Feed": shortened(first.Name)}, With{"N": f.Count, "Names": names(f)}
	switch {
	case f.Count == 1 && first.State == subscriptions.StateEnded:
		return Say("notice.ended", one)
	case f.Count == 1 && needs:
		return Say("notice.attention", one)
	case f.Count == 1:
		return Say("notice.unreachable", one)
	case f.All && !needs:
		return Say("notice.unreachable.all")
	case !needs:
		return Say("notice.unreachable.some", some)
	}
	return Say("notice.trouble.some", some)
}

func troubleBody(f facts) string {
	var lines []string
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	if f.Count == 1 {
		a := f.Feeds[0]
		add(sentence(a.trouble()))
		add(a.remedy())
		add(Say("notice.since", With{"Time": a.since()}))
		return strings.Join(lines, "\n")
	}
	for _, a := range f.Feeds {
		if trouble := a.trouble(); trouble != "" {
			add(Say("notice.about", With{"Feed": a.Name, "Trouble": trouble}))
		} else {
			add(a.Name)
		}
	}
	if more := f.Count - len(f.Feeds); more > 0 {
		add(Say("notice.more", With{"N": more}))
	}
	return strings.Join(lines, "\n")
}

// trouble is the daemon's own text, which is English and says the most; in
// other languages it follows our words for its kind.
func (a affected) trouble() string {
	kind := Trouble(subscriptions.Status{Code: a.Code})
	if kind == "" || a.Error == "" {
		return a.Error
	}
	return Say("notice.trouble", With{"Words": kind, "Error": a.Error})
}

// remedy is the daemon's hint, or in other languages than English ours.
func (a affected) remedy() string {
	ours := Hint(subscriptions.Status{Code: a.Code})
	if ours == "" || a.Hint == "" {
		return a.Hint
	}
	return Say("notice.hint", With{"Words": ours, "Hint": a.Hint})
}

// since is a time without its year: the phrase is a layout.
func (a affected) since() string { return a.Since.Local().Format(Say("notice.moment")) }

// names are the names of feeds: as many as a title has room for.
func names(f facts) string {
	var list []string
	room := maxNames
	for _, a := range f.Feeds {
		name := shortened(a.Name)
		if room -= utf8.RuneCountInString(name) + 2; room < 0 && len(list) > 0 {
			break
		}
		list = append(list, name)
	}
	comma := Say("notice.comma")
	if more := f.Count - len(list); more > 0 {
		return Say("notice.others", With{"Names": strings.Join(list, comma), "N": more})
	}
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return Say("notice.last", With{"Names": strings.Join(list[:last], comma), "Last": list[last]})
}

// shortened is a name that fits into a title.
func shortened(name string) string {
	if utf8.RuneCountInString(name) <= maxName {
		return name
	}
	return strings.TrimRight(string([]rune(name)[:maxName-1]), " ") + "…"
}

// sentence is s with a capital letter and a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return Say("notice.sentence", With{"Text": string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".")})
}

// lasting is a time as people say it, in its two largest units.
func lasting(d subscriptions.Duration) string {
	t := max(time.Duration(d).Round(time.Second), time.Second)
	units := []struct {
		of  time.Duration
		say func(n int64) string
	}{
		{24 * time.Hour, func(n int64) string { return Say("span.days", With{"N": n}) }},
		{time.Hour, func(n int64) string { return Say("span.hours", With{"N": n}) }},
		{time.Minute, func(n int64) string { return Say("span.minutes", With{"N": n}) }},
		{time.Second, func(n int64) string { return Say("span.seconds", With{"N": n}) }},
	}
	i := 0
	for t < units[i].of { // at least a second
		i++
	}
	whole := units[i].say(int64(t / units[i].of))
	if i+1 == len(units) {
		return whole
	}
	rest := int64(t % units[i].of / units[i+1].of)
	if rest == 0 {
		return whole
	}
	return Say("span.two", With{"Larger": whole, "Smaller": units[i+1].say(rest)})
}
