package sse

import "unicode/utf8"

// validUTF8 is b decoded as the Encoding standard's "UTF-8 decode": each
// maximal part of an ill-formed sequence becomes one U+FFFD. (Go's own
// replacements make one of every byte, or one of every run.) It returns b
// itself where nothing is to be done.
func validUTF8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	valid := make([]byte, 0, len(b)+len(b)/8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = subpart(b)
		}
		valid = utf8.AppendRune(valid, r)
		b = b[n:]
	}
	return valid
}

// subpart is the length of the ill-formed sequence b starts with: the longest
// start of a well-formed one (Unicode table 3-7), or one byte.
func subpart(b []byte) int {
	low, high, length := byte(0x80), byte(0xBF), 0
	switch lead := b[0]; {
	case lead >= 0xC2 && lead <= 0xDF:
		length = 2
	case lead >= 0xE0 && lead <= 0xEF:
		length = 3
		switch lead {
		case 0xE0:
			low = 0xA0
		case 0xED:
			high = 0x9F
		}
	case lead >= 0xF0 && lead <= 0xF4:
		length = 4
		switch lead {
		case 0xF0:
			low = 0x90
		case 0xF4:
			high = 0x8F
		}
	}
	n := 1
	for n < length && n < len(b) && b[n] >= low && b[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}
