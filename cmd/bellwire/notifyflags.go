package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

// notifyFlags say which events of a feed reach people, and how.
type notifyFlags struct {
	Notify      string        `enum:"on,off" default:"on" help:"Whether it notifies: on, or off, which leaves every event to history."`
	MinPriority int           `placeholder:"N" help:"The least priority that is notified, 1 to 5; 0 is all."`
	Burst       int           `placeholder:"N" help:"How many notifications may come at once before the rest is summarised; 0 is the default, 5."`
	Every       time.Duration `placeholder:"DURATION" help:"The time until there may be one more; 0s is the default, 10s."`
	Sound       string        `placeholder:"NAME" help:"A sound of the desktop's, like message-new-instant, or none; \"\" leaves it to the desktop."`
	Exec        string        `placeholder:"PROGRAM" help:"A program that runs for every notification: its name, or a JSON array like [\"PROGRAM\",\"ARGUMENT\"]; \"\" is none. No shell reads it; what there is to show is in its environment."`
	ExecTimeout time.Duration `placeholder:"DURATION" help:"How long it may take, up to 10m; 0s is the default, 10s."`
	ActionHost  []string      `placeholder:"HOST" help:"A host, beside the feed's own, that buttons of its events may send requests to; may be repeated, \"\" is none."`
}

// apply puts the flags into n.
func (c *notifyFlags) apply(n *control.NewFeed) (err error) {
	n.Notify = subscriptions.Notify{
		Off: c.Notify == "off", MinPriority: c.MinPriority, Burst: c.Burst, Every: subscriptions.Duration(c.Every),
		Sound: c.Sound, ExecTimeout: subscriptions.Duration(c.ExecTimeout),
	}
	for _, host := range c.ActionHost {
		if host = strings.TrimSpace(host); host != "" {
			n.Notify.ActionHosts = append(n.Notify.ActionHosts, host)
		}
	}
	n.Notify.Exec, err = parseProgram(c.Exec)
	if err != nil {
		return withHint(&usageError{fmt.Errorf("--exec: %w", err)}, `Like this: --exec '["notify-send","Bellwire"]'`)
	}
	return nil
}

// parseProgram reads a program's name, or a JSON array of it and its
// arguments. A line for a shell is neither.
func parseProgram(s string) (argv []string, err error) {
	switch s = strings.TrimSpace(s); {
	case s == "":
		return nil, nil
	case strings.HasPrefix(s, "["):
		if err := json.Unmarshal([]byte(s), &argv); err != nil || len(argv) == 0 {
			return nil, errors.New("that is no JSON array of a program and its arguments")
		}
		return argv, nil
	case strings.ContainsAny(s, " \t") && !filepath.IsAbs(s):
		return nil, fmt.Errorf("%q is more than the name of a program", s)
	}
	return []string{s}, nil
}

// notifySetters are the setters of notifyFlags.
func notifySetters(all map[string]setter) {
	all["notify"] = func(to, from *control.NewFeed) { to.Notify.Off = from.Notify.Off }
	all["min-priority"] = func(to, from *control.NewFeed) { to.Notify.MinPriority = from.Notify.MinPriority }
	all["burst"] = func(to, from *control.NewFeed) { to.Notify.Burst = from.Notify.Burst }
	all["every"] = func(to, from *control.NewFeed) { to.Notify.Every = from.Notify.Every }
	all["sound"] = func(to, from *control.NewFeed) { to.Notify.Sound = from.Notify.Sound }
	all["exec"] = func(to, from *control.NewFeed) { to.Notify.Exec = from.Notify.Exec }
	all["exec-timeout"] = func(to, from *control.NewFeed) { to.Notify.ExecTimeout = from.Notify.ExecTimeout }
	all["action-host"] = func(to, from *control.NewFeed) { to.Notify.ActionHosts = from.Notify.ActionHosts }
}
