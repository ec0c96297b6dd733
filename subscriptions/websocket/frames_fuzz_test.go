package websocket

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"bellwire/subscriptions"
)

// Whatever bytes a server sends behind its handshake, what is handed on is
// valid and bounded, and the connection ends with a class.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		frame(final|opText, "héllo") + closeFrame(1000, "bye"),
		frame(opText, "h\xc3") + frame(final|opPing, "p") + frame(final|opContinuation, "\xa9llo"),
		frame(final|opText, "id: 7:0\ncontent-type: text/plain\n\na") + frame(final|opBinary, "\xff\x00"),
		frame(final|opText, `{"type":"pong","at":1}`) + frame(final|opPong, "") + closeFrame(4403, "no"),
		frame(final|opText, strings.Repeat("x", 300)),
		"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\x81\x82\x01\x02\x03\x04ab", frame(final|0x40|opText, "a"),
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	const limit = 200
	var sent []byte
	talk := func(conn net.Conn, r *bufio.Reader) { say(true, string(sent))(conn, r) }
	plain, withIDs := serve(f, "", talk), serve(f, metaProtocol, talk)
	f.Fuzz(func(t *testing.T, data []byte, meta bool) {
		if len(data) > 4<<10 {
			return
		}
		sent = data
		target := subscriptions.Target{URL: plain, MaxMessage: limit, Heartbeat: subscriptions.Heartbeat{Send: "ping", Expect: `{"type":"pong"}`}}
		if meta {
			target.URL = withIDs
			target.Subprotocols = []string{metaProtocol}
		}
		sink := newRecorder(t)
		sink.deliver = func(_ context.Context, m subscriptions.Message) error {
			if len(m.Data) > limit || !m.Binary && !utf8.ValidString(m.Data) || m.Oversize > 0 && m.Data != "" {
				t.Errorf("message %+v", m)
			}
			if strings.ContainsFunc(m.ID+m.Cursor, unicode.IsControl) || !utf8.ValidString(m.ID) {
				t.Errorf("id %q", m.ID)
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := new(Transport).Run(ctx, target, sink)
		e, ok := errors.AsType[*subscriptions.Error](err)
		if !ok {
			t.Fatalf("%v has no class", err)
		}
		if len(e.Error()) > 1000 || !utf8.ValidString(e.Error()) || strings.ContainsFunc(e.Error(), unicode.IsControl) {
			t.Errorf("error %q", e.Error())
		}
	})
}
