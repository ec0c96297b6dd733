package window

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"bellwire/internal/control"
	"bellwire/subscriptions"
	"bellwire/ui/words"

	"fyne.io/fyne/v2"
)

// conversation is what the feed says to its server.
func (e *editPage) conversation(f *form) ([]fyne.CanvasObject, []input) {
	condition := func(key string, at func(*control.NewFeed) *string, names ...string) input {
		return f.text(spec{key: "talk." + key, about: true, kind: entryCode, example: words.Say("form.never"), names: names}, at)
	}
	all := []input{
		frameRows(f), replyRows(f), memoryRows(f),
		condition("closed", func(n *control.NewFeed) *string { return &n.Conversation.Closed }, "closed"),
		condition("refused", func(n *control.NewFeed) *string { return &n.Conversation.Refused }, "refused"),
		condition("missed", func(n *control.NewFeed) *string { return &n.Conversation.Missed }, "missed"),
		f.lines(spec{key: "subprotocols", example: words.Say("form.none"), names: []string{"more than 16 sub-protocols"}, when: talks},
			func(n *control.NewFeed) *[]string { return &n.Subprotocols }),
	}
	return objectsOf(all...), all
}

func frameRows(f *form) *rowsInput {
	cells := []cell{{key: "frame.after", span: 12, kind: entryCode, example: words.Say("form.atonce")}, {key: "frame.send", span: 12, kind: entryLines}}
	return f.rows(spec{key: "frames", about: true, when: talks, names: append(numbered("frame", subscriptions.MaxFrames), "frames", "the frame")}, subscriptions.MaxFrames, cells,
		func(n *control.NewFeed) (rows [][]string) {
			for _, x := range n.Frames {
				rows = append(rows, []string{x.After, x.Send})
			}
			return rows
		}, func(n *control.NewFeed, rows []rowValue) error {
			n.Frames = nil
			for _, r := range rows {
				n.Frames = append(n.Frames, subscriptions.Frame{After: r.values[0], Send: r.values[1]})
			}
			return nil
		})
}

func replyRows(f *form) *rowsInput {
	cells := []cell{
		{key: "reply.when", span: 7, kind: entryCode, example: `data.type == "ping"`},
		{key: "reply.post", span: 5, kind: entryCode, example: words.Say("form.asmessage")},
		{key: "reply.send", span: 12, kind: entryLines},
	}
	return f.rows(spec{key: "replies", about: true, names: append(numbered("reply", subscriptions.MaxReplies), "replies", "more than 32 replies")}, subscriptions.MaxReplies, cells,
		func(n *control.NewFeed) (rows [][]string) {
			for _, x := range n.Conversation.Replies {
				rows = append(rows, []string{x.When, x.Post, x.Send})
			}
			return rows
		}, func(n *control.NewFeed, rows []rowValue) error {
			n.Conversation.Replies = nil
			for _, r := range rows {
				n.Conversation.Replies = append(n.Conversation.Replies, subscriptions.Reply{When: r.values[0], Post: r.values[1], Send: r.values[2]})
			}
			return nil
		})
}

func memoryRows(f *form) *rowsInput {
	cells := []cell{{key: "memory.name", span: 4, kind: entryCode, example: "epoch"}, {key: "memory.value", span: 8, kind: entryCode, example: "data.epoch"}}
	return f.rows(spec{key: "memory", about: true, names: []string{"remember", "more than 16 things"}}, subscriptions.MaxRemember, cells,
		func(n *control.NewFeed) (rows [][]string) {
			for _, name := range slices.Sorted(maps.Keys(n.Conversation.Remember)) {
				rows = append(rows, []string{name, n.Conversation.Remember[name]})
			}
			return rows
		}, func(n *control.NewFeed, rows []rowValue) error {
			n.Conversation.Remember = nil
			for _, r := range rows {
				if _, twice := n.Conversation.Remember[r.values[0]]; twice || r.values[0] == "" {
					return &errWords{words.Say("form.error.name"), ""}
				}
				if n.Conversation.Remember == nil {
					n.Conversation.Remember = map[string]string{}
				}
				n.Conversation.Remember[r.values[0]] = r.values[1]
			}
			return nil
		})
}

// Cells of a forward.
const (
	forwardName = iota
	forwardTo
	forwardURL
	forwardTopic
	forwardProgram
	forwardLeast
	forwardWhen
)

// forwards are where events are sent on to. What of one is not shown here
// stays as it is.
func (e *editPage) forwards(f *form) ([]fyne.CanvasObject, []input) {
	var kinds []option[string]
	for _, k := range []subscriptions.ForwardKind{subscriptions.ForwardNtfy, subscriptions.ForwardWebhook, subscriptions.ForwardMercure, subscriptions.ForwardProgram} {
		kinds = append(kinds, option[string]{string(k), words.Say("form.forward.to." + string(k))})
	}
	to := func(kinds ...subscriptions.ForwardKind) func([]string) bool {
		return func(v []string) bool { return slices.Contains(kinds, subscriptions.ForwardKind(v[forwardTo])) }
	}
	cells := []cell{
		forwardName:    {key: "forward.name", span: 5, example: "phone"},
		forwardTo:      {key: "forward.to", span: 7, options: kinds},
		forwardURL:     {key: "forward.url", span: 12, example: "https://", when: func(v []string) bool { return v[forwardTo] != string(subscriptions.ForwardProgram) }},
		forwardTopic:   {key: "forward.topic", span: 12, when: to(subscriptions.ForwardMercure)},
		forwardProgram: {key: "forward.program", span: 12, kind: entryLines, when: to(subscriptions.ForwardProgram)},
		forwardLeast:   {key: "forward.least", span: 6, options: priorities(words.Say("form.priority.all"))},
		forwardWhen:    {key: "forward.when", span: 6, kind: entryCode, example: words.Say("form.allevents")},
	}
	rows := f.rows(spec{key: "forwards", about: true, names: []string{"forward ", "a forward", "there are two forwards", "more than 8 forwards", "there is a secret for the forward"}}, subscriptions.MaxForwards, cells, forwardValues, setForwards)
	return objectsOf(rows), []input{rows}
}

func forwardValues(n *control.NewFeed) (rows [][]string) {
	for _, w := range n.Forwards {
		rows = append(rows, []string{w.Name, string(w.To), w.URL, w.Topic, strings.Join(w.Program, "\n"), strconv.Itoa(w.MinPriority), w.When})
	}
	return rows
}

func setForwards(n *control.NewFeed, rows []rowValue) error {
	old := n.Forwards
	n.Forwards = nil
	for _, r := range rows {
		w := whereFrom(old, r)
		v := r.values
		w.Name, w.To, w.When = v[forwardName], subscriptions.ForwardKind(v[forwardTo]), v[forwardWhen]
		w.MinPriority, _ = strconv.Atoi(v[forwardLeast])
		w.URL, w.Topic, w.Program = v[forwardURL], "", nil
		switch w.To {
		case subscriptions.ForwardMercure:
			w.Topic = v[forwardTopic]
		case subscriptions.ForwardProgram:
			w.URL = ""
			for line := range strings.Lines(v[forwardProgram]) {
				if line = strings.TrimRight(line, "\r\n"); line != "" {
					w.Program = append(w.Program, line)
				}
			}
		}
		n.Forwards = append(n.Forwards, w)
	}
	return nil
}
