package main

import "bellwire/subscriptions"

// mappingFlags say what a feed's payloads mean. See docs/mapping.md.
type mappingFlags struct {
	Format    string `enum:"auto,json,lines,form,text,html,markdown" default:"auto" help:"How payloads are written: auto (JSON where it is, else text), json, lines, form, text, html or markdown."`
	Title     string `placeholder:"TEMPLATE" help:"The title, e.g. '{{ data.repo }}: {{ data.status }}'."`
	Body      string `placeholder:"TEMPLATE" help:"The text below it."`
	Link      string `placeholder:"TEMPLATE" help:"What opens on a click: an http, https or mailto address."`
	Priority  string `placeholder:"TEMPLATE" help:"1 (lowest) to 5 (urgent), or a word like low, warning or critical."`
	Tags      string `placeholder:"TEMPLATE" help:"What to file it under: a list, or text with commas."`
	Icon      string `placeholder:"TEMPLATE" help:"The address of an icon."`
	Image     string `placeholder:"TEMPLATE" help:"The address of a picture."`
	Time      string `placeholder:"TEMPLATE" help:"When it happened."`
	EventID   string `name:"id" placeholder:"TEMPLATE" help:"The event's id, as it is shown."`
	Type      string `placeholder:"TEMPLATE" help:"The event's kind."`
	Group     string `placeholder:"TEMPLATE" help:"What belongs together."`
	Cursor    string `placeholder:"TEMPLATE" help:"The position to resume from; goes before --cursor-field."`
	Events    string `placeholder:"EXPR" help:"What of the payload is the event, and data in all templates; a list is several events, nil none. E.g. data.items."`
	Skip      string `placeholder:"CONDITION" help:"What is no event, e.g. 'data.event != \"message\"'."`
	Notify    string `placeholder:"CONDITION" help:"What is worth a notification; all else only goes to history."`
	KeepAlive string `name:"keep-alive-when" placeholder:"CONDITION" help:"What only says that the server is still there, e.g. 'data.type == \"ping\"'."`
}

func (c *mappingFlags) mapping() subscriptions.Mapping {
	m := subscriptions.Mapping{
		KeepAlive: c.KeepAlive, Skip: c.Skip, Events: c.Events, Notify: c.Notify,
		Title: c.Title, Body: c.Body, Link: c.Link, Priority: c.Priority, Tags: c.Tags, Icon: c.Icon, Image: c.Image,
		Time: c.Time, ID: c.EventID, Type: c.Type, Group: c.Group, Cursor: c.Cursor,
	}
	if c.Format != string(subscriptions.FormatAuto) {
		m.Format = subscriptions.Format(c.Format)
	}
	return m
}
