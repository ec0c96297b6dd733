package websocket

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// metaProtocol is nchan's sub-protocol that carries message ids.
const metaProtocol = "ws+meta.nchan"

// Limits of a message's head, in bytes. The id goes back in a header.
const (
	maxMetaHead = 8 << 10
	maxMetaID   = 1 << 10
)

// splitMeta takes a message of [metaProtocol] apart:
//
//	id: 1772366000:0
//	content-type: text/plain
//
//	body
//
// It is lenient: fields come in any order and with either line end. What does
// not begin with such a head, or with one too long, is all body and has no
// id. An id that could not be sent back in a header is none.
func splitMeta(b []byte) (id string, body []byte) {
	head, at, named := b[:min(len(b), maxMetaHead)], 0, false
	for {
		end := bytes.IndexByte(head[at:], '\n')
		if end < 0 {
			return "", b
		}
		line := bytes.TrimSuffix(head[at:at+end], []byte("\r"))
		at += end + 1
		if len(line) == 0 {
			break
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			return "", b
		}
		if !named && bytes.EqualFold(bytes.TrimSpace(name), []byte("id")) {
			id, named = string(bytes.TrimSpace(value)), true
		}
	}
	if !named {
		return "", b
	}
	if len(id) > maxMetaID || !utf8.ValidString(id) || strings.ContainsFunc(id, unicode.IsControl) {
		id = ""
	}
	return id, b[at:]
}
