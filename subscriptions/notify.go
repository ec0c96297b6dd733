package subscriptions

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Limits of what a feed says about notifying.
const (
	MaxBurst       = 1000
	MaxEvery       = 24 * time.Hour
	MaxArguments   = 64
	MaxArgument    = 4 << 10 // bytes
	MaxActionHosts = 16
	MaxCondition   = 4 << 10 // bytes
	MinSilence     = time.Second
	MaxSilence     = 366 * 24 * time.Hour
	MaxRunTime     = 10 * time.Minute
)

// Notify says which events of a feed reach people, and how. What an event's
// payload decides is in [Mapping.Notify].
type Notify struct {
	// Off leaves every event to history.
	Off bool `json:"off,omitempty"`
	// MinPriority is the least priority that is notified; 0: all are.
	MinPriority int `json:"min_priority,omitempty"`
	// Burst is how many notifications may come at once before the rest is
	// summarised, and Every the time until there may be one more; 0: 5, and
	// 10 s.
	Burst int      `json:"burst,omitempty"`
	Every Duration `json:"every,omitzero"`
	// Sound is a name of the sound naming specification, or "none"; empty:
	// the desktop decides.
	Sound string `json:"sound,omitempty"`
	// Exec is a program, with its arguments, that runs for every
	// notification. No shell reads it; what it is to show is in its
	// environment.
	Exec []string `json:"exec,omitempty"`
	// ExecTimeout is how long it may take; 0: 10 s.
	ExecTimeout Duration `json:"exec_timeout,omitzero"`
	// ActionHosts are the hosts, beside the feed's own, that a button which
	// a payload declares may send a request to.
	ActionHosts []string `json:"action_hosts,omitempty"`
}

// Silence says when a feed is too quiet.
type Silence struct {
	// After is the time without an event; 0: never.
	After Duration `json:"after,omitzero"`
	// When is a condition: which events count; empty: all.
	When string `json:"when,omitempty"`
}

// validateNotify is the part of Validate about what becomes of events.
func (f *Feed) validateNotify() error {
	n := f.Notify
	switch {
	case n.MinPriority < 0 || n.MinPriority > PriorityMax:
		return fmt.Errorf("notify.min_priority: a priority is %d to %d", PriorityMin, PriorityMax)
	case n.Burst < 0 || n.Burst > MaxBurst:
		return fmt.Errorf("notify.burst: 1 to %d notifications may come at once", MaxBurst)
	case n.Every < 0 || time.Duration(n.Every) > MaxEvery:
		return fmt.Errorf("notify.every: up to %s", MaxEvery)
	case len(n.Sound) > MaxName || strings.ContainsFunc(n.Sound, isControl):
		return fmt.Errorf("notify.sound: %q cannot be the name of a sound", n.Sound)
	case n.ExecTimeout < 0 || time.Duration(n.ExecTimeout) > MaxRunTime:
		return fmt.Errorf("notify.exec_timeout: up to %s", MaxRunTime)
	case len(n.ActionHosts) > MaxActionHosts:
		return fmt.Errorf("notify.action_hosts: more than %d hosts", MaxActionHosts)
	}
	for _, host := range n.ActionHosts {
		if u, err := url.Parse("http://" + host); err != nil || u.Host != host || u.Port() != "" || host == "" {
			return fmt.Errorf("notify.action_hosts: %q is not the name of a host", host)
		}
	}
	if err := validateProgram("notify.exec", n.Exec); err != nil {
		return err
	}
	if s := f.Silence; s.After != 0 && (time.Duration(s.After) < MinSilence || time.Duration(s.After) > MaxSilence) {
		return fmt.Errorf("silence.after: %s to %s", MinSilence, MaxSilence)
	}
	if f.Silence.After == 0 && f.Silence.When != "" {
		return fmt.Errorf("silence.when needs silence.after")
	}
	return f.validateForwards()
}

func validateProgram(where string, argv []string) error {
	if len(argv) > MaxArguments {
		return fmt.Errorf("%s: more than %d arguments", where, MaxArguments)
	}
	for i, arg := range argv {
		if len(arg) > MaxArgument || strings.ContainsRune(arg, 0) || i == 0 && strings.TrimSpace(arg) == "" {
			return fmt.Errorf("%s: argument %d cannot be used", where, i+1)
		}
	}
	return nil
}
