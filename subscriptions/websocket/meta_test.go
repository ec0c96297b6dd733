package websocket

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSplitMeta(t *testing.T) {
	tests := []struct{ name, in, id, body string }{
		{"nchan", "id: 1772366000:0\ncontent-type: text/plain\n\nhello", "1772366000:0", "hello"},
		{"no content type", "id: 1772366000:12\n\n{\"a\":1}\n\nb", "1772366000:12", "{\"a\":1}\n\nb"},
		{"several channels", "id: 1772366000:[0],1\n\nx", "1772366000:[0],1", "x"},
		{"empty body", "id: 1:0\n\n", "1:0", ""},
		{"carriage returns", "ID:1:0\r\nx: y\r\n\r\nhello\r\n", "1:0", "hello\r\n"},
		{"other order", "content-type: a\nid: 2:0\n\nb", "2:0", "b"},
		{"the first id counts", "id: 1:0\nid: 2:0\n\nb", "1:0", "b"},
		{"no head", "hello", "", "hello"},
		{"no head, lines", "hello\n\nworld", "", "hello\n\nworld"},
		{"head without an id", "content-type: text/plain\n\nb", "", "content-type: text/plain\n\nb"},
		{"blank line first", "\nid: 1\n\nb", "", "\nid: 1\n\nb"},
		{"unfinished head", "id: 1:0\ncontent-type: x\n", "", "id: 1:0\ncontent-type: x\n"},
		{"empty", "", "", ""},
		{"an id that cannot be sent", "id: a\x00b\n\nbody", "", "body"},
		{"an id that is not UTF-8", "id: a\xff\n\nbody", "", "body"},
		{"an id that is too long", "id: " + strings.Repeat("x", maxMetaID+1) + "\n\nbody", "", "body"},
		{"a head that is too long", "id: 1\n" + strings.Repeat("a: b\n", maxMetaHead) + "\nbody", "", "id: 1\n" + strings.Repeat("a: b\n", maxMetaHead) + "\nbody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, body := splitMeta([]byte(tt.in))
			if id != tt.id || string(body) != tt.body {
				t.Errorf("got %q and %.60q, want %q and %.60q", id, body, tt.id, tt.body)
			}
		})
	}
}

func FuzzSplitMeta(f *testing.F) {
	f.Add("1772366000:0", "text/plain", "hello\n\nworld", "id: 1\r\n\r\nx")
	f.Add("", "", "", "id:\n\n")
	f.Fuzz(func(t *testing.T, id, contentType, body, any string) {
		got, rest := splitMeta([]byte(any))
		if !strings.HasSuffix(any, string(rest)) || len(got) > maxMetaID {
			t.Fatalf("%q became %q and %q", any, got, rest)
		}
		sendable := func(s string) bool {
			return utf8.ValidString(s) && len(s) <= maxMetaID && !strings.ContainsFunc(s, unicode.IsControl) && strings.TrimSpace(s) == s
		}
		if !sendable(got) {
			t.Fatalf("the id %q cannot be sent back", got)
		}
		if !sendable(id) || !sendable(contentType) {
			return
		}
		got, rest = splitMeta([]byte("id: " + id + "\ncontent-type: " + contentType + "\n\n" + body))
		if got != id || string(rest) != body {
			t.Fatalf("%q and %q became %q and %q", id, body, got, rest)
		}
	})
}
