package notify

import (
	"strconv"
	"strings"
	"unicode"
)

// toastText is s for the inside of <text><![CDATA[…]]></text> in a Windows
// toast, which the library fills in as it is, and which goes through an
// expanding PowerShell here-string where the COM interface fails. It leaves
// the CDATA section, writes everything but letters, digits and spaces as a
// numeric character reference, and enters an empty section again: text has no
// means of its own to end anything, and is displayed as it was.
//
// At most limit bytes are made; what would not fit is cut off.
func toastText(s string, limit int) string {
	const open, closing = "]]>", "<![CDATA["
	var b strings.Builder
	b.WriteString(open)
	for _, r := range s {
		out := string(r)
		// go-ole counts characters where Windows counts UTF-16 units: beyond
		// the first plane a letter would cut off the toast's end.
		if r > 0xffff || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ' ' {
			out = "&#" + strconv.Itoa(int(r)) + ";"
		}
		if b.Len()+len(out)+len(closing) > limit {
			break
		}
		b.WriteString(out)
	}
	b.WriteString(closing)
	return b.String()
}

// toastIcon is path, or nothing where it holds a character that means
// something in an XML attribute or to PowerShell: user names may.
func toastIcon(path string) string {
	unsafe := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(` \/:.-_~(),+`, r)
	}
	if strings.ContainsFunc(path, unsafe) {
		return ""
	}
	return path
}

// printable is s as a string literal that Go's %q and AppleScript read the
// same way: with nothing that %q writes as a hexadecimal escape.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || strconv.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, s)
}
