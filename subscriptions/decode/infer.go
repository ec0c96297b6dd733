package decode

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"

	"github.com/tidwall/gjson"
)

const (
	// maxObjects and maxInside bound how much of a payload is looked through
	// for words, in objects and in levels.
	maxObjects = 64
	maxInside  = 4
	// maxPairs and maxPair bound what is shown of a payload without words, in
	// lines and in bytes of each.
	maxPairs = 12
	maxPair  = 200
)

// An object is one of a payload's, as far as it can name what happened.
type object struct {
	name  string // of the member that it is
	value gjson.Result
	depth int

	content              content // its own usual fields
	label, state         string
	labelRank, stateRank int
	direct               bool // label is a member of its own
	inside               []*object
	where                string // the name of a repository or its like
}

// infer looks through a payload for words that its top has not: first for
// those of an object inside, then for the name of something and what became
// of it.
func (c *content) infer(v gjson.Result) {
	if v.IsArray() {
		v = only(v)
	}
	queue := make([]*object, 1, 8)
	queue[0] = &object{value: v}
	var words, named, stated *object
	for i := 0; i < len(queue) && i < maxObjects; i++ {
		o := queue[i]
		o.scan(c)
		if stated == nil && o.depth == 1 && o.state != "" {
			stated = o
		}
		if words == nil && i > 0 && (o.content.title != "" || o.content.body != "") {
			words = o
		}
		if o.label != "" && (named == nil || named.state == "" && o.state != "") {
			named = o
		}
		if o.depth < maxInside {
			queue = append(queue, o.inside...)
		}
		if words != nil && strings.HasSuffix(words.name, "annotations") && strings.HasSuffix(o.name, "annotations") && words.content.body == "" {
			words.content.body = o.content.body
		}
	}
	root := queue[0]
	if stated != nil && !telling(root.state) && (root.state == "" || telling(stated.state)) {
		root.state = stated.state
		c.adopt(&stated.content)
	}
	switch {
	case words != nil:
		c.adopt(&words.content)
		c.title, c.body = c.worded(root, words)
	case named != nil:
		c.adopt(&named.content)
		c.title = joined(": ", root.where, named.label, firstOf(named.state, root.state))
		if c.body = c.plain; c.body == "" {
			l := listing{said: []string{named.label, named.state, root.state}}
			l.add(root.value, named.value, 0)
			if named != root {
				l.add(named.value, gjson.Result{}, 0)
			}
			c.body = strings.Join(l.lines, "\n")
		}
	case root.where != "" && root.state != "":
		c.title, c.body = root.where+": "+root.state, compact(v.Raw, MaxBody)
	}
}

// worded are title and body of an object with words in it.
func (c *content) worded(root, words *object) (title, body string) {
	title, body = words.content.title, words.content.body
	if title == "" && words.direct {
		title = words.label
	}
	if title == "" {
		first, rest, _ := strings.Cut(strings.TrimSpace(body), "\n")
		if utf8.RuneCountInString(first) > headline {
			first, rest = words.label, body
		}
		title, body = first, strings.TrimSpace(rest)
	}
	if title == "" {
		return "", body
	}
	if title == body {
		body = ""
	}
	if root.where != "" && !strings.Contains(title, root.where) {
		title = root.where + ": " + title
	}
	state := firstOf(root.state, words.state)
	if telling(words.state) {
		state = words.state
	}
	if state != "" && !strings.Contains(strings.ToLower(title), strings.ToLower(state)) {
		title += " (" + state + ")"
	}
	return title, body
}

// telling reports whether a state is a trouble.
func telling(state string) bool {
	p, ok := priorityWord(strings.ToLower(state))
	return ok && p > subscriptions.PriorityDefault
}

// adopt takes over what c lacks.
func (c *content) adopt(from *content) {
	if c.link == "" {
		c.link = from.link
	}
	if c.time.IsZero() {
		c.time = from.time
	}
	if c.tags == nil {
		c.tags = from.tags
	}
	if from.ranks[rolePriority] != 0 && (c.ranks[rolePriority] == 0 || from.priority > c.priority) {
		c.priority, c.ranks[rolePriority] = from.priority, from.ranks[rolePriority]
	}
}

// scan reads o's own members and lists the objects inside.
func (o *object) scan(c *content) {
	o.content = content{received: c.received, priority: c.priority}
	o.value.ForEach(func(key, value gjson.Result) bool {
		name := strings.ToLower(key.Str)
		o.content.offer(name, value, 0)
		if value.Type == gjson.String {
			if inner, ok := parse(value.Str); ok && inner.IsObject() {
				value = inner
			}
		}
		o.called(name, value)
		if value.IsArray() {
			value = first(value)
		}
		if !value.IsObject() || rankIn(people, name) > 0 {
			return true
		}
		if rankIn(places, name) > 0 {
			if o.where == "" {
				o.where = labelIn(value)
			}
			return true
		}
		o.inside = append(o.inside, &object{name: name, value: value, depth: o.depth + 1})
		return true
	})
}

// called takes a member for o's name or state, if it is one.
func (o *object) called(name string, value gjson.Result) {
	if rankIn(nameOf, name) > 0 && value.IsObject() {
		value.ForEach(func(key, value gjson.Result) bool {
			name := strings.ToLower(key.Str)
			if value.IsObject() && rankIn(nameOf, name) > 0 {
				value.ForEach(func(key, value gjson.Result) bool {
					o.labelled(strings.ToLower(key.Str), value, labelNames)
					return true
				})
			}
			o.labelled(name, value, labelNames)
			return true
		})
		return
	}
	if o.labelled(name, value, labelNames) {
		o.direct = true
	}
	if rank := rankIn(stateNames, name); rank > 0 && value.Type == gjson.String && (o.stateRank == 0 || rank < o.stateRank) {
		if s := Line(value.Str, headline); s != "" {
			o.state, o.stateRank = s, rank
		}
	}
}

// labelled takes a member for o's name if it is the best of the given names
// yet.
func (o *object) labelled(name string, value gjson.Result, names []string) bool {
	rank := rankIn(names, name)
	if rank == 0 || value.Type != gjson.String || o.labelRank != 0 && rank >= o.labelRank {
		return false
	}
	s := Line(value.Str, headline)
	if !visible(s) {
		return false
	}
	o.label, o.labelRank = s, rank
	return true
}

// labelIn is the name of a place.
func labelIn(v gjson.Result) string {
	var o object
	v.ForEach(func(key, value gjson.Result) bool {
		o.labelled(strings.ToLower(key.Str), value, placeNames)
		return true
	})
	return o.label
}

// first is an array's first element.
func first(array gjson.Result) (element gjson.Result) {
	array.ForEach(func(_, v gjson.Result) bool {
		element = v
		return false
	})
	return element
}

// A listing is the members of objects, one a line, but for what the title
// says already and what is not for people.
type listing struct {
	said  []string
	lines []string
}

// add lists the members of v, and of the objects in it, without one of them.
func (l *listing) add(v, without gjson.Result, depth int) {
	v.ForEach(func(key, value gjson.Result) bool {
		if value.Type == gjson.String {
			if inner, ok := parse(value.Str); ok && inner.IsObject() {
				value = inner
			}
		}
		switch {
		case value.Raw == without.Raw:
		case value.IsObject() && depth == 0:
			if rankIn(people, strings.ToLower(key.Str)) == 0 {
				l.add(value, without, depth+1)
			}
		default:
			l.pair(key.Str, value)
		}
		return len(l.lines) < maxPairs
	})
}

func (l *listing) pair(name string, value gjson.Result) {
	text := value.Raw
	switch {
	case value.Type == gjson.Null || value.IsObject():
		return
	case value.Type == gjson.String:
		text = value.Str
	case value.IsArray():
		n := 0
		simple := true
		value.ForEach(func(_, v gjson.Result) bool {
			n++
			simple = simple && v.Type != gjson.JSON
			return true
		})
		if text = strconv.Itoa(n); n > 0 && simple {
			text = strings.Trim(strings.ReplaceAll(compact(value.Raw, maxPair), `"`, ""), "[]")
		}
	}
	text = Line(text, maxPair)
	switch r, _ := wellKnown(strings.ToLower(name)); r {
	case roleID, roleTime, roleLink, roleTags:
		return
	}
	if text != "" && !slices.Contains(l.said, text) {
		l.lines = append(l.lines, Line(name, headline)+": "+text)
	}
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// joined are the texts that are not empty, each once.
func joined(sep string, texts ...string) string {
	var parts []string
	for _, s := range texts {
		if s != "" && (len(parts) == 0 || parts[len(parts)-1] != s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, sep)
}
