package presets

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"bellwire/subscriptions"
	"bellwire/subscriptions/expression"
)

// A Preset is one kind of server. Texts in it may have ${option}s.
type Preset struct {
	// Name is the file's, without its ending.
	Name string `json:"name" yaml:"-"`
	// Own says that the file is a person's and not Bellwire's.
	Own      bool   `json:"own,omitempty" yaml:"-"`
	Title    string `json:"title"`
	About    string `json:"about,omitempty"`
	Homepage string `json:"homepage,omitempty"`
	// Transport is the kind of stream; auto where the address says it.
	Transport subscriptions.TransportName `json:"transport"`
	// Address is where the stream is on such a server, from the place where
	// the server begins; empty: the address is what a person gives.
	Address string            `json:"address,omitempty"`
	Options map[string]Option `json:"options,omitempty"`
	// Needs are the credentials that such a server wants; the first is the
	// usual one.
	Needs  []subscriptions.Need `json:"needs,omitempty"`
	Detect Detect               `json:"detect,omitzero"`

	subscriptions.Settings `yaml:",inline"`
}

// An Option is something that a feed of this kind can or must be told.
type Option struct {
	About string `json:"about,omitempty"`
	// Default is the value without one; nil: it has to be given.
	Default *string `json:"default,omitempty"`
	// Pattern is a regular expression for the whole value; empty: anything.
	Pattern string `json:"pattern,omitempty"`
}

// Detect says how such a server is recognised.
type Detect struct {
	// Hosts are regular expressions for the host of an address; Paths for its
	// path. A named group fills the option of that name, and one named base
	// is where the server begins: nothing else of the path belongs to it.
	Hosts []string `json:"hosts,omitempty"`
	Paths []string `json:"paths,omitempty"`
	// Page is a regular expression that the server's web page has.
	Page string `json:"page,omitempty"`
	// Site says that every such server answers with its page at its root, so
	// that one that does not most likely is another.
	Site bool `json:"site,omitempty"`
	// Probe are harmless questions; the first that is answered as expected
	// decides.
	Probe []Probe `json:"probe,omitempty"`
	// Says is a condition that one of the first messages of the stream meets.
	Says string `json:"says,omitempty"`
}

// IsZero reports whether nothing tells such a server from others.
func (d Detect) IsZero() bool {
	return len(d.Hosts)+len(d.Paths)+len(d.Probe) == 0 && d.Page == "" && d.Says == ""
}

// A Probe is a GET request that tells whether a server is of a kind.
type Probe struct {
	// Path begins where the server does, and may have a query.
	Path string `json:"path"`
	// Accept is the header of that name; empty: anything.
	Accept string `json:"accept,omitempty"`
	// Type is the media type that the answer must have; empty: any.
	Type string `json:"type,omitempty"`
	// When is a condition for the answer's content; empty: any of status 200.
	When string `json:"when,omitempty"`
}

// Required are the options that have to be given, sorted.
func (p *Preset) Required() (names []string) {
	for name, o := range p.Options {
		if o.Default == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// OptionNames are all options: first those that have to be given.
func (p *Preset) OptionNames() []string {
	names := slices.Sorted(maps.Keys(p.Options))
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(rank(p.Options[a]), rank(p.Options[b]))
	})
	return names
}

func rank(o Option) int {
	if o.Default == nil {
		return 0
	}
	return 1
}

var optionName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// check reports what a person who writes a preset has to mend.
func (p *Preset) check() error {
	if !reflect.DeepEqual(p.Settings.Notify, subscriptions.Notify{}) || len(p.Settings.Forwards) > 0 {
		return fmt.Errorf("notify and forwards are not a preset's: it says how a server talks, not what becomes of its events")
	}
	if strings.TrimSpace(p.Title) == "" {
		return fmt.Errorf("title: a preset needs one")
	}
	if p.Transport == "" {
		return fmt.Errorf("transport: a preset needs one")
	}
	if p.Address != "" && !strings.HasPrefix(p.Address, "/") && !strings.HasPrefix(p.Address, "${") {
		return fmt.Errorf("address: it begins with a slash, on the server that a person names")
	}
	for name, o := range p.Options {
		switch _, err := compilePattern(o.Pattern); {
		case !optionName.MatchString(name) || name == baseGroup:
			return fmt.Errorf("options: %q cannot be the name of an option: small letters, digits and _", name)
		case err != nil:
			return fmt.Errorf("options.%s.pattern: %w", name, err)
		case o.Default != nil:
			if err := o.accepts(*o.Default); err != nil {
				return fmt.Errorf("options.%s.default: %w", name, err)
			}
		}
	}
	for i, n := range p.Needs {
		c := subscriptions.Credential{By: n.By, Name: n.Name, Secret: anySecret}
		if err := c.Validate(); err != nil {
			return fmt.Errorf("needs[%d]: %w", i, err)
		}
	}
	return p.Detect.check(p.Options)
}

// anySecret is as good as any, to look at the rest.
const anySecret = "stored:x"

func (d *Detect) check(options map[string]Option) error {
	for what, patterns := range map[string][]string{"hosts": d.Hosts, "paths": d.Paths, "page": {d.Page}} {
		for _, s := range patterns {
			re, err := compilePattern(s)
			if err != nil {
				return fmt.Errorf("detect.%s: %w", what, err)
			}
			for _, name := range re.SubexpNames() {
				if _, known := options[name]; name != "" && name != baseGroup && !known {
					return fmt.Errorf("detect.%s: there is no option %q", what, name)
				}
			}
		}
	}
	if len(d.Probe) > MaxProbes {
		return fmt.Errorf("detect.probe: more than %d", MaxProbes)
	}
	for i, p := range d.Probe {
		if !strings.HasPrefix(p.Path, "/") {
			return fmt.Errorf("detect.probe[%d].path: it begins with a slash", i)
		}
		if p.When == "" && p.Type == "" {
			return fmt.Errorf("detect.probe[%d]: it needs when or type, or every server would do", i)
		}
		if err := checkCondition(p.When); err != nil {
			return fmt.Errorf("detect.probe[%d].when: %w", i, err)
		}
	}
	if err := checkCondition(d.Says); err != nil {
		return fmt.Errorf("detect.says: %w", err)
	}
	return nil
}

// MaxProbes is how many questions a preset may have.
const MaxProbes = 4

func checkCondition(source string) error {
	if source == "" {
		return nil
	}
	_, err := expression.CompileCondition(source)
	return err
}

// compilePattern bounds what a regular expression costs.
func compilePattern(s string) (*regexp.Regexp, error) {
	if len(s) > 500 {
		return nil, fmt.Errorf("the pattern is longer than 500 bytes")
	}
	return regexp.Compile(s)
}

// MaxOption is the longest value of an option in bytes.
const MaxOption = 4 << 10

// accepts reports why an option cannot have a value.
func (o Option) accepts(value string) error {
	if len(value) > MaxOption {
		return fmt.Errorf("the value is longer than %d bytes", MaxOption)
	}
	if o.Pattern == "" {
		return nil
	}
	re, err := compilePattern(`^(?:` + o.Pattern + `)$`)
	if err != nil {
		return err
	}
	if !re.MatchString(value) {
		return fmt.Errorf("%q does not fit %s", value, o.Pattern)
	}
	return nil
}
