package main

import (
	"errors"
	"fmt"

	"bellwire/internal/autostart"
	"bellwire/internal/control"
	"bellwire/internal/daemon"
)

type autostartCmd struct {
	What string `arg:"" optional:"" enum:"on,off,status" default:"status" help:"on, off or status, the default."`
	JSON bool   `help:"Print one JSON object."`
}

// Help is shown by kong.
func (c *autostartCmd) Help() string {
	return "Bellwire starts in the tray then, without its window. What the desktop's own settings say is respected and told. Bellwire need not run for this." + examples(`bellwire autostart on
bellwire autostart status --json`)
}

func (c *autostartCmd) Run(e *env) error {
	s, err := c.ask(e)
	if errors.Is(err, control.ErrNoDaemon) {
		s, err = c.change(e)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e, s)
	}
	line := "off"
	if s.On {
		line = "on"
	}
	if s.Unavailable != "" {
		line += ", and cannot be changed from here: " + s.Unavailable
	}
	fmt.Fprintln(e.out, line)
	if s.Why != "" {
		fmt.Fprintln(e.out, s.Why)
	}
	return nil
}

// ask asks the daemon, so that tray and window learn of it.
func (c *autostartCmd) ask(e *env) (control.Autostart, error) {
	if c.What == "status" {
		return e.client().Autostart(e.ctx)
	}
	return e.client().SetAutostart(e.ctx, c.What == "on")
}

// change does without a daemon what one would do: it is about a file.
func (c *autostartCmd) change(e *env) (control.Autostart, error) {
	p := e.startsAtLogin(hasWindow, false)
	if c.What == "status" {
		s, err := p.Status()
		return daemon.AutostartStatus(s), err
	}
	s, err := p.Set(c.What == "on")
	if errors.Is(err, autostart.ErrUnavailable) {
		err = withHint(err, "Change it in your desktop's settings, where they have it.")
	}
	return daemon.AutostartStatus(s), err
}

// startsAtLogin is what an entry for the login would start: this daemon,
// hidden. One without a desktop, or for a trial, is not to start by itself.
func (e *env) startsAtLogin(desktop, trial bool) autostart.Program {
	p := autostart.Program{ID: "bellwire", Name: "Bellwire", About: "Live streams as notifications"}
	if !desktop || trial {
		return p
	}
	if name, args, err := e.self("run"); err == nil {
		p.Argv = append([]string{name}, args...)
	}
	return p
}
