package notify

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// maxTags bounds how many tags a program is told.
const maxTags = 32

// told is a notification as programs get it: clean, and bounded to less than
// 64 kB whatever the wire said. Its JSON is an interface that people's
// programs rely on: fields are added, never renamed.
type told struct {
	// Seq is the event's number in history; 0 for a summary.
	Seq int64 `json:"seq"`
	// Summary is the summary's number; 0 for a single event.
	Summary  int64  `json:"summary"`
	Feed     string `json:"feed"`
	FeedName string `json:"feed_name"`
	Title    string `json:"title"`
	// Body may have several lines.
	Body string `json:"body"`
	// Link is an http, https or mailto link, or empty.
	Link     string   `json:"link"`
	Priority int      `json:"priority"`
	Tags     []string `json:"tags"`
	// Time is RFC 3339 in UTC.
	Time string `json:"time"`
	// Update says that this takes the place of one told before.
	Update bool `json:"update"`
}

func tell(n Notification) told {
	link, err := safeLink(n.Link)
	if err != nil {
		link = ""
	}
	tags := []string{}
	for _, tag := range n.Tags {
		if tag = oneLine(tag, maxName); tag != "" && len(tags) < maxTags {
			tags = append(tags, tag)
		}
	}
	return told{
		Seq: n.Seq, Summary: n.Summary,
		Feed: oneLine(n.Feed, maxName), FeedName: oneLine(n.FeedName, maxName),
		Title: title(n, Options{}), Body: lines(n.Body, maxBody), Link: link,
		Priority: n.Priority, Tags: tags, Time: n.Time.UTC().Format(time.RFC3339), Update: n.Update,
	}
}

// json is one object on one line.
func (t told) json() ([]byte, error) {
	b, err := json.Marshal(t)
	return append(b, '\n'), err
}

// environment is "NAME=value" of every field. A comma inside a tag becomes a
// space there.
func (t told) environment() []string {
	tags := make([]string, len(t.Tags))
	for i, tag := range t.Tags {
		tags[i] = strings.ReplaceAll(tag, ",", " ")
	}
	return []string{
		"BELLWIRE_SEQ=" + strconv.FormatInt(t.Seq, 10),
		"BELLWIRE_SUMMARY=" + strconv.FormatInt(t.Summary, 10),
		"BELLWIRE_FEED=" + t.Feed,
		"BELLWIRE_FEED_NAME=" + t.FeedName,
		"BELLWIRE_TITLE=" + t.Title,
		"BELLWIRE_BODY=" + t.Body,
		"BELLWIRE_LINK=" + t.Link,
		"BELLWIRE_PRIORITY=" + strconv.Itoa(t.Priority),
		"BELLWIRE_TAGS=" + strings.Join(tags, ","),
		"BELLWIRE_TIME=" + t.Time,
		"BELLWIRE_UPDATE=" + strconv.FormatBool(t.Update),
	}
}
