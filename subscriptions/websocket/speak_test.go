package websocket

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// runTarget is run with more than an address.
func runTarget(t *testing.T, client *http.Client, target subscriptions.Target, sink subscriptions.Sink) (time.Duration, error) {
	t.Helper()
	target.URL = "ws://server/"
	began := time.Now()
	err := (&Transport{Client: client}).Run(t.Context(), target, sink)
	return time.Since(began), err
}

// readText reads a client's text frame; ok is false for any other, and at the
// end.
func readText(t *testing.T, r *bufio.Reader) (text string, ok bool) {
	opcode, text, err := readFrame(r)
	if err == nil && opcode != opText {
		t.Errorf("opcode %x", opcode)
	}
	return text, err == nil && opcode == opText
}

func TestOpeningFramesAreSentInOrder(t *testing.T) {
	want := []string{`{"type":"auth"}`, strings.Repeat("x", subscriptions.MaxFrame), "join é"}
	synctest.Test(t, func(t *testing.T) {
		sink := newRecorder(t)
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			for i := range want {
				synctest.Wait()
				if len(sink.opened) != 0 {
					t.Errorf("open before frame %d was sent", i)
				}
				if got, _ := readText(t, r); got != want[i] {
					t.Errorf("frame %d is %.40q", i, got)
				}
			}
			_, _ = io.WriteString(conn, frame(final|opText, "welcome")+closeFrame(1000, ""))
			_, _ = io.Copy(io.Discard, r)
		})
		_, err := runTarget(t, client, subscriptions.Target{Talk: &script{open: want}}, sink)
		if diff := cmp.Diff([]subscriptions.Message{text("welcome")}, sink.received()); diff != "" || verdictOf(t, err) != closed || len(sink.opened) != 1 {
			t.Errorf("%v: %s", err, diff)
		}
	})
}

// Opening frames have what is left of the time to connect.
func TestOpeningFramesToADeafPeer(t *testing.T) {
	for name, cancelled := range map[string]time.Duration{"alone": 0, "cancelled": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gone := make(chan struct{})
				client := bubble(t, func(net.Conn, *bufio.Reader) { <-gone })
				defer close(gone)
				ctx, want := t.Context(), subscriptions.DefaultConnectTimeout
				if cancelled > 0 {
					c, cancel := context.WithTimeout(ctx, cancelled)
					defer cancel()
					ctx, want = c, cancelled
				}
				sink := newRecorder(t)
				began := time.Now()
				err := (&Transport{Client: client}).Run(ctx, subscriptions.Target{URL: "ws://server/", Talk: &script{open: []string{"hello"}}}, sink)
				if took := time.Since(began); took != want || len(sink.opened) != 0 {
					t.Errorf("after %v: %v", took, err)
				}
				if cancelled > 0 && err != context.DeadlineExceeded || cancelled == 0 && verdictOf(t, err) != lost {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// What a feed says is for the server it was meant for.
func TestFramesDoNotFollowARedirectElsewhere(t *testing.T) {
	elsewhere := serve(t, "", func(net.Conn, *bufio.Reader) { t.Error("connected elsewhere") })
	away := httptest.NewServer(http.RedirectHandler(elsewhere, http.StatusFound))
	defer away.Close()
	for name, target := range map[string]subscriptions.Target{
		"frames":    {Talk: &script{open: []string{"hello"}}},
		"heartbeat": {Heartbeat: subscriptions.Heartbeat{Send: "ping"}},
	} {
		target.URL = away.URL
		err := new(Transport).Run(t.Context(), target, newRecorder(t))
		if got := verdictOf(t, err); got != (verdict{subscriptions.NeedsUser, subscriptions.CodeRedirect, 0}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatBelongsToTheHeartbeat(t *testing.T) {
	const answer, echo, event = "answer", "echo", "event"
	object := `{"type":"pong","n":1,"deep":{"a":[1,null]}}`
	for name, tc := range map[string]struct{ send, expect, text, want string }{
		"the answer":                    {"ping", "pong", "pong", answer},
		"with blanks":                   {"ping", " pong\n", "\tpong ", answer},
		"an echo":                       {"ping", "pong", "ping\n", echo},
		"an echo alone":                 {"ping", "", "ping", echo},
		"an echo that is the answer":    {"ping", "ping", "ping", answer},
		"another text":                  {"ping", "pong", "pong!", event},
		"nothing":                       {"ping", "", "", event},
		"blanks, where they are sent":   {" ", "", "  ", event},
		"the object":                    {"ping", object, object, answer},
		"with more members":             {"ping", object, `{"time":2,"deep":{"a":[1.0,null]}, "n":1, "type":"pong"}`, answer},
		"written otherwise":             {"ping", object, `{"t\u0079pe":"p\u006fng","n":1,"deep":{"a":[1,null]}}`, answer},
		"with another value":            {"ping", object, `{"type":"pong","n":2,"deep":{"a":[1,null]}}`, event},
		"with another value deep down":  {"ping", object, `{"type":"pong","n":1,"deep":{"a":[1,null],"b":0}}`, event},
		"without a member":              {"ping", object, `{"type":"pong","n":1}`, event},
		"null is no value":              {"ping", `{"a":null}`, `{"b":1,"c":"a"}`, event},
		"broken":                        {"ping", object, object + "}", event},
		"in a list":                     {"ping", object, "[" + object + "]", event},
		"in an event":                   {"ping", `{"type":"pong"}`, `{"type":"chat","text":"pong"}`, event},
		"too long to be looked at":      {"ping", `{"type":"pong"}`, `{"type":"pong","x":"` + strings.Repeat("x", maxCompared) + `"}`, event},
		"long because the expected is":  {"ping", `{"x":"` + strings.Repeat("x", maxCompared) + `"}`, `{"n":1,"x":"` + strings.Repeat("x", maxCompared) + `"}`, answer},
		"an object without any members": {"ping", "{}", "{}", answer},
		"which stands for itself alone": {"ping", "{}", `{"a":1}`, event},
		"expected text that is a list":  {"ping", "[1]", "[1]", answer},
		"expected null":                 {"ping", "null", `{"a":1}`, event},
	} {
		b := newHeartbeat(subscriptions.Heartbeat{Send: tc.send, Expect: tc.expect})
		now := time.Now()
		b.sent.Store(&now)
		sign, ok := b.sign([]byte(tc.text))
		got := event
		switch {
		case ok && sign.Kind == subscriptions.LifePong && len(b.answered) == 1:
			got = answer
		case ok && sign.Kind == subscriptions.LifeKeepAlive && len(b.answered) == 0:
			got = echo
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
		if again, ok := b.sign([]byte(tc.text)); tc.want == answer && (!ok || again.Kind != subscriptions.LifeKeepAlive) {
			t.Errorf("%s: unasked it is %v", name, again)
		}
	}
}

// pingPong is a heartbeat with short times.
var pingPong = subscriptions.Heartbeat{Send: "ping", Every: subscriptions.Duration(5 * time.Second), Expect: "pong", Within: subscriptions.Duration(2 * time.Second)}

func TestHeartbeatThatIsNoLongerAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 120 * time.Millisecond
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			for range 3 {
				if got, _ := readText(t, r); got != "ping" {
					t.Errorf("got %q", got)
				}
				time.Sleep(delay)
				_, _ = io.WriteString(conn, frame(final|opText, "pong"))
			}
			_, _ = io.Copy(io.Discard, r)
		})
		sink := newRecorder(t)
		took, err := runTarget(t, client, subscriptions.Target{Heartbeat: pingPong, Cursor: "7"}, sink)
		if verdictOf(t, err) != timedOut || took != time.Duration(4*pingPong.Every+pingPong.Within) {
			t.Errorf("after %v: %v", took, err)
		}
		if err.Error() != "no answer to the heartbeat within 2s" {
			t.Errorf("it says %q", err)
		}
		pongs := sink.alive(subscriptions.LifePong)
		if len(sink.messages) != 0 || len(pongs) != 3 || pongs[0].RTT != delay {
			t.Errorf("%d messages, pongs %v", len(sink.messages), pongs)
		}
	})
}

// Anything a server sends is life, and the heartbeat keeps its pace meanwhile.
func TestHeartbeatOfATalkingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for {
					opcode, text, err := readFrame(r)
					if err != nil {
						return
					}
					if opcode == opText && text == "beat" {
						beats++
					}
				}
			}()
			for range 12 {
				time.Sleep(5 * time.Second)
				_, _ = io.WriteString(conn, frame(final|opText, "x"))
			}
			_, _ = io.WriteString(conn, closeFrame(1000, ""))
			<-ended
		})
		sink := newRecorder(t)
		_, err := runTarget(t, client, subscriptions.Target{Heartbeat: subscriptions.Heartbeat{
			Send: "beat", Every: subscriptions.Duration(time.Second), Expect: "never", Within: subscriptions.Duration(20 * time.Second),
		}}, sink)
		if verdictOf(t, err) != closed || len(sink.messages) != 12 || beats < 59 || beats > 61 {
			t.Errorf("%d messages, %d heartbeats: %v", len(sink.messages), beats, err)
		}
	})
}

// While the sink is slow the server still sees the heartbeat, and is not
// blamed for answers that could not be heard.
func TestHeartbeatBehindASlowSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			_, _ = io.WriteString(conn, frame(final|opText, "slow"))
			for beats < 100 {
				if opcode, _, err := readFrame(r); err != nil {
					t.Error(err)
					return
				} else if opcode == opText {
					beats++
				}
			}
			_, _ = io.WriteString(conn, closeFrame(1000, ""))
			_, _ = io.Copy(io.Discard, r)
		})
		sink := newRecorder(t)
		sink.deliver = func(context.Context, subscriptions.Message) error {
			time.Sleep(time.Duration(101 * pingPong.Every))
			return nil
		}
		if took, err := runTarget(t, client, subscriptions.Target{Heartbeat: pingPong}, sink); verdictOf(t, err) != closed || beats != 100 {
			t.Errorf("after %v and %d heartbeats: %v", took, beats, err)
		}
	})
}

// A heartbeat without an answer never ends a connection; pings still do.
func TestHeartbeatWithoutAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			for began := time.Now(); time.Since(began) < time.Hour; {
				switch opcode, payload, err := readFrame(r); {
				case err != nil:
					t.Error(err)
					return
				case opcode == opPing:
					_, _ = io.WriteString(conn, frame(final|opPong, payload))
				case payload != "still here":
					t.Errorf("got %x %q", opcode, payload)
				}
			}
			_, _ = io.Copy(io.Discard, r)
		})
		took, err := runTarget(t, client, subscriptions.Target{Heartbeat: subscriptions.Heartbeat{Send: "still here"}}, newRecorder(t))
		if verdictOf(t, err) != timedOut || took < time.Hour || took > time.Hour+DefaultPingInterval+DefaultPongTimeout {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// Asked to prove the connection, it sends the heartbeat as well: a server may
// know no pings, or answer them from a place that knows nothing.
func TestVerifySendsTheHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const asked = 2 * time.Second
		seen := make(chan string, 10)
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			began := time.Now()
			for {
				opcode, payload, err := readFrame(r)
				if err != nil {
					return
				}
				if time.Since(began) != asked {
					continue
				}
				if opcode == opPing {
					payload = "a ping"
				}
				seen <- payload
			}
		})
		verify := make(chan struct{})
		time.AfterFunc(asked, func() { verify <- struct{}{} })
		h := subscriptions.Heartbeat{Send: "ping", Expect: "pong", Within: subscriptions.Duration(2 * time.Second)}
		took, err := runTarget(t, client, subscriptions.Target{Heartbeat: h, Verify: verify}, newRecorder(t))
		if verdictOf(t, err) != timedOut || took != asked+h.Patience() {
			t.Errorf("after %v: %v", took, err)
		}
		got := map[string]bool{<-seen: true, <-seen: true}
		if !got["a ping"] || !got["ping"] || len(seen) > 0 {
			t.Errorf("sent %v", got)
		}
	})
}

func TestHeartbeatLeavesTheCursor(t *testing.T) {
	meta := func(id, body string) string {
		return frame(final|opText, "id: "+id+"\ncontent-type: text/plain\n\n"+body)
	}
	url := serve(t, metaProtocol, say(true, meta("7:0", "a"), meta("7:1", "pong"), frame(final|opText, "ping"), frame(final|opBinary, "pong"), closeFrame(1000, "")))
	sink := newRecorder(t)
	err := new(Transport).Run(t.Context(), subscriptions.Target{
		URL: url, Cursor: "6:0", Subprotocols: []string{metaProtocol}, Heartbeat: pingPong,
	}, sink)
	want := []subscriptions.Message{
		{ID: "7:0", Cursor: "7:0", Type: "message", Data: "a"},
		{Cursor: "7:0", Type: "message", Data: "pong", Binary: true},
	}
	if diff := cmp.Diff(want, sink.received()); diff != "" || verdictOf(t, err) != closed {
		t.Errorf("%v: %s", err, diff)
	}
	if n := len(sink.alive(subscriptions.LifeKeepAlive)); n != 2 {
		t.Errorf("%d keep-alives", n)
	}
}
