package feedfile

import (
	"bufio"
	"bytes"
	"strings"
)

// addressLines are the lines of a text that are neither blank nor comments,
// by their number.
func addressLines(b []byte, yield func(line int, text string) bool) {
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, MaxSize+1)
	for n := 1; s.Scan(); n++ {
		if t := strings.TrimSpace(s.Text()); t != "" && !strings.HasPrefix(t, "#") && !yield(n, t) {
			return
		}
	}
}

// looksLikeList reports whether a file is a list of addresses, one a line.
func looksLikeList(b []byte) bool {
	found, all := false, true
	addressLines(b, func(_ int, text string) bool {
		found, all = true, false
		for _, scheme := range []string{"http://", "https://", "ws://", "wss://"} {
			all = all || strings.HasPrefix(text, scheme)
		}
		return all
	})
	return found && all
}

func parseList(b []byte) (doc Document, err error) {
	doc.Kind = KindList
	if len(b) > MaxSize {
		return doc, mistake(0, 0, "the file is larger than %d bytes", MaxSize)
	}
	addressLines(b, func(line int, text string) bool {
		if len(doc.Entries) == MaxFeeds {
			err = mistake(line, 0, "there are more than %d feeds", MaxFeeds)
			return false
		}
		address, _, _ := strings.Cut(text, " #")
		doc.Entries = append(doc.Entries, Entry{Feed: Feed{URL: strings.TrimSpace(address)}, Line: line})
		return true
	})
	return doc, err
}
