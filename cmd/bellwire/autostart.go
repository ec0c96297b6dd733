package main

import (
	"fmt"

	"bellwire/internal/autostart"
	"bellwire/internal/control"
)

type autostartCmd struct {
	What string `arg:"" optional:"" enum:"on,off,status" default:"status" help:"on, off or status, the default."`
	JSON bool   `help:"Print one JSON object."`
}

// Help is shown by kong.
func (c *autostartCmd) Help() string {
	return "Bellwire starts in the tray then, without its window. What the desktop's own settings say is respected and told." + examples(`bellwire autostart on
bellwire autostart status --json`)
}

func (c *autostartCmd) Run(e *env) (err error) {
	var s control.Autostart
	if c.What == "status" {
		s, err = e.client().Autostart(e.ctx)
	} else {
		s, err = e.client().SetAutostart(e.ctx, c.What == "on")
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e, s)
	}
	switch {
	case s.Unavailable != "":
		fmt.Fprintln(e.out, "off, and cannot be changed from here: "+s.Unavailable)
	case s.On:
		fmt.Fprintln(e.out, "on")
	default:
		fmt.Fprintln(e.out, "off")
	}
	return nil
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
