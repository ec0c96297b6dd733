package detect_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"bellwire/subscriptions"
	"bellwire/subscriptions/decode"
	"bellwire/subscriptions/detect"
	"bellwire/subscriptions/presets"
	"bellwire/subscriptions/sse"
	"bellwire/subscriptions/websocket"

	ws "github.com/coder/websocket"
)

func detector(t *testing.T) *detect.Detector {
	t.Helper()
	set, err := presets.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return &detect.Detector{
		Presets: set.All(),
		Transports: func(c *http.Client) map[subscriptions.TransportName]subscriptions.Transport {
			return map[subscriptions.TransportName]subscriptions.Transport{
				subscriptions.TransportSSE:       &sse.Transport{Client: c},
				subscriptions.TransportWebSocket: &websocket.Transport{Client: c},
			}
		},
		Decode: func(f subscriptions.Feed, heard []subscriptions.Message) (events []subscriptions.Event) {
			d, err := decode.Compile(f)
			if err != nil {
				t.Error(err)
				return nil
			}
			for _, m := range heard {
				events = append(events, d.Decode(m, "").Events...)
			}
			return events
		},
	}
}

// A site is a server of one kind at its well-known addresses: what is not
// there is 404.
type site map[string]http.HandlerFunc

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := s[r.URL.Path]
	if h == nil {
		h = s["*"]
	}
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h(w, r)
}

func says(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(text))
	}
}

func page(title string) http.HandlerFunc {
	return says("text/html; charset=utf-8", "<!doctype html><html><head><title>"+title+"</title></head><body></body></html>")
}

func refuses(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, status) }
}

// stream is an event stream. It ends when all is said, so that nobody waits.
func stream(text string) http.HandlerFunc {
	return says("text/event-stream", text)
}

// socket is a WebSocket that sends texts and ends.
func socket(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := ws.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for _, text := range texts {
			_ = c.Write(r.Context(), ws.MessageText, []byte(text))
		}
		_ = c.Close(ws.StatusNormalClosure, "")
	}
}

const ntfyMessage = `{"id":"hwQ2YpKdmg","time":1793000060,"event":"message","topic":"alerts","title":"Disk full","message":"/var is at 91 %"}`

func TestKindsOfServers(t *testing.T) {
	ntfy := site{
		"*": page("ntfy web"), "/v1/health": says("application/json", `{"healthy":true}`),
		"/alerts/sse": stream("event: open\ndata: {\"id\":\"a\",\"time\":1793000000,\"event\":\"open\",\"topic\":\"alerts\"}\n\ndata: " + ntfyMessage + "\n\n"),
	}
	gotify := site{"/": page("Gotify"), "/version": says("application/json", `{"version":"2.6.1","commit":"x","buildDate":"2025-01-01-00:00:00"}`), "/stream": refuses(401, `{"error":"Unauthorized"}`)}
	assistant := site{
		"*": page("Home Assistant"), "/manifest.json": says("application/manifest+json", `{"name":"Home Assistant","short_name":"Home Assistant"}`),
		"/api/websocket": socket(`{"type":"auth_required","ha_version":"2026.11.1"}`),
	}
	mastodon := site{
		"*": says("text/html", `<html><body><div class="app-holder" id="mastodon"></div></body></html>`), "/api/v1/streaming/user/notification": refuses(401, "no"),
		"/api/v1/instance": says("application/json", `{"uri":"example.org","urls":{"streaming_api":"wss://example.org"}}`),
	}
	mercure := site{"/.well-known/mercure": func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("topic") {
			http.Error(w, `Missing "topic" parameter.`, http.StatusBadRequest)
			return
		}
		stream(":\n")(w, r)
	}}
	pocketbase := site{
		"*": func(w http.ResponseWriter, r *http.Request) {
			refuses(404, `{"data":{},"message":"The requested resource wasn't found.","status":404}`)(w, r)
		},
		"/api/health": says("application/json", `{"message":"API is healthy.","code":200,"data":{}}`), "/api/realtime": stream("id:abc\nevent:PB_CONNECT\ndata:{\"clientId\":\"abc\"}\n\n"),
	}
	nostr := site{"/": func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Upgrade") != "":
			socket()(w, r)
		case r.Header.Get("Accept") == "application/nostr+json":
			says("application/nostr+json", `{"name":"relay","supported_nips":[1,11]}`)(w, r)
		default:
			says("text/plain", "Please use a Nostr client to connect.")(w, r)
		}
	}}
	const open = `0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	socketIO := site{"/": page("A site of somebody's"), "/socket.io/": func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); {
		case q.Get("EIO") != "4":
			refuses(400, `{"code":0,"message":"Transport unknown"}`)(w, r)
		case q.Get("transport") == "polling":
			says("text/plain; charset=UTF-8", open)(w, r)
		default:
			socket(strings.Replace(open, `"websocket"`, "", 1))(w, r)
		}
	}}
	const wikimedia = "event: message\nid: [{\"topic\":\"t\",\"partition\":0,\"offset\":1}]\ndata: {\"meta\":{\"domain\":\"en.wikipedia.org\",\"stream\":\"mediawiki.recentchange\",\"dt\":\"2026-11-21T09:14:03Z\"},\"title\":\"Bell\",\"user\":\"Example\",\"type\":\"edit\"}\n\n"
	centrifugo := site{"/connection/uni_sse": stream("data: {\"connect\":{\"client\":\"bb56837e\",\"version\":\"6.2.4\",\"ping\":25}}\n\n"), "/connection/uni_websocket": socket(`{"connect":{"client":"bb56837e","version":"6.2.4"}}`)}
	const jetstream = `{"did":"did:plc:x","time_us":1795252443123456,"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"3l","record":{"text":"The bell rang"}}}`

	for name, tt := range map[string]struct {
		site  http.Handler
		paste string // behind the server's address; ws: for a WebSocket's
		want  string // confidence preset or kind, what is missing, address
		first string // event
	}{
		"ntfy":                         {ntfy, "/alerts", "certain ntfy [] /alerts/sse", "Disk full"},
		"ntfy's own stream":            {ntfy, "/alerts/sse", "certain ntfy [] /alerts/sse", "Disk full"},
		"ntfy itself":                  {ntfy, "", "certain ntfy [topic] ", ""},
		"gotify":                       {gotify, "", "certain gotify [] /stream", ""},
		"gotify with a slash":          {gotify, "/", "certain gotify [] /stream", ""},
		"gotify's stream":              {gotify, "ws:/stream", "certain gotify [] /stream", ""},
		"home assistant":               {assistant, "/lovelace/0", "certain home-assistant [] /api/websocket", ""},
		"home assistant itself":        {assistant, "", "certain home-assistant [] /api/websocket", ""},
		"home assistant's socket":      {assistant, "ws:/api/websocket", "certain home-assistant [] /api/websocket", ""},
		"mastodon":                     {mastodon, "/@you", "certain mastodon [] /api/v1/streaming/user/notification", ""},
		"mastodon itself":              {mastodon, "", "certain mastodon [] /api/v1/streaming/user/notification", ""},
		"mercure":                      {mercure, "", "certain mercure [] /.well-known/mercure?topic=*&match=*", ""},
		"mercure's hub":                {mercure, "/.well-known/mercure", "certain mercure [] /.well-known/mercure?topic=*&match=*", ""},
		"mercure's topic":              {mercure, "/.well-known/mercure?topic=a", "certain mercure [] /.well-known/mercure?topic=a&match=a", ""},
		"pocketbase":                   {pocketbase, "", "certain pocketbase [topic] ", ""},
		"pocketbase's stream":          {pocketbase, "/api/realtime", "certain pocketbase [topic] ", ""},
		"nostr":                        {nostr, "", "certain nostr [] ", ""},
		"nostr's socket":               {nostr, "ws:", "certain nostr [] ", ""},
		"socket.io":                    {socketIO, "", "certain socket.io [] /socket.io/?EIO=4&transport=websocket", ""},
		"socket.io's path":             {socketIO, "/socket.io/", "certain socket.io [] /socket.io/?EIO=4&transport=websocket", ""},
		"wikimedia's form":             {site{"/v2/stream/recentchange": stream(wikimedia)}, "/v2/stream/recentchange", "certain wikimedia [] /v2/stream/recentchange", "Bell"},
		"centrifugo":                   {centrifugo, "", "certain centrifugo [channel] ", ""},
		"centrifugo's stream":          {centrifugo, "/connection/uni_sse", "certain centrifugo [channel] ", ""},
		"centrifugo's socket":          {centrifugo, "ws:/connection/uni_websocket", "certain centrifugo-ws [channel] ", ""},
		"jetstream":                    {site{"/subscribe": socket(jetstream)}, "ws:/subscribe", "certain jetstream [] /subscribe?wantedCollections=app.bsky.feed.post", "did:plc:x"},
		"phoenix":                      {site{"/socket/websocket": socket()}, "ws:/socket/websocket", "likely phoenix [] /socket/websocket?vsn=1.0.0", ""},
		"graphql":                      {site{"/graphql": socket()}, "ws:/graphql", "likely graphql-ws [query] ", ""},
		"nchan is an event stream":     {site{"/sub/a": stream("id: 1:0\ndata: {\"title\":\"A build\"}\n\n")}, "/sub/a", "likely sse [] /sub/a", "A build"},
		"nchan is a WebSocket":         {site{"/sub/a": socket(`{"title":"A build"}`)}, "ws:/sub/a", "likely websocket [] /sub/a", "A build"},
		"text-ping is a WebSocket":     {site{"/live": socket("hello")}, "ws:/live", "likely websocket [] /live", "hello"},
		"envelope is a WebSocket":      {site{"/live": socket(`{"seq":1,"data":{"title":"One"}}`)}, "ws:/live", "likely websocket [] /live", "One"},
		"a WebSocket pasted as a page": {site{"/live": socket("hello")}, "/live", "likely websocket [] /live", "hello"},
		"poll: a list":                 {site{"/a.json": says("application/json", `[{"title":"One"},{"title":"Two"}]`)}, "/a.json", "likely poll [] /a.json", "One"},
		"poll: an object":              {site{"/a.json": says("application/json", `{"title":"One"}`)}, "/a.json", "likely poll [] /a.json", "One"},
		"poll: a list in an object":    {site{"/a.json": says("text/plain", `{"count":2,"items":[{"title":"One"},{"title":"Two"}]}`)}, "/a.json", "likely poll [] /a.json", "One"},
		"longpoll is a poll":           {site{"/next": says("application/json", `{"title":"One"}`)}, "/next", "likely poll [] /next", "One"},
		"a web page is nothing":        {site{"/": page("Hello")}, "", "nothing", ""},
		"nothing is nothing":           {site{}, "/deep/down/here", "nothing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if r.Method != http.MethodGet {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				tt.site.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			address := server.URL + tt.paste
			if rest, ok := strings.CutPrefix(tt.paste, "ws:"); ok {
				address = "ws" + strings.TrimPrefix(server.URL, "http") + rest
			}
			found, err := detector(t).Detect(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			if got := tell(found, server.URL); got != tt.want {
				t.Errorf("%s, not %s\n%+v", got, tt.want, found)
			}
			if n := requests.Load(); n > detect.MaxRequests || int(n) != found.Requests {
				t.Errorf("%d requests were made, and %d told", n, found.Requests)
			}
			title := ""
			if len(found.Candidates) > 0 && len(found.Candidates[0].Events) > 0 {
				title = found.Candidates[0].Events[0].Title
			}
			if title != tt.first {
				t.Errorf("the first event is %q", title)
			}
		})
	}
}

// tell is the first candidate in a line.
func tell(d subscriptions.Detection, base string) string {
	if len(d.Candidates) == 0 {
		return "nothing"
	}
	c := d.Candidates[0]
	name := c.Preset
	if name == "" {
		name = string(c.Transport)
	}
	missing := []string{}
	for _, m := range c.Missing {
		missing = append(missing, m.Name)
	}
	_, place, _ := strings.Cut(c.URL, strings.TrimPrefix(base, "http"))
	return fmt.Sprintf("%s %s %s %s", c.Confidence, name, missing, place)
}
