package expression

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// fallback is v, or instead of nothing (nil or an empty text) other.
func fallback(v, other any) any {
	if v == nil || v == "" {
		return other
	}
	return v
}

// Bounds of a regular expression: its text, its compiled size and what it is
// held against. Go's take time in proportion to size times text.
const (
	maxPattern = 500
	maxProgram = 1000
	maxSubject = 8 << 10
)

var errPattern = errors.New("the pattern is too large")

// pattern compiles a regular expression (RE2).
func pattern(s string) (*regexp.Regexp, error) {
	if len(s) > maxPattern {
		return nil, errPattern
	}
	parsed, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be read: %w", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxProgram {
		return nil, errPattern
	}
	return regexp.Compile(s)
}

// match reports whether a regular expression matches v's text, of which it
// sees the first 8 KiB.
func match(b *budget, v, p any) (bool, error) {
	if err := b.look(); err != nil {
		return false, err
	}
	s, ok := scalar(v)
	if !ok {
		return false, nil
	}
	source, ok := p.(string)
	if !ok {
		return false, fmt.Errorf("a pattern is a text, not %s", kind(p))
	}
	re, err := pattern(source)
	if err != nil {
		return false, err
	}
	return re.MatchString(cut(s, maxSubject)), nil
}

func lower(b *budget, v any) (string, error) { return mapped(b, v, strings.ToLower) }
func upper(b *budget, v any) (string, error) { return mapped(b, v, strings.ToUpper) }

func mapped(b *budget, v any, f func(string) string) (string, error) {
	s, err := text(b, v)
	if err != nil {
		return "", err
	}
	return f(s), b.text(len(s))
}

// truncate is v's text with at most n characters, the last of them an
// ellipsis where something was cut.
func truncate(b *budget, v any, n int) (string, error) {
	s, err := text(b, v)
	if err != nil || n < 1 || utf8.RuneCountInString(s) <= n {
		return s, err
	}
	at := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return strings.TrimRight(s[:at], " \t\n") + "…", nil
}

func replace(b *budget, v, from, to any) (string, error) {
	s, err := text(b, v)
	if err != nil {
		return "", err
	}
	old, okOld := scalar(from)
	with, okNew := scalar(to)
	if !okOld || !okNew {
		return "", fmt.Errorf("replace takes texts")
	}
	if old == "" {
		return s, nil
	}
	if err := b.text(len(s) + strings.Count(s, old)*(len(with)-len(old))); err != nil {
		return "", err
	}
	return strings.ReplaceAll(s, old, with), nil
}

func split(b *budget, v, sep any) (any, error) {
	s, err := text(b, v)
	if err != nil {
		return nil, err
	}
	by, ok := scalar(sep)
	if !ok {
		return nil, fmt.Errorf("split takes texts")
	}
	if strings.Count(s, by) >= MaxItems {
		return nil, errLength
	}
	parts := strings.Split(s, by)
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out, b.text(len(s))
}

func join(b *budget, args []any) (any, error) {
	list, ok := args[0].([]any)
	if !ok {
		return text(b, args[0]) // one thing is joined already
	}
	sep := ", "
	if len(args) > 1 {
		sep = args[1].(string)
	}
	var out strings.Builder
	for i, v := range list {
		s, err := text(b, v)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			s = sep + s
		}
		if err := b.text(out.Len() + len(s)); err != nil {
			return nil, err
		}
		b.bytes -= out.Len() // what was paid before
		out.WriteString(s)
	}
	return out.String(), nil
}

// host is the host of an address; empty where there is none.
func host(v any) string {
	s, _ := scalar(v)
	if len(s) > 8<<10 {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// plain is the text of HTML.
func plain(b *budget, v any) (string, error) { return reduced(b, v, Plain) }

// markdown is the text of Markdown.
func markdown(b *budget, v any) (string, error) { return reduced(b, v, Markdown) }

func reduced(b *budget, v any, f func(string) string) (string, error) {
	s, err := text(b, v)
	if err != nil {
		return "", err
	}
	if err := b.text(len(s)); err != nil {
		return "", err
	}
	return f(s), nil
}

// Plain is the text of HTML: what a person would read, with line ends where
// blocks and breaks are. Anything else comes back as it is.
func Plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	hidden := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(manyLines.ReplaceAllString(out.String(), "\n\n"))
		case html.TextToken:
			if hidden == "" {
				out.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "script", "style", "template", "title":
				hidden = string(name)
			case "br", "hr":
				out.WriteByte('\n')
			case "li":
				out.WriteString("\n• ")
			case "p", "div", "tr", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article", "header", "footer":
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			switch name, _ := z.TagName(); string(name) {
			case hidden:
				hidden = ""
			case "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "div", "tr":
				out.WriteByte('\n')
			case "td", "th":
				out.WriteByte('\t')
			}
		}
	}
}

var manyLines = regexp.MustCompile(`\n[ \t]*\n\s*`)

// ago is how long ago a time was, in one unit; empty for what is no time.
func ago(v any) string {
	t, ok := moment(v)
	if !ok {
		return ""
	}
	d := time.Since(t)
	if d < 0 {
		return "just now"
	}
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / u.size); n == 1 {
			return "1 " + u.name + " ago"
		} else if n > 1 {
			return fmt.Sprintf("%d %ss ago", n, u.name)
		}
	}
	return "just now"
}
