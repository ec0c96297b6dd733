package feedfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A Document is what was read from a file of any kind.
type Document struct {
	// Kind says what it was: "bellwire", "ntfy" or "list".
	Kind    string
	Entries []Entry
	// Notes are about the file as a whole, for people.
	Notes []string
}

// Kinds of a [Document].
const (
	KindBellwire = "bellwire"
	KindNtfy     = "ntfy"
	KindList     = "list"
)

// An Entry is one feed of a document.
type Entry struct {
	Feed Feed
	Line int // where it begins
	// Notes are for people: what of it has no equal here.
	Notes []string

	lines map[string]int // of fields, by their path in the feed
}

// LineOf is where a field is, by its path like mapping.title; where the feed
// begins when it is not in the file.
func (e Entry) LineOf(path string) int {
	for path != "" {
		if line, ok := e.lines[path]; ok {
			return line
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	return e.Line
}

// Read reads a file of any kind that is known. Its errors are [*Error] where
// the file is to blame.
func Read(r io.Reader) (Document, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return Document{}, err
	}
	return Parse(b)
}

// Parse is Read for a text.
func Parse(b []byte) (Document, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if looksLikeList(b) {
		return parseList(b)
	}
	root, err := parse(b)
	if err != nil {
		return Document{}, err
	}
	pairs, ok := members(root)
	switch {
	case root == nil:
		return Document{}, mistake(0, 0, "the file is empty")
	case !ok:
		return Document{}, at(start(root), "this is no file of feeds: it has no %q", "feeds")
	case isNtfy(pairs):
		return parseNtfy(root)
	}
	return parseOwn(root)
}

func parseOwn(root ast.Node) (Document, error) {
	var file File
	r := newReader()
	if err := r.into(root, fileSchema(), &file); err != nil {
		return Document{}, err
	}
	doc := Document{Kind: KindBellwire}
	byFeed := r.linesByFeed()
	for i, f := range file.Feeds {
		lines := byFeed[i]
		doc.Entries = append(doc.Entries, Entry{Feed: f, Line: lines[""], lines: lines})
	}
	return doc, doc.checkIDs()
}

// checkIDs reports two feeds with one id.
func (d Document) checkIDs() error {
	seen := map[string]int{}
	for _, e := range d.Entries {
		if first, twice := seen[e.Feed.ID]; twice && e.Feed.ID != "" {
			return mistake(e.LineOf("id"), 0, "the id %q is that of line %d already", e.Feed.ID, first)
		}
		seen[e.Feed.ID] = e.LineOf("id")
	}
	return nil
}

func newReader() *reader { return &reader{anchors: map[string]ast.Node{}, lines: map[string]int{}} }

// into reads a node into v, strictly.
func (r *reader) into(n ast.Node, s *schema, v any) error {
	value, err := r.read(n, s, "", 0)
	if err != nil {
		return err
	}
	b, err := json.Marshal(value)
	if err != nil {
		return mistake(0, 0, "the file cannot be read")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return mistake(0, 0, "the file cannot be read: %v", err)
	}
	return nil
}

// linesByFeed cuts the paths that begin with feeds.N.
func (r *reader) linesByFeed() map[int]map[string]int {
	out := map[int]map[string]int{}
	for path, line := range r.lines {
		rest, ok := strings.CutPrefix(path, "feeds.")
		if !ok {
			continue
		}
		number, field, _ := strings.Cut(rest, ".")
		i, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		if out[i] == nil {
			out[i] = map[string]int{}
		}
		out[i][field] = line
	}
	return out
}

// what names a path for people: "the field mapping.title".
func what(path string) string {
	var names []string
	for part := range strings.SplitSeq(path, ".") {
		if _, err := strconv.Atoi(part); err != nil {
			names = append(names, part)
		}
	}
	if names[0] == "feeds" && len(names) > 1 {
		names = names[1:]
	}
	switch name := strings.Join(names, "."); name {
	case "":
		return "the file"
	case "feeds":
		if path != "feeds" {
			return "the feed"
		}
		fallthrough
	default:
		return fmt.Sprintf("%q", clip(name))
	}
}

// suggest is the field that was meant, if any.
func suggest(key string, s *schema) string {
	best, distance := "", 3
	for name := range s.Properties {
		d := edits(strings.ToLower(key), name)
		if swapped := len(key) == len(name) && len(best) != len(name); d < distance || d == distance && (swapped || len(best) != len(key) && name < best) {
			best, distance = name, d
		}
	}
	if best == "" || distance >= len(best) {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// edits is the Levenshtein distance of two short texts.
func edits(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = slices.Min([]int{row[j+1] + 1, row[j] + 1, cost})
		}
	}
	return row[len(b)]
}

// clip keeps a name from the file short in an error.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

func itoa(i int) string { return strconv.Itoa(i) }
