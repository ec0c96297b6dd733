package forward

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"bellwire/subscriptions"
)

// Loop reports whether events of f would come back to f: a forward of f, or
// one of the others that its events get to, leads into f's own stream. It sees
// what addresses tell; what servers send on by themselves shows in marks.
func Loop(f subscriptions.Feed, others []subscriptions.Feed) error {
	feeds := append(slices.DeleteFunc(slices.Clone(others), func(o subscriptions.Feed) bool { return o.ID == f.ID && f.ID != "" }), f)
	last := len(feeds) - 1
	for _, w := range f.Forwards {
		if through, found := returns(w, feeds, last, make([]bool, len(feeds))); found {
			if len(through) == 0 {
				return fmt.Errorf("the forward %q sends the events of this feed into the feed itself, round and round", w.Name)
			}
			return fmt.Errorf("the forward %q sends the events of this feed round and round: they come back by way of %s", w.Name, strings.Join(through, ", "))
		}
	}
	return nil
}

// returns follows w from feed to feed until home, and names those between.
func returns(w subscriptions.Forward, feeds []subscriptions.Feed, home int, seen []bool) (through []string, found bool) {
	if leadsTo(w, feeds[home]) {
		return nil, true
	}
	for i, g := range feeds {
		if seen[i] || i == home || !leadsTo(w, g) {
			continue
		}
		seen[i] = true
		for _, next := range g.Forwards {
			if through, found := returns(next, feeds, home, seen); found {
				return append([]string{fmt.Sprintf("%q", g.Name)}, through...), true
			}
		}
	}
	return nil, false
}

// leadsTo reports whether what w sends is what g receives.
func leadsTo(w subscriptions.Forward, g subscriptions.Feed) bool {
	to, err1 := url.Parse(w.URL)
	from, err2 := url.Parse(g.URL)
	if err1 != nil || err2 != nil || w.URL == "" || hostOf(to) != hostOf(from) {
		return false
	}
	path := strings.Trim(from.Path, "/")
	switch w.To {
	case subscriptions.ForwardNtfy:
		server, _ := split(path)
		base, topics := split(server)
		toBase, topic := split(strings.Trim(to.Path, "/"))
		return base == toBase && slices.Contains(strings.Split(topics, ","), topic)
	case subscriptions.ForwardMercure:
		q := from.Query()
		selectors := slices.Concat(q["topic"], q["match"])
		return path == strings.Trim(to.Path, "/") && slices.ContainsFunc(selectors, func(s string) bool { return selects(s, w.Topic) })
	default:
		return path == strings.Trim(to.Path, "/") && to.Query().Encode() == from.Query().Encode()
	}
}

// split cuts the last segment of a path off.
func split(path string) (before, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

// hostOf is a server, whether or not it is asked in a safe way.
func hostOf(u *url.URL) string {
	port := u.Port()
	if port == "80" || port == "443" {
		port = ""
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

// hole is a variable of a URI template (RFC 6570).
var hole = regexp.MustCompile(`\\\{[^{}]*\\\}`)

// selects reports whether a topic selector of Mercure's is for a topic.
func selects(selector, topic string) bool {
	if selector == "*" || selector == topic {
		return true
	}
	if len(selector) > subscriptions.MaxURL || !strings.Contains(selector, "{") {
		return false
	}
	pattern, err := regexp.Compile("^" + hole.ReplaceAllString(regexp.QuoteMeta(selector), ".*") + "$")
	return err == nil && pattern.MatchString(topic)
}
