package main

import (
	"errors"
	"fmt"
	"time"

	"bellwire/internal/control"
	"bellwire/subscriptions"
)

type muteCmd struct {
	Feed  string         `arg:"" optional:"" help:"The feed's id, as bellwire feeds shows it. Default: all feeds."`
	For   *time.Duration `xor:"end" placeholder:"DURATION" help:"How long, like 30m or 8h. Default: for good."`
	Until *string        `xor:"end" placeholder:"TIME" help:"Until when: a time of day like 08:00, or a date and time like 2026-01-31T08:00:00+01:00."`
}

// Help is shown by kong.
func (c *muteCmd) Help() string {
	return "Events still reach history. A mute of a feed with an end (--for, --until) holds its notifications and tells them in one summary when it is over; one without leaves them to history for good. All feeds together are only ever held: with no end, until bellwire unmute." + examples(`bellwire mute --for 1h
bellwire mute deploys --until 08:00`)
}

func (c *muteCmd) Run(e *env) error {
	until, err := c.end(time.Now())
	if err != nil {
		return err
	}
	if c.Feed == "" {
		if err := e.client().PauseNotifications(e.ctx, until); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "notifications are paused%s; end it with: bellwire unmute\n", untilWords(until, time.Now()))
		return nil
	}
	f, err := e.client().MuteFeed(e.ctx, c.Feed, until)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s is muted%s; end it with: bellwire unmute %s\n", f.ID, untilWords(f.MutedUntil, time.Now()), f.ID)
	return nil
}

// end is when it is over. What is given and empty is a mistake, not for good.
func (c *muteCmd) end(now time.Time) (time.Time, error) {
	switch {
	case c.For != nil && *c.For <= 0:
		return time.Time{}, &usageError{errors.New("--for must be more than nothing")}
	case c.For != nil:
		return now.Add(*c.For), nil
	case c.Until == nil:
		return control.Forever, nil
	}
	if minutes, err := subscriptions.ParseClock(*c.Until); err == nil {
		y, m, d := now.Date()
		for ; ; d++ {
			if t := time.Date(y, m, d, 0, minutes, 0, 0, now.Location()); t.After(now) {
				return t, nil
			}
		}
	}
	t, err := time.Parse(time.RFC3339, *c.Until)
	switch {
	case err != nil:
		return t, withHint(&usageError{fmt.Errorf("--until %q is no time", *c.Until)}, "Like this: --until 08:00, or --until 2026-01-31T08:00:00+01:00")
	case !t.After(now):
		return t, &usageError{fmt.Errorf("--until %s has passed already", *c.Until)}
	}
	return t, nil
}

type unmuteCmd struct {
	Feed string `arg:"" optional:"" help:"The feed's id, as bellwire feeds shows it. Default: what holds all feeds; feeds that are muted by themselves stay so."`
}

func (c *unmuteCmd) Run(e *env) error {
	if c.Feed == "" {
		return e.client().PauseNotifications(e.ctx, time.Time{})
	}
	_, err := e.client().MuteFeed(e.ctx, c.Feed, time.Time{})
	return err
}
