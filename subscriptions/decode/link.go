package decode

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// MaxLink is the longest link in bytes.
const MaxLink = 2 << 10

// link is s if it is a link that may be opened: an absolute http or https URL
// with a host, or a mailto URL without attachments. Otherwise it is empty.
// Characters that no URL may hold (RFC 3986 §2) are percent-encoded.
func link(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > MaxLink || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		k := kind(r)
		return k == dropped || k == newline || r == '\t'
	}) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Hostname() == "" {
			return ""
		}
	case "mailto":
		// Some mail programs attach local files that a link names.
		if u.Opaque == "" || strings.Contains(strings.ToLower(s), "attach") {
			return ""
		}
	default:
		return ""
	}
	if s = encodeForbidden(s); len(s) > MaxLink {
		return ""
	}
	return s
}

// picture is s if it is a picture's address: a link that is no mailto.
func picture(s string) string {
	if s = link(s); strings.EqualFold(s[:min(len(s), 7)], "mailto:") {
		return ""
	}
	return s
}

// encodeForbidden percent-encodes the printable ASCII characters that no URL
// may hold.
func encodeForbidden(s string) string {
	const forbidden = " \"<>\\^`{|}"
	if !strings.ContainsAny(s, forbidden) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(forbidden, s[i]) >= 0 {
			fmt.Fprintf(&b, "%%%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
