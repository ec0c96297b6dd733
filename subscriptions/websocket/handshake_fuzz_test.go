package websocket

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bellwire/subscriptions"

	"github.com/coder/websocket"
)

var errSeen = errors.New("seen")

// eavesdropper keeps the request of a handshake and answers nothing.
type eavesdropper struct{ req *http.Request }

func (e *eavesdropper) RoundTrip(req *http.Request) (*http.Response, error) {
	e.req = req
	return nil, errSeen
}

// FuzzHandshake holds that whatever headers a feed has, a server reads one
// handshake of RFC 6455 §4.1, with those headers and nothing else.
func FuzzHandshake(f *testing.F) {
	for _, h := range [][2]string{
		{"Authorization", "Bearer x"},
		{"Host", "other.example"},
		{"sec-websocket-protocol", "a, b,,a"},
		{"Sec-WebSocket-Key", "mine"},
		{"Connection", "close"},
		{"upgrade", "h2c"},
		{"Cookie", "a=b; c=d"},
		{"Sec-WebSocket-Extensions", "permessage-deflate"},
		{"Transfer-Encoding", "chunked"},
		{"Content-Length", "7"},
		{"Origin", "https://x"},
		{"User-Agent", ""},
		{"Host", ""},
		{"Host", "a b/\\"},
		{"Sec-WebSocket-Protocol", "a b"},
		{"Sec-WebSocket-Protocol", "é"},
		{"Expect", "100-continue"},
		{"Trailer", "X"},
		{"Te", "trailers"},
	} {
		f.Add(h[0], h[1], "X-Other", "1", "")
		f.Add(h[0], h[1], h[0], h[1]+"2", "graphql-transport-ws")
	}
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2, protocol string) {
		feed := subscriptions.Feed{
			URL: "ws://feed.example/x", Transport: subscriptions.TransportWebSocket,
			Headers: []subscriptions.Header{{Name: name1, Value: value1}, {Name: name2, Value: value2}},
		}
		if protocol != "" {
			feed.Subprotocols = []string{protocol}
		}
		if feed.Validate() != nil || len(value1)+len(value2) > 1<<12 {
			return
		}
		target, err := subscriptions.NewTarget(feed, "")
		if err != nil {
			t.Fatal(err)
		}
		opts, ear := handshake(target), &eavesdropper{}
		opts.HTTPClient = &http.Client{Transport: ear}
		if _, _, err := websocket.Dial(t.Context(), target.URL, opts); !errors.Is(err, errSeen) {
			t.Fatalf("%q, %q: no request was made: %v", feed.Headers, protocol, err)
		}
		var wire bytes.Buffer
		if err := ear.req.Write(&wire); err != nil {
			return // net/http refuses to send it: a bad Host
		}
		got, err := http.ReadRequest(bufio.NewReader(&wire))
		if err != nil {
			t.Fatalf("%q: a server cannot read it: %v", feed.Headers, err)
		}
		if wire.Len() != 0 || got.ContentLength != 0 || len(got.TransferEncoding) != 0 {
			t.Errorf("%q: there is a body", feed.Headers)
		}
		handshakeOnce(t, feed, got.Header)
	})
}

func handshakeOnce(t *testing.T, feed subscriptions.Feed, got http.Header) {
	t.Helper()
	for name, want := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13"} {
		if !slices.Equal(got[name], []string{want}) {
			t.Errorf("%q: %s is %q", feed.Headers, name, got[name])
		}
	}
	if n := len(got["Sec-Websocket-Key"]); n != 1 || len(got["Sec-Websocket-Key"][0]) != 24 || len(got["Sec-Websocket-Extensions"]) != 0 {
		t.Errorf("%q: %d keys, extensions %q", feed.Headers, n, got["Sec-Websocket-Extensions"])
	}
	if n := len(got["Sec-Websocket-Protocol"]); n > 1 {
		t.Errorf("%q: %d lists of protocols", feed.Headers, n)
	}
	for name, values := range got {
		if slices.Contains([]string{"Connection", "Upgrade", "User-Agent"}, name) || strings.HasPrefix(name, "Sec-Websocket-") {
			continue
		}
		var given []string
		for _, h := range feed.Headers {
			if http.CanonicalHeaderKey(h.Name) == name {
				given = append(given, strings.Trim(h.Value, " \t"))
			}
		}
		if !slices.Equal(given, values) {
			t.Errorf("%q: a server reads %s: %q", feed.Headers, name, values)
		}
	}
}
