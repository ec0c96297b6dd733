package poll

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"
)

// maxFirst is how many items of a feed's very first answer are handed on.
const maxFirst = 20

// An outcome is what an answer brought.
type outcome int

const (
	noNews      outcome = iota
	news                // and nothing says that there is more
	newsAndMore         // the position moved, and the server chooses by it what comes next
)

// take hands on what is new in an answer.
func (r *run) take(ctx context.Context, a answer) (outcome, error) {
	if a.header == nil { // silence
		return noNews, nil
	}
	next := r.pos
	if a.news {
		next.ETag, next.Modified = validators(a.header)
	}
	moved := next.resumes() && (next.ETag != r.pos.ETag || next.Modified != r.pos.Modified)
	each := moved && chosenByValidators(a.header)
	var messages []subscriptions.Message
	if a.news {
		items, list, err := r.split(a)
		if err != nil {
			return noNews, err
		}
		if list && each {
			messages, next = r.all(items, digest(string(a.body)), next)
		} else if list {
			messages, next = r.list(items, next)
		} else {
			messages, next = r.whole(a, next, each || r.long && moved)
		}
		r.open(r.known && !(list && !each && next.Since == "" && r.missed(items)))
	}
	r.open(r.known)
	r.alive(a, len(messages) > 0)
	if next.Since != r.pos.Since {
		// The next address is another, and these are not its validators.
		next.ETag, next.Modified = "", ""
		moved = true
	}
	out := noNews
	if len(messages) > 0 {
		out = news
		messages[len(messages)-1].Cursor = next.String()
		if each || r.long && moved {
			out = newsAndMore
		}
	} else if next.String() != r.cursor {
		messages = []subscriptions.Message{{CursorOnly: true, Cursor: next.String()}}
	}
	for _, m := range messages {
		m.Type, m.Received = "message", a.received
		if err := r.sink.Message(ctx, m); err != nil {
			return noNews, err
		}
		r.cursor = m.Cursor
	}
	r.pos, r.known = next, true
	return out, nil
}

// chosenByValidators reports whether the answer depends on the validators in
// the question, beyond being sent or not (RFC 9110 §12.5.5).
func chosenByValidators(h http.Header) bool {
	for _, line := range h.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "if-none-match", "if-modified-since":
				return true
			}
		}
	}
	return false
}

// split is the answer's items, where it is a list of them.
func (r *run) split(a answer) (items []string, list bool, err error) {
	if a.oversize > 0 {
		return nil, false, nil
	}
	items, list, err = split(bytes.TrimPrefix(a.body, []byte("\uFEFF")), r.target.Poll.Items)
	if err != nil {
		err = subscriptions.Fail(subscriptions.NeedsUser, subscriptions.CodeNotStream, subscriptions.Terse(err))
	}
	return items, list, err
}

// missed reports whether nothing of what was seen still is in the list: what
// was between the two may be lost.
func (r *run) missed(items []string) bool {
	seen := r.pos.seen()
	return len(seen) > 0 && len(items) > 0 &&
		!slices.ContainsFunc(items, func(item string) bool { return seen[digest(item)] })
}

// alive tells of an answer. Only a question that a long poll's server kept,
// and then answered without news, teaches how often it speaks.
func (r *run) alive(a answer, hasNews bool) {
	kind := subscriptions.LifeData
	if r.long && !hasNews && a.held() {
		kind = subscriptions.LifeKeepAlive
	}
	r.sink.Alive(subscriptions.Life{Kind: kind})
}

// whole is the message that the answer itself is, if it is a new one.
func (r *run) whole(a answer, next position, always bool) ([]subscriptions.Message, position) {
	if len(bytes.TrimSpace(a.body)) == 0 {
		return nil, next
	}
	d := digest(string(a.body))
	isNew := always || r.pos.Taken > 0 || !bytes.Equal(d[:], r.pos.Body)
	next.Body, next.Taken = d[:], 0
	if !isNew {
		return nil, next
	}
	m := subscriptions.Message{Data: string(a.body), Oversize: a.oversize}
	if kind := subscriptions.MediaType(a.header); !utf8.ValidString(m.Data) && !strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "json") {
		m.Binary = true
	}
	m = r.bounded(m)
	next.Since = r.since(m, next.Since)
	return []subscriptions.Message{m}, next
}

// all is every item of a list that is new as a whole. The positions on the
// way ask for the same list again.
func (r *run) all(items []string, body [digestSize]byte, next position) ([]subscriptions.Message, position) {
	items = r.oldestFirst(items, nil, true)
	at := r.pos
	if !bytes.Equal(at.Body, body[:]) || at.Taken > len(items) {
		at.Body, at.Taken = body[:], 0
	}
	items = items[at.Taken:]
	messages := make([]subscriptions.Message, 0, len(items))
	next.Body, next.Taken = nil, 0
	for _, item := range items {
		m := r.bounded(subscriptions.Message{Data: item})
		at.Taken++
		next.Since = r.since(m, next.Since)
		m.Cursor = at.String()
		messages = append(messages, m)
	}
	return messages, next
}

// list is what is new in a list, the oldest first, each with the position
// after it.
func (r *run) list(items []string, next position) ([]subscriptions.Message, position) {
	seen := r.pos.seen()
	var fresh []string
	var freshOnes, others, all [][digestSize]byte
	for _, item := range r.oldestFirst(items, seen, r.target.PayloadCursor != nil) {
		d := digest(item)
		all = append(all, d)
		if seen[d] {
			others = append(others, d)
			continue
		}
		seen[d] = true
		fresh, freshOnes = append(fresh, item), append(freshOnes, d)
	}
	if skip := len(fresh) - maxFirst; r.cursor == "" && skip > 0 {
		others = append(others, freshOnes[:skip]...)
		fresh, freshOnes = fresh[skip:], freshOnes[skip:]
	}
	at := r.pos.see(others...)
	messages := make([]subscriptions.Message, 0, len(fresh))
	for i, item := range fresh {
		m := r.bounded(subscriptions.Message{Data: item})
		at = at.see(freshOnes[i])
		if since := r.since(m, at.Since); since != at.Since {
			at.Since, at.ETag, at.Modified = since, "", ""
		}
		m.Cursor = at.String()
		messages = append(messages, m)
	}
	next = next.see(all...)
	next.Since = at.Since
	return messages, next
}

// since is the position inside m, or else the one before.
func (r *run) since(m subscriptions.Message, before string) string {
	if r.target.PayloadCursor == nil || m.Oversize > 0 {
		return before
	}
	if s := r.target.PayloadCursor(m); s != "" && sendable(s, maxSince) {
		return s
	}
	return before
}

// bounded is m with a payload that is valid, or dropped because it is too
// large.
func (r *run) bounded(m subscriptions.Message) subscriptions.Message {
	if len(m.Data) > r.maxMessage {
		m.Oversize = max(m.Oversize, int64(len(m.Data)))
	}
	if m.Oversize > 0 {
		m.Data, m.Binary = "", false
	} else if !m.Binary {
		m.Data = strings.ToValidUTF8(m.Data, "\uFFFD")
	}
	return m
}

// oldestFirst puts items in the order in which they happened: by what the
// first and the last say of themselves, or by where the new ones are. Where
// nothing tells, a list that goes on from a position is taken for growing at
// its end, and any other at its beginning.
func (r *run) oldestFirst(items []string, seen map[[digestSize]byte]bool, goesOn bool) []string {
	if len(items) < 2 {
		return items
	}
	first, last := items[0], items[len(items)-1]
	newestFirst := !goesOn
	if c := age(first, last); c != 0 {
		newestFirst = c > 0
	} else if knowsFirst, knowsLast := seen[digest(first)], seen[digest(last)]; knowsFirst != knowsLast {
		newestFirst = knowsLast
	}
	if newestFirst {
		items = slices.Clone(items)
		slices.Reverse(items)
	}
	return items
}
