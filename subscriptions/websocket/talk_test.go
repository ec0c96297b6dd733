package websocket

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bellwire/subscriptions"

	"github.com/google/go-cmp/cmp"
)

// script is a talk for tests: it counts what it says with the heartbeat.
type script struct {
	open  []string
	hear  func(m subscriptions.Message) ([]subscriptions.Answer, error)
	beat  func(n int) (string, error)
	said  atomic.Int32
	known map[string]any
}

func (s *script) Open() (out []subscriptions.Answer, err error) {
	for _, text := range s.open {
		out = append(out, subscriptions.Answer{Text: text})
	}
	return out, nil
}

func (s *script) Hear(m subscriptions.Message) ([]subscriptions.Answer, error) {
	if s.hear == nil {
		return nil, nil
	}
	return s.hear(m)
}

func (s *script) Beat() (string, error) {
	if s.beat == nil {
		return "", nil
	}
	return s.beat(int(s.said.Add(1)))
}

func (s *script) Missed() bool { return false }

func (s *script) Memory() map[string]any { return s.known }

func texts(texts ...string) (out []subscriptions.Answer) {
	for _, text := range texts {
		out = append(out, subscriptions.Answer{Text: text})
	}
	return out
}

func TestAnswers(t *testing.T) {
	said := make(chan string, 10)
	url := serve(t, "", func(conn net.Conn, r *bufio.Reader) {
		for _, text := range []string{"challenge", "welcome", "event"} {
			_, _ = io.WriteString(conn, frame(final|opText, text))
			if text != "event" {
				answer, _ := readText(t, r)
				said <- answer
			}
		}
		_, _ = io.WriteString(conn, frame(final|opBinary, "\x00")+closeFrame(1000, ""))
		_, _ = io.Copy(io.Discard, r)
	})
	talk := &script{known: map[string]any{"a": 1}}
	heard := []subscriptions.Message{}
	talk.hear = func(m subscriptions.Message) ([]subscriptions.Answer, error) {
		m.Received = time.Time{}
		heard = append(heard, m)
		switch m.Data {
		case "challenge":
			return texts("response"), nil
		case "welcome":
			return texts("subscribe"), nil
		}
		return nil, nil
	}
	sink := newRecorder(t)
	err := new(Transport).Run(t.Context(), subscriptions.Target{URL: url, Talk: talk}, sink)
	if verdictOf(t, err) != closed {
		t.Error(err)
	}
	if first, second := <-said, <-said; first != "response" || second != "subscribe" {
		t.Errorf("said %q and %q", first, second)
	}
	want := []subscriptions.Message{text("challenge"), text("welcome"), text("event"), {Type: "message", Data: "\x00", Binary: true}}
	for i := range want {
		want[i].Memory = talk.known
	}
	if diff := cmp.Diff(want, sink.received()); diff != "" {
		t.Error(diff)
	}
	want[3].Data = "" // a talk is about texts
	for i := range want {
		want[i].Memory = nil
	}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Error("heard: " + diff)
	}
}

func TestTalkEndsTheConnection(t *testing.T) {
	refused := subscriptions.Failf(subscriptions.NeedsUser, subscriptions.CodeUnauthorized, "no")
	talk := &script{hear: func(subscriptions.Message) ([]subscriptions.Answer, error) { return nil, refused }}
	sink := newRecorder(t)
	err := new(Transport).Run(t.Context(), subscriptions.Target{URL: serve(t, "", say(false, frame(final|opText, "a"))), Talk: talk}, sink)
	if err != refused || len(sink.received()) != 0 {
		t.Errorf("got %v", err)
	}
	synctest.Test(t, func(t *testing.T) { // by a heartbeat that cannot be said
		client := bubble(t, func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })
		talk := &script{beat: func(int) (string, error) { return "", refused }}
		_, err := runTarget(t, client, subscriptions.Target{Heartbeat: pingPong, Talk: talk}, newRecorder(t))
		if err != refused {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnswerToADeafPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		client := bubble(t, func(conn net.Conn, _ *bufio.Reader) {
			_, _ = io.WriteString(conn, frame(final|opText, "a"))
			<-gone
		})
		defer close(gone)
		talk := &script{hear: func(subscriptions.Message) ([]subscriptions.Answer, error) { return texts("b"), nil }}
		took, err := runTarget(t, client, subscriptions.Target{Talk: talk}, newRecorder(t))
		if verdictOf(t, err) != lost || took != answerTimeout {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// What is numbered arrives in the order of its numbers, whoever says it; and
// an echo of the last heartbeat is no event.
func TestWhatIsSaidKeepsItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		client := bubble(t, func(conn net.Conn, r *bufio.Reader) {
			ended, echoes := make(chan struct{}), make(chan string, 100)
			go func() {
				defer close(ended)
				for {
					opcode, text, err := readFrame(r)
					if err != nil {
						return
					}
					if opcode == opText {
						got = append(got, text)
						if strings.HasPrefix(text, "beat") {
							echoes <- text // a pipe holds nothing: one goroutine writes
						}
					}
				}
			}()
			for range 20 {
				time.Sleep(time.Second)
				if len(echoes) > 0 {
					_, _ = io.WriteString(conn, frame(final|opText, <-echoes))
				}
				_, _ = io.WriteString(conn, frame(final|opText, "event"))
			}
			_, _ = io.WriteString(conn, closeFrame(1000, ""))
			<-ended
		})
		talk := &script{}
		talk.hear = func(m subscriptions.Message) ([]subscriptions.Answer, error) {
			if m.Data != "event" {
				return nil, nil
			}
			return texts(fmt.Sprintf("ack %d", talk.said.Add(1))), nil
		}
		talk.beat = func(n int) (string, error) { return fmt.Sprintf("beat %d", n), nil }
		sink := newRecorder(t)
		_, err := runTarget(t, client, subscriptions.Target{Talk: talk, Heartbeat: subscriptions.Heartbeat{
			Send: "beat {{ n }}", Every: subscriptions.Duration(1500 * time.Millisecond),
		}}, sink)
		if verdictOf(t, err) != closed || len(sink.messages) != 20 {
			t.Errorf("%d events: %v", len(sink.messages), err)
		}
		for i, text := range got {
			if !strings.HasSuffix(text, fmt.Sprintf(" %d", i+1)) {
				t.Fatalf("in this order: %q", got)
			}
		}
		if len(got) < 30 {
			t.Errorf("said %q", got)
		}
	})
}

// An answer may be a request, with the feed's credentials.
func TestAnswerByPost(t *testing.T) {
	type request struct {
		Header http.Header
		Body   any
		Query  string
	}
	posted := make(chan request, 1)
	status := http.StatusNoContent
	mux := http.NewServeMux()
	mux.HandleFunc("POST /join", func(w http.ResponseWriter, r *http.Request) {
		var body any
		_ = json.NewDecoder(r.Body).Decode(&body)
		posted <- request{http.Header{"Authorization": r.Header["Authorization"], "Content-Type": r.Header["Content-Type"]}, body, r.URL.RawQuery}
		w.WriteHeader(status)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		conn, br := accept(t, w, r, "")
		defer conn.Close()
		say(true, frame(final|opText, "id"), closeFrame(1000, ""))(conn, br)
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	talk := &script{hear: func(subscriptions.Message) ([]subscriptions.Answer, error) {
		return []subscriptions.Answer{{Text: `{"a":1}`, Post: s.URL + "/join"}}, nil
	}}
	target := subscriptions.Target{URL: s.URL, Talk: talk}
	for _, c := range []subscriptions.Credential{{By: subscriptions.AuthBearer}, {By: subscriptions.AuthQuery, Name: "key"}} {
		if err := target.Present(c, "hush"); err != nil {
			t.Fatal(err)
		}
	}
	run := func() error { return new(Transport).Run(t.Context(), target, newRecorder(t)) }
	if err := run(); verdictOf(t, err) != closed {
		t.Error(err)
	}
	want := request{http.Header{"Authorization": {"Bearer hush"}, "Content-Type": {"application/json"}}, map[string]any{"a": 1.0}, "key=hush"}
	if diff := cmp.Diff(want, <-posted); diff != "" {
		t.Error(diff)
	}
	status = http.StatusForbidden
	err := run()
	<-posted
	if verdictOf(t, err) != (verdict{subscriptions.NeedsUser, subscriptions.CodeForbidden, 0}) || err.Error() != "posting an answer: the server answered 403 (Forbidden)" {
		t.Errorf("got %v", err)
	}
}

// Nothing of a talk is left when the connection is given up.
func TestGivenUpWhileAnswering(t *testing.T) {
	gone := make(chan struct{})
	mux := http.NewServeMux()
	asked := make(chan struct{})
	mux.HandleFunc("POST /", func(http.ResponseWriter, *http.Request) { close(asked); <-gone })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		conn, br := accept(t, w, r, "")
		defer conn.Close()
		say(false, frame(final|opText, "id"))(conn, br)
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	defer close(gone)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	talk := &script{hear: func(subscriptions.Message) ([]subscriptions.Answer, error) {
		return []subscriptions.Answer{{Text: "x", Post: s.URL}}, nil
	}}
	if err := new(Transport).Run(ctx, subscriptions.Target{URL: s.URL, Talk: talk}, newRecorder(t)); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}
