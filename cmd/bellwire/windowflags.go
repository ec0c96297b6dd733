package main

import "bellwire/internal/control"

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
