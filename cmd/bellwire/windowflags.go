package main

import (
	"strconv"

	"bellwire/internal/control"
)

// windowFlags say what a window shows first.
type windowFlags struct {
	Event    int64  `placeholder:"SEQ" xor:"what" help:"Show this event."`
	Summary  int64  `placeholder:"N" xor:"what" help:"Show what this summary told; bellwire why tells its number."`
	Add      bool   `xor:"what" help:"Begin with adding a feed."`
	Settings bool   `xor:"what" help:"Show the settings."`
	Status   bool   `help:"Show how feeds do; with --feed, that one."`
	Edit     bool   `help:"Change the feed that --feed names."`
	Feed     string `placeholder:"ID" xor:"what" help:"Show this feed."`
}

// windowArgs are the arguments of a window that shows something.
func windowArgs(s control.Show) []string {
	args := []string{"window"}
	add := func(name, value string) {
		if value != "" && value != "0" {
			args = append(args, name, value)
		}
	}
	switch s.Page {
	case control.PageAdd:
		return append(args, "--add")
	case control.PageSettings:
		return append(args, "--settings")
	case control.PageStatus:
		args = append(args, "--status")
	case control.PageEdit:
		args = append(args, "--edit")
	}
	add("--event", strconv.FormatInt(s.Seq, 10))
	add("--summary", strconv.FormatInt(s.Summary, 10))
	add("--feed", s.Feed)
	return args
}

func (f windowFlags) what() control.Show {
	s := control.Show{Seq: f.Event, Summary: f.Summary, Feed: f.Feed}
	switch {
	case f.Add:
		s.Page = control.PageAdd
	case f.Settings:
		s.Page = control.PageSettings
	case f.Status:
		s.Page = control.PageStatus
	case f.Edit:
		s.Page = control.PageEdit
	}
	return s
}
