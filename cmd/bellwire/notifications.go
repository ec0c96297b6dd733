package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"

	"github.com/alecthomas/kong"
)

type notificationsCmd struct {
	JSON         bool          `help:"Print one JSON object."`
	Quiet        []string      `xor:"quiet" sep:"none" placeholder:"'mon-fri 22:00-07:00'" help:"Quiet hours, in place of all there were; may be repeated. What comes in them is told in one summary when they are over. Without days, every day."`
	NoQuiet      bool          `xor:"quiet" help:"No quiet hours."`
	TimeZone     string        `placeholder:"NAME" help:"Where the quiet hours are meant, like Europe/Berlin; an empty one is where the machine is."`
	QuietPass    string        `placeholder:"1-5|none" help:"The least priority that passes quiet hours. Default: 5."`
	DND          string        `name:"dnd" enum:"obey,ignore" default:"obey" help:"Whether to hold notifications while the desktop's own do-not-disturb is on: obey or ignore."`
	Burst        int           `placeholder:"N" help:"How many notifications of all feeds may come at once before the rest is summarised; 0 is the default, 10."`
	Every        time.Duration `placeholder:"DURATION" help:"The time until there may be one more; 0s is the default, 5s."`
	TroubleAfter string        `placeholder:"DURATION|never" help:"How long a feed may be in trouble before that is announced. Default: 5m."`
	Reveal       string        `enum:"all,title,feed" default:"all" help:"How much of an event its notification shows: all, its title, or only which feed it is of."`
	Language     string        `enum:"system,en,zh" default:"system" help:"What Bellwire speaks in notifications, tray and window: system, en or zh."`
}

// Help is shown by kong.
func (c *notificationsCmd) Help() string {
	return "Without flags it tells what holds now: how notifications are shown and what is wrong with that, quiet hours, what is paused or muted, and how many notifications are held and why. What is given is changed, the rest stays. One feed's own: bellwire set ID --notify, --min-priority, --burst, --every, --sound, --exec." + examples(`bellwire notifications
bellwire notifications --quiet 'mon-fri 22:00-07:00' --quiet 'sat,sun 23:00-10:00' --time-zone Europe/Berlin`)
}

// notificationsNow is what the command tells.
type notificationsNow struct {
	Notifier      string                    `json:"notifier"`
	NotifierError string                    `json:"notifier_error,omitempty"`
	PausedUntil   time.Time                 `json:"paused_until,omitzero"`
	Preferences   subscriptions.Preferences `json:"preferences"`
	DND           string                    `json:"do_not_disturb,omitempty"` // who asks for it now
	Muted         []mutedFeed               `json:"muted,omitempty"`
	Held          int64                     `json:"held"`
	Holds         []subscriptions.Hold      `json:"holds,omitempty"`
}

type mutedFeed struct {
	Feed  string    `json:"feed"`
	Until time.Time `json:"until"`
}

func (c *notificationsCmd) Run(e *env, k *kong.Context) error {
	client := e.client()
	p, err := client.Preferences(e.ctx)
	if err != nil {
		return err
	}
	given := slices.DeleteFunc(givenFlags(k), func(name string) bool { return name == "json" })
	if len(given) > 0 {
		if err := c.change(&p, given); err != nil {
			return err
		}
		if err := client.SetPreferences(e.ctx, p); err != nil {
			return err
		}
	}
	s, err := client.Status(e.ctx)
	if err != nil {
		return err
	}
	now := notificationsNow{Notifier: s.Notifier, NotifierError: s.NotifierError, PausedUntil: s.PausedUntil, Preferences: p, DND: s.DND, Held: s.Held, Holds: s.Holds}
	for _, f := range s.Feeds {
		if !f.MutedUntil.IsZero() {
			now.Muted = append(now.Muted, mutedFeed{f.ID, f.MutedUntil})
		}
	}
	if c.JSON {
		return writeJSON(e, now)
	}
	now.write(e)
	return nil
}

// change overlays p with the flags that were given.
func (c *notificationsCmd) change(p *subscriptions.Preferences, given []string) (err error) {
	for _, name := range given {
		switch name {
		case "quiet":
			p.Quiet = nil
			for _, text := range c.Quiet {
				q, err := parseQuiet(text)
				if err != nil {
					return withHint(&usageError{fmt.Errorf("--quiet: %w", err)}, "Like this: --quiet 'mon-fri 22:00-07:00'")
				}
				p.Quiet = append(p.Quiet, q)
			}
		case "no-quiet":
			if c.NoQuiet {
				p.Quiet = nil
			}
		case "time-zone":
			p.TimeZone = c.TimeZone
		case "quiet-pass":
			if p.QuietPass, err = parsePass(c.QuietPass); err != nil {
				return err
			}
		case "dnd":
			p.IgnoreDND = c.DND == "ignore"
		case "burst":
			p.Burst = c.Burst
		case "every":
			p.Every = subscriptions.Duration(c.Every)
		case "trouble-after":
			if p.TroubleAfter, err = parseTrouble(c.TroubleAfter); err != nil {
				return err
			}
		case "reveal":
			if p.Reveal = subscriptions.Reveal(c.Reveal); c.Reveal == "all" {
				p.Reveal = subscriptions.RevealAll
			}
		case "language":
			if p.Language = c.Language; c.Language == "system" {
				p.Language = ""
			}
		}
	}
	return nil
}

func parsePass(s string) (int, error) {
	if s == "none" {
		return subscriptions.NothingPasses, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < subscriptions.PriorityMin || n > subscriptions.PriorityMax {
		return 0, &usageError{fmt.Errorf("--quiet-pass: a priority is %d to %d, or none, not %q", subscriptions.PriorityMin, subscriptions.PriorityMax, s)}
	}
	return n, nil
}

func parseTrouble(s string) (subscriptions.Duration, error) {
	if s == "never" {
		return subscriptions.Never, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, withHint(&usageError{fmt.Errorf("--trouble-after %q is no time to wait", s)}, "Like this: --trouble-after 10m, or --trouble-after never")
	}
	return subscriptions.Duration(d), nil
}

// write tells everything for people.
func (n *notificationsNow) write(e *env) {
	p, now := n.Preferences, time.Now()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(e.out, "%-16s%s\n", name, fmt.Sprintf(format, args...))
	}
	line("shown by", "%s", n.Notifier)
	if n.NotifierError != "" {
		line("trouble", "%s", decode.Line(n.NotifierError, maxLine))
	}
	if !n.PausedUntil.IsZero() {
		line("paused", "all feeds%s; go on with: bellwire unmute", untilWords(n.PausedUntil, now))
	}
	for _, m := range n.Muted {
		line("muted", "%s%s", m.Feed, untilWords(m.Until, now))
	}
	line("held", "%s", heldWords(n.Held, n.Holds))
	if len(p.Quiet) == 0 {
		line("quiet hours", "none")
	}
	for _, q := range p.Quiet {
		line("quiet hours", "%s", formatQuiet(q))
	}
	if len(p.Quiet) > 0 {
		line("  time zone", "%s", cmp.Or(p.TimeZone, "the machine's"))
		line("  what passes", "%s", passWords(p.QuietPass))
	}
	dnd := "obeyed"
	if p.IgnoreDND {
		dnd = "ignored"
	}
	if n.DND != "" {
		dnd += ", on now (" + n.DND + ")"
	}
	line("do-not-disturb", "%s", dnd)
	line("at once", "%d, then one every %s", cmp.Or(p.Burst, subscriptions.DefaultBurst), short(cmp.Or(time.Duration(p.Every), subscriptions.DefaultEvery)))
	trouble := "told after " + short(cmp.Or(time.Duration(p.TroubleAfter), subscriptions.DefaultTroubleAfter))
	if p.TroubleAfter == subscriptions.Never {
		trouble = "not told"
	}
	line("feeds' trouble", "%s", trouble)
	line("shown of each", "%s", map[subscriptions.Reveal]string{
		subscriptions.RevealAll: "all", subscriptions.RevealTitle: "the title", subscriptions.RevealFeed: "which feed it is of",
	}[p.Reveal])
	line("language", "%s", cmp.Or(p.Language, "the system's"))
}

// short is a duration without the parts that are nothing: 5m, not 5m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func passWords(least int) string {
	switch least = cmp.Or(least, subscriptions.DefaultQuietPass); least {
	case subscriptions.NothingPasses:
		return "nothing"
	case subscriptions.PriorityMax:
		return "priority 5"
	}
	return fmt.Sprintf("priority %d and above", least)
}

// heldWords tell how many notifications are owed, and why.
func heldWords(held int64, holds []subscriptions.Hold) string {
	if held == 0 {
		return "nothing"
	}
	var parts []string
	left := held
	for _, h := range holds {
		parts = append(parts, fmt.Sprintf("%d of %s (%s)", h.Count, feedWord(h.Feed), reasonWords(h.Why)))
		left -= h.Count
	}
	if left > 0 {
		parts = append(parts, fmt.Sprintf("%d still to be shown", left))
	}
	return strings.Join(parts, ", ")
}
