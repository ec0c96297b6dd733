package notify

import (
	"encoding/json"
	"strconv"
)

// userNote is a notification as usernotifications_darwin.m reads it.
type userNote struct {
	// ID replaces: a request takes the place of the one with the same id.
	ID string `json:"id"`
	// Thread groups what belongs to one feed.
	Thread   string `json:"thread"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle"`
	Body     string `json:"body"`
	Sound    bool   `json:"sound"`
	// Level is a UNNotificationInterruptionLevel.
	Level int `json:"level"`
	// Ticket comes back with a click.
	Ticket string `json:"ticket"`
	// Category is the same for the same buttons.
	Category string           `json:"category"`
	Buttons  []userNoteButton `json:"buttons"`
	Image    string           `json:"image"`
}

type userNoteButton struct {
	// ID is the button's place.
	ID    string `json:"id"`
	Label string `json:"label"`
	// Front brings Bellwire to the front.
	Front bool `json:"front"`
}

// Interruption levels of UserNotifications. A time-sensitive one counts as
// active in a program that Apple has not entitled to it.
const (
	levelPassive       = 0
	levelActive        = 1
	levelTimeSensitive = 2
)

// maxUserButtons is how many buttons macOS shows in its menu.
const maxUserButtons = 4

// userNoteJSON is n for macOS; a click hands back the ticket.
func userNoteJSON(n Notification, o Options, ticket string) (string, error) {
	u := userNote{
		ID: "bellwire-" + toastTag(n.Key), Thread: oneLine(n.Feed, maxName), Title: title(n, o), Subtitle: oneLine(n.FeedName, maxName),
		Body: lines(n.Body, maxBody), Sound: n.Sound != SoundNone && !n.Update, Level: levelActive, Ticket: ticket,
		Buttons: []userNoteButton{}, Image: n.Image,
	}
	if u.Subtitle == u.Title {
		u.Subtitle = ""
	}
	switch {
	case n.Update || n.Priority == 1 || n.Priority == 2:
		u.Level = levelPassive
	case n.Priority >= 5:
		u.Level = levelTimeSensitive
	}
	same := "" // what tells one set of buttons from another
	for i, b := range userButtons(n, ticket) {
		label := labelFor(b, o)
		u.Buttons = append(u.Buttons, userNoteButton{ID: strconv.Itoa(i), Label: label, Front: b.ID == ButtonOpen})
		same += strconv.Quote(b.ID) + strconv.Quote(label)
	}
	u.Category = "bellwire-" + toastTag(same)
	b, err := json.Marshal(u)
	return string(b), err
}

// userButtons are those that macOS has room for; none without a ticket.
func userButtons(n Notification, ticket string) []Button {
	if ticket == "" {
		return nil
	}
	return n.Buttons[:min(len(n.Buttons), maxUserButtons)]
}
