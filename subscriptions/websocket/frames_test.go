package websocket

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// verdict is what the supervisor goes by.
type verdict struct {
	Class subscriptions.Class
	Code  subscriptions.Code
	After time.Duration
}

func verdictOf(t *testing.T, err error) verdict {
	t.Helper()
	e, ok := errors.AsType[*subscriptions.Error](err)
	if !ok {
		t.Fatalf("%v is no *subscriptions.Error", err)
	}
	return verdict{e.Class, e.Code, e.After}
}

var (
	closed   = verdict{subscriptions.Transient, subscriptions.CodeClosed, 0}
	lost     = verdict{subscriptions.Transient, subscriptions.CodeLost, 0}
	protocol = verdict{subscriptions.Transient, subscriptions.CodeProtocol, 0}
)

func text(data string) subscriptions.Message {
	return subscriptions.Message{Type: "message", Data: data}
}

func TestFrames(t *testing.T) {
	const limit = 10_000
	big := strings.Repeat("x", 5*limit)
	end := closeFrame(1000, "")
	meta := func(id string) string { return "id: " + id + "\ncontent-type: text/plain\n\n" }
	tests := []struct {
		name     string
		protocol string
		frames   []string
		want     []subscriptions.Message
		err      verdict
	}{
		{"text", "", []string{frame(final|opText, "héllo"), end}, []subscriptions.Message{text("héllo")}, closed},
		{"empty", "", []string{frame(final|opText, ""), end}, []subscriptions.Message{text("")}, closed},
		{"binary", "", []string{frame(final|opBinary, "\xff\x00"), end}, []subscriptions.Message{{Type: "message", Data: "\xff\x00", Binary: true}}, closed},
		{
			"fragments with a ping between them", "",
			[]string{frame(opText, "h\xc3"), frame(final|opPing, "p"), frame(opContinuation, "\xa9l"), frame(opContinuation, ""), frame(final|opContinuation, "lo"), frame(final|opText, "next"), end},
			[]subscriptions.Message{text("héllo"), text("next")},
			closed,
		},
		{"of the limit's size", "", []string{frame(final|opText, big[:limit]), end}, []subscriptions.Message{text(big[:limit])}, closed},
		{
			"oversize by one, and the stream goes on", "",
			[]string{frame(final|opText, big[:limit+1]), frame(final|opText, "next"), end},
			[]subscriptions.Message{{Type: "message", Oversize: limit + 1}, text("next")},
			closed,
		},
		{
			"oversize in fragments", "",
			[]string{frame(opBinary, big), frame(opContinuation, big), frame(final|opPing, ""), frame(final|opContinuation, "\xff"), frame(final|opText, "next"), end},
			[]subscriptions.Message{{Type: "message", Binary: true, Oversize: 10*limit + 1}, text("next")},
			closed,
		},
		{
			"ids", metaProtocol,
			[]string{frame(final|opText, meta("7:0")+"a"), frame(final|opText, "no head"), frame(final|opText, meta("7:1")+"b"), end},
			[]subscriptions.Message{
				{ID: "7:0", Cursor: "7:0", Type: "message", Data: "a"},
				{Cursor: "7:0", Type: "message", Data: "no head"},
				{ID: "7:1", Cursor: "7:1", Type: "message", Data: "b"},
			},
			closed,
		},
		{
			"an oversize message with an id moves the cursor", metaProtocol,
			[]string{frame(final|opText, meta("7:0")+big), end},
			[]subscriptions.Message{{ID: "7:0", Cursor: "7:0", Type: "message", Oversize: 5 * limit}},
			closed,
		},
		{"a head without the sub-protocol is text", "", []string{frame(final|opText, meta("7:0")+"a"), end}, []subscriptions.Message{text(meta("7:0") + "a")}, closed},

		{"text that is not UTF-8", "", []string{frame(final|opText, "ok"), frame(final|opText, "a\xff"), frame(final|opText, "never")}, []subscriptions.Message{text("ok")}, protocol},
		{"a fragment that ends a rune wrongly", "", []string{frame(opText, "a\xc3"), frame(final|opContinuation, "b")}, nil, protocol},
		{"masked", "", []string{frame(final|opText, "ok"), "\x81\x82\x01\x02\x03\x04ab"}, []subscriptions.Message{text("ok")}, protocol},
		{"reserved bits", "", []string{frame(final|0x40|opText, "a")}, nil, protocol},
		{"unknown opcode", "", []string{frame(final|0x3, "a")}, nil, protocol},
		{"continuation of nothing", "", []string{frame(final|opContinuation, "a")}, nil, protocol},
		{"message inside a message", "", []string{frame(opText, "a"), frame(final|opText, "b")}, nil, protocol},
		{"fragmented ping", "", []string{frame(opPing, "a")}, nil, protocol},
		{"large ping", "", []string{frame(final|opPing, big[:126])}, nil, protocol},
		{"negative length", "", []string{"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"}, nil, protocol},
		{"close with half a code", "", []string{frame(final|opClose, "\x03")}, nil, protocol},
		{"close with a code that must not be sent", "", []string{closeFrame(1006, "")}, nil, protocol},

		{"no close frame", "", []string{frame(final|opText, "ok")}, []subscriptions.Message{text("ok")}, lost},
		{"cut off in a frame", "", []string{frame(final|opText, "ok"), "\x81\x05hel"}, []subscriptions.Message{text("ok")}, lost},
		{"cut off between fragments", "", []string{frame(opText, "a")}, nil, lost},
		{"cut off behind a header", "", []string{"\x81\x05"}, nil, lost},
		{"cut off behind a fragment's header", "", []string{frame(opText, "a"), "\x80\x05"}, nil, lost},
		{"cut off in a header", "", []string{"\x81\x7e\x00"}, nil, lost},
		{"a server's own pong", "", []string{frame(final|opPong, "x"), end}, nil, closed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url := serve(t, tt.protocol, say(true, tt.frames...))
			sink := newRecorder(t)
			target := subscriptions.Target{URL: url, MaxMessage: limit}
			if tt.protocol != "" {
				target.Subprotocols = []string{tt.protocol}
			}
			err := new(Transport).Run(t.Context(), target, sink)
			if diff := cmp.Diff(tt.want, sink.received()); diff != "" {
				t.Error(diff)
			}
			if got := verdictOf(t, err); got != tt.err {
				t.Errorf("got %v (%v), want %v", got, err, tt.err)
			}
			if !<-sink.opened {
				t.Error("opened without having resumed")
			}
		})
	}
}

func TestPlainMessagesLeaveTheCursor(t *testing.T) {
	sink := newRecorder(t)
	_ = new(Transport).Run(t.Context(), subscriptions.Target{
		URL: serve(t, "", say(true, frame(final|opText, "a"))), Cursor: "42", Subprotocols: []string{metaProtocol},
	}, sink)
	want := []subscriptions.Message{{Type: "message", Data: "a", Cursor: "42"}}
	if diff := cmp.Diff(want, sink.received()); diff != "" {
		t.Error(diff)
	}
}

func TestBufferIsNotKeptLarge(t *testing.T) {
	c := &connection{sink: newRecorder(t), limit: 1 << 20}
	if n, err := c.read(strings.NewReader(strings.Repeat("x", 50<<20))); n != 50<<20 || err != nil || len(c.buf) != c.limit || cap(c.buf) > 2*c.limit {
		t.Errorf("read %d, %v; kept %d of %d", n, err, len(c.buf), cap(c.buf))
	}
	if _, _, err := c.message(t.Context(), opBinary, strings.NewReader(strings.Repeat("x", maxKept+1))); err != nil || c.buf != nil {
		t.Errorf("%v, %d bytes kept", err, cap(c.buf))
	}
}

func TestInvalidTextIsClosedWith1007(t *testing.T) {
	code := make(chan string, 1)
	url := serve(t, "", func(conn net.Conn, r *bufio.Reader) {
		_, _ = io.WriteString(conn, frame(final|opText, "\xff"))
		code <- readCloseCode(r)
		_, _ = io.WriteString(conn, closeFrame(1007, ""))
	})
	_ = new(Transport).Run(t.Context(), subscriptions.Target{URL: url}, newRecorder(t))
	if got := <-code; got != "1007" {
		t.Errorf("closed with %s", got)
	}
}

// readCloseCode reads one masked close frame.
func readCloseCode(r *bufio.Reader) string {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return err.Error()
	}
	if b[0] != final|opClose {
		return fmt.Sprintf("a frame %x", b[0])
	}
	return fmt.Sprint(int(b[6]^b[2])<<8 | int(b[7]^b[3]))
}

func TestCloseCodes(t *testing.T) {
	user := func(c subscriptions.Code) verdict { return verdict{subscriptions.NeedsUser, c, 0} }
	tests := []struct {
		frame string
		want  verdict
		text  string
	}{
		{frame(final|opClose, ""), closed, "the server closed the stream"},
		{closeFrame(1000, ""), closed, "the server closed the stream with code 1000"},
		{closeFrame(1001, "restart"), closed, "the server closed the stream with code 1001: restart"},
		{closeFrame(1011, "a\x00\n\u202e\xffb"), closed, "the server closed the stream with code 1011: a   b"},
		{closeFrame(1000, strings.Repeat("x", 123)), closed, "the server closed the stream with code 1000: " + strings.Repeat("x", 123)},
		{closeFrame(1008, "token s3cret-token and pa55word and query5 and fr4me are bad"), user(subscriptions.CodeUnauthorized), "the server closed the stream with code 1008: token *** and *** and *** and *** are bad"},
		{closeFrame(1012, ""), closed, "the server closed the stream with code 1012"},
		{closeFrame(1013, "later"), verdict{subscriptions.Transient, subscriptions.CodeBusy, 0}, "the server closed the stream with code 1013: later"},
		{closeFrame(3000, ""), user(subscriptions.CodeUnauthorized), "the server closed the stream with code 3000"},
		{closeFrame(3003, ""), user(subscriptions.CodeForbidden), "the server closed the stream with code 3003"},
		{closeFrame(4401, ""), user(subscriptions.CodeUnauthorized), "the server closed the stream with code 4401"},
		{closeFrame(4403, ""), user(subscriptions.CodeForbidden), "the server closed the stream with code 4403"},
		{closeFrame(4399, ""), closed, "the server closed the stream with code 4399"},
		{closeFrame(4400, ""), user(subscriptions.CodeBadFeed), "the server closed the stream with code 4400"},
		{closeFrame(4404, ""), user(subscriptions.CodeNotFound), "the server closed the stream with code 4404"},
		{closeFrame(4408, ""), verdict{subscriptions.Transient, subscriptions.CodeTimeout, 0}, "the server closed the stream with code 4408"},
		{closeFrame(4409, ""), verdict{subscriptions.Transient, subscriptions.CodeBusy, 0}, "the server closed the stream with code 4409"},
		{closeFrame(4410, ""), user(subscriptions.CodeGone), "the server closed the stream with code 4410"},
		{closeFrame(4429, ""), verdict{subscriptions.Transient, subscriptions.CodeBusy, 0}, "the server closed the stream with code 4429"},
		{closeFrame(4430, ""), closed, "the server closed the stream with code 4430"},
		{closeFrame(4999, ""), closed, "the server closed the stream with code 4999"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			url := serve(t, "", say(true, tt.frame))
			url = strings.Replace(url, "http://", "ws://me:pa55word@", 1) + "/?token=query5"
			err := new(Transport).Run(t.Context(), subscriptions.Target{
				URL:    url,
				Header: http.Header{"Authorization": {"Bearer s3cret-token"}},

				FrameSecret: "fr4me",
			}, newRecorder(t))
			if got := verdictOf(t, err); got != tt.want || err.Error() != tt.text {
				t.Errorf("got %v, %q", got, err)
			}
		})
	}
}

func TestSinkErrorEndsTheConnection(t *testing.T) {
	full := subscriptions.Failf(subscriptions.Transient, subscriptions.CodeStorage, "disk full")
	for _, cause := range []error{full, errors.New("unknown")} {
		sink := newRecorder(t)
		sink.deliver = func(context.Context, subscriptions.Message) error { return cause }
		err := new(Transport).Run(t.Context(), subscriptions.Target{URL: serve(t, "", say(false, frame(final|opText, "a")))}, sink)
		if !errors.Is(err, cause) {
			t.Errorf("got %v, want %v", err, cause)
		}
		verdictOf(t, err)
	}
}
