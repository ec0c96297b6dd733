package main

import (
	"cmp"
	"fmt"
	"strconv"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// lookFlags say how a feed is shown, and how much of it is kept.
type lookFlags struct {
	Folder     string `placeholder:"NAME" help:"The folder that the feed is shown in; \"\" is none."`
	Icon       string `placeholder:"EMOJI" help:"What stands beside its name: an emoji, or up to 8 characters; \"\" is nothing."`
	Colour     string `placeholder:"COLOUR" complete:"red,orange,yellow,green,teal,blue,purple,pink,grey" help:"The colour of its mark: red, orange, yellow, green, teal, blue, purple, pink or grey; \"\" is none."`
	KeepDays   string `placeholder:"N|forever" help:"For how many days its events are kept. Default: as bellwire keep says."`
	KeepEvents string `placeholder:"N|all" help:"How many of its events are kept, the newest. Default: as bellwire keep says."`
}

// apply puts the flags into n.
func (c *lookFlags) apply(n *control.NewFeed) (err error) {
	n.Look = subscriptions.Look{Folder: c.Folder, Icon: c.Icon, Colour: c.Colour}
	n.Keep, err = parseKeep("keep-", c.KeepDays, c.KeepEvents)
	return err
}

// lookSetters are the setters of lookFlags.
func lookSetters(all map[string]setter) {
	all["folder"] = func(to, from *control.NewFeed) { to.Look.Folder = from.Look.Folder }
	all["icon"] = func(to, from *control.NewFeed) { to.Look.Icon = from.Look.Icon }
	all["colour"] = func(to, from *control.NewFeed) { to.Look.Colour = from.Look.Colour }
	all["keep-days"] = func(to, from *control.NewFeed) { to.Keep.Days = from.Keep.Days }
	all["keep-events"] = func(to, from *control.NewFeed) { to.Keep.Events = from.Keep.Events }
}

// parseKeep reads the two flags whose names begin with prefix; "" and default
// leave it open.
func parseKeep(prefix, days, events string) (k subscriptions.Keep, err error) {
	if k.Days, err = parseBound(prefix+"days", "forever", days); err != nil {
		return k, err
	}
	k.Events, err = parseBound(prefix+"events", "all", events)
	return k, err
}

func parseBound(flag, none, s string) (int, error) {
	switch s {
	case "", "default":
		return 0, nil
	case none:
		return subscriptions.KeepAll, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, withHint(&usageError{fmt.Errorf("--%s %q is neither a number from 1 nor %q", flag, s, none)}, "Like this: --%s 30, or --%s %s; --%s default is what it is without", flag, flag, none, flag)
	}
	return n, nil
}

type keepCmd struct {
	Days   string `placeholder:"N|forever" help:"For how many days events are kept; default: 365."`
	Events string `placeholder:"N|all" help:"How many events of a feed are kept, the newest; default: 1000000."`
	JSON   bool   `help:"Print one JSON object."`
}

// Help is shown by kong.
func (c *keepCmd) Help() string {
	return "Without flags it tells what holds now. What is given is changed, the rest stays. Events beyond are deleted soon, for good; what is still to be notified stays until it is. One feed's own: bellwire set ID --keep-days, --keep-events." + examples(`bellwire keep
bellwire keep --days 90 --events all`)
}

func (c *keepCmd) Run(e *env) error {
	client := e.client()
	p, err := client.Preferences(e.ctx)
	if err != nil {
		return err
	}
	if c.Days != "" || c.Events != "" {
		k, err := parseKeep("", c.Days, c.Events)
		if err != nil {
			return err
		}
		if c.Days != "" {
			p.Keep.Days = k.Days
		}
		if c.Events != "" {
			p.Keep.Events = k.Events
		}
		if err := client.SetPreferences(e.ctx, p); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeJSON(e, p.Keep)
	}
	feeds, err := client.Feeds(e.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%-16s%s\n", "all feeds", keepWords(p.Keep))
	for _, f := range feeds {
		if f.Keep != (subscriptions.Keep{}) {
			fmt.Fprintf(e.out, "%-16s%s\n", f.ID, keepWords(f.Keep.Or(p.Keep)))
		}
	}
	return nil
}

// keepWords tell what is kept.
func keepWords(k subscriptions.Keep) string {
	days, events := cmp.Or(k.Days, subscriptions.DefaultKeepDays), cmp.Or(k.Events, subscriptions.DefaultKeepEvents)
	age, count := fmt.Sprintf("%d days", days), fmt.Sprintf("the newest %d events", events)
	switch {
	case days == subscriptions.KeepAll && events == subscriptions.KeepAll:
		return "everything, for ever"
	case days == subscriptions.KeepAll:
		return count + ", for ever"
	case events == subscriptions.KeepAll:
		return "everything, for " + age
	}
	return count + ", for " + age
}
