package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

const (
	// maxToast is what Windows takes of a toast's XML, in bytes.
	maxToast = 5000
	// maxToastButtons is how many buttons Windows shows.
	maxToastButtons = 5
	// Each label and each other line of a toast, in bytes of escaped XML.
	maxToastLabel, maxToastLine = 240, 1000
	// urgentBuild is the first build of Windows that knows the scenario
	// "urgent".
	urgentBuild = 22546
)

// toastDoc is a toast (learn.microsoft.com, "Toast schema").
type toastDoc struct {
	XMLName        xml.Name     `xml:"toast"`
	Launch         string       `xml:"launch,attr,omitempty"`
	ActivationType string       `xml:"activationType,attr,omitempty"`
	Duration       string       `xml:"duration,attr,omitempty"`
	Scenario       string       `xml:"scenario,attr,omitempty"`
	Timestamp      string       `xml:"displayTimestamp,attr,omitempty"`
	Binding        toastBinding `xml:"visual>binding"`
	Audio          *toastAudio  `xml:"audio"`
	Actions        *toastRow    `xml:"actions"`
}

type toastBinding struct {
	Template string      `xml:"template,attr"`
	Texts    []toastLine `xml:"text"`
	Image    *toastImage `xml:"image"`
}

type toastLine struct {
	Placement string `xml:"placement,attr,omitempty"`
	Text      string `xml:",chardata"`
}

type toastImage struct {
	Placement string `xml:"placement,attr"`
	Src       string `xml:"src,attr"`
}

type toastAudio struct {
	Src    string `xml:"src,attr,omitempty"`
	Silent bool   `xml:"silent,attr,omitempty"`
}

type toastRow struct {
	Actions []toastAction `xml:"action"`
}

type toastAction struct {
	Content        string `xml:"content,attr"`
	Arguments      string `xml:"arguments,attr"`
	ActivationType string `xml:"activationType,attr"`
}

// toastXML is n for Windows of the given build; a click hands back the
// ticket. It is ASCII, however n is written: go-ole counts characters where
// Windows counts UTF-16 units, and would cut off the end.
func toastXML(n Notification, o Options, ticket string, build uint32) (string, error) {
	doc := toastDoc{
		Launch: ticket, Duration: "short", Scenario: toastScenario(n.Priority, build), Audio: toastSound(n),
		Binding: toastBinding{Template: "ToastGeneric", Texts: []toastLine{{Text: fit(title(n, o), maxToastLine)}, {}}},
	}
	if n.Priority >= 4 {
		doc.Duration = "long"
	}
	if ticket != "" {
		doc.ActivationType = "foreground"
		doc.Actions = toastActions(n, o, ticket)
	}
	if year := n.Time.UTC().Year(); year >= 1970 && year <= 9999 {
		doc.Timestamp = n.Time.UTC().Format(time.RFC3339)
	}
	if feed := oneLine(n.FeedName, maxName); feed != "" {
		doc.Binding.Texts = append(doc.Binding.Texts, toastLine{Placement: "attribution", Text: feed})
	}
	if n.Image != "" && fit(oneLine(n.Image, maxToastLine), maxToastLine) == n.Image { // part of a path is no path
		doc.Binding.Image = &toastImage{Placement: "appLogoOverride", Src: n.Image}
	}
	frame, err := asciiXML(doc)
	if err != nil {
		return "", err
	}
	// The body gets what is left.
	doc.Binding.Texts[1].Text = fit(lines(n.Body, maxBody), maxToast-len(frame))
	return asciiXML(doc)
}

func toastActions(n Notification, o Options, ticket string) *toastRow {
	var actions []toastAction
	for i, b := range toastButtons(n) {
		how := "background" // nothing of ours comes to the front
		if b.ID == ButtonOpen {
			how = "foreground"
		}
		actions = append(actions, toastAction{Content: fit(labelFor(b, o), maxToastLabel), Arguments: buttonTicket(ticket, i), ActivationType: how})
	}
	if len(actions) == 0 {
		return nil
	}
	return &toastRow{actions}
}

// toastButtons are those that Windows has room for.
func toastButtons(n Notification) []Button { return n.Buttons[:min(len(n.Buttons), maxToastButtons)] }

// toastScenario makes what is urgent stand out: from Windows 11 22H2 on it is
// shown even while the focus is on; before, it stays until a person dismisses
// it, where it has a button.
func toastScenario(priority int, build uint32) string {
	switch {
	case priority < 5:
		return ""
	case build >= urgentBuild:
		return "urgent"
	default:
		return "reminder"
	}
}

// toastSound is nil where Windows decides. It has few sounds of its own.
func toastSound(n Notification) *toastAudio {
	if n.Sound == SoundNone || n.Update {
		return &toastAudio{Silent: true}
	}
	name := ""
	switch {
	case strings.HasPrefix(n.Sound, "message-new-email"):
		name = "Mail"
	case strings.HasPrefix(n.Sound, "message"):
		name = "IM"
	case strings.HasPrefix(n.Sound, "alarm"):
		name = "Reminder"
	default:
		return nil
	}
	return &toastAudio{Src: "ms-winsoundevent:Notification." + name}
}

// toastTag is what a toast has in common with the one it replaces: at most 16
// characters before Windows 10 1703. Part of a key comes from the wire, so that
// nobody must be able to make one with another's tag.
func toastTag(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}

// asciiXML writes doc with every other character as a reference.
func asciiXML(doc toastDoc) (string, error) {
	raw, err := xml.Marshal(doc)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range string(raw) {
		if r < 0x7f {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#x%X;", r)
		}
	}
	return b.String(), nil
}

// fit cuts s so that asciiXML makes no more than limit bytes of it.
func fit(s string, limit int) string {
	const ellipsis = 8 // bytes of "&#x2026;"
	kept, cut := 0, 0
	for i, r := range s {
		if kept += escaped(r); kept > limit {
			if limit < ellipsis {
				return ""
			}
			return strings.TrimRightFunc(s[:cut], trimmed) + "…"
		}
		if kept <= limit-ellipsis {
			cut = i + len(string(r))
		}
	}
	return s
}

// escaped is how many bytes asciiXML makes of r.
func escaped(r rune) int {
	if r >= 0x7f {
		return len(fmt.Sprintf("&#x%X;", r))
	}
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(string(r)))
	return b.Len()
}
