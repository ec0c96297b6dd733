package daemon

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellwire/internal/control"
	"bellwire/secrets"
	"bellwire/subscriptions"
)

// pictured puts an event with a picture into the history of f.
func pictured(t *testing.T, a *App, f subscriptions.Feed, address string) int64 {
	t.Helper()
	declared(t, a, f)
	r, err := a.db.Ingest(t.Context(), subscriptions.Batch{Feed: "f", Events: []subscriptions.Event{{
		Feed: "f", Kind: subscriptions.KindEvent, Title: "t", Priority: 3, Received: time.Now(), Raw: "{}", Image: address,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return r.LastSeq
}

func dot(t *testing.T, encode func(io.Writer, image.Image) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPictures(t *testing.T) {
	dots := map[string]string{
		"image/png":  dot(t, png.Encode),
		"image/jpeg": dot(t, func(w io.Writer, i image.Image) error { return jpeg.Encode(w, i, nil) }),
		"image/gif":  dot(t, func(w io.Writer, i image.Image) error { return gif.Encode(w, i, nil) }),
	}
	// A header of 100000 by 100000 pixels.
	bomb := []byte(dots["image/png"])
	binary.BigEndian.PutUint32(bomb[16:], 100_000)
	binary.BigEndian.PutUint32(bomb[20:], 100_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	var server *heard
	answer := func(w http.ResponseWriter, kind, body string) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	}
	server = hear(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/png", "/jpeg", "/gif":
			answer(w, "image/png", dots["image"+r.URL.Path])
		case "/svg":
			answer(w, "image/svg+xml; charset=utf-8", "<svg/>")
		case "/page":
			answer(w, "text/html", "<p>")
		case "/liar":
			answer(w, "image/png", "<html><script>")
		case "/damaged":
			answer(w, "image/png", dots["image/png"][:20])
		case "/bomb":
			answer(w, "image/png", string(bomb))
		case "/large":
			answer(w, "image/png", dots["image/png"]+strings.Repeat("x", maxPicture))
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			answer(w, "image/png", dots["image/png"])
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, server.elsewhere()+"/png", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/hostname", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	a, _ := open(t, shortDir(t))
	f := subscriptions.Feed{URL: server.URL + "/stream", Headers: []subscriptions.Header{{Name: "X-Who", Value: "me"}}}
	for name, test := range map[string]struct{ address, kind, refusal string }{
		"png":                {"/png", "image/png", ""},
		"a jpeg called png":  {"/jpeg", "image/jpeg", ""},
		"gif":                {"/gif", "image/gif", ""},
		"elsewhere":          {"/moved", "image/png", ""},
		"with a user":        {strings.Replace(server.URL, "://", "://me:hush@", 1) + "/png", "image/png", ""},
		"a drawing":          {"/svg", "", "SVG"},
		"a page":             {"/page", "", "no PNG"},
		"a page called png":  {"/liar", "", "is none"},
		"damaged":            {"/damaged", "", "damaged"},
		"too many pixels":    {"/bomb", "", "100000 by 100000"},
		"too large":          {"/large", "", "larger than 8 MiB"},
		"packed":             {"/packed", "", "packed"},
		"round and round":    {"/round", "", "redirects"},
		"to a file":          {"/file", "", "no web address"},
		"gone":               {"/gone", "", "404 Not Found"},
		"a file":             {"file:///etc/hostname", "", "no web address"},
		"data":               {"data:image/png;base64,AAAA", "", "no web address"},
		"no picture at all":  {"", "", "no picture"},
		"not even a address": {"http://[", "", "no web address"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(test.address, "/") {
				test.address = server.URL + test.address
			}
			p, err := a.Picture(t.Context(), pictured(t, a, f, test.address))
			if test.refusal != "" {
				if e, ok := err.(*control.Error); !ok || e.Status < 400 || !strings.Contains(e.Message, test.refusal) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || p.Type != test.kind || string(p.Data) != dots[test.kind] {
				t.Errorf("%s, %d bytes, %v", p.Type, len(p.Data), err)
			}
		})
	}
	for _, r := range server.requests() {
		for _, name := range []string{"Authorization", "Cookie", "Referer", "X-Who", "Last-Event-ID"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s was told by %s: %s", r.URL.Path, name, r.Header.Get(name))
			}
		}
	}
}

// The feed's own host is trusted as the feed says, and nobody else.
func TestPicturesAreTrustedAsTheFeed(t *testing.T) {
	body := dot(t, png.Encode)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) > 0 {
			t.Error("it was told who asks")
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, body)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	f := subscriptions.Feed{
		URL: server.URL, TLS: subscriptions.TLS{Pins: []string{secrets.Fingerprint(server.Certificate())}},
		Auth: []subscriptions.Credential{{By: subscriptions.AuthBearer, Secret: "env:NOT_THERE_AT_ALL"}},
	}
	a, _ := open(t, shortDir(t))
	if p, err := a.Picture(t.Context(), pictured(t, a, f, server.URL+"/a.png")); err != nil || string(p.Data) != body {
		t.Errorf("%v", err)
	}
	other := strings.Replace(server.URL, "127.0.0.1", otherHost, 1)
	if _, err := a.Picture(t.Context(), pictured(t, a, f, other+"/a.png")); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another host is trusted: %v", err)
	}
}

func TestPicturesTakeTheFeedsProxyForItsOwnHost(t *testing.T) {
	body := dot(t, png.Encode)
	serve := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, body)
	}
	proxy, direct := hear(t, serve), hear(t, serve)
	f := subscriptions.Feed{URL: "http://feed.invalid/stream", Proxy: proxy.URL}
	a, _ := open(t, shortDir(t))
	for _, address := range []string{"http://feed.invalid/a.png", direct.URL + "/a.png"} {
		if _, err := a.Picture(t.Context(), pictured(t, a, f, address)); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(proxy.requests()) != 1 || len(direct.requests()) != 1 {
		t.Errorf("%d requests by the proxy, %d directly", len(proxy.requests()), len(direct.requests()))
	}
}

// A picture of a public server that leads to this machine, or into its
// network, would make Bellwire ask there in its name.
func TestPicturesDoNotLeadInside(t *testing.T) {
	for _, c := range []struct {
		from, to string
		inside   bool
	}{
		{"203.0.113.5", "203.0.113.6", false},
		{"203.0.113.5", "127.0.0.1", true},
		{"203.0.113.5", "localhost", true},
		{"203.0.113.5", "Admin.LocalHost.", true},
		{"203.0.113.5", "::1", true},
		{"203.0.113.5", "::ffff:127.0.0.1", true},
		{"203.0.113.5", "0.0.0.0", true},
		{"203.0.113.5", "192.168.1.1", true},
		{"203.0.113.5", "fd00::1", true},
		{"203.0.113.5", "169.254.169.254", true},
		{"192.168.1.5", "192.168.1.7", false},
		{"192.168.1.5", "203.0.113.5", false},
		{"192.168.1.5", "127.0.0.1", true},
		{"192.168.1.5", "169.254.169.254", true},
		{"127.0.0.1", "127.0.0.1", false},
		{"127.0.0.1", "192.168.1.5", false},
	} {
		if got := subscriptions.Depth(t.Context(), c.to) > subscriptions.Depth(t.Context(), c.from); got != c.inside {
			t.Errorf("from %s to %s: inside %v", c.from, c.to, got)
		}
	}
}

// It is what redirects are held to, also where the first server is one's own.
func TestARedirectInsideIsRefused(t *testing.T) {
	a, stop := open(t, shortDir(t))
	defer stop()
	declared(t, a, subscriptions.Feed{ID: "f", Name: "f", URL: "https://example.invalid/"})
	client, err := a.pictureClient(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(url string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := ask("http://203.0.113.5/a.png")
	if err := client.CheckRedirect(ask("http://127.0.0.1:8080/shutdown"), []*http.Request{first}); err == nil {
		t.Error("it was followed")
	}
	if err := client.CheckRedirect(ask("http://203.0.113.6/b.png"), []*http.Request{first}); err != nil {
		t.Error(err)
	}
}
