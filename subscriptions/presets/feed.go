package presets

import (
	"fmt"
	"iter"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"bellwire/subscriptions"
)

// baseGroup is the group of a path's pattern that says where the server
// begins.
const baseGroup = "base"

// A Match is what the shape of an address tells of a preset.
type Match struct {
	// Host and Path say which of them fitted.
	Host, Path bool
	// Base is the path at which the server begins, without a slash at the
	// end.
	Base string
	// Options are those that the address holds.
	Options map[string]string
}

// Match holds an address against p.
func (p *Preset) Match(u *url.URL) Match {
	m := Match{Base: strings.TrimRight(u.EscapedPath(), "/"), Options: make(map[string]string)}
	for _, s := range p.Detect.Hosts {
		if names, ok := groups(s, strings.ToLower(u.Hostname())); ok {
			m.Host = true
			maps.Copy(m.Options, names)
			break
		}
	}
	for _, s := range p.Detect.Paths {
		if names, ok := groups(s, u.Path); ok {
			m.Path, m.Base = true, (&url.URL{Path: strings.TrimRight(names[baseGroup], "/")}).EscapedPath()
			delete(names, baseGroup)
			maps.Copy(m.Options, names)
			break
		}
	}
	for name, value := range p.queryOptions(u) {
		m.Options[name] = value
	}
	maps.DeleteFunc(m.Options, func(name, value string) bool {
		return p.Options[name].accepts(value) != nil
	})
	return m
}

// groups are the named groups of a pattern that fits s.
func groups(pattern, s string) (named map[string]string, ok bool) {
	re, err := compilePattern(pattern)
	if err != nil {
		return nil, false
	}
	found := re.FindStringSubmatch(s)
	if found == nil {
		return nil, false
	}
	named = make(map[string]string)
	for i, name := range re.SubexpNames() {
		if name != "" && found[i] != "" {
			named[name] = found[i]
		}
	}
	return named, true
}

// queryOptions are the options that u's query holds.
func (p *Preset) queryOptions(u *url.URL) map[string]string {
	found, given := make(map[string]string), u.Query()
	for param, option := range p.params() {
		if v := given.Get(param); v != "" {
			found[option] = v
		}
	}
	return found
}

// params are the parameters of p's address that are an option and nothing
// else.
func (p *Preset) params() iter.Seq2[string, string] {
	return func(yield func(param, option string) bool) {
		_, query, _ := strings.Cut(p.Address, "?")
		for pair := range strings.SplitSeq(query, "&") {
			param, value, _ := strings.Cut(pair, "=")
			if m := hole.FindStringSubmatch(value); m != nil && m[0] == value && !yield(param, m[1]) {
				return
			}
		}
	}
}

// A MissingError is options that a feed has to be told.
type MissingError struct {
	Preset  string
	Options []string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("the preset %s has to be told: %s", e.Preset, strings.Join(e.Options, ", "))
}

// Feed is the feed of a server of this kind at an address as people have it:
// its transport, address and settings. Options that are not given are found in
// the address, or have their default. The error is for people; it is a
// [*MissingError] where an option has to be given.
func (p *Preset) Feed(address string, options map[string]string) (subscriptions.Feed, error) {
	return p.feed(address, options, true)
}

func (p *Preset) feed(address string, options map[string]string, strict bool) (f subscriptions.Feed, err error) {
	u, err := subscriptions.ParseURL(address)
	if err != nil {
		return f, err
	}
	m := p.Match(u)
	values, err := p.values(m.Options, options, strict)
	if err != nil {
		return f, err
	}
	f.Transport = p.Transport
	if f.Settings, err = fill(p.Settings, values); err != nil {
		return f, err
	}
	if p.Address == "" {
		f.URL = address
		return f, nil
	}
	place, err := addressFiller(values).fill("address", p.Address)
	if err != nil {
		return f, err
	}
	f.URL = join(u, m.Base, place, p.Transport, func(param string) bool {
		for name, option := range p.params() {
			if _, given := options[option]; given && name == param {
				return true
			}
		}
		return false
	})
	return f, nil
}

// values are what the options are, from the weakest source to the strongest.
func (p *Preset) values(found, given map[string]string, strict bool) (map[string]string, error) {
	values := make(map[string]string)
	for name, o := range p.Options {
		if o.Default != nil {
			values[name] = *o.Default
		}
	}
	maps.Copy(values, found)
	for name, value := range given {
		o, known := p.Options[name]
		if !known {
			return nil, fmt.Errorf("the preset %s has no option %q%s", p.Name, name, p.offers())
		}
		if err := o.accepts(value); err != nil && strict {
			return nil, fmt.Errorf("the option %s: %w", name, err)
		}
		values[name] = value
	}
	missing := slices.DeleteFunc(p.Required(), func(name string) bool { return values[name] != "" })
	if len(missing) > 0 {
		return nil, &MissingError{p.Name, missing}
	}
	return values, nil
}

func (p *Preset) offers() string {
	if len(p.Options) == 0 {
		return ": it has none"
	}
	return "; it has " + strings.Join(p.OptionNames(), ", ")
}

// join is the stream's address on the server of u. A parameter that u has is
// kept as it is there, unless it is one of replace; an empty one is none.
func join(u *url.URL, base, place string, kind subscriptions.TransportName, replace func(param string) bool) string {
	path, query, _ := strings.Cut(place, "?")
	out := *u
	out.Scheme = schemeFor(u.Scheme, kind)
	out.Fragment, out.RawFragment = "", ""
	out.RawPath = base + path
	out.Path, _ = url.PathUnescape(out.RawPath)
	pairs := strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' })
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" {
			continue
		}
		has := func(old string) bool { n, _, _ := strings.Cut(old, "="); return n == name }
		if slices.ContainsFunc(pairs, has) {
			if !replace(name) {
				continue
			}
			pairs = slices.DeleteFunc(pairs, has)
		}
		pairs = append(pairs, pair)
	}
	out.RawQuery = strings.Join(pairs, "&")
	return out.String()
}

// schemeFor is the scheme that people know a kind of stream by.
func schemeFor(scheme string, kind subscriptions.TransportName) string {
	secure := scheme == "https" || scheme == "wss"
	switch {
	case kind == subscriptions.TransportAuto:
		return scheme
	case kind == subscriptions.TransportWebSocket && secure:
		return "wss"
	case kind == subscriptions.TransportWebSocket:
		return "ws"
	case secure:
		return "https"
	}
	return "http"
}

// hole is where an option stands.
var hole = regexp.MustCompile(`\$\{([^}]*)\}`)

// OnPage reports whether a web page is that of such a server.
func (p *Preset) OnPage(page string) bool {
	if p.Detect.Page == "" || page == "" {
		return false
	}
	re, err := compilePattern(p.Detect.Page)
	return err == nil && re.MatchString(page)
}

// At is the address of a probe on the server of u, without any credentials.
func (m Match) At(u *url.URL, p Probe) *url.URL {
	path, query, _ := strings.Cut(p.Path, "?")
	out := url.URL{Scheme: u.Scheme, Host: u.Host, RawPath: m.Base + path, RawQuery: query}
	out.Path, _ = url.PathUnescape(out.RawPath)
	return &out
}
