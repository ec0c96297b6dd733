package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bellwire/internal/control"
	"bellwire/secrets"
	"bellwire/subscriptions"
)

// forwardFlags say where a feed's events are sent on to. Each names the
// forward it is about.
type forwardFlags struct {
	Forward            []string `sep:"none" placeholder:"NAME=KIND:TARGET" help:"Send events on: NAME=ntfy:URL of a topic, NAME=webhook:URL, NAME=mercure:HUB#TOPIC or NAME=program:[\"PROGRAM\",\"ARGUMENT\"]; '***' in an address stands for the token. May be repeated; NAME= removes it."`
	ForwardWhen        []string `sep:"none" placeholder:"NAME=CONDITION" help:"Send on only what meets a condition, like 'team=event.priority >= 4 and data.branch == \"main\"'; NAME= is everything."`
	ForwardMinPriority []string `sep:"none" placeholder:"NAME=N" help:"The least priority that is sent on, 1 to 5; 0 is all."`
	ForwardBody        []string `sep:"none" placeholder:"NAME=TEMPLATE" help:"What is sent instead of the event, like 'team={\"text\":\"{{ event.title }}\"}'; NAME= is the event."`
	ForwardHeader      []string `sep:"none" placeholder:"'NAME=K: V'" help:"A header to send along; '***' in it stands for the token. Without a value it is removed."`
	ForwardToken       []string `sep:"none" placeholder:"NAME[=FROM]" help:"What a forward shows where it sends: a token, or USER:PASSWORD, read from FROM (see --bearer). Default: what --secret-from says. NAME=none forgets it."`
}

// apply changes the forwards of n, and what they show.
func (c *forwardFlags) apply(n *control.NewFeed, tokens []control.NewCredential) error {
	n.Forwards = slices.Clone(n.Forwards)
	for _, value := range c.Forward {
		if err := c.target(n, value); err != nil {
			return withHint(&usageError{err}, "Like this: --forward phone=ntfy:https://ntfy.example.org/alerts")
		}
	}
	for _, each := range []struct {
		flag   string
		values []string
		set    func(w *subscriptions.Forward, value string) error
	}{
		{"--forward-when", c.ForwardWhen, func(w *subscriptions.Forward, value string) error { w.When = value; return nil }},
		{"--forward-body", c.ForwardBody, func(w *subscriptions.Forward, value string) error { w.Body = value; return nil }},
		{"--forward-min-priority", c.ForwardMinPriority, setLeast},
		{"--forward-header", c.ForwardHeader, setForwardHeader},
	} {
		for _, value := range each.values {
			name, rest, given := strings.Cut(value, "=")
			i := indexForward(n, name)
			if i < 0 || !given {
				return withHint(&usageError{fmt.Errorf("%s: there is no forward %q", each.flag, name)}, "Name one that the feed has, or add it: --forward %s=KIND:TARGET", cmp.Or(name, "NAME"))
			}
			if err := each.set(&n.Forwards[i], rest); err != nil {
				return &usageError{fmt.Errorf("%s: %w", each.flag, err)}
			}
		}
	}
	for _, t := range tokens {
		n.Auth = withoutForward(n.Auth, t.Name)
		if t.Value != "" || t.Secret != "" {
			n.Auth = append(n.Auth, t)
		}
	}
	return nil
}

// target reads one --forward. Of a forward that is there the rest stays.
func (c *forwardFlags) target(n *control.NewFeed, value string) error {
	name, to, ok := strings.Cut(value, "=")
	if !ok || name == "" {
		return fmt.Errorf("--forward: a name, = and a target are wanted, not %q", name)
	}
	i := indexForward(n, name)
	if to == "" {
		if i < 0 {
			return fmt.Errorf("--forward: there is no forward %q", name)
		}
		n.Forwards = slices.Delete(n.Forwards, i, i+1)
		n.Auth = withoutForward(n.Auth, name)
		return nil
	}
	if i < 0 {
		n.Forwards = append(n.Forwards, subscriptions.Forward{Name: name})
		i = len(n.Forwards) - 1
	}
	w := &n.Forwards[i]
	kind, target, _ := strings.Cut(to, ":")
	w.To, w.URL, w.Topic, w.Program = subscriptions.ForwardKind(kind), target, "", nil
	switch w.To {
	case subscriptions.ForwardProgram:
		w.URL = ""
		if err := json.Unmarshal([]byte(target), &w.Program); err != nil {
			return errors.New(`--forward: a program is a JSON array, like log=program:["logger","-t","bellwire"]`)
		}
	case subscriptions.ForwardMercure:
		w.URL, w.Topic, _ = strings.Cut(target, "#")
		if w.Topic == "" {
			return errors.New("--forward: for Mercure a topic belongs behind the hub, like hub=mercure:https://example.org/.well-known/mercure#TOPIC")
		}
	case subscriptions.ForwardNtfy, subscriptions.ForwardWebhook:
	default:
		return fmt.Errorf("--forward: there is no kind %q: ntfy, webhook, mercure or program", kind)
	}
	return nil
}

func indexForward(n *control.NewFeed, name string) int {
	return slices.IndexFunc(n.Forwards, func(w subscriptions.Forward) bool { return w.Name == name })
}

func withoutForward(auth []control.NewCredential, name string) []control.NewCredential {
	return slices.DeleteFunc(slices.Clone(auth), func(c control.NewCredential) bool { return c.By == subscriptions.AuthForward && c.Name == name })
}

func setLeast(w *subscriptions.Forward, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("%q is no priority", value)
	}
	w.MinPriority = n
	return nil
}

func setForwardHeader(w *subscriptions.Forward, value string) error {
	given, err := headers([]string{value})
	if err == nil {
		w.Headers = replaceHeaders(w.Headers, given)
	}
	return err
}

// tokens reads what forwards show. Without a source of its own one has that
// of --secret-from, which then is not the feed's.
func (c *forwardFlags) tokens(e *env, id *identityFlags) (tokens []control.NewCredential, err error) {
	taken := id.asks()
	for _, value := range c.ForwardToken {
		name, from, own := strings.Cut(value, "=")
		t := control.NewCredential{Credential: subscriptions.Credential{By: subscriptions.AuthForward, Name: name}}
		if !own {
			from = id.SecretFrom
		}
		switch {
		case from == "none": // nothing any more
		case !own && taken || from == "-" && taken:
			return nil, withHint(&usageError{errors.New("--forward-token: there is one secret to read, and two that want it")}, "Say for one of them where it is: --forward-token %s=FROM", name)
		case from == "-":
			taken = true
			if t.Value, err = secrets.Read(e.in); err != nil {
				return nil, withHint(&usageError{fmt.Errorf("reading the secret from standard input: %w", err)}, "Like this: --forward-token %s <FILE", name)
			}
		default:
			taken = taken || !own
			if t.Secret, err = reference(from); err != nil {
				return nil, withHint(&usageError{err}, "The secret itself does not belong on the command line, where every process sees it: give the name alone and write it to standard input")
			}
		}
		tokens = append(tokens, t)
	}
	if len(c.ForwardToken) > 0 && !id.asks() {
		id.SecretFrom = "-" // it has been used, or there was none
	}
	return tokens, nil
}

// asks reports whether --secret-from is for what the feed itself shows.
func (c *identityFlags) asks() bool {
	return c.Bearer == "-" || c.Basic != "" || c.TokenQuery != "" || c.Cookie != "" || c.SecretHeader != "" || c.TokenFrame
}

// forwardSetters are the flags that are applied by themselves, behind the
// others.
func forwardSetters(all map[string]setter) {
	for _, name := range []string{"forward", "forward-when", "forward-min-priority", "forward-body", "forward-header", "forward-token"} {
		all[name] = nil
	}
}
