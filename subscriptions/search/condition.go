package search

import (
	"fmt"
	"strings"
	"unicode"
)

// A Field is what a condition is about.
type Field string

const (
	From     Field = "from"     // a feed's id, or a part of its name
	Folder   Field = "folder"   // the folder a feed is shown in
	Priority Field = "priority" // a number, or a comparison with one
	Before   Field = "before"   // received before a time
	After    Field = "after"    // received then or later
	On       Field = "on"       // received on a day
	Is       Field = "is"       // unread, read, event, gap or notice
	Has      Field = "has"      // link or image
	Tag      Field = "tag"      // a tag, whole
)

// fields are the names before a colon. All others are text.
var fields = map[string]Field{
	"from": From, "feed": From, "folder": Folder, "priority": Priority,
	"before": Before, "after": After, "on": On, "is": Is, "has": Has, "tag": Tag,
}

// maxField is the length of the longest name.
const maxField = len("priority")

// Values of [Is] and [Has].
const (
	Unread = "unread"
	Read   = "read"
	Event  = "event"
	Gap    = "gap"
	Notice = "notice"
	Link   = "link"
	Image  = "image"
)

// A Condition is one that [Parse] has found readable.
type Condition struct {
	Field Field
	// Value is as it was typed, without quotes; of Is and Has in lower case.
	Value string
	// Not turns the condition round.
	Not bool
}

// An Error is a condition that cannot be read.
type Error struct {
	Condition
	// Wants is a sentence about what it should look like.
	Wants string
}

func (e *Error) Error() string { return fmt.Sprintf("cannot read %s", e.shown()) }

// maxShown bounds what an error quotes, in characters.
const maxShown = 60

// shown is the condition as one short line.
func (c Condition) shown() string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, c.String())
	if runes := []rune(line); len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return line
}

// String is c as a person could have typed it.
func (c Condition) String() string {
	value := c.Value
	if value == "" || strings.ContainsFunc(value, unicode.IsSpace) {
		value = `"` + value + `"`
	}
	if c.Not {
		return "-" + string(c.Field) + ":" + value
	}
	return string(c.Field) + ":" + value
}

// wants say what the values look like.
var wants = map[Field]string{
	From:     "Give a feed's name or a part of it, as in from:deploys or from:\"my deploys\".",
	Folder:   "Give a folder's name, as in folder:work or folder:\"my servers\".",
	Priority: "Give a number from 1 to 5, as in priority:5, priority:>=4 or priority:<3.",
	Before:   "Give a day, a time or how long ago, as in before:2026-11-01, before:\"2026-11-01 14:00\" or before:2d.",
	After:    "Give a day, a time or how long ago, as in after:2026-11-01, after:\"2026-11-01 14:00\" or after:3h.",
	On:       "Give a day, as in on:2026-11-02, on:today or on:yesterday.",
	Is:       "It is one of is:unread, is:read, is:event, is:gap and is:notice.",
	Has:      "It is has:link or has:image.",
	Tag:      "Give a tag, as in tag:backup or tag:\"floppy disk\".",
}

// check brings c into its usual form and reports what is wrong with it.
func (c *Condition) check() error {
	good := c.Value != ""
	switch c.Field {
	case Priority:
		_, _, ok := c.PriorityRange()
		good = ok && !c.Not
	case Before, After, On:
		_, ok := parseMoment(c.Value)
		good = ok && !c.Not && (c.Field != On || isDay(c.Value))
	case Is:
		c.Value = strings.ToLower(c.Value)
		switch c.Value {
		case Unread, Read, Event, Gap, Notice:
		default:
			good = false
		}
	case Has:
		c.Value = strings.ToLower(c.Value)
		good = c.Value == Link || c.Value == Image
	}
	if good {
		return nil
	}
	e := &Error{Condition: *c, Wants: wants[c.Field]}
	if c.Not && (c.Field == Priority || c.Field == Before || c.Field == After || c.Field == On) {
		e.Wants = "A minus does not go with it: say priority:<4 for -priority:>=4, and before: for -after:."
	}
	return e
}
