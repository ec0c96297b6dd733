package sse_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	. "bellwire/subscriptions"
	"bellwire/subscriptions/sse"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// cases is testdata/sse-cases.json.
type cases struct {
	Parse []parseCase
	HTTP  []httpCase
}

type parseCase struct {
	Name        string
	Input       string
	InputBase64 string
	Events      []struct{ Type, Data, ID string }
	LastEventID string
	Retry       *int64
}

func (c parseCase) stream(t testing.TB) []byte {
	t.Helper()
	if c.InputBase64 == "" {
		return []byte(c.Input)
	}
	b, err := base64.StdEncoding.DecodeString(c.InputBase64)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func loadCases(t testing.TB) cases {
	t.Helper()
	b, err := os.ReadFile("testdata/sse-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var c cases
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Parse) != 61 || len(c.HTTP) != 19 {
		t.Fatalf("%d and %d cases", len(c.Parse), len(c.HTTP))
	}
	return c
}

type httpCase struct {
	Name          string
	Status        int
	ContentType   string
	Open          bool
	Retry         *bool
	Redirect      bool
	RequestHeader string
}

// refusals are the classes of the cases that must not open. A browser never
// retries any of them; Bellwire deliberately goes on with 503, because a feed
// outlives its server's restarts. Either way the Run itself asks once only.
var refusals = map[int]struct {
	class Class
	code  Code
}{
	200: {NeedsUser, CodeNotStream},
	204: {Ended, CodeEnded},
	205: {NeedsUser, CodeNotStream},
	210: {NeedsUser, CodeNotStream},
	299: {NeedsUser, CodeNotStream},
	404: {NeedsUser, CodeNotFound},
	410: {NeedsUser, CodeGone},
	503: {Transient, CodeBusy},
}

func TestParseCases(t *testing.T) {
	for _, c := range loadCases(t).Parse {
		t.Run(c.Name, func(t *testing.T) {
			stream := c.stream(t)
			check := func(how string, r io.Reader) {
				t.Helper()
				got := readAll(r, sse.ReadOptions{})
				if got.Err != nil {
					t.Errorf("%s: %v", how, got.Err)
				}
				events := c.Events[:0:0]
				last := ""
				for _, m := range got.Messages {
					last = m.Cursor
					if !m.CursorOnly {
						events = append(events, struct{ Type, Data, ID string }{m.Type, m.Data, m.Cursor})
					}
				}
				if d := cmp.Diff(c.Events, events, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("%s: events:\n%s", how, d)
				}
				if last != c.LastEventID {
					t.Errorf("%s: last event id %q, want %q", how, last, c.LastEventID)
				}
				switch n := len(got.Retries); {
				case c.Retry == nil && n > 0:
					t.Errorf("%s: retry %v, want none", how, got.Retries)
				case c.Retry != nil && (n == 0 || got.Retries[n-1] != time.Duration(*c.Retry)*time.Millisecond):
					t.Errorf("%s: retry %v, want %d ms", how, got.Retries, *c.Retry)
				}
			}
			check("whole", bytes.NewReader(stream))
			check("byte by byte", iotest.OneByteReader(bytes.NewReader(stream)))
			check("data with EOF", iotest.DataErrReader(bytes.NewReader(stream)))
			for i := range len(stream) {
				check(fmt.Sprintf("cut at %d", i), &pieces{stream[:i], stream[i:]})
			}
		})
	}
}

func TestHTTPCases(t *testing.T) {
	for _, c := range loadCases(t).HTTP {
		t.Run(c.Name, func(t *testing.T) {
			var requests atomic.Int32
			var header http.Header
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := requests.Add(1)
				header = r.Header
				switch {
				case c.Redirect && n == 1:
					http.Redirect(w, r, "/stream", c.Status)
				case c.Redirect, c.RequestHeader != "":
					eventStream(w, "data: x\n\n")
				case c.Status == 0 && n == 1: // the case of two requests
					eventStream(w, "id: 1\ndata: x\n\n")
				case c.Status == 0:
					w.WriteHeader(http.StatusNoContent)
				default:
					w.Header().Set("Content-Type", c.ContentType)
					w.WriteHeader(c.Status)
					_, _ = io.WriteString(w, "data: x\n\n") // fails where the status forbids a body
				}
			}))
			defer s.Close()
			tr := newTransport(t)
			out := newSink()
			err := tr.Run(t.Context(), target(t, s.URL, ""), out)
			opened, messages := taken(out.opened), taken(out.messages)

			if name, want, ok := strings.Cut(c.RequestHeader, ": "); ok && header.Get(name) != want {
				t.Errorf("%s: %q", name, header.Get(name))
			}
			if c.Retry != nil && !*c.Retry {
				want := refusals[c.Status]
				wantError(t, err, want.class, want.code)
				if n := requests.Load(); n != 1 || len(opened) != 0 || len(messages) != 0 {
					t.Errorf("%d requests, opened %v, messages %v", n, opened, messages)
				}
				return
			}
			wantError(t, err, Transient, CodeClosed) // a stream that ends is retried
			if d := cmp.Diff([]bool{true}, opened); d != "" || len(messages) != 1 {
				t.Errorf("opened %v, messages %v", opened, messages)
			}
			if c.Status == 0 && c.RequestHeader == "" {
				err := tr.Run(t.Context(), target(t, s.URL, messages[0].Cursor), out)
				wantError(t, err, Ended, CodeEnded) // and a 204 then stops for good
			}
		})
	}
}
