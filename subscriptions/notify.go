package subscriptions

import (
	"fmt"
	"net/url"
	"slices"
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
	MaxForwards    = 8
	MaxCondition   = 4 << 10 // bytes
	MaxTemplate    = 16 << 10
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

// ForwardKind names where events are sent on to.
type ForwardKind string

const (
	ForwardNtfy    ForwardKind = "ntfy"    // a topic of an ntfy server
	ForwardMercure ForwardKind = "mercure" // a topic of a Mercure hub
	ForwardWebhook ForwardKind = "webhook" // JSON, by POST
	ForwardProgram ForwardKind = "program" // the standard input of a program
)

// A Forward sends events on. Its credential, if any, is in [Feed.Auth], as
// [AuthForward] with the forward's name.
type Forward struct {
	// Name tells a feed's forwards apart.
	Name string      `json:"name"`
	To   ForwardKind `json:"to"`
	// URL is the topic of ntfy, the hub or the webhook.
	URL string `json:"url,omitempty"`
	// Topic is Mercure's.
	Topic string `json:"topic,omitempty"`
	// Program is the program with its arguments.
	Program []string `json:"program,omitempty"`
	// When is a condition: which events are sent on; empty: all.
	When string `json:"when,omitempty"`
	// MinPriority is the least priority that is sent on; 0: all are.
	MinPriority int `json:"min_priority,omitempty"`
	// Body is a template of what is sent: JSON for a webhook and Mercure, the
	// message for ntfy; empty: the event.
	Body string `json:"body,omitempty"`
	// Headers are sent with every request.
	Headers []Header `json:"headers,omitempty"`
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

func (f *Feed) validateForwards() error {
	if len(f.Forwards) > MaxForwards {
		return fmt.Errorf("more than %d forwards", MaxForwards)
	}
	var names []string
	for _, w := range f.Forwards {
		if w.Name == "" || len(w.Name) > MaxName || strings.ContainsFunc(w.Name, isControl) {
			return fmt.Errorf("a forward needs a name of at most %d bytes", MaxName)
		}
		if slices.Contains(names, w.Name) {
			return fmt.Errorf("there are two forwards %q", w.Name)
		}
		names = append(names, w.Name)
		if err := w.validate(); err != nil {
			return fmt.Errorf("forward %q: %w", w.Name, err)
		}
	}
	return nil
}

func (w *Forward) validate() error {
	if w.MinPriority < 0 || w.MinPriority > PriorityMax {
		return fmt.Errorf("a priority is %d to %d", PriorityMin, PriorityMax)
	}
	if len(w.When) > MaxCondition || len(w.Body) > MaxTemplate {
		return fmt.Errorf("its condition or its body is too long")
	}
	if err := validateHeaders(w.Headers); err != nil {
		return err
	}
	if w.To == ForwardProgram {
		if len(w.Program) == 0 || w.URL != "" {
			return fmt.Errorf("it needs a program, and no address")
		}
		return validateProgram("program", w.Program)
	}
	if !slices.Contains([]ForwardKind{ForwardNtfy, ForwardMercure, ForwardWebhook}, w.To) {
		return fmt.Errorf("there is no kind %q: choose ntfy, mercure, webhook or program", w.To)
	}
	if len(w.Program) > 0 {
		return fmt.Errorf("it has an address, and no program")
	}
	if (w.To == ForwardMercure) != (w.Topic != "") {
		return fmt.Errorf("a topic is needed for mercure, and for nothing else")
	}
	u, err := ParseURL(w.URL)
	if err != nil {
		return err
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("the address must start with http:// or https://")
	}
	return nil
}
