package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"bellwire/internal/control"
	"bellwire/internal/daemon"
	"bellwire/secrets"
	"bellwire/subscriptions"
	"bellwire/subscriptions/presets"
)

// presetFlags say what kind of server a feed has.
type presetFlags struct {
	Preset string   `placeholder:"NAME" complete:"presets" help:"The kind of server: see bellwire presets. What other flags say goes before it."`
	Set    []string `sep:"none" placeholder:"OPTION=VALUE" help:"An option of the preset; may be repeated."`
	Token  string   `xor:"auth" placeholder:"FROM" help:"The credential that the preset wants, read from FROM: see --bearer."`
}

// apply puts the flags into n. Without any, what the address is will be found
// out.
func (c *presetFlags) apply(e *env, n *control.NewFeed) error {
	n.Preset = c.Preset
	for _, s := range c.Set {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return withHint(&usageError{fmt.Errorf("an option is set like name=value")}, "Like this: --set topic=deploys")
		}
		if n.Options == nil {
			n.Options = make(map[string]string)
		}
		n.Options[name] = value
	}
	if c.Token != "" {
		auth, err := c.token(e)
		if err != nil {
			return err
		}
		n.Auth = append(n.Auth, auth)
	}
	n.Detect = n.Preset == "" && n.Options == nil && reflect.ValueOf(n.OfStream()).IsZero()
	return nil
}

func (c *presetFlags) token(e *env) (auth control.NewCredential, err error) {
	if c.Token != "-" {
		if auth.Secret, err = reference(c.Token); err != nil {
			return auth, withHint(&usageError{err}, "The secret itself does not belong on the command line, where every process sees it: give - and write it to standard input")
		}
		return auth, nil
	}
	if auth.Value, err = secrets.Read(e.in); err != nil {
		return auth, withHint(&usageError{fmt.Errorf("reading the secret from standard input: %w", err)}, "Like this: bellwire add URL --token - <FILE")
	}
	return auth, nil
}

type presetsCmd struct {
	Name string `arg:"" optional:"" complete:"presets" help:"Tell about this one. Default: all are listed."`
	JSON bool   `help:"Print JSON: one array, or of one preset its object."`
}

func (c *presetsCmd) Run(e *env) error {
	set, err := daemon.Presets(e.dirs)
	if err != nil {
		return err
	}
	for _, b := range set.Broken {
		fmt.Fprintf(e.err, "warning: %v\n", b)
	}
	if c.Name == "" {
		if c.JSON {
			return writeJSON(e, set.All())
		}
		w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tKIND\tWHAT")
		for _, p := range set.All() {
			fmt.Fprintf(w, "%s\t%s\t%s\n", p.Name, p.Transport, p.Title)
		}
		w.Flush()
		fmt.Fprintln(e.out, "\nMore about one: bellwire presets NAME. Your own go into "+e.dirs.Presets())
		return nil
	}
	p, ok := set.Get(c.Name)
	if !ok {
		return withHint(&control.Error{Status: 404, Message: fmt.Sprintf("there is no preset %q", c.Name)}, "See them with: bellwire presets")
	}
	if c.JSON {
		return writeJSON(e, p)
	}
	writePreset(e, p)
	return nil
}

// writePreset tells about one, for people.
func writePreset(e *env, p presets.Preset) {
	fmt.Fprintf(e.out, "%s\n%s\n", p.Title, p.About)
	if p.Homepage != "" {
		fmt.Fprintln(e.out, p.Homepage)
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for i, name := range p.OptionNames() {
		if i == 0 {
			fmt.Fprintln(w, "\nOptions:")
		}
		o := p.Options[name]
		about := o.About
		if o.Default != nil && *o.Default != "" {
			about += " Default: " + *o.Default
		}
		fmt.Fprintf(w, "  %s\t%s\n", name, about)
	}
	for i, n := range p.Needs {
		if i == 0 {
			fmt.Fprintln(w, "\nCredential:")
		}
		fmt.Fprintf(w, "  --token FROM\t%s\n", n.About)
	}
	w.Flush()
	fmt.Fprintf(e.out, "\nAdd one:\n  %s\n", example(p, "URL"))
}

// example is the command that adds a feed of a preset.
func example(p presets.Preset, address string) string {
	line := "bellwire add " + address + " --preset " + p.Name
	for _, name := range p.Required() {
		line += " --set " + name + "=…"
	}
	if slices.ContainsFunc(p.Needs, func(n subscriptions.Need) bool { return !n.Optional }) {
		line += " --token - <FILE"
	}
	return line
}

var errNothing = errors.New("nothing was found there that can be followed")
