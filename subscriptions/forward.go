package subscriptions

import (
	"fmt"
	"slices"
	"strings"
)

// ForwardKind names where events are sent on to.
type ForwardKind string

const (
	ForwardNtfy    ForwardKind = "ntfy"    // a topic of an ntfy server
	ForwardMercure ForwardKind = "mercure" // a topic of a Mercure hub
	ForwardWebhook ForwardKind = "webhook" // JSON, by POST
	ForwardProgram ForwardKind = "program" // the standard input of a program
)

// Limits of forwards.
const (
	MaxForwards = 8
	MaxTemplate = 16 << 10 // bytes
)

// ForwardHole in the address or a header of a forward stands for its secret,
// which is then shown nowhere else.
const ForwardHole = hidden

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

func (f *Feed) validateForwards() error {
	if len(f.Forwards) > MaxForwards {
		return fmt.Errorf("more than %d forwards", MaxForwards)
	}
	var names, servers, holes []string
	for _, w := range f.Forwards {
		if w.Name == "" || len(w.Name) > MaxName || strings.ContainsFunc(w.Name, isControl) {
			return fmt.Errorf("a forward needs a name of at most %d bytes", MaxName)
		}
		if slices.Contains(names, w.Name) {
			return fmt.Errorf("there are two forwards %q", w.Name)
		}
		names = append(names, w.Name)
		if w.hasHole() {
			holes = append(holes, w.Name)
		}
		if w.To != ForwardProgram {
			servers = append(servers, w.Name)
		}
		if err := w.validate(); err != nil {
			return fmt.Errorf("forward %q: %w", w.Name, err)
		}
	}
	var shown []string
	for _, c := range f.Auth {
		switch {
		case c.By != AuthForward:
			continue
		case !slices.Contains(servers, c.Name):
			return fmt.Errorf("there is a secret for the forward %q, but no such forward to a server", c.Name)
		case slices.Contains(shown, c.Name):
			return fmt.Errorf("there are two secrets for the forward %q", c.Name)
		}
		shown = append(shown, c.Name)
	}
	for _, name := range holes {
		if !slices.Contains(shown, name) {
			return fmt.Errorf("forward %q: %s stands for its secret, and there is none", name, ForwardHole)
		}
	}
	return nil
}

// hasHole reports whether a [ForwardHole] is in w.
func (w *Forward) hasHole() bool {
	return strings.Contains(w.URL, ForwardHole) || slices.ContainsFunc(w.Headers, func(h Header) bool { return strings.Contains(h.Value, ForwardHole) })
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
	for _, h := range w.Headers {
		if isCredential(h.Name) && !strings.Contains(h.Value, ForwardHole) {
			return fmt.Errorf("the header %q would be stored as it is: keep its secret apart, and write %s in its place", h.Name, ForwardHole)
		}
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
	if u.User != nil || strings.Contains(u.Host, ForwardHole) {
		return fmt.Errorf("the address must hold no user: keep \"user:password\" apart, as the forward's secret")
	}
	for name, values := range u.Query() {
		if isSecretParam(name) && slices.ContainsFunc(values, func(v string) bool { return v != "" && v != ForwardHole }) {
			return fmt.Errorf("the query parameter %q would be stored as it is: keep its secret apart, and write %s in its place", name, ForwardHole)
		}
	}
	if w.To == ForwardNtfy {
		return validateTopic(u.Path)
	}
	return nil
}

// validateTopic looks at the end of a path: the address of a topic's stream,
// which is at hand, would publish to a topic "sse".
func validateTopic(path string) error {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	topic := parts[len(parts)-1]
	stream := len(parts) > 1 && slices.Contains([]string{"sse", "ws", "json", "raw"}, topic)
	outside := func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if topic == "" || len(topic) > 64 || stream || strings.ContainsFunc(topic, outside) {
		return fmt.Errorf("the address of ntfy ends in one topic, like https://ntfy.example.org/alerts")
	}
	return nil
}
